import { Link, useLocation } from "wouter";

import { CustomerDocument, type CustomerQuery } from "../graph/generated";
import { usePolled } from "../graph/hooks";
import { useKeys } from "../keys/keys";
import { Chip, Empty, Id, Loading, Panel, Refused, WordChip } from "../ui/parts";
import { Erasure } from "./Erasure";
import { Freezes } from "./Freezes";
import { moment } from "../ui/time";
import { APPLICATION_STATUS, CUSTOMER_STATUS, OUTCOME, REVIEW_STATUS, STEP, STEP_STATUS } from "../ui/words";

type Customer = NonNullable<CustomerQuery["backOffice"]["customer"]>;
type Application = Customer["applications"][number];

/** What the bank keeps about a customer, without anything that is personal. */
export function CustomerPage({ id }: { readonly id: string }) {
  const { data, refusal, refresh } = usePolled(CustomerDocument, { id });
  const [, navigate] = useLocation();
  useKeys([{ keys: "u", does: "goes up to the applications", run: () => navigate("/applications") }]);
  const customer = data?.backOffice.customer;
  return (
    <div className="page">
      <div className="page-head">
        <p className="crumbs">
          <Link href="/applications">Applications</Link> <span aria-hidden="true">›</span>
        </p>
        <h1>
          Customer <Id of={id} />
        </h1>
        {customer ? <WordChip word={CUSTOMER_STATUS[customer.status]} /> : null}
        {customer?.closing === true ? <Chip tone="red">to be parted from</Chip> : null}
      </div>
      <Refused refusal={refusal} />
      {customer === null ? <Empty>There is no customer of this id.</Empty> : null}
      {customer === undefined && !refusal ? <Loading /> : null}
      {customer?.applications.length === 0 ? <Empty>They have not applied for an account.</Empty> : null}
      {customer ? <Freezes customer={customer} refresh={refresh} /> : null}
      {customer ? <Erasure customer={customer} refresh={refresh} /> : null}
      <div className="stack">
        {customer?.applications.toReversed().map((it) => (
          <File key={it.id} application={it} />
        ))}
      </div>
    </div>
  );
}

function File({ application }: { readonly application: Application }) {
  const { review } = application;
  return (
    <Panel
      title={`Application ${application.id.slice(0, 8)}`}
      aside={<WordChip word={APPLICATION_STATUS[application.status]} />}
    >
      <p className="small">
        Submitted {moment(application.submittedAt)}
        {application.decidedAt === null ? "" : `, ended ${moment(application.decidedAt)}`}.{" "}
        <Link href={`/executions/${encodeURIComponent(application.executionId)}`}>Open its workflow</Link>
        {review ? (
          <>
            , or <Link href={`/cases/${review.id}`}>its case</Link>{" "}
            <WordChip word={review.decision === null ? REVIEW_STATUS[review.status] : OUTCOME[review.decision]} />
          </>
        ) : null}
      </p>
      <ol className="steps">
        {application.steps.map((step) => (
          <li key={step.name}>
            <span>{STEP[step.name]}</span>
            <WordChip word={STEP_STATUS[step.status]} />
            <span className="muted small">{moment(step.endedAt ?? step.startedAt)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
