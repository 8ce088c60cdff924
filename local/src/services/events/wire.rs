//! EventBridge on the wire: PutEvents, each entry by itself.

use bytes::Bytes;
use http::{Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Envelope, Events};
use crate::services::{
    arn::{self, ACCOUNT, REGION},
    clock,
    fault::Fault,
    json::{self, Dialect},
    router::Principal,
};

const DIALECT: Dialect = Dialect {
    target: "AWSEvents.",
    content_type: "application/x-amz-json-1.1",
    namespace: "com.amazonaws.eventbridge",
};

const ENTRIES_MAX: usize = 10;
const ENTRY_BYTES_MAX: usize = 1_048_576;

/// Answers one call.
pub(super) fn handle(events: &Events, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
    DIALECT.respond(match DIALECT.operation(request).unwrap_or("without an AWSEvents x-amz-target") {
        "PutEvents" => put_events(events, principal, request.body()),
        other => Err(Fault::unknown_operation("EventBridge", other)),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    /// Seconds since the epoch, as the JSON protocols write time.
    time: Option<f64>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    detail_type: String,
    #[serde(default)]
    detail: String,
    event_bus_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    failed_entry_count: usize,
    entries: Vec<Outcome>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    #[serde(rename_all = "PascalCase")]
    Taken { event_id: String },
    #[serde(rename_all = "PascalCase")]
    Failed { error_code: String, error_message: String },
}

fn put_events(events: &Events, principal: &Principal, body: &[u8]) -> Result<Bytes, Fault> {
    let request: PutEvents = json::read(body)?;
    if !(1..=ENTRIES_MAX).contains(&request.entries.len()) {
        return Err(Fault::new(
            "ValidationException",
            format!(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: \
                 Member must have length between 1 and {ENTRIES_MAX}"
            ),
        ));
    }
    let size = request.entries.iter().map(Entry::bytes).sum::<usize>();
    if size > ENTRY_BYTES_MAX {
        return Err(Fault::new("ValidationException", "Total size of the entries in the request is over the limit."));
    }
    for entry in &request.entries {
        let bus = arn::bus(entry.bus());
        events.gate.allow(principal, "events:PutEvents", &bus).map_err(|denied| Fault::denied(&denied))?;
    }
    let mut entries = Vec::with_capacity(request.entries.len());
    for entry in request.entries {
        let bus = entry.bus().to_owned();
        entries.push(match entry.into_envelope(events) {
            Ok(envelope) if events.put(&bus, &envelope)? => Outcome::Taken { event_id: envelope.id },
            Ok(_) => failed(&Fault::new("ResourceNotFoundException", format!("Event bus {bus} does not exist."))),
            Err(fault) => failed(&fault),
        });
    }
    let failed_entry_count = entries.iter().filter(|entry| matches!(entry, Outcome::Failed { .. })).count();
    json::write(&Answer { failed_entry_count, entries })
}

fn failed(fault: &Fault) -> Outcome {
    Outcome::Failed { error_code: fault.code.to_string(), error_message: fault.message.clone() }
}

impl Entry {
    fn bus(&self) -> &str {
        arn::name(self.event_bus_name.as_deref().unwrap_or("default"))
    }

    fn bytes(&self) -> usize {
        let time = if self.time.is_some() { 14 } else { 0 };
        [&self.source, &self.detail_type, &self.detail]
            .into_iter()
            .chain(&self.resources)
            .map(String::len)
            .sum::<usize>()
            + time
    }

    fn into_envelope(self, events: &Events) -> Result<Envelope, Fault> {
        for (name, value) in [("Source", &self.source), ("DetailType", &self.detail_type), ("Detail", &self.detail)] {
            if value.is_empty() {
                return Err(Fault::new(
                    "InvalidArgument",
                    format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
                ));
            }
        }
        if self.source.starts_with("aws.") {
            return Err(Fault::new("NotAuthorizedForSourceException", "Not authorized for the source."));
        }
        let malformed = || Fault::new("MalformedDetail", "Detail is malformed.");
        let detail: Box<RawValue> = serde_json::from_str(&self.detail).map_err(|_| malformed())?;
        if !detail.get().starts_with('{') {
            return Err(malformed());
        }
        let at_ms = match self.time {
            None => events.engine.now_ms(),
            Some(seconds) => std::time::Duration::try_from_secs_f64(seconds)
                .ok()
                .and_then(|since| i64::try_from(since.as_millis()).ok())
                .ok_or_else(|| Fault::new("InvalidArgument", "Parameter Time is not valid."))?,
        };
        Ok(Envelope {
            version: "0",
            id: events.engine.next_id().to_string(),
            detail_type: self.detail_type,
            source: self.source,
            account: ACCOUNT,
            time: clock::seconds(at_ms),
            region: REGION,
            resources: self.resources,
            detail,
        })
    }
}
