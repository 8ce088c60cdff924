import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const OPENS_WITHIN_MS = 60_000;

export const PASSWORD = "Correct-horse-7-battery";

type Json = Readonly<Record<string, unknown>>;

/** A customer, or somebody who works at the bank. */
export interface Person {
  readonly email: string;
  readonly id: string;
  readonly token: string;
}

/** A bank in memory on ports of its own, reached through its public doors and those of the simulated providers. */
export class Bank {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {}

  static async open(): Promise<Bank> {
    const binary = process.env.GRANARY ?? `${ROOT}target/debug/granary`;
    const child = spawn(binary, ["run", "--in-memory", "--port", "0"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the bank did not open:\n${said.join("")}`)), OPENS_WITHIN_MS);
      const hear = (chunk: Buffer) => {
        said.push(chunk.toString());
        const opened = /Granary is open on (http:\S+)/.exec(said.join(""))?.[1];
        if (opened === undefined) return;
        clearTimeout(late);
        resolve(opened);
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the bank ended with ${String(code)}:\n${said.join("")}`)));
    });
    return new Bank(url, child);
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null) return;
    this.process.kill("SIGTERM");
    await once(this.process, "exit");
  }

  /** Posts to a door, which must not refuse. */
  async post(path: string, body: Json, headers: Readonly<Record<string, string>> = {}): Promise<Json> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    };
    const answer = await fetch(`${this.url}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return (text === "" ? {} : JSON.parse(text)) as Json;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }

  /** One operation of the identity pool's API. */
  async pool(operation: string, body: Json): Promise<Json> {
    const { clientId } = await this.get<{ clientId: string }>("/console/config.json");
    const target = { "x-amz-target": `AWSCognitoIdentityProviderService.${operation}` };
    return this.post("/cognito", { ClientId: clientId, ...body }, target);
  }

  async logIn(email: string): Promise<string> {
    const AuthParameters = { USERNAME: email, PASSWORD };
    const answer = await this.pool("InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters });
    return (answer.AuthenticationResult as { AccessToken: string }).AccessToken;
  }

  async graph<T>(path: string, token: string, query: string, variables: Json = {}): Promise<T> {
    const answer = await this.post(path, { query, variables }, { authorization: `Bearer ${token}` });
    if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
    return answer.data as T;
  }

  /** Somebody who works here, of these groups. */
  async hire(email: string, ...groups: readonly string[]): Promise<Person> {
    const { staffId } = await this.post("/dev/staff", { email, password: PASSWORD, groups });
    return { email, id: String(staffId), token: await this.logIn(email) };
  }

  /** A customer who signed up and confirmed. */
  async signUp(email: string): Promise<Person> {
    const { UserSub } = await this.pool("SignUp", { Username: email, Password: PASSWORD });
    const mails = await this.get<readonly { code?: string }[]>(`/dev/outbox?to=${encodeURIComponent(email)}`);
    const code = mails.at(-1)?.code;
    await this.pool("ConfirmSignUp", { Username: email, ConfirmationCode: code });
    return { email, id: String(UserSub), token: await this.logIn(email) };
  }

  /** Somebody like whom nobody is listed. */
  async apply(customer: Person, of: Json = {}): Promise<string> {
    const applicationId = crypto.randomUUID();
    const input = {
      applicationId,
      firstName: "Ada",
      lastName: "Byron",
      birthDate: "1990-12-10",
      nationality: "GB",
      address: { street: "12 St James Square", town: "London", postcode: "SW1Y 4JH", country: "GB" },
      document: { kind: "PASSPORT", number: "925076473", issuingCountry: "GB" },
      ...of,
    };
    const submit =
      "mutation($input: SubmitApplicationInput!) { submitApplication(input: $input) { application { status } } }";
    await this.graph("/graphql", customer.token, submit, { input });
    return applicationId;
  }

  /** The identity provider is satisfied, once it has been asked. */
  async identify(customer: Person): Promise<void> {
    const run = await until(`a run of ${customer.email}`, async () => {
      const runs = await this.get<readonly { id: string; status: string }[]>(
        `/dev/onfido/runs?customer=${customer.id}`,
      );
      return runs.find((it) => it.status === "awaiting_input");
    });
    await this.post(`/dev/onfido/runs/${run.id}`, { status: "approved" });
  }

  /** A customer whose case compliance has to decide, and the case's id. */
  async suspect(
    email: string,
  ): Promise<{ readonly customer: Person; readonly caseId: string; readonly applicationId: string }> {
    const customer = await this.signUp(email);
    const applicationId = await this.apply(customer, SUSPECT);
    await this.identify(customer);
    const watcher = await this.watcher();
    const query = "query($id: ID!) { backOffice { customer(id: $id) { applications { id review { id } } } } }";
    interface File {
      backOffice: { customer: { applications: readonly { id: string; review: { id: string } | null }[] } | null };
    }
    const caseId = await until(`a case of ${email}`, async () => {
      const file = await this.graph<File>("/backoffice/graphql", watcher, query, { id: customer.id });
      return file.backOffice.customer?.applications.find((it) => it.id === applicationId)?.review?.id;
    });
    return { customer, caseId, applicationId };
  }

  /** Lists somebody whom [`SUSPECT`] resembles. */
  async list(): Promise<void> {
    await this.post("/dev/screening/entities", {
      id: "NK-orlovsky",
      names: ["Konstantin Orlovsky-Reznik"],
      birthDates: ["1961-03-05"],
      countries: ["gb"],
      topics: ["sanction"],
    });
  }

  private auditor: Promise<Person> | undefined;

  private async watcher(): Promise<string> {
    this.auditor ??= this.hire("watcher@granary.example", "auditor");
    return (await this.auditor).token;
  }
}

const SUSPECT = { firstName: "Konstantin", lastName: "Orlovsky-Reznik", birthDate: "1961-03-04" };

/** Looks until there is something, for as long as a person would. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`there never was ${what}`);
}
