import { describe, expect, it } from "vitest";

import { clock, day, moment, slaOf, span } from "./time";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

it.each([
  [0, "0 s"],
  [59_999, "59 s"],
  [61_000, "1 min"],
  [HOUR, "1 h"],
  [HOUR + 5 * MINUTE, "1 h 5 min"],
  [3 * DAY + 2 * HOUR, "3 d 2 h"],
  [-2 * HOUR, "2 h"],
])("a span of %i ms is %s", (ms, text) => expect(span(ms)).toBe(text));

it("everybody sees the bank's time, wherever they are", () => {
  const at = "2026-11-21T23:59:07.001Z";
  expect([moment(at), clock(at), day(at)]).toEqual(["21 Nov 2026, 23:59 UTC", "23:59:07", "21 Nov 2026"]);
});

describe("how a case stands with its due date", () => {
  const openedAt = "2026-11-21T00:00:00.000Z";
  const dueAt = "2026-11-22T00:00:00.000Z";
  const after = (hours: number, closedAt: string | null = null) =>
    slaOf({ openedAt, dueAt, closedAt }, Date.parse(openedAt) + hours * HOUR);

  it("is calm, then pressing, then overdue", () => {
    expect(after(1)).toEqual({ tone: "green", text: "23 h left", isOverdue: false });
    expect(after(18.5)).toEqual({ tone: "amber", text: "5 h 30 min left", isOverdue: false });
    expect(after(24)).toMatchObject({ tone: "red", isOverdue: true });
    expect(after(27)).toEqual({ tone: "red", text: "overdue by 3 h", isOverdue: true });
  });

  it("is over once it is closed, however late that was", () => {
    expect(after(99, dueAt)).toEqual({ tone: "grey", text: "closed", isOverdue: false });
  });
});
