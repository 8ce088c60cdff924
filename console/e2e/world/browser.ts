import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

import { PASSWORD, type Bank, type Person } from "./bank";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** As a sandbox without a network takes it. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type Scheme = "light" | "dark";

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** Somebody's own window. What goes wrong in it on the way is kept, and must be nothing. */
export class Window {
  readonly wrong: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly bank: Bank,
  ) {}

  static async open(browser: Browser, bank: Bank, scheme: Scheme = "light"): Promise<Window> {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const window = new Window(page, context, bank);
    page.on("pageerror", (error) => window.wrong.push(`page: ${error.message}`));
    // The browser notes each 400 or 401 as an error: wrong passwords, and tokens that ran out, which the page renews.
    page.on("console", (it) => {
      if (it.type() === "error" && !/status of 40[01]/.test(it.text())) window.wrong.push(`console: ${it.text()}`);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(bank.url)) window.wrong.push(`asked elsewhere: ${request.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (it) =>
        console.error(`against the policy: ${it.violatedDirective} ${it.blockedURI} ${it.sourceFile}:${it.lineNumber}`),
      );
    });
    return window;
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.bank.url}/console${path}`);
  }

  async logIn(person: Pick<Person, "email">, password = PASSWORD): Promise<void> {
    await this.goTo("/");
    await this.page.getByLabel("E-mail address").fill(person.email);
    await this.page.getByLabel(/^Password/).fill(password);
    await this.page.keyboard.press("Enter");
  }

  /** The page's findings of weight, in both schemes. */
  async axe(where: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      await this.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await this.page.waitForFunction((it) => document.documentElement.dataset.mantineColorScheme === it, scheme);
      await this.page.evaluate(AXE);
      const violations = await this.page.evaluate(async () => {
        interface Found {
          readonly id: string;
          readonly impact: string;
          readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
        }
        const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: readonly Found[] }> } };
        return (await axe.run()).violations;
      });
      const grave = violations.filter((it) => it.impact === "serious" || it.impact === "critical");
      found.push(
        ...grave.map(
          (it) =>
            `${where}, ${scheme}: ${it.id}\n${it.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n")}`,
        ),
      );
    }
    await this.page.emulateMedia({ colorScheme: "light", reducedMotion: null });
    return found;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
