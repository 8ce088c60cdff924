import { NativeSelect, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { useLocation } from "wouter";

import { AssignReviewDocument, ReviewsDocument, type ReviewReason, type ReviewStatus } from "../graph/generated";
import { useCommand, usePolled } from "../graph/hooks";
import { useKeys } from "../keys/keys";
import { useIsIn, useStaff } from "../session/context";
import { useBankNow } from "../ui/now";
import { Empty, Loading, Refused } from "../ui/parts";
import { Paging, usePages } from "../ui/pages";
import { REASON, REVIEW_STATUS } from "../ui/words";
import { NO_FILTER, pick, type Filter, type Whose } from "./filter";
import { Rows } from "./Rows";

const STATUSES: readonly ReviewStatus[] = ["OPEN", "AWAITS_CUSTOMER", "DECIDED", "WITHDRAWN"];
const FIRST = 50;

/** The cases that wait for a person. */
export function Inbox() {
  const [, navigate] = useLocation();
  const now = useBankNow();
  const me = useStaff();
  const isCompliance = useIsIn("COMPLIANCE");
  const [status, setStatus] = useState<ReviewStatus>("OPEN");
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const pages = usePages();
  const [at, setAt] = useState(0);
  const find = useRef<HTMLInputElement>(null);
  const assignedToMe = filter.whose === "mine";
  const { data, refusal, refresh } = usePolled(ReviewsDocument, {
    status,
    assignedToMe,
    first: FIRST,
    after: pages.after,
  });
  const assign = useCommand(AssignReviewDocument);

  const reviews = data?.backOffice.reviews;
  const shown = pick(reviews?.nodes ?? [], filter, now);
  const selected = Math.min(at, Math.max(shown.length - 1, 0));
  const current = shown[selected];
  const change = (part: Partial<Filter>) => {
    setFilter({ ...filter, ...part });
    if (part.whose !== undefined) pages.toFirst();
    setAt(0);
  };
  const show = (next: ReviewStatus) => {
    setStatus(next);
    pages.toFirst();
    setAt(0);
  };
  const takeOn = async () => {
    if (current && isCompliance && (await assign.run({ reviewId: current.id, to: me.id }))) refresh();
  };
  useKeys([
    { keys: "j", does: "the next case", run: () => setAt(Math.min(selected + 1, Math.max(shown.length - 1, 0))) },
    { keys: "k", does: "the case before", run: () => setAt(Math.max(selected - 1, 0)) },
    { keys: "Enter", does: "opens the case", run: () => current && navigate(`/cases/${current.id}`) },
    { keys: "/", does: "finds a case by an id", run: () => find.current?.focus() },
    {
      keys: "m",
      does: "only my cases, or everybody's",
      run: () => change({ whose: assignedToMe ? "everybody" : "mine" }),
    },
    ...(isCompliance ? [{ keys: "a", does: "assigns the case to me", run: () => void takeOn() }] : []),
    ...STATUSES.map((it, index) => ({ keys: `${index + 1}`, does: REVIEW_STATUS[it].text, run: () => show(it) })),
  ]);

  return (
    <div className="page">
      <div className="page-head">
        <h1>Inbox</h1>
        <div className="tabs" role="group" aria-label="How far the cases are">
          {STATUSES.map((it) => (
            <button key={it} type="button" aria-pressed={it === status} onClick={() => show(it)}>
              {REVIEW_STATUS[it].text}
            </button>
          ))}
        </div>
      </div>
      <div className="filters" role="search" aria-label="Filters">
        <NativeSelect
          aria-label="Assigned to"
          value={filter.whose}
          onChange={(event) => change({ whose: event.currentTarget.value as Whose })}
          data={[
            { value: "everybody", label: "Everybody's" },
            { value: "mine", label: "Mine" },
            { value: "nobody", label: "Nobody's yet" },
          ]}
        />
        <NativeSelect
          aria-label="Reason"
          value={filter.reason}
          onChange={(event) => change({ reason: event.currentTarget.value as ReviewReason | "" })}
          data={[
            { value: "", label: "Any reason" },
            ...Object.entries(REASON).map(([value, word]) => ({ value, label: word.text })),
          ]}
        />
        <NativeSelect
          aria-label="Urgency"
          value={filter.urgency}
          onChange={(event) => change({ urgency: event.currentTarget.value as Filter["urgency"] })}
          data={[
            { value: "", label: "Any urgency" },
            { value: "overdue", label: "Overdue" },
            { value: "pressing", label: "Overdue or pressing" },
            { value: "escalated", label: "Escalated" },
            { value: "two-people", label: "Needs two people" },
          ]}
        />
        <TextInput
          ref={find}
          size="xs"
          type="search"
          aria-label="Find by id"
          placeholder="Find by id   /"
          value={filter.find}
          onChange={(event) => change({ find: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
          }}
        />
        <span className="muted small" role="status">
          {reviews ? `${shown.length} of ${reviews.nodes.length} shown` : ""}
        </span>
      </div>
      <Refused refusal={refusal ?? assign.refusal} />
      {reviews === undefined && !refusal ? <Loading /> : null}
      {reviews && shown.length === 0 ? <Empty>Nothing waits here.</Empty> : null}
      {shown.length > 0 ? <Rows reviews={shown} selected={selected} onSelect={setAt} /> : null}
      <Paging pages={pages} info={reviews?.pageInfo} />
    </div>
  );
}
