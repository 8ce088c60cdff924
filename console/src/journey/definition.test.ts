import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { machineOf, reduced, spoken, type Machine } from "./definition";

const ONBOARDING = readFileSync(new URL("../../../statemachines/onboarding.asl.json", import.meta.url), "utf8");

function onboarding(): Machine {
  const machine = machineOf(ONBOARDING);
  if (!machine) throw new Error("the state machine cannot be read");
  return machine;
}

const namesOf = (machine: Machine): readonly string[] =>
  machine.states.flatMap((it) => [it.name, ...it.branches.flatMap(namesOf)]);

describe("a definition", () => {
  it("is read whole, branches included", () => {
    const machine = onboarding();
    const raw = JSON.parse(ONBOARDING) as { States: Record<string, object> };
    expect(machine.startAt).toBe("CreateRun");
    expect(machine.states.map((it) => it.name)).toEqual(Object.keys(raw.States));
    expect(namesOf(machine)).toContain("ParkAtScreenPep");
    expect(machine.states.find((it) => it.name === "Screen")?.branches).toHaveLength(3);
  });

  it("knows how one comes from a state to the next", () => {
    const ways = onboarding().steps.filter((it) => it.from === "IdentityDecided" || it.from === "CreateRun");
    expect(ways).toEqual([
      { from: "CreateRun", to: "AwaitIdentity", way: "next" },
      { from: "CreateRun", to: "CloseRun", way: "catch" },
      { from: "CreateRun", to: "ParkAtCreateRun", way: "catch" },
      { from: "IdentityDecided", to: "Screen", way: "choice" },
      { from: "IdentityDecided", to: "CloseRun", way: "choice" },
      { from: "IdentityDecided", to: "ParkAtAwaitIdentity", way: "default" },
    ]);
  });

  it("is refused if it is none", () => {
    for (const broken of ["", "{", "[]", "{}", '{"StartAt":"A","States":{}}', '{"StartAt":"A","States":{"B":{}}}']) {
      expect(machineOf(broken), broken).toBeUndefined();
    }
  });

  it("leads nowhere that there is not", () => {
    const machine = machineOf('{"StartAt":"A","States":{"A":{"Type":"Task","Next":"Gone"}}}');
    expect(machine?.steps).toEqual([]);
  });
});

describe("what is worth drawing", () => {
  it("leaves out what only errors lead to", () => {
    const names = namesOf(reduced(onboarding(), new Set()));
    expect(names).toContain("AwaitReview");
    expect(names).toContain("Declined");
    expect(names.filter((it) => it.includes("Park") || it.startsWith("Refused"))).toEqual([]);
    expect(reduced(onboarding(), new Set()).steps.filter((it) => it.way === "catch")).toEqual([]);
  });

  it("shows where somebody went aside, in a branch as well", () => {
    const entered = new Set(["CreateRun", "ParkAtCreateRun", "Screen", "ScreenPep", "ParkAtScreenPep"]);
    const machine = reduced(onboarding(), entered);
    expect(namesOf(machine)).toEqual(expect.arrayContaining(["ParkAtCreateRun", "ParkAtScreenPep"]));
    expect(namesOf(machine)).not.toContain("ParkAtScreenFraud");
    expect(machine.steps).toContainEqual({ from: "CreateRun", to: "ParkAtCreateRun", way: "catch" });
  });
});

it("names are read aloud as words", () => {
  expect(spoken("AwaitReview")).toBe("Await review");
  expect(spoken("ParkAtScreenPep")).toBe("Park at screen pep");
  expect(spoken("close-run_2")).toBe("Close run 2");
});
