import type { Tokens } from "./cognito";
import { claimsOf } from "./token";

/** Somebody who is logged in, in this tab. */
export interface Session {
  readonly email: string;
  readonly sub: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The end of the access token, by this machine's clock. */
  readonly expiresMs: number;
  /** How far the bank's clock is ahead of this machine's. */
  readonly aheadMs: number;
}

const KEY = "granary.console.session";

/** Below this much left a token is refreshed before it is used. */
const REFRESH_BEFORE_MS = 30_000;

/** A tab's session. It ends with the tab: `sessionStorage` is neither shared nor kept. */
export class SessionStore {
  private current: Session | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
    private readonly now: () => number = Date.now,
  ) {
    this.current = read(storage);
  }

  readonly get = (): Session | undefined => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes tokens up: after a log-in with the name that was typed, after a refresh with what there was. */
  open(tokens: Tokens, email: string): boolean {
    const claims = claimsOf(tokens.accessToken);
    const refreshToken = tokens.refreshToken ?? this.current?.refreshToken;
    if (!claims || refreshToken === undefined) return false;
    // The token was given just now, so its date tells the bank's time.
    const aheadMs = claims.issuedMs - this.now();
    const { accessToken } = tokens;
    this.set({ email, sub: claims.sub, accessToken, refreshToken, expiresMs: claims.expiresMs - aheadMs, aheadMs });
    return true;
  }

  close(): void {
    this.set(undefined);
  }

  isStale(): boolean {
    return this.current !== undefined && this.current.expiresMs - this.now() < REFRESH_BEFORE_MS;
  }

  /** The bank's time, as exact as a token's date. */
  bankNow(): number {
    return this.now() + (this.current?.aheadMs ?? 0);
  }

  private set(session: Session | undefined): void {
    this.current = session;
    if (session) this.storage.setItem(KEY, JSON.stringify(session));
    else this.storage.removeItem(KEY);
    this.listeners.forEach((listener) => listener());
  }
}

function read(storage: Pick<Storage, "getItem">): Session | undefined {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "null") as Partial<Session> | null;
    const isWhole =
      typeof kept?.email === "string" &&
      typeof kept.sub === "string" &&
      typeof kept.accessToken === "string" &&
      typeof kept.refreshToken === "string" &&
      typeof kept.expiresMs === "number" &&
      typeof kept.aheadMs === "number";
    return isWhole ? (kept as Session) : undefined;
  } catch {
    return undefined;
  }
}
