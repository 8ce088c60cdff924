import { describe, expect, it } from "vitest";

import { until } from "./world/bank";
import { stage } from "./world/stage";

const at = stage();
const SOON = { timeout: 15_000 };
const FROZEN = "query($id: ID!) { backOffice { customer(id: $id) { status frozen } } }";

interface Asked {
  readonly backOffice: { readonly customer: { readonly status: string; readonly frozen: string | null } };
}

describe("a customer's money", () => {
  it("is frozen and let go by hand, each for a reason", async () => {
    const ada = await at.bank.hire("ada@granary.example", "compliance");
    const customer = await at.bank.signUp("alice@example.com");
    await at.bank.apply(customer);
    await at.bank.identify(customer);
    const standing = async () =>
      (await at.bank.graph<Asked>("/backoffice/graphql", ada.token, FROZEN, { id: customer.id })).backOffice.customer;
    await until("a customer", async () => ((await standing()).status === "ACTIVE" ? true : undefined));

    const window = await at.window();
    await window.logIn(ada);
    await window.page.getByRole("heading", { name: "Inbox" }).waitFor(SOON);
    await window.goTo(`/customers/${customer.id}`);
    await window.page.getByText("Their money moves, and always has.").waitFor(SOON);
    await window.page.keyboard.press("f");
    await window.page.getByLabel("What does not move").selectOption("DEBITS");
    await window.page.getByLabel("Why?").fill("The police asked for it.");
    await window.page.getByRole("button", { name: "Freeze", exact: true }).click();
    const freezes = window.page.getByRole("region", { name: "Freezes" });
    await freezes.getByText("in force").waitFor(SOON);
    await window.page.getByText("Frozen", { exact: true }).waitFor(SOON);
    expect((await standing()).frozen).toBe("DEBITS");
    expect(await window.axe("a frozen customer")).toEqual([]);

    await freezes.getByRole("button", { name: /^Lift/ }).click();
    await window.page.getByLabel("Why?").fill("They took it back.");
    await window.page.getByRole("button", { name: "Lift", exact: true }).click();
    await freezes.getByText("lifted", { exact: true }).waitFor(SOON);
    await window.page.getByText("Active", { exact: true }).waitFor(SOON);
    expect((await standing()).frozen).toBeNull();
  });

  it("is frozen by a case, which tells so and needs no application", async () => {
    const customer = await at.bank.signUp("konstantin@example.com");
    await at.bank.apply(customer, {
      firstName: "Konstantin",
      lastName: "Orlovsky-Reznik",
      birthDate: "1961-03-04",
    });
    await at.bank.identify(customer);
    const standing = async () => {
      const token = await at.bank.logIn("ada@granary.example");
      return (await at.bank.graph<Asked>("/backoffice/graphql", token, FROZEN, { id: customer.id })).backOffice
        .customer;
    };
    await until("a customer", async () => ((await standing()).status === "ACTIVE" ? true : undefined));
    await at.bank.list();
    await at.bank.post("/dev/clock/advance", { by: "P1DT1H" });
    await until("a freeze", async () => ((await standing()).frozen === "BOTH" ? true : undefined));

    const window = await at.window();
    await window.logIn({ email: "ada@granary.example" });
    await window.page
      .getByRole("row", { name: new RegExp(customer.id.slice(0, 8)) })
      .getByRole("link")
      .click(SOON);
    await window.page.getByText("Until it is decided their money is frozen: both ways.").waitFor(SOON);
    await window.page.getByRole("button", { name: /^Decide/ }).click();
    await window.page.getByText("Approve: they may stay a customer").waitFor();
    await window.page.keyboard.press("Escape");
    await window.page.getByRole("link", { name: "Open the customer" }).click();
    await window.page.getByRole("region", { name: "Freezes" }).getByRole("link", { name: "by a case" }).waitFor(SOON);
    expect(await window.page.getByRole("button", { name: /^Lift/ }).count()).toBe(0);
  });
});
