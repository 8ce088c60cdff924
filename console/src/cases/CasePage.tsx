import { useQuery } from "urql";
import { Link, useLocation } from "wouter";

import { CustomerDocument, type ReviewCaseFragment } from "../graph/generated";
import { refusalOf } from "../graph/refusals";
import { JourneyPanel } from "../journey/JourneyPanel";
import { useKeys } from "../keys/keys";
import { Risk } from "../inbox/Rows";
import { useBankNow } from "../ui/now";
import { Ago, Chip, Empty, Facts, Id, Loading, Panel, Refused, WordChip } from "../ui/parts";
import { Person } from "../ui/Person";
import { moment, slaOf } from "../ui/time";
import { CHECK, OUTCOME, REASON, REVIEW_STATUS, SIDE } from "../ui/words";
import { Actions } from "./Actions";
import { Opinions } from "./Opinions";
import { Personal } from "./Personal";
import { Timeline } from "./Timeline";
import { useCase } from "./useCase";

/** One case: who, why, what was said, where the customer stands, and what is to be done. */
export function CasePage({ id }: { readonly id: string }) {
  const { review, refusal, wrote } = useCase(id);
  const [, navigate] = useLocation();
  useKeys([{ keys: "u", does: "goes up to the inbox", run: () => navigate("/") }]);
  if (!review) {
    return (
      <div className="page">
        <h1>Case</h1>
        <Refused refusal={refusal} />
        {review === null ? <Empty>There is no case of this id.</Empty> : refusal ? null : <Loading />}
      </div>
    );
  }
  return (
    <div className="page">
      <Head review={review} wrote={wrote} />
      <Refused refusal={refusal} />
      <div className="case-grid">
        <div className="stack">
          <Opinions review={review} />
          <About review={review} />
          <Evidence review={review} />
          <Personal customerId={review.customerId} applicationId={review.applicationId} />
        </div>
        <Timeline review={review} />
        {review.applicationId === null ? <Existing review={review} /> : <Journey review={review} />}
      </div>
    </div>
  );
}

function Head({
  review,
  wrote,
}: {
  readonly review: ReviewCaseFragment;
  readonly wrote: (review: ReviewCaseFragment) => void;
}) {
  const sla = slaOf(review, useBankNow());
  return (
    <div className="page-head">
      <p className="crumbs">
        <Link href="/">Inbox</Link> <span aria-hidden="true">›</span>
      </p>
      <h1>
        Case <Id of={review.id} />
      </h1>
      <div className="chips" role="status" aria-label="How the case stands">
        <WordChip word={review.decision === null ? REVIEW_STATUS[review.status] : OUTCOME[review.decision]} />
      </div>
      <div className="chips">
        <WordChip word={REASON[review.reason]} />
        {review.closedAt === null ? <Chip tone={sla.tone}>{sla.text}</Chip> : null}
        {review.level > 0 ? <Chip tone="red">escalated {review.level}×</Chip> : null}
      </div>
      <Actions review={review} wrote={wrote} />
    </div>
  );
}

function About({ review }: { readonly review: ReviewCaseFragment }) {
  return (
    <Panel title="About">
      <Facts
        of={[
          ["Risk", <Risk key="risk" risk={review.risk} />],
          ["Due", moment(review.dueAt)],
          ["Opened", <Ago key="opened" at={review.openedAt} />],
          ...(review.closedAt === null ? [] : [["Closed", moment(review.closedAt)] as const]),
          ["Assigned to", review.assignee === null ? "nobody" : <Person key="assignee" id={review.assignee} />],
          [
            "Customer",
            <Link key="customer" href={`/customers/${review.customerId}`}>
              <Id of={review.customerId} />
            </Link>,
          ],
          ...(review.applicationId === null
            ? []
            : [["Application", <Id key="application" of={review.applicationId} />] as const]),
          ...(review.freezes === null ? [] : [["Freezes", SIDE[review.freezes]] as const]),
        ]}
      />
    </Panel>
  );
}

function Evidence({ review }: { readonly review: ReviewCaseFragment }) {
  return (
    <Panel title="What the checks found">
      {review.evidence.length === 0 ? (
        <Empty>Nobody alike is on a list.</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Check</th>
              <th scope="col">On the list as</th>
              <th scope="col">Alike</th>
            </tr>
          </thead>
          <tbody>
            {review.evidence.map((it) => (
              <tr key={`${it.check} ${it.entity}`}>
                <td>{CHECK[it.check]}</td>
                <td className="id">{it.entity}</td>
                <td className="numbers">{it.score} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** A case about somebody who is a customer: whom a list knows since. */
function Existing({ review }: { readonly review: ReviewCaseFragment }) {
  return (
    <Panel title="About a customer">
      <p>They are a customer already; a list has known somebody like them since.</p>
      {review.freezes === null ? null : (
        <p className="needed">
          Until it is decided their money is frozen: {SIDE[review.freezes]}. An approval lifts that; after a decline it
          stays.
        </p>
      )}
      <Link href={`/customers/${review.customerId}`}>Open the customer</Link>
    </Panel>
  );
}

/** The customer's file tells which execution is behind the application. */
function Journey({ review }: { readonly review: ReviewCaseFragment }) {
  const [{ data, error }] = useQuery({ query: CustomerDocument, variables: { id: review.customerId } });
  const application = data?.backOffice.customer?.applications.find((it) => it.id === review.applicationId);
  return <JourneyPanel executionId={application?.executionId} unknown={error && refusalOf(error)} />;
}
