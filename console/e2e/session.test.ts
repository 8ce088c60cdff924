import { describe, expect, it } from "vitest";

import { PASSWORD } from "./world/bank";
import { stage } from "./world/stage";

const at = stage();
const SOON = { timeout: 15_000 };
const TEMPORARY = "Temporary-horse-7-battery";

/** As an administrator's SDK signs; the local pool goes by who it says it is. */
const SIGNED =
  "AWS4-HMAC-SHA256 Credential=granary/20260101/eu-west-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=00";

describe("who may come in", () => {
  it("a wrong password is refused in plain words, and a right one lets in", async () => {
    const ada = await at.bank.hire("ada@granary.example", "compliance");
    const window = await at.window();
    await window.logIn(ada, "Wrong-horse-7-battery");
    await window.page.getByRole("alert").getByText("The e-mail address or the password is wrong.").waitFor();
    await window.logIn(ada);
    await window.page.getByRole("heading", { name: "Inbox" }).waitFor();
    await window.page.reload();
    await window.page.getByRole("heading", { name: "Inbox" }).waitFor();
    await window.page.getByRole("button", { name: "Log out" }).click();
    await window.page.getByRole("button", { name: "Log in" }).waitFor();
    expect(await window.page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
  });

  it("whoever was hired with a temporary password chooses another one", async () => {
    const email = "new@granary.example";
    const ada = await at.bank.logIn("ada@granary.example");
    const claims = JSON.parse(Buffer.from(ada.split(".")[1] ?? "", "base64url").toString()) as { iss: string };
    const UserPoolId = claims.iss.split("/").at(-1);
    const user = { UserPoolId, Username: email };
    const admin = (operation: string, body: object) =>
      at.bank.post(
        "/cognito",
        { ...body },
        {
          authorization: SIGNED,
          "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
        },
      );
    const UserAttributes = [{ Name: "email_verified", Value: "true" }];
    await admin("AdminCreateUser", {
      ...user,
      TemporaryPassword: TEMPORARY,
      MessageAction: "SUPPRESS",
      UserAttributes,
    });
    await admin("AdminAddUserToGroup", { ...user, GroupName: "auditor" });

    const { page } = await at.window();
    await page.goto(`${at.bank.url}/console`);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel(/^Password/).fill(TEMPORARY);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByLabel(/^New password \*?$/).waitFor(SOON);
    await page.getByLabel(/^New password \*?$/).fill("short");
    await page.getByLabel(/^New password, once more/).fill("short");
    await page.getByRole("button", { name: "Use this password" }).click();
    await page.getByRole("alert").getByText("That password will not do.").waitFor();
    await page.getByLabel(/^New password \*?$/).fill(PASSWORD);
    await page.getByLabel(/^New password, once more/).fill(PASSWORD);
    await page.getByRole("button", { name: "Use this password" }).click();
    await page.getByRole("heading", { name: "Inbox" }).waitFor(SOON);
    await page.getByText("auditor").waitFor();
  });

  it("a customer is told that this is not for them", async () => {
    const customer = await at.bank.signUp("customer@example.com");
    const window = await at.window();
    await window.logIn(customer);
    await window.page.getByRole("alert").getByText("Your group may not do that.").waitFor(SOON);
    await window.page.getByRole("button", { name: "Log in as somebody else" }).click();
    await window.page.getByRole("button", { name: "Log in" }).waitFor();
  });

  it("a token that ran out is renewed unseen, and the page goes by the bank's clock from then on", async () => {
    await at.bank.list();
    const { caseId } = await at.bank.suspect("late@example.com");
    const window = await at.window();
    await window.logIn({ email: "ada@granary.example" });
    const row = window.page.getByRole("row", { name: new RegExp(caseId.slice(0, 8)) });
    await row.getByText(/left$/).waitFor(SOON);
    await at.bank.post("/dev/clock/advance", { by: "PT20H" });
    await row
      .getByText("3 h")
      .or(row.getByText(/^4 h|^3 h \d+ min left/))
      .first()
      .waitFor(SOON);
  });
});
