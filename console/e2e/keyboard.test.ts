import { describe, expect, it } from "vitest";

import { stage } from "./world/stage";

const at = stage();
const SOON = { timeout: 15_000 };

describe("a day's work without a mouse", () => {
  it("logs in, finds the case, takes it, writes, decides and goes back", async () => {
    await at.bank.list();
    const one = await at.bank.suspect("one@example.com");
    const two = await at.bank.suspect("two@example.com");
    const ada = await at.bank.hire("ada@granary.example", "compliance");
    const { page } = await at.window();
    const type = (text: string) => page.keyboard.type(text);
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const short = (id: string) => id.slice(0, 8);
    const selected = () => page.locator("tr[data-selected]").innerText();

    await page.goto(`${at.bank.url}/console`);
    await page.getByLabel("E-mail address").waitFor();
    await type(ada.email);
    await press("Tab");
    await type("Correct-horse-7-battery");
    await press("Enter");
    await page.getByRole("row", { name: new RegExp(short(two.caseId)) }).waitFor(SOON);

    // The older one is due first. The selection moves, and stays within the list.
    expect(await selected()).toContain(short(one.caseId));
    await press("k");
    expect(await selected()).toContain(short(one.caseId));
    await press("j");
    expect(await selected()).toContain(short(two.caseId));
    await press("j");
    expect(await selected()).toContain(short(two.caseId));
    await press("a");
    await page
      .getByRole("row", { name: new RegExp(short(two.caseId)) })
      .getByText("you")
      .waitFor(SOON);

    // The focus goes along, so that Enter opens what is selected and not what was.
    await page.getByRole("link", { name: short(two.caseId) }).focus();
    await press("k");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(short(one.caseId));

    // Where keys are typed they are text.
    await press("/");
    await type(short(one.caseId));
    await page.getByText("1 of 2 shown").waitFor();
    await press("Enter", "Enter");
    await page.getByRole("heading", { name: `Case ${short(one.caseId)}` }).waitFor(SOON);

    await press("?");
    await page.getByRole("dialog").getByText("asks the customer").waitFor();
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await press("n");
    await page.getByLabel("What is to be written down?").waitFor();
    await type("Seen their passport.");
    await press("Control+Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Timeline" }).getByText("Note", { exact: true }).waitFor();

    await press("d");
    await page.getByLabel("Why?").waitFor();
    await type("It is them.");
    await press("Shift+Tab", "ArrowDown");
    await page.getByRole("button", { name: "Decline" }).waitFor();
    await press("Tab", "Control+Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const fourEyes = page.getByRole("region", { name: "Four eyes" });
    await fourEyes.getByText("decline", { exact: true }).waitFor();
    await fourEyes.getByText("1 person to decline").waitFor();

    await press("u");
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await press("g", "a");
    await page.getByRole("heading", { name: "Applications" }).waitFor();
  });

  it("shows where the focus is", async () => {
    const { page } = await at.window();
    await page.goto(`${at.bank.url}/console`);
    await page.getByLabel("E-mail address").fill("ada@granary.example");
    await page.getByLabel(/^Password/).fill("Correct-horse-7-battery");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Inbox" }).waitFor(SOON);
    await page.locator("tbody tr").first().waitFor(SOON);
    const seen: string[] = [];
    for (let tabs = 0; tabs < 16; tabs += 1) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const style = getComputedStyle(element);
        const isOutlined = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 1;
        // Text fields show it by their border.
        const isField = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
        return { what: element.outerHTML.slice(0, 80), isShown: isOutlined || isField };
      });
      if (!focused) continue;
      seen.push(focused.what);
      expect(focused.isShown, focused.what).toBe(true);
    }
    expect(seen.length).toBeGreaterThan(10);
  });
});
