import { describe, expect, it } from "vitest";

import { until } from "./world/bank";
import { stage } from "./world/stage";

const at = stage();
const SOON = { timeout: 15_000 };

describe("who may do what", () => {
  it("an auditor reads, and changes nothing", async () => {
    await at.bank.list();
    const { caseId } = await at.bank.suspect("konstantin@example.com");
    const auditor = await at.bank.hire("auditor@granary.example", "auditor");
    const { page } = await at.window();
    await page.goto(`${at.bank.url}/console/cases/${caseId}`);
    await page.getByLabel("E-mail address").fill(auditor.email);
    await page.getByLabel(/^Password/).fill("Correct-horse-7-battery");
    await page.keyboard.press("Enter");
    await page.getByText("You may read this case, and change nothing in it.").waitFor(SOON);
    for (const name of [/^Assign/, /^Note/, /^Ask customer/, /^Decide/, /^Reveal/]) {
      expect(await page.getByRole("button", { name }).count(), String(name)).toBe(0);
    }
    for (const key of ["a", "d", "n", "q", "p"]) await page.keyboard.press(key);
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.getByText("Sealed. Only compliance may read it.").waitFor();

    // Hiding buttons protects nothing: the bank refuses as well.
    const decide =
      "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) { review { id } } } }";
    const input = { reviewId: caseId, decisionId: crypto.randomUUID(), decision: "APPROVE", reason: "Why not?" };
    const refused = at.bank.graph("/backoffice/graphql", auditor.token, decide, { input });
    await expect(refused).rejects.toThrow("FORBIDDEN");
  });

  it("a state that is parked is resumed by operations, and by nobody else", async () => {
    await at.bank.post("/dev/onfido/faults", { calls: 1, status: 422 });
    const customer = await at.bank.signUp("ada.byron@example.com");
    const applicationId = await at.bank.apply(customer);
    const [operator, compliance] = await Promise.all([
      at.bank.hire("olga@granary.example", "operations"),
      at.bank.hire("carl@granary.example", "compliance"),
    ]);
    const [window, other] = await Promise.all([at.window(), at.window()]);
    await Promise.all([window.logIn(operator), other.logIn(compliance)]);
    await Promise.all([window, other].map((it) => it.page.getByRole("heading", { name: "Inbox" }).waitFor(SOON)));
    await window.page.keyboard.press("g");
    await window.page.keyboard.press("a");
    const row = window.page.getByRole("row", { name: new RegExp(applicationId.slice(0, 8)) });
    await row.getByRole("link", { name: /^open the workflow/ }).click();
    await window.page.locator('[data-state="ParkAtCreateRun"][data-standing="parked"]').waitFor(SOON);
    await window.page.getByText("A step failed for good.").first().waitFor();

    await other.page.goto(window.page.url());
    await other.page.getByText("Only operations resumes or unwinds what is parked.").waitFor(SOON);
    expect(await other.page.getByRole("button", { name: /^Resume/ }).isDisabled()).toBe(true);

    await window.page.keyboard.press("r");
    await window.page.getByLabel("Why?").fill("The provider is well again.");
    await window.page.getByRole("button", { name: "Resume", exact: true }).click();
    await window.page.locator('[data-state="AwaitIdentity"][data-standing="waiting"]').waitFor(SOON);
    await other.page.locator('[data-state="AwaitIdentity"][data-standing="waiting"]').waitFor(SOON);
    const runs = await at.bank.get<readonly object[]>(`/dev/onfido/runs?customer=${customer.id}`);
    expect(runs).toHaveLength(1);
  });

  it("a state that is parked is unwound by operations, and the application ends", async () => {
    await at.bank.post("/dev/onfido/faults", { calls: 1, status: 422 });
    const customer = await at.bank.signUp("charles@example.com");
    const applicationId = await at.bank.apply(customer);
    const window = await at.window();
    await window.logIn({ email: "olga@granary.example" });
    await window.page.getByRole("link", { name: "Applications" }).click();
    const row = window.page.getByRole("row", { name: new RegExp(applicationId.slice(0, 8)) });
    await row.getByRole("link", { name: /^open the workflow/ }).click();
    await window.page.getByRole("button", { name: /^Unwind/ }).click(SOON);
    await window.page.getByLabel("Why?").fill("The customer took it back.");
    await window.page.getByRole("button", { name: "Unwind", exact: true }).click();
    await window.page.locator('[data-state="Declined"][data-standing="passed"]').waitFor(SOON);
    const query = "{ viewer { application { status } } }";
    await until("a declined application", async () => {
      const asked = await at.bank.graph<{ viewer: { application: { status: string } } }>(
        "/graphql",
        customer.token,
        query,
      );
      return asked.viewer.application.status === "DECLINED" ? true : undefined;
    });
  });
});
