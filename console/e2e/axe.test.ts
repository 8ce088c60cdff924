import { expect, it } from "vitest";

import { stage } from "./world/stage";

const at = stage();
const SOON = { timeout: 15_000 };

/** Every page and dialogue, in both schemes: nothing that axe calls serious or critical. */
it("whoever sees, hears or moves differently can work here as well", { timeout: 180_000 }, async () => {
  await at.bank.list();
  const { caseId, customer } = await at.bank.suspect("konstantin@example.com");
  const ada = await at.bank.hire("ada@granary.example", "compliance", "operations");
  await at.bank.post("/dev/onfido/faults", { calls: 1, status: 422 });
  const parked = await at.bank.signUp("parked@example.com");
  const applicationId = await at.bank.apply(parked);
  const window = await at.window();
  const { page } = window;
  const found: string[] = [];
  const look = async (where: string) => void found.push(...(await window.axe(where)));
  const dialogue = async (key: string, where: string) => {
    await page.keyboard.press(key);
    await page.getByRole("dialog").waitFor(SOON);
    await page.waitForTimeout(400); // Its fading in is no finding.
    await look(where);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };

  await window.goTo("/");
  await page.getByRole("button", { name: "Log in" }).waitFor();
  await look("log-in");
  await window.logIn(ada);
  await page.locator("tbody tr").first().waitFor(SOON);
  await look("inbox");
  await dialogue("?", "keys");

  await window.goTo(`/cases/${caseId}`);
  await page.locator('[data-standing="waiting"]').waitFor(SOON);
  await look("case");
  for (const [key, where] of [
    ["s", "assign"],
    ["n", "note"],
    ["q", "question"],
    ["d", "decision"],
    ["p", "reveal"],
  ] as const) {
    await dialogue(key, where);
  }

  await window.goTo("/applications");
  await page.getByRole("row", { name: new RegExp(applicationId.slice(0, 8)) }).waitFor(SOON);
  await look("applications");
  await page.getByRole("link", { name: `open the workflow of ${applicationId.slice(0, 8)}` }).click();
  await page.locator('[data-standing="parked"]').waitFor(SOON);
  await look("workflow");
  await page.getByRole("button", { name: "Every state" }).click();
  await page.getByText("States passed, as a list").click();
  await look("whole workflow");
  await dialogue("r", "resume");

  await window.goTo(`/customers/${customer.id}`);
  await page.getByRole("heading", { name: /^Customer/ }).waitFor();
  await page.getByText("Submission").waitFor(SOON);
  await look("customer");
  await window.goTo("/nowhere");
  await page.getByRole("heading", { name: "Nothing here" }).waitFor(SOON);
  await look("nothing");
  expect(found.join("\n\n")).toBe("");
});
