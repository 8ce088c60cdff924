import { NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { ApplicationsDocument, type ApplicationRowFragment, type ApplicationStatus } from "../graph/generated";
import { usePolled } from "../graph/hooks";
import { useKeys } from "../keys/keys";
import { useFollow } from "../ui/follow";
import { Paging, usePages } from "../ui/pages";
import { Ago, Empty, Id, Loading, Refused, WordChip } from "../ui/parts";
import { APPLICATION_STATUS, STEP, STEP_STATUS } from "../ui/words";

const FIRST = 50;
const TYPING_MS = 250;

/** Every application, newest first, and the one that is looked for. */
export function Applications() {
  const [, navigate] = useLocation();
  const [status, setStatus] = useState<ApplicationStatus | "">("");
  const [typed, setTyped] = useState("");
  const [find] = useDebouncedValue(typed.trim(), TYPING_MS);
  const [at, setAt] = useState(0);
  const pages = usePages();
  const input = useRef<HTMLInputElement>(null);
  const { data, refusal } = usePolled(ApplicationsDocument, {
    status: status === "" ? null : status,
    find: find === "" ? null : find,
    first: FIRST,
    after: pages.after,
  });
  const applications = data?.backOffice.applications;
  const rows = applications?.nodes ?? [];
  const selected = Math.min(at, Math.max(rows.length - 1, 0));
  const current = rows[selected];
  useKeys([
    { keys: "j", does: "the next application", run: () => setAt(Math.min(selected + 1, Math.max(rows.length - 1, 0))) },
    { keys: "k", does: "the application before", run: () => setAt(Math.max(selected - 1, 0)) },
    { keys: "Enter", does: "opens the customer", run: () => current && navigate(`/customers/${current.customerId}`) },
    { keys: "e", does: "opens the workflow", run: () => current && navigate(workflow(current)) },
    { keys: "/", does: "finds by an id", run: () => input.current?.focus() },
  ]);
  return (
    <div className="page">
      <div className="page-head">
        <h1>Applications</h1>
      </div>
      <div className="filters" role="search" aria-label="Filters">
        <NativeSelect
          aria-label="Status"
          value={status}
          onChange={(event) => {
            setStatus(event.currentTarget.value as ApplicationStatus | "");
            pages.toFirst();
          }}
          data={[
            { value: "", label: "Any status" },
            ...Object.entries(APPLICATION_STATUS).map(([value, word]) => ({ value, label: word.text })),
          ]}
        />
        <TextInput
          ref={input}
          size="xs"
          w={320}
          type="search"
          aria-label="Find by the id of an application or a customer"
          placeholder="Id of an application or a customer   /"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            pages.toFirst();
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
          }}
        />
        <span className="muted small" role="status">
          {applications ? `${rows.length} shown` : ""}
        </span>
      </div>
      <Refused refusal={refusal} />
      {applications === undefined && !refusal ? <Loading /> : null}
      {applications && rows.length === 0 ? <Empty>There is no such application.</Empty> : null}
      {rows.length > 0 ? <Rows rows={rows} selected={selected} onSelect={setAt} /> : null}
      <Paging pages={pages} info={applications?.pageInfo} />
    </div>
  );
}

const workflow = (row: ApplicationRowFragment) => `/executions/${encodeURIComponent(row.executionId)}`;

function Rows(props: {
  readonly rows: readonly ApplicationRowFragment[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}) {
  return (
    <div className="table-wrap">
      <table className="table">
        <caption className="hidden">Applications</caption>
        <thead>
          <tr>
            <th scope="col">Application</th>
            <th scope="col">Customer</th>
            <th scope="col">Status</th>
            <th scope="col">Last step</th>
            <th scope="col">Submitted</th>
            <th scope="col">Workflow</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, index) => (
            <Row
              key={`${row.customerId} ${row.id}`}
              row={row}
              isSelected={index === props.selected}
              onSelect={() => props.onSelect(index)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  row,
  isSelected,
  onSelect,
}: {
  readonly row: ApplicationRowFragment;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}) {
  const element = useRef<HTMLTableRowElement>(null);
  useFollow(element, isSelected);
  const last = row.steps.at(-1);
  return (
    <tr ref={element} data-selected={isSelected || undefined} onFocus={onSelect} onMouseDown={onSelect}>
      <td>
        <Id of={row.id} />
      </td>
      <td>
        <Link href={`/customers/${row.customerId}`} aria-current={isSelected ? "true" : undefined}>
          <Id of={row.customerId} />
        </Link>
      </td>
      <td>
        <WordChip word={APPLICATION_STATUS[row.status]} />
      </td>
      <td>{last ? `${STEP[last.name]}: ${STEP_STATUS[last.status].text}` : ""}</td>
      <td className="muted">
        <Ago at={row.submittedAt} />
      </td>
      <td>
        <Link href={workflow(row)} aria-label={`open the workflow of ${row.id.slice(0, 8)}`}>
          open
        </Link>
      </td>
    </tr>
  );
}
