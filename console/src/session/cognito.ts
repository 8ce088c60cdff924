import type { Config } from "./config";

/** What a session is made of. `idToken` is not kept: the graph takes access tokens. */
export interface Tokens {
  readonly accessToken: string;
  /** Only a log-in gives one; refreshing keeps the one there was. */
  readonly refreshToken?: string;
}

/** What the pool says to a name and a password. */
export type LoggedIn =
  | { readonly kind: "tokens"; readonly tokens: Tokens }
  | { readonly kind: "new-password"; readonly session: string; readonly username: string };

/** The pool's refusal: its error type, and its text. */
export class PoolRefused extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

interface Answer {
  readonly AuthenticationResult?: { readonly AccessToken: string; readonly RefreshToken?: string };
  readonly ChallengeName?: string;
  readonly Session?: string;
}

type Parameters = Readonly<Record<string, string>>;

/** The three operations of the identity pool's own API that a log-in takes. They need no signature, so no SDK either. */
export class Pool {
  constructor(private readonly config: Pick<Config, "userPool" | "clientId">) {}

  async logIn(username: string, password: string): Promise<LoggedIn> {
    const AuthParameters = { USERNAME: username, PASSWORD: password };
    const answer = await this.call("InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters });
    if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED" && answer.Session) {
      return { kind: "new-password", session: answer.Session, username };
    }
    return { kind: "tokens", tokens: tokensOf(answer) };
  }

  /** Answers `NEW_PASSWORD_REQUIRED`: whoever was hired with a temporary password chooses one. */
  async chooseNewPassword(username: string, session: string, password: string): Promise<Tokens> {
    const ChallengeResponses = { USERNAME: username, NEW_PASSWORD: password };
    const body = { ChallengeName: "NEW_PASSWORD_REQUIRED", Session: session, ChallengeResponses };
    return tokensOf(await this.call("RespondToAuthChallenge", body));
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    const AuthParameters = { REFRESH_TOKEN: refreshToken };
    return tokensOf(await this.call("InitiateAuth", { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters }));
  }

  private async call(operation: string, body: Readonly<Record<string, string | Parameters>>): Promise<Answer> {
    const answer = await fetch(this.config.userPool, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ ClientId: this.config.clientId, ...body }),
    });
    const told = (await answer.json().catch(() => ({}))) as Answer & { __type?: string; message?: string };
    if (!answer.ok) throw new PoolRefused(told.__type ?? `HTTP ${answer.status}`, told.message ?? "");
    return told;
  }
}

function tokensOf(answer: Answer): Tokens {
  const result = answer.AuthenticationResult;
  if (!result)
    throw new PoolRefused(answer.ChallengeName ?? "NoTokens", "This way of logging in is not supported here.");
  const { AccessToken: accessToken, RefreshToken: refreshToken } = result;
  return refreshToken === undefined ? { accessToken } : { accessToken, refreshToken };
}

/** What a refusal of the pool means, in plain words. */
export function explainPool(error: unknown): string {
  if (!(error instanceof PoolRefused)) return "The identity pool cannot be reached. Try again in a moment.";
  switch (error.type) {
    case "NotAuthorizedException":
      if (error.message.includes("exceeded")) return "Too many wrong passwords. Wait a while, then try again.";
      if (error.message.includes("session")) return "That took too long. Log in once more with the temporary password.";
      return "The e-mail address or the password is wrong.";
    case "InvalidPasswordException":
      return `That password will not do. ${error.message}`;
    case "PasswordResetRequiredException":
      return "Your password has to be reset by an administrator first.";
    case "UserNotConfirmedException":
      return "This address was never confirmed.";
    case "TooManyRequestsException":
    case "LimitExceededException":
      return "Too many attempts. Wait a while, then try again.";
    default:
      return error.message || "Logging in failed.";
  }
}
