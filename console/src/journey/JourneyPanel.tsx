import { Button } from "@mantine/core";
import { useToggle } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { Link, useLocation } from "wouter";

import { ExecutionDocument, type ExecutionFileFragment } from "../graph/generated";
import { usePolled } from "../graph/hooks";
import type { Refusal } from "../graph/refusals";
import { useKeys } from "../keys/keys";
import { Ago, Empty, Loading, Panel, Refused, WordChip } from "../ui/parts";
import { EXECUTION_STATUS, WAIT } from "../ui/words";
import { spoken } from "./definition";
import { States } from "./States";

const Graph = lazy(() => import("./Graph"));

/** The customer's journey beside a case. */
export function JourneyPanel({
  executionId,
  unknown,
}: {
  readonly executionId: string | undefined;
  /** Why nobody knows which it is. */
  readonly unknown: Refusal | undefined;
}) {
  const { data, refusal } = usePolled(ExecutionDocument, { id: executionId ?? "" }, executionId === undefined);
  const [, navigate] = useLocation();
  const execution = data?.backOffice.execution;
  const href = `/executions/${encodeURIComponent(executionId ?? "")}`;
  useKeys(executionId === undefined ? [] : [{ keys: "e", does: "opens the workflow", run: () => navigate(href) }]);
  return (
    <Panel
      title="Journey"
      className="journey"
      aside={execution ? <WordChip word={EXECUTION_STATUS[execution.status]} /> : null}
    >
      <Refused refusal={refusal ?? unknown} />
      {execution ? (
        <>
          <Waits execution={execution} />
          <Journey execution={execution} />
          <Link href={href} className="small">
            Open the workflow
          </Link>
        </>
      ) : null}
      {execution === null ? <Empty>The workflow is not kept any more.</Empty> : null}
      {execution === undefined && !refusal && !unknown ? <Loading /> : null}
    </Panel>
  );
}

/** The picture, and the same as a list for who does not see it. */
export function Journey({ execution }: { readonly execution: ExecutionFileFragment }) {
  const [isWhole, toggle] = useToggle([false, true]);
  return (
    <>
      <Suspense fallback={<div className="graph" />}>
        <Graph execution={execution} isWhole={isWhole} />
      </Suspense>
      <div className="legend small muted">
        <span className="legend-passed">passed</span>
        <span className="legend-waiting">waits</span>
        <span className="legend-parked">parked</span>
        <span className="legend-failed">failed</span>
        <Button variant="subtle" size="compact-xs" aria-pressed={isWhole} onClick={() => toggle()}>
          {isWhole ? "Only what matters" : "Every state"}
        </Button>
      </div>
      <details>
        <summary>States passed, as a list</summary>
        <States execution={execution} />
      </details>
    </>
  );
}

/** Where it stands still, and why. */
export function Waits({ execution }: { readonly execution: ExecutionFileFragment }) {
  if (execution.waits.length === 0) return null;
  return (
    <div>
      <p className="hidden" role="status">
        {execution.waits.map((it) => `${spoken(it.state)}: ${WAIT[it.for]}`).join(" ")}
      </p>
      <ul className="waits">
        {execution.waits.map((it) => (
          <li key={it.state} className={it.for === "OPERATOR" ? "wait wait-parked" : "wait"}>
            <strong>{spoken(it.state)}</strong>: {WAIT[it.for]}
            {it.error === null ? null : <span className="id"> {it.error}</span>}{" "}
            <span className="muted small">
              since <Ago at={it.since} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
