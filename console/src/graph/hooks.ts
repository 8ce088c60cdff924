import type { AnyVariables, CombinedError, TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useState } from "react";
import { useClient, useQuery } from "urql";

import { refusalOf, type Refusal } from "./refusals";

/** How often lists and files are asked for again while somebody looks at them. */
export const EVERY_MS = 3_000;

/** An answer that keeps itself fresh. */
export interface Polled<Data> {
  /** The latest that was answered, also while a newer one is on its way or failed to come. */
  readonly data: Data | undefined;
  readonly refusal: Refusal | undefined;
  readonly refresh: () => void;
}

/** Asks, and asks again while the page is looked at. */
export function usePolled<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  pause = false,
): Polled<Data> {
  const [{ data, error, operation }, execute] = useQuery<Data, Variables>({ query, variables, pause } as never);
  // Until an answer is there, what was asked before is still around: it answers something else.
  const isOther = operation !== undefined && JSON.stringify(operation.variables) !== JSON.stringify(variables);
  const refresh = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  useEffect(() => {
    if (pause) return undefined;
    const look = () => {
      if (document.visibilityState === "visible") refresh();
    };
    const timer = setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [pause, refresh]);
  return { data: isOther ? undefined : data, refusal: error && !isOther ? refusalOf(error) : undefined, refresh };
}

/** A mutation, and how the last attempt at it went. */
export interface Command<Input, Data> {
  /** Answers what it left, or `undefined` if it was refused: then `refusal` says why. */
  readonly run: (input: Input) => Promise<Data | undefined>;
  readonly isBusy: boolean;
  readonly refusal: Refusal | undefined;
  readonly forget: () => void;
}

/** A mutation of one input. Its answer is handed over and not kept: it may be something that was revealed. */
export function useCommand<Data, Input>(
  mutation: TypedDocumentNode<Data, { readonly input: Input }>,
): Command<Input, Data> {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<CombinedError>();
  const run = useCallback(
    async (input: Input) => {
      setError(undefined);
      setBusy(true);
      const result = await client.mutation(mutation, { input }).toPromise();
      setBusy(false);
      setError(result.error);
      return result.error ? undefined : result.data;
    },
    [client, mutation],
  );
  const forget = useCallback(() => setError(undefined), []);
  return { run, isBusy, refusal: error && refusalOf(error), forget };
}
