import { createContext, useContext, useEffect, useMemo, useRef, type ReactNode } from "react";

import { Sequence } from "./sequence";

/** A key, and what it does on the page at hand. */
export interface Shortcut {
  readonly keys: string;
  readonly does: string;
  readonly run: () => void;
}

type Registered = Map<symbol, readonly Shortcut[]>;

const KeysContext = createContext<Registered | undefined>(undefined);

/** Listens once for the whole console. */
export function Keys({ children }: { readonly children: ReactNode }) {
  const registered = useMemo<Registered>(() => new Map(), []);
  useEffect(() => {
    const sequence = new Sequence();
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTakenBy(event)) return;
      // The innermost registration wins: it was made last.
      const known = new Map([...registered.values()].flat().map((it) => [it.keys, it]));
      const pressed = sequence.press(event.key, event.timeStamp, new Set(known.keys()));
      const shortcut = pressed === undefined ? undefined : known.get(pressed);
      if (!shortcut) return;
      event.preventDefault();
      shortcut.run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [registered]);
  return <KeysContext value={registered}>{children}</KeysContext>;
}

/** Somebody types, a dialogue is open, or a button is to be pressed: then keys mean what they always mean. */
function isTakenBy(event: KeyboardEvent): boolean {
  if (document.querySelector('[role="dialog"]')) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("input, textarea, select, [role='listbox']")) return true;
  return event.key === "Enter" && target.closest("a, button, summary") !== null;
}

/** Adds keys for as long as the component is there. */
export function useKeys(shortcuts: readonly Shortcut[]): void {
  const registered = useContext(KeysContext);
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const shape = shortcuts.map((it) => `${it.keys}\n${it.does}`).join("\n\n");
  useEffect(() => {
    const id = Symbol("keys");
    const run = (keys: string) => () => latest.current.find((it) => it.keys === keys)?.run();
    const lines = shape === "" ? [] : shape.split("\n\n").map((it) => it.split("\n"));
    registered?.set(
      id,
      lines.map(([keys = "", does = ""]) => ({ keys, does, run: run(keys) })),
    );
    return () => {
      registered?.delete(id);
    };
  }, [registered, shape]);
}

/** What keys do right now. */
export function useShortcuts(): () => readonly Shortcut[] {
  const registered = useContext(KeysContext);
  return () => [...new Map([...(registered?.values() ?? [])].flat().map((it) => [it.keys, it])).values()];
}
