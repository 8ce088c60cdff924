import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { machineOf, reduced, type Machine } from "./definition";
import { picture, type Placed } from "./layout";

const ONBOARDING = readFileSync(new URL("../../../statemachines/onboarding.asl.json", import.meta.url), "utf8");

function machine(definition: string): Machine {
  const read = machineOf(definition);
  if (!read) throw new Error("no machine");
  return read;
}

const whole = picture(machine(ONBOARDING));
const usual = picture(reduced(machine(ONBOARDING), new Set()));

const overlaps = (one: Placed, other: Placed) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

describe.each([
  ["every state", whole],
  ["what is usual", usual],
])("the layout of %s", (_, laidOut) => {
  const named = (name: string) => laidOut.placed.find((it) => it.state.name === name);

  it("places each state once and none over another", () => {
    expect(new Set(laidOut.placed.map((it) => it.state.name)).size).toBe(laidOut.placed.length);
    for (const one of laidOut.placed) {
      for (const other of laidOut.placed) {
        const areBeside = one !== other && one.parent === other.parent;
        expect(areBeside && overlaps(one, other), `${one.state.name} and ${other.state.name}`).toBe(false);
      }
    }
  });

  it("keeps branches inside of the state that they run in", () => {
    const inside = laidOut.placed.filter((it) => it.parent !== undefined);
    expect(inside.length).toBeGreaterThan(2);
    for (const it of inside) {
      const around = named(it.parent ?? "");
      expect(it.x).toBeGreaterThanOrEqual(0);
      expect(it.y).toBeGreaterThan(0);
      expect(it.x + it.width).toBeLessThanOrEqual(around?.width ?? 0);
      expect(it.y + it.height).toBeLessThanOrEqual(around?.height ?? 0);
    }
  });

  it("leads downwards, from the application to the end", () => {
    const way = ["CreateRun", "AwaitIdentity", "Screen", "AssessRisk", "AwaitReview", "Approve", "Onboarded"];
    const heights = way.map((name) => named(name)?.y ?? Number.NaN);
    expect(heights).toEqual([...heights].sort((one, other) => one - other));
  });

  it("draws a line for each way", () => {
    for (const it of laidOut.drawn) expect(it.points.length, `${it.step.from} to ${it.step.to}`).toBeGreaterThan(1);
  });
});

it("puts what goes aside below what it went aside from, however the definition is ordered", () => {
  const sorted = `{"StartAt":"Screen","States":{
    "Park":{"Type":"Task","Next":"Screen","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Fail"}]},
    "Fail":{"Type":"Fail"},
    "Screen":{"Type":"Task","End":true,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Park"}]}}}`;
  const heights = new Map(picture(machine(sorted)).placed.map((it) => [it.state.name, it.y]));
  expect(heights.get("Park")).toBeGreaterThan(heights.get("Screen") ?? Number.NaN);
  expect(heights.get("Fail")).toBeGreaterThan(heights.get("Park") ?? Number.NaN);
});

it("a machine of one state is a picture of one state", () => {
  const one = picture(machine('{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'));
  expect(one.placed).toHaveLength(1);
  expect(one.drawn).toEqual([]);
});

it("branches within branches keep their places", () => {
  const leaf = (name: string) => `{"StartAt":"${name}","States":{"${name}":{"Type":"Task","End":true}}}`;
  const inner = `{"StartAt":"In","States":{"In":{"Type":"Parallel","End":true,"Branches":[${leaf("X")},${leaf("Y")}]}}}`;
  const outer = `{"StartAt":"Out","States":{"Out":{"Type":"Parallel","End":true,"Branches":[${inner},${leaf("Z")}]}}}`;
  const { placed } = picture(machine(outer));
  expect(placed.map((it) => [it.state.name, it.parent])).toEqual([
    ["Out", undefined],
    ["In", "Out"],
    ["X", "In"],
    ["Y", "In"],
    ["Z", "Out"],
  ]);
});
