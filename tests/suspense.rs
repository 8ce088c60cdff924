//! Money that finds no owner is acknowledged and waits in suspense: never lost, never guessed.

use granary::{cli::whole_ledger, services::Outgoing};
use money::Asset;
use serde_json::{Value, json};
use simulators::clearbank::{Direction, Payment};
use uuid::Uuid;

use crate::support::{Bank, Person, keys};

const WAITS: &str = "{ backOffice { suspense { nodes { id amount { asset amount } reason customerId } } } }";
const RELEASE: &str = "mutation($input: ReleaseDepositInput!) { backOffice { releaseDeposit(input: $input) {
    depositId customerId amount { asset amount } } } }";
const FREEZE: &str =
    "mutation($input: FreezeInput!) { backOffice { freezeCustomer(input: $input) { customer { frozen } } } }";
const UNFREEZE: &str =
    "mutation($input: UnfreezeInput!) { backOffice { unfreezeCustomer(input: $input) { customer { frozen } } } }";
const STATEMENT: &str = "{ viewer { operations(first: 5) { nodes { kind status amount { amount } } }
    account(asset: \"GBP\") { entries(first: 5) { nodes { amount { amount } balanceAfter { amount } } } } } }";

async fn waits(bank: &Bank, staff: &Person) -> Vec<Value> {
    let mut waits = bank.office(staff, WAITS, Value::Null).await;
    waits["suspense"]["nodes"].take().as_array().unwrap().clone()
}

fn freeze(customer: &Person, id: Uuid, side: &str) -> Value {
    json!({ "customerId": customer.sub, "freezeId": id, "side": side, "reason": "A court says so." })
}

fn lift(customer: &Person, id: Uuid) -> Value {
    json!({ "customerId": customer.sub, "freezeId": id, "reason": "The court says so no more." })
}

async fn assert_balanced(bank: &Bank) {
    let balance = whole_ledger(&bank.local, time::Duration::ZERO).await.unwrap();
    assert_eq!((balance.discrepancies, balance.lagging.len()), (vec![], 0));
}

#[tokio::test]
async fn what_waited_for_a_frozen_customer_is_theirs_after_the_last_lift_once_and_by_itself() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let olga = bank.staff("olga@granary.example", &["operations"]).await;
    let reference = bank.reference(&ada, "GBP").await;
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    bank.office(&olga, FREEZE, freeze(&ada, one, "CREDITS")).await;
    bank.office(&olga, FREEZE, freeze(&ada, other, "BOTH")).await;
    for amount in ["250.00", "0.50"] {
        bank.pay(&reference, "GBP", amount).await;
    }
    let waiting = waits(&bank, &olga).await;
    let seen: Vec<_> = waiting.iter().map(|it| (&it["reason"], &it["customerId"])).collect();
    assert_eq!(seen, [(&json!("CUSTOMER_FROZEN"), &json!(ada.sub)); 2]);
    let to = |sub: &str| json!({ "depositId": waiting[0]["id"], "customerId": sub, "reason": "It is hers." });
    let bob = bank.customer("bob@example.com").await;
    assert_eq!(bank.office_refusal(&olga, RELEASE, to(&bob.sub)).await, "SUSPENSE_WAITS_FOR_OWNER");
    assert_eq!(bank.office_refusal(&olga, RELEASE, to(&ada.sub)).await, "CUSTOMER_FROZEN");

    bank.office(&olga, UNFREEZE, lift(&ada, one)).await;
    bank.settle().await;
    assert_eq!((bank.available(&ada).await.as_str(), bank.internal("suspense", Asset::Gbp).await), ("0.00", 25_050));
    for _ in 0..2 {
        bank.office(&olga, UNFREEZE, lift(&ada, other)).await;
        bank.settle().await;
        assert_eq!((bank.available(&ada).await.as_str(), bank.internal("suspense", Asset::Gbp).await), ("250.50", 0));
    }
    assert_eq!(waits(&bank, &olga).await, Vec::<Value>::new());
    let statement = bank.graphql(&ada, STATEMENT).await["viewer"].take();
    let operations = statement["operations"]["nodes"].as_array().unwrap();
    assert!(operations.iter().all(|it| it["kind"] == "DEPOSIT" && it["status"] == "SETTLED"), "{operations:?}");
    let entries = statement["account"]["entries"]["nodes"].as_array().unwrap();
    let balances: Vec<_> = entries.iter().map(|it| it["balanceAfter"]["amount"].as_str().unwrap()).collect();
    assert_eq!((operations.len(), balances), (2, vec!["250.50", "250.00"]), "in the order in which it came");
    bank.pay(&reference, "GBP", "1.00").await;
    assert_eq!(bank.available(&ada).await, "251.50");
    assert_balanced(&bank).await;
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_message_of_a_lift_that_comes_again_late_or_as_none_releases_nothing() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let olga = bank.staff("olga@granary.example", &["operations"]).await;
    let reference = bank.reference(&ada, "GBP").await;
    let [first, second] = [Uuid::new_v4(), Uuid::new_v4()];
    bank.office(&olga, FREEZE, freeze(&ada, first, "BOTH")).await;
    bank.pay(&reference, "GBP", "5.00").await;
    bank.office(&olga, UNFREEZE, lift(&ada, first)).await;
    bank.settle().await;
    bank.office(&olga, FREEZE, freeze(&ada, second, "BOTH")).await;
    bank.pay(&reference, "GBP", "7.00").await;
    let events = bank.items("LedgerEvents").await;
    let lifted =
        events.iter().find(|it| it["pk"].as_s().unwrap().starts_with("controls#") && it["sk"].as_n().unwrap() == "1");
    let text = |name: &str| lifted.unwrap()[name].as_s().unwrap().clone();
    let previous: String =
        lifted.unwrap()["p"].as_b().unwrap().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let message = json!({ "stream": text("pk"), "version": 1, "kind": "controls", "stateVersion": 2, "commit": text("c"),
        "state": text("s"), "prev": previous });
    let send = |body: String| {
        let queue = bank.queue("ReleaseSuspenseQueue");
        bank.local.aws().sqs.send(&queue, &Outgoing { body, ..Outgoing::default() }).unwrap();
    };
    for _ in 0..2 {
        send(message.to_string());
    }
    bank.settle().await;
    assert_eq!((bank.available(&ada).await.as_str(), bank.internal("suspense", Asset::Gbp).await), ("5.00", 700));
    bank.assert_nothing_set_aside();
    send("{}".to_owned());
    bank.settle().await;
    assert_eq!(bank.waiting_in("ReleaseSuspenseDeadLetters"), 1);
    assert_balanced(&bank).await;
}

