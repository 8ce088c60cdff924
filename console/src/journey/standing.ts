import type { ExecutionFileFragment } from "../graph/generated";
import type { Step } from "./definition";

/** How a state looks in the picture. */
export type Standing = "idle" | "passed" | "active" | "waiting" | "parked" | "failed";

type Execution = Pick<ExecutionFileFragment, "states" | "waits" | "status">;

/** Every state that was entered, and how it stands now. */
export function standings(execution: Execution): ReadonlyMap<string, Standing> {
  const standing = new Map<string, Standing>();
  for (const { name, status } of execution.states) {
    standing.set(name, status === "PASSED" ? "passed" : status === "FAILED" ? "failed" : "active");
  }
  for (const wait of execution.waits) standing.set(wait.state, wait.for === "OPERATOR" ? "parked" : "waiting");
  return standing;
}

/** Whether a line was followed, as far as what was entered and left tells: both ends were there, in this order and way. */
export function isFollowed(step: Step, execution: Execution): boolean {
  const from = execution.states.find((it) => it.name === step.from);
  const to = execution.states.find((it) => it.name === step.to);
  if (!from || !to || from.leftAt === null) return false;
  const lastOf = (state: typeof to) => Date.parse(state.leftAt ?? state.enteredAt);
  if (Math.max(lastOf(to), Date.parse(to.enteredAt)) < Date.parse(from.enteredAt)) return false;
  // A state that was left once, and well, did not go where only an error leads.
  if (step.way === "catch") return from.status === "FAILED" || from.error !== null || from.entered > 1;
  return from.status !== "FAILED";
}
