import { expect, it } from "vitest";

import { Sequence } from "./sequence";

const KNOWN = new Set(["j", "g i", "g a", "i"]);

it("one key means what it says", () => {
  expect(new Sequence().press("j", 0, KNOWN)).toBe("j");
  expect(new Sequence().press("z", 0, KNOWN)).toBeUndefined();
});

it("two keys of a pair mean the pair, and not the second one", () => {
  const sequence = new Sequence();
  expect(sequence.press("g", 0, KNOWN)).toBeUndefined();
  expect(sequence.press("i", 500, KNOWN)).toBe("g i");
  expect(sequence.press("i", 600, KNOWN)).toBe("i");
});

it("a pair that is not finished in time is none", () => {
  const sequence = new Sequence();
  sequence.press("g", 0, KNOWN);
  expect(sequence.press("i", 1_500, KNOWN)).toBe("i");
});

it("a key that does not belong to the pair means itself", () => {
  const sequence = new Sequence();
  sequence.press("g", 0, KNOWN);
  expect(sequence.press("j", 100, KNOWN)).toBe("j");
  expect(sequence.press("a", 200, KNOWN)).toBeUndefined();
});
