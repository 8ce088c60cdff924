//! In what the emulator (ministack 1.5.33) is known to differ from AWS's documentation. Nothing may stand here for our own engine.

use super::cases::Case;
use crate::Failed;

/// The question's name, and what the emulator does instead.
const KNOWN: &[(&str, &str)] = &[
    ("SNS delivery: an entry of a batch fails by itself", "it takes attributes whose value is empty"),
    ("EventBridge delivery: an event arrives in its envelope", "it puts its own time in the place of the entry's"),
    ("EventBridge delivery: an entry fails by itself", "it takes a detail that is no JSON"),
    (
        "Schedules: what is sent says when it was due, and is told apart",
        "it leaves context attributes as they are written",
    ),
    ("SQS refusals: a delay of more than 15 minutes", "it takes any delay"),
    ("SQS refusals: an entry of a batch fails by itself", "it takes any delay"),
    ("SQS refusals: hiding a message that is not in flight", "it answers as if it had hidden it"),
    ("SQS refusals: hiding for more than 12 hours", "it takes any visibility timeout"),
    ("SQS refusals: a deduplication id in a standard queue", "it ignores the id"),
    ("SQS FIFO: a group of more than 128 characters is refused", "it takes groups of any length"),
    ("Lambda and streams: bisecting finds the bad record and takes the others", BATCH_FOR_EVER),
    ("Lambda and streams: it begins again at the record that is reported", NO_REPORTS),
    ("Lambda and streams: of several reported records the first decides", NO_REPORTS),
    ("Lambda and streams: after the last try the batch is given up, and the next taken", BATCH_FOR_EVER),
    ("Lambda and streams: what was given up lies whole in the bucket", BATCH_FOR_EVER),
    ("States: the first choice that holds decides", "StringMatches knows no backslash"),
    ("States: a choice about what is not there is a runtime error", "it takes what is not there for false"),
    ("States: an execution that takes too long times out", "it does not look at TimeoutSeconds of a state machine"),
    ("States: an event is put on a bus", "it does not add the execution to the event's resources"),
    (
        "States: a start under the same name and input is the same execution while it runs",
        "it refuses the second start",
    ),
    ("Task tokens: a failure may be tried again, with another token", "every attempt has the same token"),
    ("Task tokens: a token that is none is refused", "it answers TaskDoesNotExist"),
    ("Task tokens: an answer that is no JSON is refused", "it takes any text"),
    ("Task tokens: whoever says nothing for too long is given up", "it does not look at HeartbeatSeconds"),
];

const BATCH_FOR_EVER: &str = "MaximumRetryAttempts and BisectBatchOnFunctionError are kept and not acted on";
const NO_REPORTS: &str = "ReportBatchItemFailures is not acted on for streams: what was reported is lost";

/// What is known of the emulator about a question.
pub fn of(name: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

/// Every name must be that of a question, or it would excuse nothing.
pub fn check(cases: &[Case]) -> Result<(), Failed> {
    match KNOWN.iter().find(|(known, _)| cases.iter().all(|case| case.name != *known)) {
        Some((name, _)) => Err(Failed::new(format!("known of no question: {name}"))),
        None => Ok(()),
    }
}
