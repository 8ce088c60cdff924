//! Time is the bank's own: it is moved through `/dev/clock`, and everything that falls due on the way is done.

use bytes::Bytes;
use granary::services::Outgoing;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::Bank;

async fn dev(bank: &Bank, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = http::Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(axum::body::Body::from(body.to_string())).unwrap();
    let response = bank.local.router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body: Bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn moving_the_clock_stops_at_every_timer_on_the_way() {
    let bank = Bank::open().await;
    let job =
        Outgoing { body: r#"{"object":"webhooks/none.json","correlationId":"x"}"#.to_owned(), ..Outgoing::default() };
    bank.local.aws().sqs.send(&bank.queue("SettleDepositQueue"), &job).unwrap();

    // Five tries, each after its visibility timeout: one leap would be one try.
    let (status, answer) = dev(&bank, "POST", "/dev/clock/advance", &json!({ "by": "P8D" })).await;
    assert_eq!((status, answer), (200, json!({ "now": "2026-11-28T12:00:00.000Z" })));
    assert_eq!(bank.waiting_in("ParkedQueue"), 1);
    assert_eq!(bank.waiting_in("SettleDepositQueue"), 0);
    assert_eq!(dev(&bank, "GET", "/dev/clock", &Value::Null).await.1, json!({ "now": "2026-11-28T12:00:00.000Z" }));
}

#[tokio::test]
async fn tokens_and_pending_sign_ups_expire_on_the_banks_clock() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    bank.sign_up("never@example.com").await;
    assert_eq!(bank.items("SignUps").await.len(), 1);
    dev(&bank, "POST", "/dev/clock/advance", &json!({ "by": "P31D" })).await;
    assert_eq!(bank.items("SignUps").await.len(), 0);
    let (status, _) = bank.graphql_raw(Some(&ada.token), r#"{"query":"{ viewer { id } }"}"#).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn the_clock_is_never_moved_backwards_nor_by_what_is_no_duration() {
    let bank = Bank::open().await;
    for order in
        [json!({ "by": "-P1D" }), json!({ "by": "P1M" }), json!({ "by": 8 }), json!({}), json!({ "to": "P1D" })]
    {
        let (status, answer) = dev(&bank, "POST", "/dev/clock/advance", &order).await;
        assert!((400..500).contains(&status), "{order}: {status}");
        assert_eq!(answer["error"]["code"], "NOT_A_DURATION", "{order}");
    }
    assert_eq!(dev(&bank, "GET", "/dev/clock", &Value::Null).await.1, json!({ "now": "2026-11-20T12:00:00.000Z" }));
}

#[tokio::test]
async fn a_webhook_that_was_not_taken_is_delivered_again_when_its_time_has_come() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    // A door that is shut for now: the bank partner gets no answer that it can accept.
    let payments = bank.local.payments();
    let order = json!({ "reference": reference, "asset": "GBP", "amount": "3.00" });
    let shut = granary::dev::ClearBank {
        bank: payments.bank.clone(),
        endpoint: simulators::clearbank::Endpoint { path: "/shut".to_owned(), ..payments.endpoint.clone() },
        clock: payments.clock.clone(),
    };
    use granary::dev::Payments as _;
    let deliveries = shut.pay(serde_json::from_value(order).unwrap()).await.unwrap();
    assert_eq!(deliveries[0].status, Some(404));
    bank.settle().await;
    assert_eq!(bank.available(&ada).await, "0.00");

    dev(&bank, "POST", "/dev/clock/advance", &json!({ "by": "PT20M" })).await;
    assert_eq!(bank.available(&ada).await, "3.00");
}
