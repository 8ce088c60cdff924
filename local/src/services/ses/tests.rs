use aws_sdk_sesv2::{
    Client,
    error::ProvideErrorMetadata as _,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag},
};

use super::*;
use crate::services::testing::{Rules, World};

const FROM: &str = "Granary <welcome@granary.example>";

fn open(world: World) -> (World, Client) {
    world.aws.ses.keep_identities(["granary.example".to_owned()]);
    let client = Client::new(&world.config);
    (world, client)
}

fn said(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().unwrap()
}

fn content(text: Option<&str>) -> EmailContent {
    let body = Body::builder().set_text(text.map(said)).set_html(text.map(|it| said(&format!("<p>{it}</p>")))).build();
    EmailContent::builder().simple(Message::builder().subject(said("Hello")).body(body).build()).build()
}

/// Sends, and answers the id or the code of the refusal.
async fn send(client: &Client, from: &str, to: &[&str], text: Option<&str>, tag: &str) -> Result<String, String> {
    let to = to.iter().map(|it| (*it).to_owned()).collect();
    let sent = client
        .send_email()
        .from_email_address(from)
        .destination(Destination::builder().set_to_addresses(Some(to)).build())
        .content(content(text))
        .email_tags(MessageTag::builder().name("application").value(tag).build().unwrap())
        .send()
        .await;
    match sent {
        Ok(sent) => Ok(sent.message_id().unwrap().to_owned()),
        Err(error) => Err(error.code().unwrap_or("no code").to_owned()),
    }
}

#[tokio::test]
async fn a_mail_that_is_taken_is_in_the_outbox() {
    let (world, client) = open(World::new());
    let id = send(&client, FROM, &["ada@example.com"], Some("Dear Ada"), "a-1").await.unwrap();
    world.seconds_pass(1);
    let second = send(&client, "help@granary.example", &["bob@example.com"], Some("Dear Bob"), "b_2").await.unwrap();
    let mails = world.aws.ses.outbox().unwrap();
    assert_eq!(mails.iter().map(|it| it.message_id.as_str()).collect::<Vec<_>>(), [id.as_str(), &second]);
    let expected = SentMail {
        message_id: id,
        from: FROM.to_owned(),
        to: vec!["ada@example.com".to_owned()],
        subject: "Hello".to_owned(),
        text: Some("Dear Ada".to_owned()),
        html: Some("<p>Dear Ada</p>".to_owned()),
        tags: BTreeMap::from([("application".to_owned(), "a-1".to_owned())]),
        sent_at: "2026-01-05T10:00:00.000Z".to_owned(),
    };
    assert_eq!(mails[0], expected);
}

#[tokio::test]
async fn what_was_sent_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (_world, client) = open(World::in_folder(folder.path()));
    send(&client, FROM, &["ada@example.com"], Some("Dear Ada"), "a").await.unwrap();
    drop((_world, client));
    assert_eq!(World::in_folder(folder.path()).aws.ses.outbox().unwrap().len(), 1);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_not_sent() {
    let (world, client) = open(World::new());
    let text = Some("Dear Ada");
    let ada = ["ada@example.com"].as_slice();
    for (from, to, text, tag, code) in [
        ("welcome@elsewhere.example", ada, text, "a", "MessageRejected"),
        ("welcome@granary.example.com", ada, text, "a", "MessageRejected"),
        ("", ada, text, "a", "BadRequestException"),
        ("granary", ada, text, "a", "BadRequestException"),
        (FROM, [].as_slice(), text, "a", "BadRequestException"),
        (FROM, ["ada"].as_slice(), text, "a", "BadRequestException"),
        (FROM, ["ada lovelace@example.com"].as_slice(), text, "a", "BadRequestException"),
        (FROM, ["ada@example..com"].as_slice(), text, "a", "BadRequestException"),
        (FROM, ada, None, "a", "BadRequestException"),
        (FROM, ada, Some(""), "a", "BadRequestException"),
        (FROM, ada, text, "a tag", "BadRequestException"),
    ] {
        assert_eq!(send(&client, from, to, text, tag).await, Err(code.to_owned()), "{from} {to:?} {text:?} {tag}");
    }
    assert_eq!(world.aws.ses.outbox().unwrap(), []);
}

#[tokio::test]
async fn mails_fare_as_they_are_told_to() {
    let (world, client) = open(World::new());
    world.aws.ses.fail_next(2, MailFault::TooManyRequestsException);
    world.aws.ses.fail_next(1, MailFault::InternalServiceErrorException);
    let mut fared = Vec::new();
    for _ in 0..4 {
        fared.push(send(&client, FROM, &["ada@example.com"], Some("x"), "a").await.map(|_| ()));
    }
    let codes = ["TooManyRequestsException", "TooManyRequestsException", "InternalServiceErrorException"];
    assert_eq!(fared, [codes.map(|it| Err(it.to_owned())).as_slice(), &[Ok(())]].concat());
    assert_eq!(world.aws.ses.outbox().unwrap().len(), 1);
}

#[tokio::test]
async fn only_whoever_may_send_from_the_identity_does() {
    let identity = "arn:aws:ses:eu-west-1:000000000000:identity/granary.example";
    let (world, client) = open(World::guarded(Rules::deny("ses:SendEmail", identity)));
    let sent = send(&client, FROM, &["ada@example.com"], Some("x"), "a").await;
    assert_eq!(sent, Err("AccessDeniedException".to_owned()));
    assert_eq!(world.aws.ses.outbox().unwrap(), []);
}

#[tokio::test]
async fn what_is_not_known_here_is_named() {
    let (_world, client) = open(World::new());
    let error = client.get_account().send().await.unwrap_err();
    assert_eq!(error.code(), Some("UnknownOperationException"));
}
