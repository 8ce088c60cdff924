import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";

import {
  ExecutionDocument,
  ResumeExecutionDocument,
  UnwindExecutionDocument,
  type ExecutionFileFragment,
} from "../graph/generated";
import { useCommand, usePolled } from "../graph/hooks";
import { spoken } from "../journey/definition";
import { Journey, Waits } from "../journey/JourneyPanel";
import { States } from "../journey/States";
import { useKeys } from "../keys/keys";
import { useIsIn } from "../session/context";
import { Ask } from "../ui/Ask";
import { Ago, Empty, Facts, Id, Loading, Panel, Refused, WordChip } from "../ui/parts";
import { moment } from "../ui/time";
import { EXECUTION_STATUS } from "../ui/words";

/** A workflow: where it stands, and what operations can do about a state that is parked. */
export default function ExecutionPage({ id }: { readonly id: string }) {
  const { data, refusal, refresh } = usePolled(ExecutionDocument, { id });
  const execution = data?.backOffice.execution;
  if (!execution) {
    return (
      <div className="page">
        <h1>Workflow</h1>
        <Refused refusal={refusal} />
        {execution === null ? <Empty>There is no workflow of this id.</Empty> : refusal ? null : <Loading />}
      </div>
    );
  }
  return (
    <div className="page">
      <div className="page-head">
        <p className="crumbs">
          <Link href="/applications">Applications</Link> <span aria-hidden="true">›</span>
        </p>
        <h1>
          Workflow of application <Id of={execution.applicationId} />
        </h1>
        <div className="chips" role="status">
          <WordChip word={EXECUTION_STATUS[execution.status]} />
        </div>
      </div>
      <Refused refusal={refusal} />
      <div className="execution-grid">
        <Panel title="State machine" className="journey journey-large">
          <Journey execution={execution} />
        </Panel>
        <div className="stack">
          <Parked execution={execution} refresh={refresh} />
          <Panel title="About">
            <Facts
              of={[
                ["Started", <Ago key="started" at={execution.startedAt} />],
                ...(execution.endedAt === null ? [] : [["Ended", moment(execution.endedAt)] as const]),
                [
                  "Customer",
                  <Link key="customer" href={`/customers/${execution.customerId}`}>
                    <Id of={execution.customerId} />
                  </Link>,
                ],
                [
                  "Workflow",
                  <span key="id" className="id wrap">
                    {execution.id}
                  </span>,
                ],
              ]}
            />
          </Panel>
          <Panel title="States">
            <States execution={execution} />
          </Panel>
        </div>
      </div>
    </div>
  );
}

type Order = "resume" | "unwind";

/** Where it stands still. What is parked can be resumed, or unwound while nothing is approved. */
function Parked({ execution, refresh }: { readonly execution: ExecutionFileFragment; readonly refresh: () => void }) {
  const isOperations = useIsIn("OPERATIONS");
  const [asked, setAsked] = useState<{ readonly order: Order; readonly state: string }>();
  const parked = execution.waits.filter((it) => it.for === "OPERATOR");
  const first = parked[0];
  useKeys(
    isOperations && first
      ? [
          {
            keys: "r",
            does: "resumes the first parked state",
            run: () => setAsked({ order: "resume", state: first.state }),
          },
          {
            keys: "x",
            does: "unwinds the first parked state",
            run: () => setAsked({ order: "unwind", state: first.state }),
          },
        ]
      : [],
  );
  return (
    <Panel title="Where it stands">
      {execution.waits.length === 0 ? <p className="muted">{idle(execution)}</p> : <Waits execution={execution} />}
      {parked.map((it) => (
        <Group key={it.state} gap="xs" mt="xs" role="group" aria-label={spoken(it.state)}>
          <span className="small">{spoken(it.state)}</span>
          <Button disabled={!isOperations} onClick={() => setAsked({ order: "resume", state: it.state })}>
            Resume …
          </Button>
          <Button
            variant="default"
            disabled={!isOperations}
            onClick={() => setAsked({ order: "unwind", state: it.state })}
          >
            Unwind …
          </Button>
        </Group>
      ))}
      {parked.length > 0 && !isOperations ? (
        <p className="muted small">Only operations resumes or unwinds what is parked.</p>
      ) : null}
      {asked ? (
        <Ordered
          execution={execution}
          order={asked.order}
          state={asked.state}
          onClose={() => {
            setAsked(undefined);
            refresh();
          }}
        />
      ) : null}
    </Panel>
  );
}

function idle(execution: ExecutionFileFragment): string {
  return execution.status === "RUNNING" ? "It is under way and waits for nobody." : "It has ended.";
}

function Ordered({
  execution,
  order,
  state,
  onClose,
}: {
  readonly execution: ExecutionFileFragment;
  readonly order: Order;
  readonly state: string;
  readonly onClose: () => void;
}) {
  const resume = useCommand(ResumeExecutionDocument);
  const unwind = useCommand(UnwindExecutionDocument);
  const command = order === "resume" ? resume : unwind;
  return (
    <Ask
      title={`${order === "resume" ? "Resume" : "Unwind"}: ${spoken(state)}`}
      label="Why?"
      hint="10 to 500 characters, for auditors. Nothing personal belongs here."
      send={order === "resume" ? "Resume" : "Unwind"}
      color={order === "resume" ? "blue" : "red"}
      lengthMin={10}
      lengthMax={500}
      isBusy={command.isBusy}
      refusal={command.refusal}
      onSend={async (reason) => (await command.run({ executionId: execution.id, state, reason })) !== undefined}
      onClose={onClose}
    >
      <p className="needed">
        {order === "resume"
          ? "The workflow goes on from where it stands, and tries the step again."
          : "What was done so far is undone, and the application ends. After an approval this is refused."}
      </p>
    </Ask>
  );
}
