import type { ReviewCaseFragment, ReviewDecision } from "../graph/generated";

type Case = Pick<ReviewCaseFragment, "approvalsNeeded" | "opinions" | "timeline">;

/** How far a case is from a decision. The bank decides; this only says beforehand what it will do. */
export interface Quorum {
  readonly approving: readonly string[];
  readonly declining: readonly string[];
  /** How many more people, who did not take the case upon themselves, have to approve. */
  readonly toApprove: number;
  readonly toDecline: number;
}

/** Who took the case upon themselves, and was not given it by somebody else since. */
export function volunteersOf(review: Case): ReadonlySet<string> {
  const volunteers = new Set<string>();
  for (const { kind, actor, assignee } of review.timeline) {
    if (kind !== "ASSIGNED" || assignee === null) continue;
    if (actor === assignee) volunteers.add(assignee);
    else volunteers.delete(assignee);
  }
  return volunteers;
}

export function quorumOf(review: Case): Quorum {
  const of = (verdict: ReviewDecision) => review.opinions.filter((it) => it.verdict === verdict).map((it) => it.by);
  const [approving, declining] = [of("APPROVE"), of("DECLINE")];
  const volunteers = volunteersOf(review);
  const approves = (more: number) => {
    const isAlone = more === 0 && approving.every((it) => volunteers.has(it));
    const needed = isAlone ? Math.max(review.approvalsNeeded, 2) : review.approvalsNeeded;
    return approving.length + more > declining.length && approving.length + more >= needed;
  };
  const declines = (more: number) =>
    declining.length + more > approving.length && declining.length + more >= review.approvalsNeeded;
  return { approving, declining, toApprove: least(approves), toDecline: least(declines) };
}

/** What an opinion of this person would leave open. */
export function after(review: Case, by: string, verdict: ReviewDecision): number {
  const opinions = [...review.opinions.filter((it) => it.by !== by), { by, verdict, at: "" }];
  const { toApprove, toDecline } = quorumOf({ ...review, opinions });
  return verdict === "APPROVE" ? toApprove : toDecline;
}

function least(isEnough: (more: number) => boolean): number {
  let more = 0;
  // There are no more opinions than people who work here; the bound only keeps a broken answer from hanging the page.
  while (!isEnough(more) && more < 1000) more += 1;
  return more;
}
