import type { CombinedError } from "@urql/core";

/** Why something was not done. */
export interface Refusal {
  /** The bank's stable code. */
  readonly code: string;
  /** What it means, in plain words. */
  readonly text: string;
  /** What to tell whoever looks after the bank. */
  readonly correlationId?: string;
}

/** Each code that the back office refuses with. A test holds this list against the schema's descriptions. */
export const TEXTS: Readonly<Record<string, string>> = {
  ACCOUNT_NOT_OPEN: "This customer has no account that holds this.",
  APPLICATION_UNKNOWN: "There is no such application, or what was written into it is no longer kept.",
  BAD_INPUT: "The bank could not make sense of that. Check what you entered.",
  CASE_AWAITS_CUSTOMER: "The customer has been asked something. Nothing can be decided until the answer is there.",
  CASE_CLOSED: "This case is closed: it was decided or withdrawn. Nothing more can be done in it.",
  CASE_FULL: "This case holds as many entries as a case may. It can only be decided now.",
  CASE_OWN: "This case is about yourself. Somebody else has to see to it.",
  CASE_TEXT_REUSED: "Something else was sent under the same id before. Send it once more.",
  CASE_UNKNOWN: "There is no such case.",
  CUSTOMER_ERASED: "This customer was forgotten. Nothing goes to them any more.",
  CUSTOMER_FROZEN: "This customer is frozen. Nothing comes in for them until that is lifted.",
  CUSTOMER_UNKNOWN: "There is no such customer.",
  CONFLICT: "Somebody else was faster. Look at what changed, then try again.",
  ERASURE_ALREADY_REQUESTED: "Somebody else had this customer erased before.",
  ERASURE_APPLICATION_RUNNING: "An application of this customer is under way. Nobody is erased before it has ended.",
  ERASURE_CASE_OPEN: "A case about this customer is open. It has to be decided first.",
  ERASURE_HAS_MONEY: "This customer has money with the bank, or interest is still to be paid.",
  ERASURE_OWN: "That is yourself. Somebody else has to see to it.",
  EXECUTION_NOT_PARKED: "Nothing is parked in this state any more. Somebody may have resumed or unwound it already.",
  EXECUTION_PAST_APPROVAL:
    "The application was approved. From there on it can only go forward, so it cannot be unwound.",
  EXECUTION_UNWINDING: "It is being undone already.",
  EXECUTION_UNKNOWN: "There is no such workflow.",
  FORBIDDEN: "Your group may not do that.",
  FREEZE_BY_POLICY: "A case ordered this freeze. Only what is decided there lifts it.",
  FREEZE_OWN: "That is yourself. Somebody else has to see to it.",
  FREEZE_REUSED: "Another freeze was ordered under the same id before. Send it once more.",
  FREEZE_UNKNOWN: "There is no such freeze.",
  FREEZES_FULL: "This customer has as many freezes as one may have. Lift one first.",
  INTERNAL: "Something went wrong on the bank's side. Nothing was lost; tell whoever looks after it.",
  NOT_FOUND: "There is nothing of that name.",
  RATE_LIMITED: "Too much is being asked of the bank right now. Try again later.",
  REASON_TOO_LONG: "The reason is too long: 500 characters at most.",
  REASON_TOO_SHORT: "Say why in at least ten characters. Auditors read it.",
  SUSPENSE_NOT_OWED: "This money left the bank. There is nothing to give to anybody.",
  SUSPENSE_OWN: "That is yourself. Somebody else has to see to it.",
  SUSPENSE_RELEASED: "This money was released to another customer before.",
  SUSPENSE_UNKNOWN: "Nothing of this id waits in suspense.",
  SUSPENSE_WAITS_FOR_OWNER: "This money waits for another customer, who was frozen. Nobody else gets it.",
  TEXT_EMPTY: "Write something first.",
  TEXT_TOO_LONG: "That is too long: 4000 characters at most.",
  TEXT_UNKNOWN: "There is no such text, or it is no longer kept.",
  UNAUTHENTICATED: "Your session has ended. Log in again.",
  UNAVAILABLE: "The bank cannot do that right now. Try again in a moment.",
  UNREACHABLE: "The bank cannot be reached. What you entered is still here; try again in a moment.",
};

/** What an error of the graph means. */
export function refusalOf(error: CombinedError): Refusal {
  const told = error.graphQLErrors[0];
  if (!told) return { code: "UNREACHABLE", text: textOf("UNREACHABLE", "") };
  const { code, correlationId } = told.extensions;
  const known = typeof code === "string" ? code : "INTERNAL";
  const refusal = { code: known, text: textOf(known, told.message) };
  return typeof correlationId === "string" ? { ...refusal, correlationId } : refusal;
}

/** An unknown code is newer than this page: the bank's own words are better than none. */
function textOf(code: string, message: string): string {
  const text = TEXTS[code];
  if (text !== undefined) return text;
  return message === "" ? code : `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
