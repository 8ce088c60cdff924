import { describe, expect, it } from "vitest";

import type { ReviewDecision, ReviewEventKind } from "../graph/generated";
import { after, quorumOf, volunteersOf } from "./quorum";

const at = "2026-11-21T20:00:00.000Z";
const approve = (by: string) => ({ by, verdict: "APPROVE" as ReviewDecision, at });
const decline = (by: string) => ({ by, verdict: "DECLINE" as ReviewDecision, at });
const assigned = (actor: string, assignee: string) => ({
  kind: "ASSIGNED" as ReviewEventKind,
  at,
  actor,
  assignee,
  hasText: false,
  textId: null,
});

describe("how far a case is from a decision", () => {
  it("needs two people for an approval where the bank says two", () => {
    const review = { approvalsNeeded: 2, opinions: [], timeline: [] };
    expect(quorumOf(review)).toMatchObject({ toApprove: 2, toDecline: 2 });
    expect(quorumOf({ ...review, opinions: [approve("ada")] })).toMatchObject({ toApprove: 1, toDecline: 2 });
    expect(quorumOf({ ...review, opinions: [approve("ada"), approve("ben")] })).toMatchObject({ toApprove: 0 });
  });

  it("never lets somebody through alone who took the case upon themselves", () => {
    const review = { approvalsNeeded: 1, opinions: [], timeline: [assigned("ada", "ada")] };
    expect(after(review, "ada", "APPROVE")).toBe(1);
    expect(after(review, "ben", "APPROVE")).toBe(0);
    expect(after(review, "ada", "DECLINE")).toBe(0);
  });

  it("forgets that they did, once somebody else gives it to them", () => {
    const timeline = [assigned("ada", "ada"), assigned("ben", "ada")];
    expect([...volunteersOf({ approvalsNeeded: 1, opinions: [], timeline })]).toEqual([]);
    expect(after({ approvalsNeeded: 1, opinions: [], timeline }, "ada", "APPROVE")).toBe(0);
  });

  it("needs a majority where people differ", () => {
    const review = { approvalsNeeded: 1, opinions: [decline("ada"), decline("ben")], timeline: [] };
    expect(quorumOf(review)).toMatchObject({ toApprove: 3, toDecline: 0 });
    expect(after({ ...review, opinions: [decline("ada")] }, "ben", "APPROVE")).toBe(1);
  });

  it("counts the latest opinion of each person only", () => {
    const review = { approvalsNeeded: 1, opinions: [decline("ada")], timeline: [] };
    expect(after(review, "ada", "APPROVE")).toBe(0);
  });
});
