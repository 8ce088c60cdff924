import { describe, expect, it } from "vitest";

import { SessionStore } from "./store";
import { claimsOf } from "./token";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const HOUR = 3_600_000;

function token(issuedMs: number, lastsMs = HOUR): string {
  const claims = { sub: "ada", iat: issuedMs / 1000, exp: (issuedMs + lastsMs) / 1000, name: "Ä~?>" };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `head.${payload}.signature`;
}

function storage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

describe("a session", () => {
  it("outlives a reload of the tab, and ends where it is closed", () => {
    const kept = storage();
    const store = new SessionStore(kept, () => NOW);
    expect(store.open({ accessToken: token(NOW), refreshToken: "again" }, "ada@granary.example")).toBe(true);
    expect(new SessionStore(kept, () => NOW).get()).toEqual(store.get());
    store.close();
    expect(new SessionStore(kept, () => NOW).get()).toBeUndefined();
  });

  it("keeps its refresh token when it is refreshed", () => {
    const store = new SessionStore(storage(), () => NOW);
    store.open({ accessToken: token(NOW), refreshToken: "again" }, "ada@granary.example");
    store.open({ accessToken: token(NOW + HOUR) }, "ada@granary.example");
    expect(store.get()?.refreshToken).toBe("again");
  });

  it("goes by the bank's clock, wherever this machine's stands", () => {
    const store = new SessionStore(storage(), () => NOW);
    const days = 8 * 24 * HOUR;
    store.open({ accessToken: token(NOW + days), refreshToken: "again" }, "ada@granary.example");
    expect(store.bankNow()).toBe(NOW + days);
    expect(store.isStale()).toBe(false);
  });

  it("is stale shortly before its token ends", () => {
    let now = NOW;
    const store = new SessionStore(storage(), () => now);
    store.open({ accessToken: token(NOW), refreshToken: "again" }, "ada@granary.example");
    now = NOW + HOUR - 31_000;
    expect(store.isStale()).toBe(false);
    now = NOW + HOUR - 29_000;
    expect(store.isStale()).toBe(true);
  });

  it("is not taken up from what is no token, or from what was tampered with", () => {
    const kept = storage();
    expect(new SessionStore(kept).open({ accessToken: "x.y.z", refreshToken: "again" }, "ada")).toBe(false);
    kept.setItem("granary.console.session", '{"email":"ada"}');
    expect(new SessionStore(kept).get()).toBeUndefined();
    kept.setItem("granary.console.session", "{");
    expect(new SessionStore(kept).get()).toBeUndefined();
  });
});

it("claims are read from a token and from nothing else", () => {
  expect(claimsOf(token(NOW))).toEqual({ sub: "ada", issuedMs: NOW, expiresMs: NOW + HOUR });
  for (const broken of ["", "a", "a.b", "a.!!!.c", "a.e30.c"]) expect(claimsOf(broken), broken).toBeUndefined();
});
