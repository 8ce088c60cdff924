//! SNS on the wire: forms in, XML out.

use std::collections::HashSet;

use bytes::Bytes;
use http::{Request, Response};

use super::{
    Sns,
    query::{Form, invalid},
};
use crate::services::{
    arn,
    fault::Fault,
    json::respond,
    router::Principal,
    sqs::{MESSAGE_BYTES_MAX, Outgoing, message_bytes},
    xml,
};

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
const ENTRIES_MAX: usize = 10;

/// Answers one call.
pub(super) fn handle(sns: &Sns, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
    let mut form = Form::parse(request.body());
    let id = sns.engine.next_id().to_string();
    let action = form.get("Action").unwrap_or_default();
    form.get("Version");
    match run(sns, principal, &action, &mut form) {
        Ok(result) => respond(
            200,
            xml::CONTENT_TYPE,
            Bytes::from(format!(
                "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
             <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
            )),
        ),
        Err(fault) => {
            let blame = if fault.is_senders() { "Sender" } else { "Receiver" };
            let (code, message) = (xml::escape(&fault.code), xml::escape(&fault.message));
            respond(
                fault.status,
                xml::CONTENT_TYPE,
                Bytes::from(format!(
                    "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{blame}</Type><Code>{code}</Code>\
                 <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
                )),
            )
        }
    }
}

fn run(sns: &Sns, principal: &Principal, action: &str, form: &mut Form) -> Result<String, Fault> {
    match action {
        "Publish" => {
            let topic_arn = form.need("TopicArn")?;
            allow(sns, principal, &topic_arn)?;
            let message = message(form, "", principal)?;
            form.finish()?;
            let id = publish(sns, &topic_arn, &message)?;
            Ok(format!("<MessageId>{id}</MessageId>"))
        }
        "PublishBatch" => publish_batch(sns, principal, form),
        other => Err(Fault::new("InvalidAction", format!("The local SNS does not have the action {other}"))),
    }
}

fn publish_batch(sns: &Sns, principal: &Principal, form: &mut Form) -> Result<String, Fault> {
    const LIST: &str = "PublishBatchRequestEntries.member";
    let topic_arn = form.need("TopicArn")?;
    allow(sns, principal, &topic_arn)?;
    let members = form.members(LIST);
    if members.is_empty() {
        return Err(Fault::new("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if members.len() > ENTRIES_MAX {
        return Err(Fault::new(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        ));
    }
    let mut entries = Vec::with_capacity(members.len());
    for member in members {
        let prefix = format!("{LIST}.{member}.");
        let id = form.need(&format!("{prefix}Id"))?;
        entries.push((id, message(form, &prefix, principal)));
    }
    form.finish()?;
    if entries.iter().map(|(id, _)| id).collect::<HashSet<_>>().len() < entries.len() {
        return Err(Fault::new("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id."));
    }
    let bytes = entries.iter().filter_map(|(_, message)| message.as_ref().ok()).map(size).sum::<usize>();
    if bytes > MESSAGE_BYTES_MAX {
        return Err(Fault::new(
            "BatchRequestTooLong",
            "The length of all the batch messages put together is more than the limit.",
        ));
    }
    let (mut successful, mut failed) = (String::new(), String::new());
    for (id, message) in entries {
        let entry_id = xml::escape(&id);
        match message.and_then(|message| publish(sns, &topic_arn, &message)) {
            Ok(id) => successful.push_str(&format!("<member><Id>{entry_id}</Id><MessageId>{id}</MessageId></member>")),
            // A topic that is missing, or a failing engine, fails the call and not one of its entries.
            Err(fault) if fault.status != 400 => return Err(fault),
            Err(fault) => failed.push_str(&format!(
                "<member><Id>{entry_id}</Id><Code>{}</Code><Message>{}</Message><SenderFault>true</SenderFault></member>",
                xml::escape(&fault.code),
                xml::escape(&fault.message)
            )),
        }
    }
    Ok(format!("<Successful>{successful}</Successful><Failed>{failed}</Failed>"))
}

fn message(form: &mut Form, prefix: &str, sender: &Principal) -> Result<Outgoing, Fault> {
    let body = form.need(&format!("{prefix}Message"))?;
    let attributes = form.attributes(prefix);
    let group = form.get(&format!("{prefix}MessageGroupId"));
    let attributes = attributes?;
    let message = Outgoing { body, attributes, group, sender: sender.as_str().to_owned(), ..Outgoing::default() };
    if message.body.is_empty() {
        return Err(invalid("Empty message"));
    }
    if size(&message) > MESSAGE_BYTES_MAX {
        return Err(invalid("Message too long"));
    }
    Ok(message)
}

fn size(message: &Outgoing) -> usize {
    message_bytes(&message.body, &message.attributes)
}

fn publish(sns: &Sns, topic_arn: &str, message: &Outgoing) -> Result<String, Fault> {
    sns.publish(arn::name(topic_arn), message)?
        .ok_or_else(|| Fault::with_status("NotFound", "Topic does not exist", 404))
}

/// A batch needs no permission of its own.
fn allow(sns: &Sns, principal: &Principal, topic_arn: &str) -> Result<(), Fault> {
    sns.gate
        .allow(principal, "sns:Publish", topic_arn)
        .map_err(|denied| Fault::with_status("AuthorizationError", denied.message(), 403))
}
