import { useCallback, useRef } from "react";

/**
 * Picks the id under which something is sent, and keeps it for as long as that is the same: what is sent once more after a lost
 * answer counts once. Other words are something else, and get an id of their own.
 */
export class PickedId {
  private last: { readonly of: string; readonly id: string } | undefined;

  constructor(private readonly draw: () => string = () => crypto.randomUUID()) {}

  of(content: string): string {
    if (this.last?.of !== content) this.last = { of: content, id: this.draw() };
    return this.last.id;
  }

  /** It arrived. The same words again are meant as something new. */
  arrived(): void {
    this.last = undefined;
  }
}

/** One for as long as the page is there: closing a form and opening it again sends the same words under the same id. */
export function usePickedId(): Pick<PickedId, "of" | "arrived"> {
  const picked = useRef<PickedId>(null);
  const get = useCallback(() => (picked.current ??= new PickedId()), []);
  return { of: useCallback((content) => get().of(content), [get]), arrived: useCallback(() => get().arrived(), [get]) };
}
