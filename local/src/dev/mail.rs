//! `/dev/mail`: the mails that the bank sent to its customers, and what becomes of the next ones.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{MailFilter, refusal};
use crate::services::{Aws, MailFault, SentMail};

/// Who would deliver them.
#[derive(Clone)]
pub struct MailDoor(pub Arc<Aws>);

/// The body of `POST /dev/mail/faults`: so many mails are answered with this error of SES.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    mails: u32,
    error: MailFault,
}

/// The routes.
pub fn router(door: MailDoor) -> Router {
    Router::new().route("/dev/mail", get(outbox)).route("/dev/mail/faults", post(faults)).with_state(door)
}

async fn outbox(State(MailDoor(aws)): State<MailDoor>, Query(filter): Query<MailFilter>) -> Response {
    match aws.ses.outbox() {
        Ok(mails) => {
            let wanted = |mail: &SentMail| mail.to.iter().any(|it| filter.takes(it));
            Json(mails.into_iter().filter(wanted).collect::<Vec<_>>()).into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the mails could not be read");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "OUTBOX_UNREADABLE", "The outbox could not be read.")
        }
    }
}

/// The body must be announced as JSON: a web page of somebody else's cannot do that unasked.
async fn faults(State(MailDoor(aws)): State<MailDoor>, order: Result<Json<Faults>, JsonRejection>) -> Response {
    match order {
        Ok(Json(Faults { mails, error })) => {
            aws.ses.fail_next(mails, error);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(rejection) => refusal(rejection.status(), "NOT_A_FAULT", &rejection.body_text()),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::types::{Body as MailBody, Content, Destination, EmailContent, Message};
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;
    use crate::services::testing::World;

    async fn call(world: &World, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let router = router(MailDoor(Arc::clone(&world.aws)));
        let answer = router.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn send(world: &World, to: &str) -> bool {
        let said = |text: &str| Content::builder().data(text).build().unwrap();
        let message = Message::builder().subject(said("Hello")).body(MailBody::builder().text(said("x")).build());
        let sent = aws_sdk_sesv2::Client::new(&world.config)
            .send_email()
            .from_email_address("welcome@granary.example")
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message.build()).build());
        sent.send().await.is_ok()
    }

    #[tokio::test]
    async fn people_see_what_was_sent_to_them_and_say_what_becomes_of_the_next() {
        let world = World::new();
        world.aws.ses.keep_identities(["granary.example".to_owned()]);
        assert_eq!(call(&world, "GET", "/dev/mail", "").await, (200, json!([])));
        let fault = r#"{"mails":1,"error":"MessageRejected"}"#;
        assert_eq!(call(&world, "POST", "/dev/mail/faults", fault).await.0, 204);
        assert!(!send(&world, "ada@example.com").await);
        assert!(send(&world, "ada@example.com").await && send(&world, "bob@example.com").await);
        let (_, to_ada) = call(&world, "GET", "/dev/mail?to=Ada@example.com", "").await;
        assert_eq!((to_ada.as_array().unwrap().len(), &to_ada[0]["subject"]), (1, &json!("Hello")));
        assert_eq!(call(&world, "GET", "/dev/mail", "").await.1.as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn nonsense_is_refused() {
        let world = World::new();
        for (body, status) in [("{", 400), ("{}", 422), (r#"{"mails":1,"error":"Hiccup"}"#, 422)] {
            assert_eq!(call(&world, "POST", "/dev/mail/faults", body).await.0, status, "{body}");
        }
    }
}
