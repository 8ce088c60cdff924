import { cacheExchange, Client, fetchExchange } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";

import type { Pool } from "../session/cognito";
import { PoolRefused } from "../session/cognito";
import type { SessionStore } from "../session/store";

/** A client of the back office's graph that keeps its session alive, and ends it where the bank does. */
export function connect(url: string, pool: Pool, store: SessionStore): Client {
  return new Client({
    url,
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    exchanges: [
      cacheExchange,
      authExchange((utils) =>
        Promise.resolve({
          addAuthToOperation(operation) {
            const session = store.get();
            if (!session) return operation;
            return utils.appendHeaders(operation, { authorization: `Bearer ${session.accessToken}` });
          },
          willAuthError: () => store.isStale(),
          didAuthError: (error) => error.graphQLErrors.some((it) => it.extensions.code === "UNAUTHENTICATED"),
          refreshAuth: () => refresh(pool, store),
        }),
      ),
      fetchExchange,
    ],
  });
}

/** Only the pool's own refusal ends the session: one that cannot be reached may answer the next time. */
async function refresh(pool: Pool, store: SessionStore): Promise<void> {
  const session = store.get();
  if (!session) return;
  try {
    const tokens = await pool.refresh(session.refreshToken);
    if (store.get() === session && !store.open(tokens, session.email)) store.close();
  } catch (error) {
    const isOver = error instanceof PoolRefused && error.type === "NotAuthorizedException";
    if (isOver && store.get() === session) store.close();
  }
}
