//! Mail by SES.

use app::ports::{Mail, Mails, PortError};
use async_trait::async_trait;
use aws_sdk_sesv2::{
    Client,
    error::{ProvideErrorMetadata as _, SdkError},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag},
};
use secrecy::ExposeSecret as _;

use crate::error::{is_throttled, port, unbuilt};

const SEND: &str = "send a mail";

/// Mails from one address.
#[derive(Debug, Clone)]
pub struct SesMails {
    client: Client,
    from: String,
}

impl SesMails {
    /// From an address of an identity that SES has verified: `Granary <welcome@granary.example>`.
    #[must_use]
    pub fn new(client: Client, from: impl Into<String>) -> Self {
        Self { client, from: from.into() }
    }
}

#[async_trait]
impl Mails for SesMails {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
        let unbuilt = |error| unbuilt(SEND, error);
        let body = Body::builder()
            .text(text(mail.text.expose_secret()).map_err(unbuilt)?)
            .html(text(mail.html.expose_secret()).map_err(unbuilt)?)
            .build();
        let message = Message::builder().subject(text(mail.subject).map_err(unbuilt)?).body(body).build();
        let tags = mail.tags.iter().map(|(name, value)| MessageTag::builder().name(*name).value(value).build());
        let sent = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(mail.to.expose_secret()).build())
            .content(EmailContent::builder().simple(message).build())
            .set_email_tags(Some(tags.collect::<Result<_, _>>().map_err(unbuilt)?))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}

/// What SES says of a failure may hold the address, so of what it answers only the code goes on.
fn failure<R: std::fmt::Debug + 'static>(error: &SdkError<SendEmailError, R>) -> PortError {
    let Some(answer) = error.as_service_error() else { return port(SEND, error) };
    if is_throttled(error) {
        return PortError::Throttled { attempted: SEND };
    }
    let reason = answer.code().unwrap_or("no code").into();
    if is_refused(answer) {
        PortError::Refused { attempted: SEND, reason }
    } else {
        PortError::Unavailable { attempted: SEND, reason }
    }
}

/// Whether this mail is not taken, whenever it comes. An identity that is not verified, like an account that may not send, is our own
/// affair and is mended: no customer is to miss a mail for it.
fn is_refused(answer: &SendEmailError) -> bool {
    let is_ours = answer.message().is_some_and(|it| it.starts_with("Email address is not verified"));
    (answer.is_message_rejected() && !is_ours) || answer.is_bad_request_exception()
}
