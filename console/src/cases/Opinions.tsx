import type { ReviewCaseFragment } from "../graph/generated";
import { Person } from "../ui/Person";
import { Ago, Chip, Panel } from "../ui/parts";
import { quorumOf, volunteersOf } from "./quorum";

/** Who has said what, and how many are still needed. */
export function Opinions({ review }: { readonly review: ReviewCaseFragment }) {
  const { toApprove, toDecline } = quorumOf(review);
  const volunteers = volunteersOf(review);
  const isOpen = review.closedAt === null;
  return (
    <Panel
      title="Four eyes"
      aside={<span className="muted small">an approval needs {people(review.approvalsNeeded)}</span>}
    >
      {review.opinions.length === 0 ? (
        <p className="muted">Nobody has given an opinion{isOpen ? " yet" : ""}.</p>
      ) : (
        <ul className="opinions">
          {review.opinions.map((it) => (
            <li key={it.by}>
              <Chip tone={it.verdict === "APPROVE" ? "green" : "red"}>
                {it.verdict === "APPROVE" ? "approve" : "decline"}
              </Chip>
              <Person id={it.by} />
              {volunteers.has(it.by) ? <span className="muted small">took the case</span> : null}
              <span className="muted small push">
                <Ago at={it.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {isOpen ? (
        <p className="needed" role="status">
          {review.status === "AWAITS_CUSTOMER"
            ? "Nothing is decided until the customer has answered."
            : `Still needed: ${people(toApprove)} to approve, or ${people(toDecline)} to decline.`}
        </p>
      ) : null}
      {isOpen && volunteers.size > 0 ? (
        <p className="muted small">Whoever took the case upon themselves cannot approve it alone.</p>
      ) : null}
    </Panel>
  );
}

export function people(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}
