/** What the console reads from an access token. It checks nothing: the bank does. */
export interface Claims {
  /** Who; what stands in everything that they do. */
  readonly sub: string;
  /** The end of the token, by the bank's clock. */
  readonly expiresMs: number;
  /** When it was given, by the bank's clock. */
  readonly issuedMs: number;
}

/** The claims of a JWT, or `undefined` if that is none. */
export function claimsOf(token: string): Claims | undefined {
  const payload = token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
    const { sub, exp, iat } = claims;
    if (typeof sub !== "string" || typeof exp !== "number" || typeof iat !== "number") return undefined;
    return { sub, expiresMs: exp * 1000, issuedMs: iat * 1000 };
  } catch {
    return undefined;
  }
}
