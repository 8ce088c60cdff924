//! Savings: moves, days that earn, weeks that are paid.

use std::time::Duration;

use granary::services::Outgoing;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Bank, Person};

const SAVE: &str = "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { operation { id } account { version available { amount } } } }";
const TAKE: &str = "mutation($input: SavingsMoveInput!) { takeFromSavings(input: $input) { operation { id } account { available { amount } } } }";
const DAY: u64 = 24 * 3600;

/// Ada, with 500 USDC on her account. It is Friday, noon.
async fn ada_with_dollars(bank: &Bank) -> Person {
    let ada = bank.customer("ada@example.com").await;
    let address = bank.address(&ada, "USDC").await;
    bank.deposit_crypto("USDC", &address, "500").await;
    ada
}

fn amount(amount: &str) -> Value {
    json!({ "operationId": Uuid::new_v4(), "money": { "asset": "USDC", "amount": amount } })
}

async fn position(bank: &Bank, person: &Person) -> Value {
    let query = "{ viewer { account(asset: \"USDC\") { available { amount } } savings { id version principal { amount }
        paidToDate { amount } nextPayout earned { numerator denominator display }
        days(from: \"2026-11-01\", to: \"2027-03-01\") { date balance { amount } rate earned { numerator } } } } }";
    bank.graphql(person, query).await["viewer"].take()
}

async fn pass(bank: &Bank, person: &Person, days: u64) -> Person {
    bank.local.advance(Duration::from_secs(days * DAY)).await.unwrap();
    bank.again(person).await
}

#[tokio::test]
async fn what_is_saved_earns_by_the_day_and_is_paid_by_the_week() {
    let bank = Bank::open().await;
    let ada = ada_with_dollars(&bank).await;
    bank.graphql_with(&ada, SAVE, amount("400")).await;
    bank.settle().await;
    let seen = position(&bank, &ada).await;
    assert_eq!(seen["savings"][0]["principal"]["amount"], "400.000000");
    assert_eq!(seen["savings"][0]["earned"]["numerator"], "0");
    assert_eq!(seen["savings"][0]["nextPayout"], "2026-11-23");
    let commits = bank.items("LedgerEvents").await.len();

    let ada = pass(&bank, &ada, 2).await;
    // Two days at 12 %, and nothing was written for them.
    let seen = position(&bank, &ada).await;
    assert_eq!(seen["savings"][0]["earned"]["numerator"], (400_000_000_i64 * 1_200 * 2).to_string());
    assert_eq!(seen["savings"][0]["earned"]["display"], "0.263013");
    assert_eq!(bank.items("LedgerEvents").await.len(), commits);

    let ada = pass(&bank, &ada, 6).await;
    let seen = position(&bank, &ada).await;
    // Friday, Saturday and Sunday were paid on Monday and earn themselves since.
    let due = 400_000_000_i64 * 1_200 * 3;
    let (paid, carried) = (due / 3_650_000, due % 3_650_000);
    assert_eq!(seen["savings"][0]["paidToDate"]["amount"], "0.394520");
    assert_eq!(paid, 394_520);
    assert_eq!(seen["savings"][0]["principal"]["amount"], "400.394520");
    let since = (400_000_000 + paid) * 1_200 * 5 + carried;
    assert_eq!(seen["savings"][0]["earned"]["numerator"], since.to_string());
    let days = seen["savings"][0]["days"].as_array().unwrap();
    assert_eq!(days.len(), 8);
    assert_eq!(days[2]["date"], "2026-11-22");
    assert_eq!(days[3]["balance"]["amount"], "400.394520");
    assert_eq!(days[3]["rate"], "0.12");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_move_happens_once_and_only_with_what_is_there() {
    let bank = Bank::open().await;
    let ada = ada_with_dollars(&bank).await;
    let save = amount("400");
    let first = bank.graphql_with(&ada, SAVE, save.clone()).await;
    assert_eq!(bank.graphql_with(&ada, SAVE, save.clone()).await, first);
    let mut other = save.clone();
    other["money"]["amount"] = json!("1");
    assert_eq!(bank.refusal_of(&ada, SAVE, other).await, "OPERATION_REUSED");
    assert_eq!(bank.refusal_of(&ada, SAVE, amount("100.000001")).await, "INSUFFICIENT_FUNDS");
    assert_eq!(bank.refusal_of(&ada, TAKE, amount("400.000001")).await, "INSUFFICIENT_FUNDS");
    for text in ["0", "-1"] {
        assert_eq!(bank.refusal_of(&ada, SAVE, amount(text)).await, "OPERATION_AMOUNT_NOT_POSITIVE", "{text}");
    }
    assert_eq!(bank.refusal_of(&ada, SAVE, amount("0.0000001")).await, "MONEY_OVER_PRECISE");
    let pounds = json!({ "operationId": Uuid::new_v4(), "money": { "asset": "GBP", "amount": "1" } });
    assert_eq!(bank.refusal_of(&ada, SAVE, pounds).await, "NOT_SUPPORTED");

    let taken = bank.graphql_with(&ada, TAKE, amount("400")).await;
    assert_eq!(taken["takeFromSavings"]["account"]["available"]["amount"], "500.000000");
    bank.settle().await;
    assert_eq!(position(&bank, &ada).await["savings"][0]["principal"]["amount"], "0.000000");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_mutation_is_read_back_at_once_by_its_version() {
    let bank = Bank::open().await;
    let ada = ada_with_dollars(&bank).await;
    // Nothing is projected from here on: no settle.
    let saved = bank.graphql_with(&ada, SAVE, amount("400")).await;
    let version = saved["saveToSavings"]["account"]["version"].as_u64().unwrap();
    let stale = bank.graphql(&ada, "{ viewer { account(asset: \"USDC\") { version available { amount } } } }").await;
    assert_eq!(stale["viewer"]["account"]["available"]["amount"], "500.000000");
    let query = |version: u64| {
        format!(
            "{{ viewer {{ account(asset: \"USDC\", atLeastVersion: {version}) {{ version available {{ amount }} }} }} }}"
        )
    };
    let fresh = bank.graphql(&ada, &query(version)).await;
    assert_eq!(fresh["viewer"]["account"]["available"]["amount"], "100.000000");
    assert_eq!(fresh["viewer"]["account"]["version"], version);

    // A list cannot be folded: it says that it may be asked again.
    let list = format!(
        "{{ viewer {{ account(asset: \"USDC\", atLeastVersion: {version}) {{ entries(first: 5) {{ nodes {{ at }} }} }} }} }}"
    );
    let (_, answer) = bank.graphql_raw(Some(&ada.token), &json!({ "query": list }).to_string()).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "CONFLICT");
    assert_eq!(answer["errors"][0]["extensions"]["retryable"], true);
    bank.settle().await;
    assert_eq!(bank.graphql(&ada, &list).await["viewer"]["account"]["entries"]["nodes"].as_array().unwrap().len(), 2);

    // A version that nobody answered is no version to wait for.
    let (_, answer) = bank.graphql_raw(Some(&ada.token), &json!({ "query": query(version + 1) }).to_string()).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_INPUT");
}

#[tokio::test]
async fn a_customer_may_have_the_yield_paid_to_the_account() {
    let bank = Bank::open().await;
    let ada = ada_with_dollars(&bank).await;
    bank.graphql_with(&ada, SAVE, amount("400")).await;
    let choose =
        "mutation($input: PayoutDestinationInput!) { choosePayoutDestination(input: $input) { position { version } } }";
    bank.settle().await;
    let id = position(&bank, &ada).await["savings"][0]["id"].take();
    bank.graphql_with(&ada, choose, json!({ "positionId": id, "destination": "ACCOUNT" })).await;
    let ada = pass(&bank, &ada, 8).await;
    let seen = position(&bank, &ada).await;
    assert_eq!(seen["savings"][0]["principal"]["amount"], "400.000000");
    assert_eq!(seen["account"]["available"]["amount"], "100.394520");
    assert_eq!(seen["savings"][0]["paidToDate"]["amount"], "0.394520");
}

#[tokio::test]
async fn weeks_that_were_missed_are_paid_in_order_and_once() {
    let bank = Bank::open().await;
    let ada = ada_with_dollars(&bank).await;
    bank.graphql_with(&ada, SAVE, amount("400")).await;
    bank.settle().await;
    // Four Mondays are leapt over in one step, then the schedule serves each of them.
    bank.clock.advance_ms(i64::try_from(24 * DAY * 1000).unwrap());
    bank.settle().await;
    let ada = bank.again(&ada).await;
    let seen = position(&bank, &ada).await;
    let payouts = bank.graphql(&ada, "{ viewer { operations(first: 50) { nodes { kind amount { amount } } } } }").await;
    let payouts = payouts["viewer"]["operations"]["nodes"].as_array().unwrap().clone();
    let payouts: Vec<_> = payouts.iter().filter(|it| it["kind"] == "YIELD_PAYOUT").collect();
    assert_eq!(payouts.len(), 4);

    // Any of them again, as a queue may deliver it.
    let events = bank.items("LedgerEvents").await.len();
    for week in ["2026-W47", "2026-W48", "2026-W49", "2026-W50"] {
        let job = json!({ "customer": ada.sub, "product": "usdc-savings", "week": week }).to_string();
        bank.local
            .aws()
            .sqs
            .send(&bank.queue("PayYieldQueue"), &Outgoing { body: job, ..Outgoing::default() })
            .unwrap();
    }
    bank.settle().await;
    assert_eq!(bank.items("LedgerEvents").await.len(), events);
    assert_eq!(position(&bank, &ada).await, seen);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn products_tell_their_rates() {
    let bank = Bank::open().await;
    let query = json!({ "query": "{ savingsProducts { asset yearlyRate payoutWeekday } }" }).to_string();
    let (_, answer) = bank.graphql_raw(None, &query).await;
    let products = answer["data"]["savingsProducts"].as_array().unwrap();
    let told: Vec<_> = products.iter().map(|it| format!("{} {}", it["asset"], it["yearlyRate"])).collect();
    assert_eq!(told, ["\"USDC\" \"0.12\"", "\"BTC\" \"0.06\"", "\"ETH\" \"0.06\""]);
}