#[tokio::test]
async fn money_whose_owner_staff_find_out_is_credited_once_and_who_paid_is_shown_for_a_reason_only() {
    let bank = Bank::open().await;
    let (ada, bob) = (bank.customer("ada@example.com").await, bank.customer("bob@example.com").await);
    let olga = bank.staff("olga@granary.example", &["operations"]).await;
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    bank.pay("for my niece Ada", "GBP", "250.00").await;
    let waiting = waits(&bank, &olga).await;
    let [deposit] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((&deposit["reason"], &deposit["customerId"]), (&json!("UNKNOWN_REFERENCE"), &Value::Null));
    let reveal = "mutation($input: RevealPayerInput!) { backOffice { revealPayer(input: $input) { details wrote } } }";
    let why = json!({ "depositId": deposit["id"], "reason": "whose money it is, has to be found" });
    assert_eq!(bank.office_refusal(&olga, reveal, why.clone()).await, "FORBIDDEN");
    let payer = bank.office(&grace, reveal, why).await["revealPayer"].take();
    assert_eq!(payer["wrote"], "for my niece Ada");
    assert!(serde_json::from_str::<Value>(payer["details"].as_str().unwrap()).unwrap().is_object());

    let to =
        |customer: &str| json!({ "depositId": deposit["id"], "customerId": customer, "reason": "Ada's aunt rang." });
    assert_eq!(bank.office_refusal(&olga, RELEASE, to(&Uuid::new_v4().to_string())).await, "NOT_FOUND");
    let id = Uuid::new_v4();
    bank.office(&olga, FREEZE, freeze(&ada, id, "CREDITS")).await;
    bank.settle().await;
    assert_eq!(bank.office_refusal(&olga, RELEASE, to(&ada.sub)).await, "CUSTOMER_FROZEN");
    bank.office(&olga, UNFREEZE, lift(&ada, id)).await;
    bank.settle().await;
    for _ in 0..2 {
        let released = bank.office(&olga, RELEASE, to(&ada.sub)).await["releaseDeposit"].take();
        assert_eq!((&released["customerId"], &released["amount"]["amount"]), (&json!(ada.sub), &json!("250.00")));
        bank.settle().await;
    }
    assert_eq!(bank.office_refusal(&olga, RELEASE, to(&bob.sub)).await, "SUSPENSE_RELEASED");
    assert_eq!((bank.available(&ada).await.as_str(), bank.available(&bob).await.as_str()), ("250.00", "0.00"));
    assert_eq!((bank.internal("suspense", Asset::Gbp).await, waits(&bank, &olga).await.len()), (0, 0));
    for table in ["LedgerEvents", "LedgerProjections"] {
        for item in bank.items(table).await {
            let text = format!("{item:?}");
            assert!(!text.contains("my niece") && !text.contains("aunt rang"), "{table}");
        }
    }
    assert_balanced(&bank).await;
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn an_unknown_reference_is_acknowledged_and_posted_to_suspense() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    for reference in ["rent November", "GR0000000000", ""] {
        let deliveries = bank.pay(reference, "GBP", "250.00").await;
        assert_eq!(deliveries[0].status, Some(200));
    }
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, 75_000);
    assert_eq!(bank.internal("bank-settlement", Asset::Gbp).await, -75_000);
    assert_eq!(bank.available(&ada).await, "0.00");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn euros_under_the_reference_of_a_pound_account_wait_in_suspense() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let deliveries = bank.pay(&reference, "EUR", "31.00").await;
    assert_eq!(deliveries[0].status, Some(200));
    assert_eq!(bank.internal("suspense", Asset::Eur).await, 3_100);
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, 0);
    assert_eq!(bank.available(&ada).await, "0.00");
}

