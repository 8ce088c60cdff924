//! SQS on the wire: awsJson 1.0, with the older error codes in a header, as its clients expect them.

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::Value;

use super::{Sqs, batch, operations};
use crate::services::{
    arn,
    authorizer::Denied,
    fault::Fault,
    json::{self, Dialect},
    router::Principal,
};

const DIALECT: Dialect =
    Dialect { target: "AmazonSQS.", content_type: "application/x-amz-json-1.0", namespace: "com.amazonaws.sqs" };

/// No queue has that name.
pub(super) const NO_QUEUE: &str = "AWS.SimpleQueueService.NonExistentQueue";

/// Answers one call.
pub(super) fn handle(sqs: &Sqs, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
    let operation = DIALECT.operation(request).unwrap_or("without an AmazonSQS x-amz-target");
    match allowed(sqs, principal, operation, request.body())
        .and_then(|()| run(sqs, principal, operation, request.body()))
    {
        Ok(body) => json::respond(200, DIALECT.content_type, body),
        Err(fault) => refuse(&fault),
    }
}

fn run(sqs: &Sqs, principal: &Principal, operation: &str, body: &Bytes) -> Result<Bytes, Fault> {
    match operation {
        "SendMessage" => operations::send(sqs, principal, json::read(body)?),
        "SendMessageBatch" => batch::send(sqs, principal, json::read(body)?),
        "ReceiveMessage" => operations::receive(sqs, &json::read(body)?),
        "DeleteMessage" => operations::delete(sqs, &json::read(body)?),
        "DeleteMessageBatch" => batch::delete(sqs, &json::read(body)?),
        "ChangeMessageVisibility" => operations::change_visibility(sqs, &json::read(body)?),
        "ChangeMessageVisibilityBatch" => batch::change_visibility(sqs, &json::read(body)?),
        "GetQueueUrl" => operations::queue_url(sqs, &json::read(body)?),
        "GetQueueAttributes" => operations::queue_attributes(sqs, &json::read(body)?),
        "ListQueues" => operations::list(sqs, &json::read(body)?),
        "PurgeQueue" => operations::purge(sqs, &json::read(body)?),
        other => Err(Fault::unknown_operation("SQS", other)),
    }
}

fn allowed(sqs: &Sqs, principal: &Principal, operation: &str, body: &[u8]) -> Result<(), Fault> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |member| body.get(member).and_then(Value::as_str);
    let resource = match text("QueueUrl").or(text("QueueName")) {
        Some(queue) => arn::queue(arn::name(queue)),
        None => arn::queue("*"),
    };
    // A batch needs no permission of its own.
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    sqs.gate.allow(principal, &format!("sqs:{action}"), &resource).map_err(|denied| refused(&denied))
}

fn refused(denied: &Denied) -> Fault {
    Fault::with_status("AccessDenied", denied.message(), 403)
}

fn refuse(fault: &Fault) -> Response<Bytes> {
    // The JSON shape has the modern name, the header the code of the query protocol, which clients prefer.
    let name = match fault.code.as_ref() {
        NO_QUEUE => "QueueDoesNotExist",
        "AccessDenied" => "AccessDeniedException",
        code => code.strip_prefix("AWS.SimpleQueueService.").unwrap_or(code),
    };
    let mut response = DIALECT.refuse(&Fault { code: name.to_owned().into(), ..fault.clone() });
    let blame = if fault.is_senders() { "Sender" } else { "Receiver" };
    if let Ok(value) = HeaderValue::from_str(&format!("{};{blame}", fault.code)) {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
    response
}
