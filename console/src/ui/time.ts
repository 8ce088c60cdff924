const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its two largest units, such as `2 d 4 h`. */
export function span(ms: number): string {
  const of = Math.abs(ms);
  if (of < MINUTE) return `${Math.floor(of / 1000)} s`;
  if (of < HOUR) return `${Math.floor(of / MINUTE)} min`;
  if (of < DAY) return two(of, HOUR, "h", MINUTE, "min");
  return two(of, DAY, "d", HOUR, "h");
}

function two(of: number, large: number, ofLarge: string, small: number, ofSmall: string): string {
  const rest = Math.floor((of % large) / small);
  return `${Math.floor(of / large)} ${ofLarge}${rest > 0 ? ` ${rest} ${ofSmall}` : ""}`;
}

const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "UTC",
});
const DAY_OF = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** The bank's days and times are UTC for everybody who works here. */
export const moment = (at: string): string => `${DATE.format(new Date(at))} UTC`;
export const clock = (at: string): string => CLOCK.format(new Date(at));
export const day = (at: string): string => DAY_OF.format(new Date(at));

/** How pressing something is. */
export type Tone = "red" | "amber" | "green" | "blue" | "grey";

/** How a case stands with its due date. */
export interface Sla {
  readonly tone: Tone;
  readonly text: string;
  readonly isOverdue: boolean;
}

/** Below this share of its time a case is pressing. */
const PRESSING_SHARE = 0.25;

/** A case that is closed has no due date any more. */
export function slaOf(
  review: { readonly dueAt: string; readonly openedAt: string; readonly closedAt: string | null },
  nowMs: number,
): Sla {
  if (review.closedAt !== null) return { tone: "grey", text: "closed", isOverdue: false };
  const due = Date.parse(review.dueAt);
  const left = due - nowMs;
  if (left <= 0) return { tone: "red", text: `overdue by ${span(left)}`, isOverdue: true };
  const whole = due - Date.parse(review.openedAt);
  return { tone: left < whole * PRESSING_SHARE ? "amber" : "green", text: `${span(left)} left`, isOverdue: false };
}
