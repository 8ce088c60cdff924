//! The mail that welcomes a customer: once, to whoever can be reached, and in nobody's way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use app::ports::VaultKeys as _;
use aws::KmsVault;
use domain::{
    ids::{CustomerId, RetentionClass},
    moment::Moment,
};
use granary::{
    runner::{Call, Delivery, Fate, Faults, Refusal},
    services::{MailFault, OPERATOR, SentMail},
};
use serde_json::{Value, json};
use simulators::onfido::Verdict;
use uuid::Uuid;

use crate::support::{APPLY, Bank, Person, application};

const EMAIL: &str = "ada@example.com";
const HOUR: Duration = Duration::from_secs(3600);
const PARKED: &str = "ParkAtWelcome";

/// Somebody applied, under this id.
async fn applied(bank: &Bank, id: Uuid) -> Person {
    let ada = bank.newcomer(EMAIL).await;
    bank.graphql_with(&ada, APPLY, application(id)).await;
    bank.settle().await;
    ada
}

async fn approved(bank: &Bank) -> Person {
    let ada = applied(bank, Uuid::new_v4()).await;
    bank.identified(&ada, Verdict::Approved).await;
    ada
}

fn mails(bank: &Bank) -> Vec<SentMail> {
    bank.local.aws().ses.outbox().unwrap()
}

/// The last step as the customer sees it.
async fn last_step(bank: &Bank, person: &Person) -> (String, String) {
    let data = bank.graphql(person, "{ viewer { status application { steps { name status } } } }").await;
    assert_eq!(data["viewer"]["status"], "ACTIVE");
    let step = data["viewer"]["application"]["steps"].as_array().unwrap().last().unwrap().clone();
    let text = |name: &str| step[name].as_str().unwrap().to_owned();
    (text("name"), text("status"))
}

fn welcome(status: &str) -> (String, String) {
    ("WELCOME".to_owned(), status.to_owned())
}

/// Time passes, and everything happens when it is due.
async fn pass(bank: &Bank, by: Duration) {
    bank.local.advance(by).await.unwrap();
}

/// In which states executions are.
fn states(bank: &Bank) -> Vec<String> {
    bank.local.aws().states.open().unwrap().into_iter().flat_map(|it| it.states).collect()
}

