/** How long the second key of a pair may take. */
const PAIR_MS = 1_000;

/** Puts single keys together to what they mean: `j`, or the pair `g i`. */
export class Sequence {
  private first: { readonly key: string; readonly atMs: number } | undefined;

  /** Which of the known ones is complete with this key. */
  press(key: string, atMs: number, known: ReadonlySet<string>): string | undefined {
    const first = this.first && atMs - this.first.atMs <= PAIR_MS ? this.first.key : undefined;
    this.first = undefined;
    if (first !== undefined && known.has(`${first} ${key}`)) return `${first} ${key}`;
    if ([...known].some((it) => it.startsWith(`${key} `))) {
      this.first = { key, atMs };
      return undefined;
    }
    return known.has(key) ? key : undefined;
  }
}
