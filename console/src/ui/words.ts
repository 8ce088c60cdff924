import type {
  ApplicationStatus,
  CustomerStatus,
  ExecutionStateStatus,
  ExecutionStatus,
  ExecutionWaitReason,
  FreezeSide,
  LegalGround,
  PersonalDataClass,
  ReviewEventKind,
  ReviewOutcome,
  ReviewReason,
  ReviewStatus,
  ScreeningCheck,
  StaffGroup,
  WorkflowStepName,
  WorkflowStepStatus,
} from "../graph/generated";
import type { Tone } from "./time";

/** What something is called, and how it is coloured. */
export interface Word {
  readonly text: string;
  readonly tone: Tone;
}

const word = (text: string, tone: Tone = "grey"): Word => ({ text, tone });

export const REVIEW_STATUS: Readonly<Record<ReviewStatus, Word>> = {
  OPEN: word("Open", "blue"),
  AWAITS_CUSTOMER: word("Awaits customer", "amber"),
  DECIDED: word("Decided"),
  WITHDRAWN: word("Withdrawn"),
};

export const OUTCOME: Readonly<Record<ReviewOutcome, Word>> = {
  APPROVED: word("Approved", "green"),
  DECLINED: word("Declined", "red"),
};

export const REASON: Readonly<Record<ReviewReason, Word>> = {
  SANCTIONS: word("Sanctions", "red"),
  FRAUD: word("Fraud", "red"),
  PEP: word("Politically exposed", "amber"),
  RISK: word("Not cleared", "amber"),
};

export const CHECK: Readonly<Record<ScreeningCheck, string>> = {
  SANCTIONS: "Sanctions lists",
  PEP: "Politically exposed people",
  FRAUD: "Fraud and other crimes",
};

export const EVENT: Readonly<Record<ReviewEventKind, Word>> = {
  OPENED: word("Case opened", "blue"),
  ASSIGNED: word("Assigned"),
  NOTE_ADDED: word("Note"),
  INFORMATION_REQUESTED: word("Customer was asked", "amber"),
  INFORMATION_RECEIVED: word("Customer answered", "blue"),
  APPROVAL_GIVEN: word("Would approve", "green"),
  DECLINE_GIVEN: word("Would decline", "red"),
  DECIDED: word("Decided", "blue"),
  ESCALATED: word("Escalated", "red"),
  WITHDRAWN: word("Withdrawn"),
};

export const APPLICATION_STATUS: Readonly<Record<ApplicationStatus, Word>> = {
  SUBMITTED: word("Submitted", "blue"),
  IDENTITY_CHECK: word("Identity check", "blue"),
  SCREENING: word("Screening", "blue"),
  IN_REVIEW: word("In review", "amber"),
  INFORMATION_NEEDED: word("Information needed", "amber"),
  APPROVED: word("Approved", "green"),
  DECLINED: word("Declined", "red"),
  EXPIRED: word("Expired"),
};

export const CUSTOMER_STATUS: Readonly<Record<CustomerStatus, Word>> = {
  SIGNED_UP: word("Signed up"),
  APPLYING: word("Applying", "blue"),
  ACTIVE: word("Active", "green"),
  FROZEN: word("Frozen", "red"),
  ERASED: word("Erased"),
};

/** Which way money does not move. */
export const SIDE: Readonly<Record<FreezeSide, string>> = {
  DEBITS: "what they ask for",
  CREDITS: "what comes in",
  BOTH: "both ways",
};

/** What is kept of a customer. */
export const PERSONAL_DATA: Readonly<Record<PersonalDataClass, string>> = {
  IDENTITY: "Who they are",
  CONTACT: "How they are reached",
  CASE: "What cases say about them",
  PAYMENT: "Who paid them",
};

export const LEGAL_GROUND: Readonly<Record<LegalGround, string>> = {
  MONEY_LAUNDERING: "Money Laundering Regulations 2017, regulation 40",
};

export const STEP: Readonly<Record<WorkflowStepName, string>> = {
  SUBMISSION: "Submission",
  IDENTITY_CHECK: "Identity check",
  REVIEW: "Provider's review",
  SCREENING: "Screening",
  COMPLIANCE_REVIEW: "Compliance review",
  DECISION: "Decision",
  ACCOUNTS: "Accounts",
  DEPOSIT_INSTRUCTIONS: "Deposit instructions",
  WELCOME: "Welcome mail",
};

export const STEP_STATUS: Readonly<Record<WorkflowStepStatus, Word>> = {
  RUNNING: word("under way", "blue"),
  DONE: word("done", "green"),
  SKIPPED: word("skipped", "amber"),
  FAILED: word("ended the journey", "red"),
};

export const EXECUTION_STATUS: Readonly<Record<ExecutionStatus, Word>> = {
  RUNNING: word("Running", "blue"),
  SUCCEEDED: word("Finished", "green"),
  FAILED: word("Failed", "red"),
  TIMED_OUT: word("Timed out", "red"),
  ABORTED: word("Aborted", "red"),
};

export const STATE_STATUS: Readonly<Record<ExecutionStateStatus, Word>> = {
  ACTIVE: word("here now", "blue"),
  PASSED: word("passed", "green"),
  FAILED: word("failed", "red"),
};

/** What an execution stands still for. */
export const WAIT: Readonly<Record<ExecutionWaitReason, string>> = {
  IDENTITY: "The customer is to prove who they are at the identity provider.",
  REVIEW: "Compliance is to decide the case.",
  INFORMATION: "The customer is to answer what compliance asked.",
  ACCOUNTS: "The ledger is opening the accounts.",
  INSTRUCTIONS: "The custodian and the bank partner are to say where the customer pays in.",
  PROVIDER: "A provider is being called.",
  OPERATOR: "A step failed for good. It is parked until somebody of operations resumes or unwinds it.",
};

export const GROUP: Readonly<Record<StaffGroup, string>> = {
  COMPLIANCE: "compliance",
  OPERATIONS: "operations",
  AUDITOR: "auditor",
};
