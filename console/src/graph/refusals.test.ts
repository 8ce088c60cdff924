import { CombinedError } from "@urql/core";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { PickedId } from "./picked";
import { refusalOf, TEXTS } from "./refusals";

const SCHEMA = readFileSync(new URL("../../../backoffice.graphql", import.meta.url), "utf8");

const error = (code: string, message: string) =>
  new CombinedError({ graphQLErrors: [{ message, extensions: { code, correlationId: "c-1" } }] });

describe("a refusal", () => {
  it("has plain words for every code that the schema tells of", () => {
    const codes = new Set([...SCHEMA.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map((it) => it[1] ?? ""));
    const described = [...codes].filter(
      (it) =>
        SCHEMA.includes(`Fails with`) &&
        /^(CASE|TEXT|REASON|APPLICATION|ERASURE|EXECUTION|FREEZE|FREEZES|CUSTOMER|SUSPENSE|ACCOUNT)_/.test(it),
    );
    expect(described.length).toBeGreaterThan(8);
    expect(described.filter((it) => TEXTS[it] === undefined)).toEqual([]);
  });

  it("keeps the bank's own words for a code that is newer than the page", () => {
    expect(refusalOf(error("MOON_FULL", "the moon is full"))).toEqual({
      code: "MOON_FULL",
      text: "The moon is full.",
      correlationId: "c-1",
    });
  });

  it("tells a bank that cannot be reached from one that refuses", () => {
    const unreachable = new CombinedError({ networkError: new Error("no route") });
    expect(refusalOf(unreachable).code).toBe("UNREACHABLE");
    expect(refusalOf(error("CASE_CLOSED", "the case is closed")).text).toContain("closed");
  });
});

describe("an id that is picked for a text", () => {
  it("stays for as long as the text does, so that a lost answer can be asked for again", () => {
    let drawn = 0;
    const picked = new PickedId(() => `id-${(drawn += 1)}`);
    expect([picked.of("one"), picked.of("one"), picked.of("other"), picked.of("one")]).toEqual([
      "id-1",
      "id-1",
      "id-2",
      "id-3",
    ]);
    picked.arrived();
    expect(picked.of("one")).toBe("id-4");
  });
});
