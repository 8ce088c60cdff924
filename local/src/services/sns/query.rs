//! The query protocol's form bodies: `PublishBatchRequestEntries.member.1.Id=…`.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::services::{
    fault::Fault,
    sqs::{AttributeValue, Attributes, MessageAttribute},
};

/// A form whose every field must be asked for, so that nothing is silently ignored.
pub(super) struct Form {
    fields: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl Form {
    pub fn parse(body: &[u8]) -> Self {
        Self { fields: form_urlencoded::parse(body).into_owned().collect(), used: BTreeSet::new() }
    }

    /// A field that may be there.
    pub fn get(&mut self, name: &str) -> Option<String> {
        let value = self.fields.get(name)?;
        self.used.insert(name.to_owned());
        Some(value.clone())
    }

    /// A field that must be there.
    pub fn need(&mut self, name: &str) -> Result<String, Fault> {
        self.get(name).ok_or_else(|| invalid(&format!("{name} is required")))
    }

    /// The numbers of a list's members, in order.
    pub fn members(&self, list: &str) -> Vec<u32> {
        let prefix = format!("{list}.");
        let numbers: BTreeSet<u32> =
            self.fields.keys().filter_map(|name| name.strip_prefix(&prefix)?.split('.').next()?.parse().ok()).collect();
        numbers.into_iter().collect()
    }

    /// The message attributes under `prefix` (empty, or an entry's path with its dot).
    pub fn attributes(&mut self, prefix: &str) -> Result<Attributes, Fault> {
        let list = format!("{prefix}MessageAttributes.entry");
        let mut fields = Vec::new();
        // All are read before one is refused, so that a bad entry of a batch leaves nothing unread.
        for number in self.members(&list) {
            let entry = format!("{list}.{number}");
            let name = self.need(&format!("{entry}.Name"))?;
            let data_type = self.need(&format!("{entry}.Value.DataType"))?;
            let text = self.get(&format!("{entry}.Value.StringValue"));
            let bytes = self.get(&format!("{entry}.Value.BinaryValue"));
            fields.push((name, data_type, text, bytes));
        }
        fields.into_iter().map(|(name, data_type, text, bytes)| attribute(name, data_type, text, bytes)).collect()
    }

    /// Refuses a form with fields that nobody asked for.
    pub fn finish(&self) -> Result<(), Fault> {
        match self.fields.keys().find(|name| !self.used.contains(*name)) {
            Some(name) => Err(invalid(&format!("{name} is not supported by the local SNS"))),
            None => Ok(()),
        }
    }
}

fn attribute(
    name: String,
    data_type: String,
    text: Option<String>,
    bytes: Option<String>,
) -> Result<(String, MessageAttribute), Fault> {
    let kind = data_type.split('.').next().unwrap_or_default();
    let value = match (kind, text, bytes) {
        ("String" | "Number", Some(text), None) if !text.is_empty() => AttributeValue::Text(text),
        ("Binary", None, Some(bytes)) => AttributeValue::Binary(
            STANDARD.decode(bytes).map_err(|_| invalid(&format!("The attribute {name} is not base64")))?,
        ),
        _ => {
            return Err(Fault::new(
                "ParameterValueInvalid",
                format!("The message attribute '{name}' must contain a non-empty value of its type '{data_type}'."),
            ));
        }
    };
    Ok((name, MessageAttribute { data_type, value }))
}

/// A parameter that is wrong.
pub(super) fn invalid(what: &str) -> Fault {
    Fault::new("InvalidParameter", format!("Invalid parameter: {what}"))
}
