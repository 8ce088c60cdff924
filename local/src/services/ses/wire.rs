//! SES v2 on the wire (REST, JSON): SendEmail of what is written out in the request.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use serde::{Deserialize, Serialize};

use super::{MailFault, SentMail, Ses};
use crate::services::{
    arn::{self, REGION},
    clock,
    fault::Fault,
    json,
    router::Principal,
};

const SEND_EMAIL: &str = "/v2/email/outbound-emails";
const RECIPIENTS_MAX: usize = 50;
const TAG_CHARS_MAX: usize = 256;

/// Answers one call.
pub(super) fn handle(ses: &Ses, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
    let answer = match (request.method(), request.uri().path()) {
        (&Method::POST, SEND_EMAIL) => send_email(ses, principal, request.body()),
        (method, path) => Err(Fault::unknown_operation("SES", &format!("{method} {path}"))),
    };
    match answer {
        Ok(body) => json::respond(200, "application/json", body),
        Err(fault) => refuse(&fault),
    }
}

/// An error, its code in a header.
fn refuse(fault: &Fault) -> Response<Bytes> {
    let body = serde_json::json!({ "message": fault.message });
    let mut response = json::respond(fault.status, "application/json", Bytes::from(body.to_string()));
    if let Ok(code) = HeaderValue::from_str(&fault.code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Recipients,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Tag>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Recipients {
    #[serde(default)]
    to_addresses: Vec<String>,
    #[serde(default)]
    cc_addresses: Vec<String>,
    #[serde(default)]
    bcc_addresses: Vec<String>,
}

/// Neither raw messages nor templates are known here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Content {
    simple: Simple,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Simple {
    subject: Text,
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Text {
    data: String,
    charset: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    message_id: String,
}

fn bad_request(message: impl Into<String>) -> Fault {
    Fault::new("BadRequestException", message)
}

fn send_email(ses: &Ses, principal: &Principal, body: &[u8]) -> Result<Bytes, Fault> {
    let request: SendEmail = json::read(body).map_err(|fault| bad_request(fault.message))?;
    let from = request.from_email_address.unwrap_or_default();
    let sender = bare(&from);
    check_address(sender)?;
    let identity = ses.identity_of(sender);
    // What is asked for is the identity that is sent from; where there is none, that of the address itself.
    let asked_for = arn::mail_identity(identity.as_deref().unwrap_or(sender));
    let denied = |denied: &_| Fault { status: 403, ..Fault::denied(denied) };
    ses.gate.allow(principal, "ses:SendEmail", &asked_for).map_err(|it| denied(&it))?;
    if let Some(fault) = ses.fault() {
        return Err(told(fault));
    }

    let Recipients { to_addresses, cc_addresses, bcc_addresses } = request.destination;
    let to: Vec<String> = [to_addresses, cc_addresses, bcc_addresses].concat();
    if !(1..=RECIPIENTS_MAX).contains(&to.len()) {
        return Err(bad_request(format!("A mail has between 1 and {RECIPIENTS_MAX} recipients.")));
    }
    to.iter().try_for_each(|it| check_address(bare(it)))?;
    let Simple { subject, body } = request.content.simple;
    let subject = said(subject)?;
    let (text, html) = (body.text.map(said).transpose()?, body.html.map(said).transpose()?);
    if text.is_none() && html.is_none() {
        return Err(bad_request("A mail says something, as text, as HTML or both."));
    }
    let tags = request.email_tags.into_iter().map(tag).collect::<Result<BTreeMap<_, _>, _>>()?;
    if identity.is_none() {
        return Err(Fault::new(
            "MessageRejected",
            format!(
                "Email address is not verified. The following identities failed the check in region {}: {from}",
                REGION.to_uppercase()
            ),
        ));
    }
    let mail = SentMail {
        message_id: format!("{}-000000", ses.engine.next_id()),
        from,
        to,
        subject,
        text,
        html,
        tags,
        sent_at: clock::milliseconds(ses.engine.now_ms()),
    };
    ses.keep(&mail)?;
    json::write(&Answer { message_id: mail.message_id })
}

fn told(fault: MailFault) -> Fault {
    let message = "as it was told to at /dev/mail/faults";
    let (code, status) = match fault {
        MailFault::MessageRejected => ("MessageRejected", 400),
        MailFault::BadRequestException => ("BadRequestException", 400),
        MailFault::TooManyRequestsException => ("TooManyRequestsException", 429),
        MailFault::LimitExceededException => ("LimitExceededException", 400),
        MailFault::SendingPausedException => ("SendingPausedException", 400),
        MailFault::InternalServiceErrorException => ("InternalServiceErrorException", 500),
    };
    Fault::with_status(code, message, status)
}

/// `Granary <welcome@granary.example>` without what is for people.
fn bare(address: &str) -> &str {
    let inner = address.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    inner.unwrap_or(address).trim()
}

fn check_address(address: &str) -> Result<(), Fault> {
    let Some((local, domain)) = address.rsplit_once('@') else { return Err(bad_request("Missing final '@domain'")) };
    let is_host = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '.';
    if domain.split('.').any(str::is_empty) || !domain.chars().all(is_host) {
        return Err(bad_request("Domain contains illegal character or starts or ends with a dot"));
    }
    if local.is_empty() || local.chars().any(|it| it.is_control() || it.is_whitespace()) || !local.is_ascii() {
        return Err(bad_request("Local address contains control or whitespace"));
    }
    Ok(())
}

fn said(text: Text) -> Result<String, Fault> {
    let is_known = text.charset.as_deref().is_none_or(|it| it.eq_ignore_ascii_case("UTF-8"));
    match (is_known, text.data.is_empty()) {
        (true, false) => Ok(text.data),
        (true, true) => Err(bad_request("An empty text says nothing.")),
        (false, _) => Err(bad_request("Only UTF-8 is known here.")),
    }
}

fn tag(Tag { name, value }: Tag) -> Result<(String, String), Fault> {
    let is_right = |text: &str| {
        let is_allowed = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
        (1..=TAG_CHARS_MAX).contains(&text.len()) && text.bytes().all(is_allowed)
    };
    if is_right(&name) && is_right(&value) {
        Ok((name, value))
    } else {
        Err(bad_request("A tag has letters, digits, underscores and hyphens, at most 256 of them."))
    }
}
