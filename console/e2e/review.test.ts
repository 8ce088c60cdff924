import { describe, expect, it } from "vitest";

import type { Person } from "./world/bank";
import type { Window } from "./world/browser";
import { stage } from "./world/stage";

const at = stage();
const SOON = { timeout: 15_000 };

const QUESTION = "Have you ever lived in another country?";
const ANSWER = "No, I was born here.";
const ASKED = "{ viewer { application { id informationRequest { id question } } } }";
const PROVIDE =
  "mutation($input: ProvideInformationInput!) { provideInformation(input: $input) { application { status } } }";

/** Two people decide about somebody who looks like one on a list. Each test goes on where the one before it ended. */
describe("a case, from the inbox to the decision", () => {
  let ada: Person;
  let ben: Person;
  let first: Window;
  let second: Window;
  let suspect: { readonly customer: Person; readonly caseId: string; readonly applicationId: string };
  const short = () => suspect.caseId.slice(0, 8);
  const status = (window: Window) => window.page.getByRole("status", { name: "How the case stands" });
  const fourEyes = (window: Window) => window.page.getByRole("region", { name: "Four eyes" });
  const timeline = (window: Window) => window.page.getByRole("region", { name: "Timeline" });

  it("shows in the inbox of both", async () => {
    await at.bank.list();
    ada = await at.bank.hire("ada@granary.example", "compliance");
    ben = await at.bank.hire("ben@granary.example", "compliance");
    suspect = await at.bank.suspect("konstantin@example.com");
    [first, second] = await Promise.all([at.window("light"), at.window("dark")]);
    await Promise.all([first.logIn(ada), second.logIn(ben)]);
    for (const window of [first, second]) {
      const row = window.page.getByRole("row", { name: new RegExp(short()) });
      await row.getByText("Sanctions").waitFor(SOON);
      await row.getByText("0 of 2").waitFor();
      await row.getByText(/left$/).waitFor();
    }
  });

  it("shows the journey as the state machine, with the states passed and where it waits", async () => {
    await Promise.all([first, second].map((it) => it.page.getByRole("link", { name: short() }).click()));
    const state = (name: string) => first.page.locator(`[data-state="${name}"]`);
    await first.page.locator('[data-state="AwaitReview"][data-standing="waiting"]').waitFor(SOON);
    for (const passed of ["CreateRun", "AwaitIdentity", "ScreenSanctions", "ScreenPep", "ScreenFraud", "OpenCase"]) {
      expect(await state(passed).getAttribute("data-standing"), passed).toBe("passed");
    }
    expect(await state("Approve").getAttribute("data-standing")).toBe("idle");
    expect(await state("ParkAtScreenPep").count()).toBe(0);
    await first.page.getByRole("listitem").filter({ hasText: "Compliance is to decide the case." }).waitFor();
    await first.page.getByRole("button", { name: "Every state" }).click();
    await state("ParkAtScreenPep").waitFor();
    await first.page.getByRole("button", { name: "Only what matters" }).click();
  });

  it("is assigned, which the other one sees without a reload", async () => {
    await first.page.getByRole("button", { name: /^Assign to me/ }).click();
    await timeline(first).getByText("Assigned", { exact: true }).waitFor();
    await timeline(second).getByText("Assigned", { exact: true }).waitFor(SOON);
    await fourEyes(second).getByText("cannot approve it alone").waitFor();
  });

  it("is not decided by the one who took it", async () => {
    await first.page.getByRole("button", { name: /^Decide/ }).click();
    const dialog = first.page.getByRole("dialog");
    await dialog.getByText("1 person more must agree. You took the case upon yourself.").waitFor();
    await dialog.getByLabel("Why?").fill("Another birth date.");
    await dialog.getByRole("button", { name: "Approve" }).click();
    await dialog.waitFor({ state: "detached" });
    await fourEyes(first).getByText("Still needed: 1 person to approve, or 2 people to decline.").waitFor();
    await status(first).getByText("Open").waitFor();
    await fourEyes(second).getByText("Still needed: 1 person to approve").waitFor(SOON);
  });

  it("asks the customer, and is not decided until the answer is there", async () => {
    await second.page.getByRole("button", { name: /^Decide/ }).click();
    const dialog = second.page.getByRole("dialog");
    await dialog.getByLabel("Why?").fill("I agree: another birth date.");

    await first.page.getByRole("button", { name: /^Ask customer/ }).click();
    await first.page.getByLabel("What is the customer asked?").fill(QUESTION);
    await first.page.getByRole("button", { name: "Ask", exact: true }).click();
    await status(first).getByText("Awaits customer").waitFor();
    expect(await first.page.getByRole("button", { name: /^Decide/ }).isDisabled()).toBe(true);

    // The other one had the dialogue open before: the bank refuses, and the page says so in plain words.
    await dialog.getByRole("button", { name: "Approve" }).click();
    await dialog.getByRole("alert").getByText("The customer has been asked something.").waitFor();
    await second.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await status(second).getByText("Awaits customer").waitFor(SOON);
  });

  it("goes on once the customer answered", async () => {
    interface Asked {
      readonly viewer: {
        readonly application: {
          readonly id: string;
          readonly informationRequest: { readonly id: string; readonly question: string } | null;
        };
      };
    }
    const { customer, applicationId } = suspect;
    let request: { id: string; question: string } | null = null;
    for (let tries = 0; request === null && tries < 100; tries += 1) {
      const asked = await at.bank.graph<Asked>("/graphql", customer.token, ASKED);
      request = asked.viewer.application.informationRequest;
      if (request === null) await first.page.waitForTimeout(100);
    }
    expect(request?.question).toBe(QUESTION);
    const input = { applicationId, requestId: request?.id, text: ANSWER };
    await at.bank.graph("/graphql", customer.token, PROVIDE, { input });
    await timeline(first).getByText("Customer answered", { exact: true }).waitFor(SOON);
    await status(first).getByText("Open").waitFor();
  });

  it("shows what was written, and who somebody is, only for a reason", async () => {
    const entry = timeline(second).getByRole("listitem").filter({ hasText: "Customer answered" });
    await entry.getByRole("button", { name: /^Read/ }).click();
    const dialog = second.page.getByRole("dialog");
    await dialog.getByLabel("Why do you have to read it?").fill("too short");
    expect(await dialog.getByRole("button", { name: "Read", exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel("Why do you have to read it?").fill("It answers what we asked.");
    await dialog.getByRole("button", { name: "Read", exact: true }).click();
    await entry.getByText(ANSWER).waitFor();

    expect(await second.page.getByText("Orlovsky-Reznik").count()).toBe(0);
    await second.page.getByRole("button", { name: /^Reveal/ }).click();
    await dialog.getByLabel("Why do you have to read it?").fill("Comparing with the list's entry.");
    await dialog.getByRole("button", { name: "Reveal", exact: true }).click();
    await second.page.getByText("Konstantin Orlovsky-Reznik").waitFor();
    await second.page.getByText("1961-03-04").waitFor();
  });

  it("is approved by the second one, which the first one sees without a reload", async () => {
    await second.page.getByRole("button", { name: /^Decide/ }).click();
    const dialog = second.page.getByRole("dialog");
    await dialog.getByText("With this the application is approved.").waitFor();
    await dialog.getByLabel("Why?").fill("I agree: another birth date.");
    await dialog.getByRole("button", { name: "Approve" }).click();
    await status(second).getByText("Approved").waitFor();
    await status(first).getByText("Approved").waitFor(SOON);
    await first.page.getByRole("button", { name: /^Decide/ }).waitFor({ state: "detached" });
    await first.page.locator('[data-state="Onboarded"][data-standing="passed"]').waitFor(SOON);
    await first.page.getByRole("region", { name: "Journey" }).getByText("Finished").waitFor();
  });

  it("is found among the decided ones, and its application by its id", async () => {
    await first.page.getByRole("link", { name: "Inbox" }).first().click();
    await first.page.getByRole("button", { name: "Decided" }).click();
    await first.page
      .getByRole("row", { name: new RegExp(short()) })
      .getByText("Approved")
      .waitFor(SOON);
    await first.page.getByRole("link", { name: "Applications" }).first().click();
    await first.page.getByLabel(/^Find by the id/).fill(suspect.applicationId);
    const row = first.page.getByRole("row", { name: new RegExp(suspect.applicationId.slice(0, 8)) });
    await row.getByText("Approved").waitFor(SOON);
    await row.getByRole("link", { name: suspect.customer.id.slice(0, 8) }).click();
    await first.page.getByRole("heading", { name: /^Customer/ }).waitFor();
    await first.page.getByText("Deposit instructions").waitFor(SOON);
  });
});
