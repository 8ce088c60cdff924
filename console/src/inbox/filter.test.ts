import { expect, it } from "vitest";

import type { ReviewRowFragment } from "../graph/generated";
import { NO_FILTER, pick, type Filter } from "./filter";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const hours = (count: number) => new Date(NOW + count * 3_600_000).toISOString();

const review = (id: string, more: Partial<ReviewRowFragment> = {}): ReviewRowFragment => ({
  id,
  status: "OPEN",
  decision: null,
  reason: "PEP",
  risk: 50,
  level: 0,
  approvalsNeeded: 1,
  dueAt: hours(48),
  openedAt: hours(-24),
  closedAt: null,
  assignee: null,
  customerId: "customer",
  applicationId: "application",
  freezes: null,
  version: 1,
  opinions: [],
  ...more,
});

const ids = (reviews: readonly ReviewRowFragment[], filter: Partial<Filter> = {}) =>
  pick(reviews, { ...NO_FILTER, ...filter }, NOW).map((it) => it.id);

it("what is due first comes first, and of two the riskier one", () => {
  const calm = [review("b", { risk: 50 }), review("a", { risk: 80 })];
  expect(ids([...calm, review("late", { dueAt: hours(-1) })])).toEqual(["late", "a", "b"]);
});

it("of closed cases the last that was closed comes first", () => {
  expect(ids([review("old", { closedAt: hours(-9) }), review("new", { closedAt: hours(-1) })])).toEqual(["new", "old"]);
});

it("each filter leaves what it says", () => {
  const reviews = [
    review("plain"),
    review("late", { dueAt: hours(-1) }),
    review("soon", { dueAt: hours(2) }),
    review("loud", { level: 2 }),
    review("grave", { reason: "SANCTIONS", approvalsNeeded: 2, assignee: "ada" }),
  ];
  expect(ids(reviews, { urgency: "overdue" })).toEqual(["late"]);
  expect(ids(reviews, { urgency: "pressing" })).toEqual(["late", "soon"]);
  expect(ids(reviews, { urgency: "escalated" })).toEqual(["loud"]);
  expect(ids(reviews, { urgency: "two-people" })).toEqual(["grave"]);
  expect(ids(reviews, { reason: "SANCTIONS" })).toEqual(["grave"]);
  expect(ids(reviews, { whose: "nobody" })).not.toContain("grave");
  expect(ids(reviews, { find: " ADA " })).toEqual(["grave"]);
  expect(ids(reviews, { find: "lat" })).toEqual(["late"]);
});
