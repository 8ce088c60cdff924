use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use contracts::tasks::{Decision, MailKind, MailOutcome, SendMail};
use domain::{
    error::{Class, Classify as _},
    ids::{CustomerId, Fingerprint, RetentionClass, VaultRef},
    onboarding::application::Undeliverable,
};
use futures::executor::block_on;
use secrecy::{ExposeSecret as _, SecretString};

use super::world::{ALICE, FIRST, Fault, World, cause, checked};
use crate::{
    identity::email_reference,
    onboarding::{OnboardingError, WelcomeMails},
    ports::{IdentityStanding, Mail, Mails, PortError, Reader, Vault},
};

/// Who delivers mails, and the vault as it is once keys are destroyed.
struct Post {
    world: Arc<World>,
    sent: Mutex<Vec<(String, String)>>,
    read: Mutex<Vec<String>>,
    refuses: bool,
    erased: Option<RetentionClass>,
}

impl Post {
    /// Of a world in which Alice was approved.
    fn new() -> Self {
        let world = checked();
        let vault = world.vault();
        block_on(vault.keep(&email_reference(ALICE).unwrap(), &SecretString::from("ada@example.com"))).unwrap();
        world.news(world.run(), IdentityStanding::Approved).unwrap();
        world.decide(Decision::Approve).unwrap();
        let (sent, read) = (Mutex::default(), Mutex::default());
        Self { world, sent, read, refuses: false, erased: None }
    }

    fn welcome(self: &Arc<Self>) -> Result<MailOutcome, OnboardingError> {
        let mails =
            WelcomeMails { streams: self.world.streams(), vault: self.clone(), mails: self.clone(), reader: "test" };
        let call = SendMail {
            mail: MailKind::Welcome,
            customer: *ALICE.as_uuid(),
            application: *FIRST.as_uuid(),
            correlation_id: "correlation-1".to_owned(),
            task_token: "token".to_owned(),
        };
        block_on(mails.send(&call, &cause())).map(|mailed| mailed.outcome)
    }

    fn sent(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    fn noted(&self) -> Option<Option<Undeliverable>> {
        self.world.first().welcome.map(|it| it.undeliverable)
    }
}

#[async_trait]
impl Mails for Post {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        self.world.before("send")?;
        if self.refuses {
            return Err(PortError::Refused { attempted: "send", reason: "MessageRejected".into() });
        }
        let mail = (mail.to.expose_secret().to_owned(), mail.text.expose_secret().to_owned());
        self.sent.lock().unwrap().push(mail);
        self.world.after("send")
    }
}

#[async_trait]
impl Vault for Post {
    async fn keep(&self, reference: &VaultRef, value: &SecretString) -> Result<(), PortError> {
        self.world.vault().keep(reference, value).await
    }

    async fn open(&self, reference: &VaultRef, reader: &Reader) -> Result<SecretString, PortError> {
        if self.erased == Some(reference.class()) {
            return Err(PortError::Erased { attempted: "open" });
        }
        self.read.lock().unwrap().push(format!("{}: {}", reader.who, reader.why));
        self.world.vault().open(reference, reader).await
    }

    async fn fingerprint(
        &self,
        subject: CustomerId,
        class: RetentionClass,
        content: &SecretString,
    ) -> Result<Fingerprint, PortError> {
        self.world.vault().fingerprint(subject, class, content).await
    }
}

#[test]
fn a_customer_is_welcomed_once_however_often_it_is_asked_for() {
    let post = Arc::new(Post::new());
    assert_eq!(post.welcome(), Ok(MailOutcome::Sent));
    assert_eq!(post.welcome(), Ok(MailOutcome::Sent));
    let sent = post.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].0, "ada@example.com");
    assert!(sent[0].1.starts_with("Dear Ada,\n"), "{}", sent[0].1);
    assert_eq!(post.noted(), Some(None));
    let why = format!("test: a mail welcomes the customer of application {FIRST}");
    assert_eq!(*post.read.lock().unwrap(), [why.clone(), why]);
}

#[test]
fn a_mail_that_is_not_sent_is_not_noted_and_comes_again() {
    let post = Arc::new(Post::new());
    post.world.fails(Fault::Before("send"));
    assert_eq!(post.welcome().unwrap_err().class(), Class::Transient);
    assert_eq!((post.sent(), post.noted()), (0, None));
    assert_eq!(post.welcome(), Ok(MailOutcome::Sent));
    assert_eq!(post.sent(), 1);
}

/// The one way to a second mail: nobody learnt that the first was sent.
#[test]
fn what_nobody_noted_is_sent_again_and_what_was_noted_is_not() {
    for (fault, mails) in [(Fault::After("send"), 2), (Fault::Before("append"), 2), (Fault::After("append"), 1)] {
        let post = Arc::new(Post::new());
        post.world.fails(fault);
        assert!(post.welcome().is_err(), "{fault:?}");
        assert_eq!(post.welcome(), Ok(MailOutcome::Sent), "{fault:?}");
        assert_eq!(post.sent(), mails, "{fault:?}");
    }
}

#[test]
fn an_address_that_is_refused_for_good_keeps_nobody_from_the_bank() {
    let post = Arc::new(Post { refuses: true, ..Post::new() });
    assert_eq!(post.welcome(), Ok(MailOutcome::Undeliverable));
    assert_eq!(post.welcome(), Ok(MailOutcome::Undeliverable));
    assert_eq!((post.sent(), post.noted()), (0, Some(Some(Undeliverable::Refused))));
}

#[test]
fn whoever_was_forgotten_meanwhile_gets_no_mail() {
    for class in [RetentionClass::Contact, RetentionClass::Identity] {
        let post = Arc::new(Post { erased: Some(class), ..Post::new() });
        assert_eq!(post.welcome(), Ok(MailOutcome::Undeliverable), "{class}");
        assert_eq!((post.sent(), post.noted()), (0, Some(Some(Undeliverable::Erased))), "{class}");
    }
}

#[test]
fn whoever_has_no_address_gets_no_mail() {
    let post = Arc::new(Post::new());
    post.world.kept().vault.remove(&email_reference(ALICE).unwrap());
    assert_eq!(post.welcome(), Ok(MailOutcome::Undeliverable));
    assert_eq!((post.sent(), post.noted()), (0, Some(Some(Undeliverable::NoAddress))));
}

#[test]
fn nobody_is_welcomed_before_the_approval() {
    let (post, world) = (Post::new(), checked());
    let post = Arc::new(Post { world, ..post });
    block_on(post.keep(&email_reference(ALICE).unwrap(), &SecretString::from("ada@example.com"))).unwrap();
    assert!(post.welcome().is_err());
    assert_eq!(post.sent(), 0);
}
