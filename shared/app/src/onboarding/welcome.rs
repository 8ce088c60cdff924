use std::sync::Arc;

use contracts::tasks::{MailKind, MailOutcome, Mailed, SendMail};
use domain::{
    ids::{ApplicationId, CustomerId},
    onboarding::{
        Moment,
        application::{ApplicationCommand, ApplicationError, Submission, Undeliverable, Welcome, decide},
        content::ApplicationContent,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Of, OnboardingError, ask, load, submission_of};
use crate::{
    commit::Cause,
    identity::email_reference,
    ports::{Mail, Mails, PortError, Reader, Vault},
    streams::Streams,
};

const SUBJECT: &str = "Welcome to Granary";
const TEXT: &str = include_str!("welcome/welcome.txt");
const HTML: &str = include_str!("welcome/welcome.html");
/// Where the templates have the given names.
const NAME: &str = "{{name}}";

/// Welcomes customers by mail, each once: what became of the mail is in the application's stream, and is looked for there before one is
/// sent. Who delivers mails knows no repeats, so whoever dies between the two sends another.
#[derive(Clone)]
pub struct WelcomeMails {
    /// The context's streams.
    pub streams: Streams,
    /// Where addresses and names are.
    pub vault: Arc<dyn Vault>,
    /// Who delivers.
    pub mails: Arc<dyn Mails>,
    /// Who reads the vault here, for its audit log.
    pub reader: &'static str,
}

impl WelcomeMails {
    /// Sends what a workflow asks for. That it reaches nobody is an answer, and no error: nobody waits for an account because of it.
    ///
    /// # Errors
    /// See [`OnboardingError`]. Asking again is safe.
    pub async fn send(&self, call: &SendMail, cause: &Cause) -> Result<Mailed, OnboardingError> {
        let MailKind::Welcome = call.mail;
        let of = Of { customer: CustomerId::new(call.customer), application: ApplicationId::new(call.application) };
        let loaded = load(&self.streams, of.customer).await?;
        let submission = submission_of(&loaded, of.application)?;
        if let Some(welcome) = submission.welcome {
            return Ok(mailed(welcome));
        }
        let welcomed = ApplicationCommand::NoteWelcomed { application: of.application };
        decide(&loaded.state, &welcomed, Moment::of(self.streams.now()))?; // Whether it may be noted, before it is sent.
        let news = match self.deliver(of, &submission).await? {
            None => welcomed,
            Some(reason) => {
                tracing::warn!(application = %of.application, ?reason, "the welcome reaches nobody");
                ApplicationCommand::NoteUndeliverable { application: of.application, reason }
            }
        };
        let noted = submission_of(&ask(&self.streams, of.customer, &news, cause).await?, of.application)?;
        // Of two that sent at the same time, both answer what was noted first.
        Ok(mailed(noted.welcome.ok_or(ApplicationError::NotReady)?))
    }

    /// Reads what is needed and hands the mail over; answers why it reaches nobody, if so.
    async fn deliver(&self, of: Of, submission: &Submission) -> Result<Option<Undeliverable>, OnboardingError> {
        let why = format!("a mail welcomes the customer of application {}", of.application);
        let reader = Reader { who: self.reader.to_owned(), why };
        // Personal data that is gone is no failure here: whoever was forgotten meanwhile gets no mail.
        let to = match self.vault.open(&email_reference(of.customer)?, &reader).await {
            Ok(to) => to,
            Err(PortError::Missing { .. }) => return Ok(Some(Undeliverable::NoAddress)),
            Err(PortError::Erased { .. }) => return Ok(Some(Undeliverable::Erased)),
            Err(error) => return Err(error.into()),
        };
        let content = match self.vault.open(&submission.content, &reader).await {
            Ok(content) => ApplicationContent::from_vault(&content)?,
            Err(PortError::Erased { .. }) => return Ok(Some(Undeliverable::Erased)),
            Err(error) => return Err(error.into()),
        };
        match self.mails.send(&written(to, &content.first_name(), of.application)).await {
            Ok(()) => Ok(None),
            Err(error @ PortError::Refused { .. }) => {
                let reason = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(application = %of.application, reason, "a mail was refused");
                Ok(Some(Undeliverable::Refused))
            }
            Err(error) => Err(error.into()),
        }
    }
}

const fn mailed(welcome: Welcome) -> Mailed {
    let outcome = match welcome.undeliverable {
        None => MailOutcome::Sent,
        Some(_) => MailOutcome::Undeliverable,
    };
    Mailed { outcome }
}

fn written(to: SecretString, name: &SecretString, application: ApplicationId) -> Mail {
    let name = name.expose_secret();
    Mail {
        to,
        subject: SUBJECT,
        text: SecretString::from(TEXT.replace(NAME, name)),
        html: SecretString::from(HTML.replace(NAME, &escaped(name))),
        tags: vec![("mail", "welcome".to_owned()), ("application", application.to_string())],
    }
}

/// What somebody calls themselves is text in the HTML and nothing else.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_in_the_html_and_nothing_else() {
        let application = ApplicationId::new(uuid::Uuid::nil());
        let name = SecretString::from("Bob <a href=\"x\">& 'Co'{{name}}");
        let mail = written(SecretString::from("bob@example.com"), &name, application);
        let (text, html) = (mail.text.expose_secret(), mail.html.expose_secret());
        assert!(text.starts_with("Dear Bob <a href=\"x\">& 'Co'{{name}},\n"), "{text}");
        assert!(html.contains("Dear Bob &lt;a href=&quot;x&quot;&gt;&amp; &#39;Co&#39;{{name}},"), "{html}");
        assert!(!html.contains("<a "), "{html}");
        let tags = [("mail", "welcome".to_owned()), ("application", application.to_string())];
        assert_eq!(mail.tags, tags);
        assert!(!format!("{mail:?}").contains("Bob"), "it prints as a mask");
    }

    #[test]
    fn the_templates_have_the_name_once_and_nothing_else_to_fill_in() {
        for template in [TEXT, HTML] {
            assert_eq!((template.matches(NAME).count(), template.matches("{{").count()), (1, 1));
        }
    }
}
