//! What the function notes, for whoever asks it questions.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue as Attr, ReturnValue},
};
use lambda_kit::FunctionError;
use serde_json::{Value, json};

use super::Given;

/// The table of notes: a case's invocations in their order, and its counters.
pub(super) struct Notes {
    client: Client,
    table: String,
}

impl Notes {
    pub(super) fn new(config: &aws_types::SdkConfig, table: &str) -> Self {
        Self { client: Client::new(config), table: table.to_owned() }
    }

    /// Adds one to a counter of a case, and answers what it then is.
    pub(super) async fn count(&self, case: &str, what: &str) -> Result<i64, FunctionError> {
        let counted = self.client.update_item().table_name(&self.table).key("pk", text(case)).key("sk", text(what));
        let counted = counted
            .update_expression("ADD #n :one")
            .expression_attribute_names("#n", "n")
            .expression_attribute_values(":one", Attr::N("1".to_owned()))
            .return_values(ReturnValue::UpdatedNew);
        let counted = counted.send().await.map_err(|error| failed(&error))?;
        let counted = counted.attributes().and_then(|it| it.get("n")?.as_n().ok()?.parse().ok());
        counted.ok_or_else(|| FunctionError::new("Bug", "a counter without a number"))
    }

    /// Notes an invocation, once for each case that had a part in it.
    pub(super) async fn heard(&self, all: &[Given], thrown: bool) -> Result<(), FunctionError> {
        let mut cases: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for given in all {
            cases.entry(&given.input.case).or_default().push(&given.seen);
        }
        for (case, seen) in cases {
            let number = self.count(case, "invocations").await?;
            let note = json!({ "seen": seen, "batch": all.len(), "thrown": thrown });
            let put = self.client.put_item().table_name(&self.table).item("pk", text(case));
            let put = put.item("sk", text(&format!("heard-{number:06}"))).item("note", text(&note.to_string()));
            put.send().await.map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}

fn text(value: &str) -> Attr {
    Attr::S(value.to_owned())
}

fn failed(error: &(dyn std::error::Error + 'static)) -> FunctionError {
    FunctionError::new("Notes", lambda_kit::sqs::chain(error))
}
