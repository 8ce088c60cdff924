import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { Bank } from "./bank";
import { launch, Window, type Scheme } from "./browser";

/** A bank and a browser for the tests of one file. */
export interface Stage {
  readonly bank: Bank;
  /** Another person's window. */
  window(scheme?: Scheme): Promise<Window>;
}

/** Sets the stage, and lets nothing go wrong on it unnoticed: no error, no violation of the page's policy, no call elsewhere. */
export function stage(): Stage {
  let bank: Bank | undefined;
  let browser: Browser | undefined;
  const windows: Window[] = [];
  beforeAll(async () => {
    [bank, browser] = await Promise.all([Bank.open(), launch()]);
  });
  afterEach(() => {
    expect(windows.flatMap((it) => it.wrong)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await bank?.close();
  });
  return {
    get bank() {
      if (!bank) throw new Error("the bank is not open");
      return bank;
    },
    async window(scheme) {
      if (!browser || !bank) throw new Error("the stage is not set");
      const window = await Window.open(browser, bank, scheme);
      windows.push(window);
      return window;
    },
  };
}
