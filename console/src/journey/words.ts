import type { ExecutionWaitReason } from "../graph/generated";

/** What a state stands still for, as short as a box allows. */
export const WAIT_SHORT: Readonly<Record<ExecutionWaitReason, string>> = {
  IDENTITY: "waits for identity",
  REVIEW: "waits for compliance",
  INFORMATION: "waits for an answer",
  ACCOUNTS: "waits for accounts",
  INSTRUCTIONS: "waits for addresses",
  PROVIDER: "calls a provider",
  OPERATOR: "parked",
};