/// The journey is over, and nothing of it is left.
fn assert_onboarded(bank: &Bank) {
    assert_eq!(states(bank), Vec::<String>::new());
    assert_eq!(bank.waiting_in("SendMailQueue"), 0);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_customer_is_welcomed_by_name_at_the_end() {
    let bank = Bank::open().await;
    let id = Uuid::new_v4();
    let ada = applied(&bank, id).await;
    assert_eq!(mails(&bank), []);
    bank.identified(&ada, Verdict::Approved).await;
    let sent = mails(&bank);
    assert_eq!(sent.len(), 1, "{sent:?}");
    let mail = &sent[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("Granary <welcome@granary.example>", [EMAIL.into()].as_slice())
    );
    assert_eq!(mail.subject, "Welcome to Granary");
    assert!(mail.text.as_deref().unwrap().starts_with("Dear Ada,\n"), "{mail:?}");
    assert!(mail.html.as_deref().unwrap().contains("<p>Dear Ada,</p>"), "{mail:?}");
    assert_eq!((mail.tags["mail"].as_str(), &mail.tags["application"]), ("welcome", &id.to_string()));
    assert_eq!(last_step(&bank, &ada).await, welcome("DONE"));
    assert_onboarded(&bank);
}

#[tokio::test]
async fn whoever_is_declined_gets_no_mail() {
    let bank = Bank::open().await;
    let ada = applied(&bank, Uuid::new_v4()).await;
    bank.identified(&ada, Verdict::Declined).await;
    assert_eq!(mails(&bank), []);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_keeps_nobody_from_the_bank() {
    for fault in [MailFault::MessageRejected, MailFault::BadRequestException] {
        let bank = Bank::open().await;
        bank.local.aws().ses.fail_next(1, fault);
        let ada = approved(&bank).await;
        assert_eq!((mails(&bank).len(), last_step(&bank, &ada).await), (0, welcome("SKIPPED")), "{fault:?}");
        assert_onboarded(&bank);
    }
}

#[tokio::test]
async fn whoever_was_forgotten_meanwhile_is_no_failure() {
    let bank = Bank::open().await;
    let ada = applied(&bank, Uuid::new_v4()).await;
    let key = bank.local.plan().key("VaultKey").unwrap().id.clone();
    let kms = aws_sdk_kms::Client::new(&bank.local.sdk_config(OPERATOR));
    let vault = KmsVault::new(bank.dynamodb(), kms, bank.table("Vault"), bank.table("VaultKeys"), key);
    let (customer, at) = (CustomerId::new(ada.sub.parse().unwrap()), time::macros::datetime!(2026-11-20 12:00 UTC));
    vault.destroy(customer, RetentionClass::Contact, Moment::of(at)).await.unwrap();
    bank.identified(&ada, Verdict::Approved).await;
    assert_eq!((mails(&bank).len(), last_step(&bank, &ada).await), (0, welcome("SKIPPED")));
    assert_onboarded(&bank);
}

#[tokio::test]
async fn mails_that_are_too_many_wait_and_cost_no_attempt() {
    let bank = Bank::open().await;
    // More than a queue has tries for one message, and more than the state has.
    bank.local.aws().ses.fail_next(12, MailFault::TooManyRequestsException);
    let ada = approved(&bank).await;
    assert_eq!(states(&bank), ["Welcome"]);
    assert_eq!(last_step(&bank, &ada).await, welcome("RUNNING"));
    pass(&bank, HOUR).await;
    let ada = bank.again(&ada).await;
    assert_eq!((mails(&bank).len(), last_step(&bank, &ada).await), (1, welcome("DONE")));
    assert_onboarded(&bank);
}

#[tokio::test]
async fn what_would_lose_everybodys_mail_waits_for_an_operator() {
    let bank = Bank::open().await;
    bank.local.aws().ses.fail_next(1_000, MailFault::SendingPausedException);
    let id = Uuid::new_v4();
    let ada = applied(&bank, id).await;
    bank.identified(&ada, Verdict::Approved).await;
    pass(&bank, HOUR * 12).await;
    assert_eq!((states(&bank), mails(&bank).len()), (vec![PARKED.to_owned()], 0));
    bank.local.aws().ses.forgive();
    let omar = bank.staff("omar@granary.example", &["operations"]).await;
    let resume =
        "mutation($input: ExecutionInput!) { backOffice { resumeExecution(input: $input) { execution { status } } } }";
    let which =
        json!({ "executionId": format!("{}.{id}", ada.sub), "state": PARKED, "reason": "the account may send again" });
    bank.office(&omar, resume, which).await;
    bank.settle().await;
    let ada = bank.again(&ada).await;
    assert_eq!((mails(&bank).len(), last_step(&bank, &ada).await), (1, welcome("DONE")));
    assert_onboarded(&bank);
}

/// What befalls the first call of `SendMail` to a service; and the first message comes once more a minute later.
#[derive(Debug)]
struct Once {
    service: &'static str,
    operation: &'static str,
    fate: Fate,
    calls: AtomicU32,
    messages: AtomicU32,
}

impl Faults for Once {
    fn call(&self, call: &Call) -> Fate {
        let is_it =
            call.function == "SendMail" && call.service == self.service && call.operation.contains(self.operation);
        if is_it && self.calls.fetch_add(1, Ordering::Relaxed) == 0 { self.fate } else { Fate::Pass }
    }

    fn delivery(&self, queue: &str, receives: u32) -> Delivery {
        let is_first = || self.messages.fetch_add(1, Ordering::Relaxed) == 0;
        if queue == "granary-send-mail" && receives == 1 && is_first() {
            Delivery::Twice(60_000)
        } else {
            Delivery::Now
        }
    }
}

/// Only whoever never learns, or never writes down, that the mail was sent sends another.
#[tokio::test]
async fn a_crash_between_sending_and_noting_sends_twice_and_nothing_else_does() {
    let ses = ("ses", "outbound-emails");
    let note = ("dynamodb", "PutItem");
    for ((service, operation), fate, count) in [
        (ses, Fate::Pass, 1),
        (ses, Fate::DieBefore, 1),
        (ses, Fate::RequestLost, 1),
        (ses, Fate::Refused(Refusal::Throttled), 1),
        (ses, Fate::Refused(Refusal::Unavailable), 1),
        (ses, Fate::AnswerLost, 2),
        (ses, Fate::DieAfter, 2),
        (note, Fate::DieBefore, 2),
        (note, Fate::DieAfter, 1),
        (note, Fate::AnswerLost, 1),
        (("states", "SendTaskSuccess"), Fate::DieBefore, 1),
    ] {
        let (calls, messages) = (AtomicU32::new(0), AtomicU32::new(0));
        let faults = Once { service, operation, fate, calls, messages };
        let bank = Bank::open_under(Arc::new(faults)).await;
        let ada = approved(&bank).await;
        pass(&bank, HOUR).await;
        let ada = bank.again(&ada).await;
        let seen = (mails(&bank).len(), last_step(&bank, &ada).await);
        assert_eq!(seen, (count, welcome("DONE")), "{service} {fate:?}");
        assert_onboarded(&bank);
    }
}

#[tokio::test]
async fn a_mail_that_is_no_mail_is_set_aside() {
    let bank = Bank::open().await;
    for body in ["{}".to_owned(), json!({ "mail": "farewell" }).to_string(), Value::Null.to_string()] {
        let message = granary::services::Outgoing { body, ..granary::services::Outgoing::default() };
        bank.local.aws().sqs.send(&bank.queue("SendMailQueue"), &message).unwrap();
    }
    bank.settle().await;
    assert_eq!((bank.waiting_in("SendMailQueue"), bank.waiting_in("SendMailDeadLetters")), (0, 3));
    assert_eq!(mails(&bank), []);
}
