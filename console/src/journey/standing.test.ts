import { describe, expect, it } from "vitest";

import type { ExecutionFileFragment } from "../graph/generated";
import { isFollowed, standings } from "./standing";

type State = ExecutionFileFragment["states"][number];

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 20, minute)).toISOString();
const state = (name: string, entered: number, left: number | null, more: Partial<State> = {}): State => ({
  name,
  type: "Task",
  status: left === null ? "ACTIVE" : "PASSED",
  enteredAt: at(entered),
  leftAt: left === null ? null : at(left),
  entered: 1,
  error: null,
  ...more,
});

const parked = {
  status: "RUNNING" as const,
  states: [
    state("CreateRun", 0, 1),
    state("AwaitIdentity", 1, 5, { status: "FAILED", error: "Bug" }),
    state("ParkAtAwaitIdentity", 5, null),
  ],
  waits: [{ state: "ParkAtAwaitIdentity", for: "OPERATOR" as const, since: at(5), error: "Bug" }],
};

describe("how a state stands", () => {
  it("tells apart what passed, failed, waits and is parked", () => {
    expect([...standings(parked)]).toEqual([
      ["CreateRun", "passed"],
      ["AwaitIdentity", "failed"],
      ["ParkAtAwaitIdentity", "parked"],
    ]);
    const waits = [{ state: "AwaitReview", for: "REVIEW" as const, since: at(1), error: null }];
    const waiting = { status: "RUNNING" as const, states: [state("AwaitReview", 1, null)], waits };
    expect(standings(waiting).get("AwaitReview")).toBe("waiting");
    expect(standings(waiting).get("Approve")).toBeUndefined();
  });
});

describe("whether a way was taken", () => {
  const way = (from: string, to: string, how: "next" | "catch") => isFollowed({ from, to, way: how }, parked);

  it("was, where both ends were entered one after the other", () => {
    expect(way("CreateRun", "AwaitIdentity", "next")).toBe(true);
    expect(way("AwaitIdentity", "ParkAtAwaitIdentity", "catch")).toBe(true);
  });

  it("was not, out of where it still stands, or to where nobody came", () => {
    expect(way("ParkAtAwaitIdentity", "AwaitIdentity", "next")).toBe(false);
    expect(way("AwaitIdentity", "IdentityDecided", "next")).toBe(false);
  });

  it("was not the way of an error where there was none", () => {
    expect(way("CreateRun", "AwaitIdentity", "catch")).toBe(false);
  });

  it("was not, backwards in time", () => {
    const states = [state("Screen", 9, 12), state("AwaitIdentity", 1, 5)];
    const done = { status: "RUNNING" as const, states, waits: [] };
    expect(isFollowed({ from: "Screen", to: "AwaitIdentity", way: "next" }, done)).toBe(false);
  });
});
