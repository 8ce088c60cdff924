import { useCallback, useSyncExternalStore } from "react";

import { useDoors } from "../session/context";

const TICK_MS = 1_000;

/** The bank's time, to the second. */
export function useBankNow(): number {
  const { store } = useDoors();
  const subscribe = useCallback((listener: () => void) => {
    const timer = setInterval(listener, TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return useSyncExternalStore(subscribe, () => Math.floor(store.bankNow() / TICK_MS) * TICK_MS);
}
