import type { ReviewReason, ReviewRowFragment } from "../graph/generated";
import { slaOf } from "../ui/time";

/** Who sees to the cases that are shown. The bank tells one's own apart; nobody's are picked from what it answers. */
export type Whose = "everybody" | "mine" | "nobody";

/** What is picked from the cases that the bank answered. */
export interface Filter {
  readonly whose: Whose;
  readonly reason: ReviewReason | "";
  readonly urgency: "" | "overdue" | "pressing" | "escalated" | "two-people";
  /** A part of an id of the case, the customer, the application or who sees to it. */
  readonly find: string;
}

export const NO_FILTER: Filter = { whose: "everybody", reason: "", urgency: "", find: "" };

function fits(review: ReviewRowFragment, filter: Filter, nowMs: number): boolean {
  const { id, customerId, applicationId, assignee } = review;
  const find = filter.find.trim().toLowerCase();
  if (filter.whose === "nobody" && assignee !== null) return false;
  if (filter.reason !== "" && review.reason !== filter.reason) return false;
  if (find !== "" && ![id, customerId, applicationId ?? "", assignee ?? ""].some((it) => it.includes(find)))
    return false;
  const sla = slaOf(review, nowMs);
  switch (filter.urgency) {
    case "":
      return true;
    case "overdue":
      return sla.isOverdue;
    case "pressing":
      return sla.tone === "red" || sla.tone === "amber";
    case "escalated":
      return review.level > 0;
    case "two-people":
      return review.approvalsNeeded > 1;
  }
}

/** Cases that wait: the ones due first come first. Closed ones: the last that was closed comes first. */
export function pick(
  reviews: readonly ReviewRowFragment[],
  filter: Filter,
  nowMs: number,
): readonly ReviewRowFragment[] {
  const due = (it: ReviewRowFragment) => (it.closedAt === null ? Date.parse(it.dueAt) : -Date.parse(it.closedAt));
  return reviews
    .filter((it) => fits(it, filter, nowMs))
    .sort((one, other) => due(one) - due(other) || other.risk - one.risk);
}
