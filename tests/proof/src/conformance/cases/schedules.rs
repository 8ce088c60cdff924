//! EventBridge Scheduler: when it sends, and what.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName as System;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, holds, same},
    kit::system,
    target::Ask,
};

const TYPES: &str = "EventBridge Scheduler User Guide, Schedule types";
const CONTEXT: &str = "EventBridge Scheduler User Guide, Adding context attributes";

/// A schedule keeps its minute, and may begin a minute after it was made.
const MINUTES: Duration = Duration::from_secs(200);

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("Schedules: a rate comes again and again", TYPES, "every-minute", rate),
        case("Schedules: a single time comes once, when it is due", TYPES, "only-once", once),
        case("Schedules: what is sent says when it was due, and is told apart", CONTEXT, "every-minute", context),
    ]
}

/// What a schedule sent, and when, in seconds.
struct Sent {
    id: String,
    body: Value,
    at_s: i64,
}

/// Whoever is sent by a schedule knows of no question: so whatever comes is looked at, and left there.
async fn times(ask: &Ask, queue: &'static str, count: usize) -> Result<Vec<Sent>, Finding> {
    let seen = std::sync::Mutex::new(Vec::<Sent>::new());
    ask.eventually(&format!("{count} times"), MINUTES, || async {
        let messages = ask.receive(queue, 10).await?;
        for message in &messages {
            ask.hide(queue, message, 0).await?;
        }
        let Ok(mut seen) = seen.lock() else { return Ok(None) };
        for message in messages {
            let id = message.message_id().unwrap_or_default().to_owned();
            if seen.iter().all(|known| known.id != id) {
                let at_ms: i64 = system(&message, &System::SentTimestamp).parse()?;
                seen.push(Sent {
                    id,
                    body: serde_json::from_str(message.body().unwrap_or_default())?,
                    at_s: at_ms / 1_000,
                });
            }
        }
        Ok((seen.len() >= count).then_some(()))
    })
    .await?;
    Ok(seen.into_inner().unwrap_or_default())
}

fn seconds(time: &Value) -> Result<i64, Finding> {
    let text = time.as_str().unwrap_or_default();
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Finding::new(format!("{text:?} is no time")))?;
    Ok(at.unix_timestamp())
}

async fn rate(ask: Ask) -> Result<(), Finding> {
    let mut at: Vec<_> = times(&ask, "every-minute", 2).await?.iter().map(|sent| sent.at_s).collect();
    at.sort_unstable();
    let apart = at.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or_default();
    holds(&format!("{apart} s are a minute"), (55..=65).contains(&apart))
}

async fn once(ask: Ask) -> Result<(), Finding> {
    let sent = times(&ask, "only-once", 1).await?;
    let planned = seconds(&sent[0].body["planned"])?;
    let late = sent[0].at_s - planned;
    holds(&format!("{late} s after it was due is within the minute"), (0..60).contains(&late))?;
    ask.pass(Duration::from_secs(2)).await?;
    same("how often it came", times(&ask, "only-once", 1).await?.len(), 1)
}

async fn context(ask: Ask) -> Result<(), Finding> {
    let sent = times(&ask, "every-minute", 1).await?;
    let (body, at_s) = (&sent[0].body, sent[0].at_s);
    let late = at_s - seconds(&body["at"])?;
    holds(&format!("{late} s after it was due is within the minute"), (0..60).contains(&late))?;
    let execution = body["execution"].as_str().unwrap_or_default();
    holds(&format!("{execution:?} is an execution's id"), !execution.is_empty() && !execution.contains('<'))
}