#[tokio::test]
async fn money_that_left_the_bank_unasked_is_on_the_books_the_other_way_round() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let payment = Payment { direction: Direction::Debit, ..Payment::credit("GBP", "9.00", &reference) };
    let payments = bank.local.payments();
    let now = bank.local.aws().engine().now_ms();
    let delivery = payments.bank.pay(&payment, now, &payments.endpoint).await.unwrap();
    bank.settle().await;
    assert_eq!(delivery.status, Some(200));
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, -900);
    assert_eq!(bank.internal("bank-settlement", Asset::Gbp).await, 900);
    assert_eq!(bank.available(&ada).await, "0.00");
}

#[tokio::test]
async fn the_books_of_matched_and_unmatched_money_add_up_to_nothing() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    for (reference, amount) in [(reference.as_str(), "10.01"), ("nobody", "0.02"), (reference.as_str(), "300.00")] {
        bank.order(json!({ "reference": reference, "asset": "GBP", "amount": amount })).await;
    }
    bank.settle().await;
    assert_eq!(bank.available(&ada).await, "310.01");
    let bank_side = bank.internal("bank-settlement", Asset::Gbp).await;
    let suspense = bank.internal("suspense", Asset::Gbp).await;
    assert_eq!(31_001 + suspense + bank_side, 0);
}

#[tokio::test]
async fn a_payment_of_ours_that_comes_back_unsent_is_not_credited_though_it_quotes_a_reference() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let simulator = simulators::clearbank::Bank::with_key(&keys().clearbank, None).unwrap();
    let body = Payment::credit("GBP", "8.00", &reference).webhook_body(0, 1).unwrap();
    let body = String::from_utf8(body).unwrap().replace("\"IsReturn\":false", "\"IsReturn\":true");
    let signature = simulator.sign(body.as_bytes()).unwrap();
    assert_eq!(bank.webhook(body, Some(&signature)).await.0, 200);
    bank.settle().await;
    assert_eq!(bank.available(&ada).await, "0.00");
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, 800);
}

#[tokio::test]
async fn a_genuine_webhook_of_an_unknown_kind_is_acknowledged_and_set_aside_for_a_person() {
    let bank = Bank::open().await;
    let simulator = simulators::clearbank::Bank::with_key(&keys().clearbank, None).unwrap();
    let body = r#"{"Type":"Sepa.Ct.InboundPayment.Recalled","Version":1,"Payload":{"PaymentId":"x"},"Nonce":7}"#;
    let signature = simulator.sign(body.as_bytes()).unwrap();
    let (status, reply) = bank.webhook(body, Some(&signature)).await;
    assert_eq!((status, reply), (200, json!({ "Nonce": 7 })));
    bank.settle().await;
    let set_aside = bank.local.aws().sqs.peek(&bank.queue("SettleDepositDeadLetters"), 10).unwrap();
    let record = set_aside[0].lambda_record("any");
    assert_eq!(record["messageAttributes"]["errorCode"]["stringValue"], "WEBHOOK_WITHOUT_PAYMENT");
}
