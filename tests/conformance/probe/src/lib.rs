//! The function that the conformance suite feeds: it notes what it was given, and fails when its input tells it to.
//!
//! Records of a stream, messages of a queue and payloads of a task all say the same: whose `case` they are, how often they `fails`
//! (less than nothing: always), and `how`: by an error, or by naming themselves in a batch response. It knows nothing of the bank.

mod notes;

use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use lambda_kit::{Function, FunctionError, Handler};
use serde::Deserialize;
use serde_json::{Value, json};

use notes::Notes;

/// What a failing input fails with when it does not say.
const ERROR: &str = "Transient";

/// See the module.
pub const FUNCTION: Function = Function {
    name: "conformance-probe",
    init: |config, env| {
        Box::pin(async move {
            let notes = Arc::new(Notes::new(&config, env.get("HEARD")?));
            Ok(Arc::new(move |bytes: Bytes| {
                let notes = Arc::clone(&notes);
                Box::pin(async move {
                    let event: Value = lambda_kit::event(&bytes)?;
                    lambda_kit::answer(&answer(&notes, &event).await?)
                }) as BoxFuture<'static, _>
            }) as Handler)
        })
    },
};

/// One record, message or payload.
#[derive(Debug, Clone, Deserialize)]
struct Input {
    case: String,
    /// What tells it apart from the others of its case.
    #[serde(default)]
    n: i64,
    #[serde(default)]
    fails: i64,
    #[serde(default)]
    how: How,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    #[default]
    Throw,
    Report,
}

/// An input and what it is called where it came from.
struct Given {
    input: Input,
    identifier: String,
    /// What is noted about it.
    seen: Value,
}

async fn answer(notes: &Notes, event: &Value) -> Result<Value, FunctionError> {
    let Some(records) = event.get("Records").and_then(Value::as_array) else {
        let input: Input = read(event.clone())?;
        let seen = json!({ "n": input.n });
        let given = Given { input, identifier: String::new(), seen };
        work(notes, std::slice::from_ref(&given), false).await?;
        return Ok(json!({ "case": given.input.case, "n": given.input.n }));
    };
    let given = records.iter().map(given).collect::<Result<Vec<_>, _>>()?;
    // A queue's messages fail one by one; whoever reads a stream begins again at the first that failed.
    let from_queue = records.iter().any(|record| record["eventSource"] == "aws:sqs");
    let failed = work(notes, &given, from_queue).await?;
    let failed: Vec<_> = failed.iter().map(|identifier| json!({ "itemIdentifier": identifier })).collect();
    Ok(json!({ "batchItemFailures": failed }))
}

/// Takes what was given, one after the other, and answers what failed; an error fails all of it.
async fn work(notes: &Notes, all: &[Given], one_by_one: bool) -> Result<Vec<String>, FunctionError> {
    let mut failed = Vec::new();
    let mut thrown = None;
    for given in all {
        if !fails(notes, given).await? {
            continue;
        }
        match given.input.how {
            How::Report => failed.push(given.identifier.clone()),
            How::Throw => thrown = Some(given.input.error.clone().unwrap_or_else(|| ERROR.to_owned())),
        }
        if thrown.is_some() || !one_by_one {
            break;
        }
    }
    notes.heard(all, thrown.is_some()).await?;
    match thrown {
        Some(error) => Err(FunctionError::new(error, "as the input said")),
        None => Ok(failed),
    }
}

/// Whether it is still to fail.
async fn fails(notes: &Notes, given: &Given) -> Result<bool, FunctionError> {
    let input = &given.input;
    Ok(match input.fails {
        0 => false,
        ..0 => true,
        times => notes.count(&input.case, &format!("failure-{}", input.n)).await? <= times,
    })
}

fn given(record: &Value) -> Result<Given, FunctionError> {
    if record["eventSource"] == "aws:sqs" {
        let body = record["body"].as_str().unwrap_or_default();
        let input: Input = read(serde_json::from_str(body).unwrap_or_default())?;
        let seen = json!({
            "n": input.n,
            "receives": record["attributes"]["ApproximateReceiveCount"],
            "group": record["attributes"]["MessageGroupId"],
        });
        return Ok(Given { input, identifier: text(&record["messageId"]), seen });
    }
    let change = &record["dynamodb"];
    let image = [&change["NewImage"], &change["OldImage"]].into_iter().find(|image| image.is_object());
    let image = image.unwrap_or(&Value::Null);
    let number = |value: &Value| value["N"].as_str().and_then(|text| text.parse().ok()).unwrap_or_default();
    let input = Input {
        case: text(&change["Keys"]["pk"]["S"]),
        n: number(&change["Keys"]["sk"]),
        fails: number(&image["fails"]),
        how: if image["how"]["S"] == "report" { How::Report } else { How::Throw },
        error: None,
    };
    let seen = json!({
        "n": input.n,
        "event": record["eventName"],
        "new": change["NewImage"]["text"]["S"],
        "old": change["OldImage"]["text"]["S"],
        "view": change["StreamViewType"],
    });
    Ok(Given { input, identifier: text(&change["SequenceNumber"]), seen })
}

fn read(value: Value) -> Result<Input, FunctionError> {
    serde_json::from_value(value).map_err(|error| FunctionError::new("Invalid", error))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
