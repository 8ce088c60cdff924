//! What can be saved in, what is saved, and moving money there and back.

use app::{
    commit::{Actor, Cause},
    views::{AtVersion, SavedView, SavingsView},
};
use async_graphql::ID;
use domain::{
    aggregate::Aggregate as _,
    ids::{AccountId, CustomerId, PositionId},
    ledger::{
        account::{Account, AccountEvent},
        savings::{Savings, SavingsCommand, SavingsOrder, SavingsState},
    },
};
use money::{Asset, Money};
use serde_json::{Value, json};

use super::fakes::{ALICE, BOB, Views, World, operation};
use crate::node::NodeId;

const PRODUCT: &str = "usdc-savings";
const OPERATION: &str = "3f0b6a5c-0f4e-4d7e-9a55-1c8f7e6d5b4a";

fn usdc(whole: i128) -> Money {
    Money::new(Asset::Usdc, whole * 1_000_000)
}

fn position_id(customer: CustomerId) -> PositionId {
    PositionId::new(customer, PRODUCT.parse().unwrap())
}

fn position_node(customer: CustomerId) -> String {
    ID::from(NodeId::Position(position_id(customer))).to_string()
}

/// A position that was put into on these days of 2026.
fn saved(customer: CustomerId, puts: &[(&str, i128)]) -> AtVersion<SavingsView> {
    let product = domain::ledger::product::find(&PRODUCT.parse().unwrap()).unwrap();
    let state = puts.iter().fold(SavingsState::default(), |state, (day, whole)| {
        let command = SavingsCommand {
            today: day.parse().unwrap(),
            rates: product.rates.clone(),
            order: SavingsOrder::Put { position: position_id(customer), operation: operation(1), amount: usdc(*whole) },
        };
        let events = domain::ledger::savings::decide(&state, &command).unwrap();
        events.iter().fold(state, Savings::evolve)
    });
    AtVersion { view: SavingsView::of(&state).unwrap(), version: 7 }
}

/// Alice and Bob save since January.
fn saving() -> World {
    let day = |day: &str, whole| SavedView { date: day.parse().unwrap(), balance: usdc(whole) };
    World::of(Views {
        customers: vec![ALICE, BOB],
        positions: vec![saved(ALICE, &[("2026-01-05", 100), ("2026-01-29", 50)]), saved(BOB, &[("2026-01-05", 1)])],
        saved: vec![day("2026-01-05", 100), day("2026-01-29", 150)],
        ..Views::default()
    })
}

/// Alice with 100 USDC on her account.
async fn funded() -> World {
    let world = World::of(Views { customers: vec![ALICE, BOB], ..Views::default() });
    for asset in [Asset::Usdc, Asset::Gbp] {
        let id = AccountId::new(ALICE, asset);
        let amount = Money::new(asset, 100_000_000);
        let events = [
            AccountEvent::Opened { account: id.clone(), reference: None },
            AccountEvent::Credited { operation: operation(1), amount, available: amount },
        ];
        let cause = Cause::by(Actor::System("tests"));
        world.streams().record::<Account>(&(&id).into(), &cause, &events).await.unwrap();
    }
    world
}

fn moves(mutation: &str, operation: &str, asset: &str, amount: &str) -> String {
    format!(
        "mutation {{ {mutation}(input: {{ operationId: \"{operation}\", \
         money: {{ asset: \"{asset}\", amount: \"{amount}\" }} }}) {{ \
         operation {{ id kind status amount {{ amount }} savingsPosition }} account {{ available {{ amount }} version }} \
         position {{ id principal {{ amount }} version }} }} }}"
    )
}

#[tokio::test]
async fn anybody_sees_what_can_be_saved_in() {
    let query = "{ savingsProducts { id asset yearlyRate rates { from yearlyRate } payoutWeekday } }";
    let answer = World::usual().ask(None, query, json!({})).await;
    let products = answer.body["data"]["savingsProducts"].as_array().unwrap();
    let usdc = json!({
        "id": PRODUCT, "asset": "USDC", "yearlyRate": "0.12", "payoutWeekday": "MONDAY",
        "rates": [{ "from": "2026-01-01", "yearlyRate": "0.12" }],
    });
    assert_eq!(products[0], usdc);
    let rates: Vec<_> = products.iter().map(|it| (it["asset"].as_str().unwrap(), &it["yearlyRate"])).collect();
    assert_eq!(rates, [("USDC", &json!("0.12")), ("BTC", &json!("0.06")), ("ETH", &json!("0.06"))]);
}

#[tokio::test]
async fn a_position_shows_what_it_has_earned_to_the_last_fraction() {
    let data = saving()
        .data(
            "{ viewer { savings { id product { id } principal { asset amount } earned { numerator denominator display } \
             carried { numerator } paidToDate { amount } nextPayout payoutDestination version } } }",
        )
        .await;
    // 24 days of 100 USDC and, up to the end of January 30th, 2 days of 150; 12 % are 1,200 basis points.
    let numerator = 1_200_i128 * (24 * 100 + 2 * 150) * 1_000_000;
    let position = json!({
        "id": position_node(ALICE),
        "product": { "id": PRODUCT },
        "principal": { "asset": "USDC", "amount": "150.000000" },
        "earned": { "numerator": numerator.to_string(), "denominator": 3_650_000, "display": "0.887671" },
        "carried": { "numerator": "0" },
        "paidToDate": { "amount": "0.000000" },
        // Weeks are due since January 12th, and are paid as soon as the payout runs.
        "nextPayout": "2026-01-31",
        "payoutDestination": "REINVEST",
        "version": 7,
    });
    assert_eq!(data["viewer"]["savings"], json!([position]));
}

#[tokio::test]
async fn days_explain_what_was_earned() {
    let days = |from: &str, to: &str| {
        format!(
            "{{ viewer {{ savingsPosition(productId: \"{PRODUCT}\") {{ days(from: \"{from}\", to: \"{to}\") {{ \
             date balance {{ amount }} rate earned {{ numerator display }} }} }} }} }}"
        )
    };
    let world = saving();
    let data = world.data(&days("2026-01-28", "2026-02-10")).await;
    let day = |date: &str, balance: &str, numerator: i128, display: &str| {
        json!({ "date": date, "balance": { "amount": balance }, "rate": "0.12",
            "earned": { "numerator": numerator.to_string(), "display": display } })
    };
    // The clock says January 31st, so that day is not over.
    let expected = json!([
        day("2026-01-28", "100.000000", 120_000_000_000, "0.032876"),
        day("2026-01-29", "150.000000", 180_000_000_000, "0.049315"),
        day("2026-01-30", "150.000000", 180_000_000_000, "0.049315"),
    ]);
    assert_eq!(data["viewer"]["savingsPosition"]["days"], expected);
    let none = world.data(&days("2026-03-01", "2026-03-01")).await;
    assert_eq!(none["viewer"]["savingsPosition"]["days"], json!([]));
    for (from, to) in [("2026-01-02", "2026-01-01"), ("2026-01-01", "2027-01-02")] {
        assert_eq!(world.refused(&days(from, to)).await["code"], "BAD_INPUT", "{from} {to}");
    }
    world.data(&days("2026-01-01", "2027-01-01")).await;
}

#[tokio::test]
async fn a_position_is_found_by_its_id_and_a_strangers_is_not() {
    let world = saving();
    let found = |id: String| format!("{{ node(id: \"{id}\") {{ __typename id }} }}");
    let data = world.data(&found(position_node(ALICE))).await;
    assert_eq!(data["node"], json!({ "__typename": "SavingsPosition", "id": position_node(ALICE) }));
    assert_eq!(world.data(&found(position_node(BOB))).await["node"], json!(null));
    let none = "{ viewer { a: savingsPosition(productId: \"btc-savings\") { id } \
                b: savingsPosition(productId: \"No such thing!\") { id } } }";
    assert_eq!(world.data(none).await["viewer"], json!({ "a": null, "b": null }));
}

#[tokio::test]
async fn money_moves_into_savings_once_however_often_it_is_asked() {
    let world = funded().await;
    let expected = |account: &str, position: &str, version: u32| {
        json!({
            "operation": {
                "id": ID::from(NodeId::Operation(format!("{ALICE}#{OPERATION}").parse().unwrap())).to_string(),
                "kind": "SAVINGS_DEPOSIT", "status": "SETTLED", "amount": { "amount": "40.000000" },
                "savingsPosition": position_node(ALICE),
            },
            "account": { "available": { "amount": account }, "version": version },
            "position": { "id": position_node(ALICE), "principal": { "amount": position }, "version": version - 1 },
        })
    };
    let query = moves("saveToSavings", OPERATION, "USDC", "40");
    for _ in 0..2 {
        assert_eq!(world.data(&query).await["saveToSavings"], expected("60.000000", "40.000000", 1));
    }
    let more = moves("saveToSavings", "11111111-1111-4111-8111-111111111111", "USDC", "10.5");
    world.data(&more).await;
    // What was asked first is told again, beside what has become of the account since.
    assert_eq!(world.data(&query).await["saveToSavings"], expected("49.500000", "50.500000", 2));
    let at_least = format!(
        "{{ viewer {{ savingsPosition(productId: \"{PRODUCT}\", atLeastVersion: 1) {{ version \
         principal {{ amount }} }} }} }}"
    );
    let position = json!({ "version": 1, "principal": { "amount": "50.500000" } });
    assert_eq!(world.data(&at_least).await["viewer"]["savingsPosition"], position);
}

#[tokio::test]
async fn money_moves_back_out_of_savings() {
    let world = funded().await;
    world.data(&moves("saveToSavings", OPERATION, "USDC", "40")).await;
    let taken = world.data(&moves("takeFromSavings", "11111111-1111-4111-8111-111111111111", "USDC", "15")).await;
    let payload = &taken["takeFromSavings"];
    assert_eq!(payload["operation"]["kind"], "SAVINGS_WITHDRAWAL");
    assert_eq!(payload["account"]["available"]["amount"], "75.000000");
    assert_eq!(payload["position"]["principal"]["amount"], "25.000000");
}

#[tokio::test]
async fn what_cannot_be_moved_is_refused_with_its_own_code() {
    let world = funded().await;
    world.data(&moves("saveToSavings", OPERATION, "USDC", "40")).await;
    let before = world.store.0.lock().unwrap().len();
    let other = "11111111-1111-4111-8111-111111111111";
    let with_product = moves("saveToSavings", other, "USDC", "1").replace(" })", " productId: \"btc-savings\" })");
    let cases = [
        (moves("saveToSavings", other, "USDC", "60.000001"), "INSUFFICIENT_FUNDS"),
        (moves("takeFromSavings", other, "USDC", "40.000001"), "INSUFFICIENT_FUNDS"),
        (moves("saveToSavings", OPERATION, "USDC", "41"), "OPERATION_REUSED"),
        (moves("takeFromSavings", OPERATION, "USDC", "40"), "OPERATION_REUSED"),
        (moves("saveToSavings", other, "GBP", "1"), "NOT_SUPPORTED"),
        (with_product, "PRODUCT_WRONG_ASSET"),
        (moves("saveToSavings", "not a UUID", "USDC", "1"), "BAD_INPUT"),
        (moves("saveToSavings", other, "USDC", "1.0000001"), "MONEY_OVER_PRECISE"),
        (moves("saveToSavings", other, "USDC", "lots"), "MONEY_NOT_A_NUMBER"),
    ];
    for (query, code) in cases {
        let refused = world.refused(&query).await;
        assert_eq!((&refused["code"], refused.get("retryable")), (&json!(code), None), "{query}");
    }
    for amount in ["0", "-1"] {
        let refused = world.refused(&moves("saveToSavings", other, "USDC", amount)).await;
        assert!(refused["code"].as_str().unwrap().ends_with("AMOUNT_NOT_POSITIVE"), "{refused}");
    }
    assert_eq!(world.store.0.lock().unwrap().len(), before, "a refusal writes nothing");
}

fn choose(position: &str, destination: &str) -> String {
    format!(
        "mutation {{ choosePayoutDestination(input: {{ positionId: \"{position}\", destination: {destination} }}) \
         {{ position {{ payoutDestination version }} }} }}"
    )
}

#[tokio::test]
async fn interest_goes_where_the_customer_chooses() {
    let world = funded().await;
    world.data(&moves("saveToSavings", OPERATION, "USDC", "40")).await;
    let chosen = |data: Value| data["choosePayoutDestination"]["position"].clone();
    let query = choose(&position_node(ALICE), "ACCOUNT");
    for _ in 0..2 {
        let expected = json!({ "payoutDestination": "ACCOUNT", "version": 1 });
        assert_eq!(chosen(world.data(&query).await), expected);
    }
}

#[tokio::test]
async fn interest_of_what_is_not_there_goes_nowhere() {
    let world = funded().await;
    let account = ID::from(NodeId::Account(AccountId::new(ALICE, Asset::Usdc))).to_string();
    for id in [position_node(BOB), account, "nonsense".to_owned()] {
        assert_eq!(world.refused(&choose(&id, "ACCOUNT")).await["code"], "NOT_FOUND", "{id}");
    }
    assert_eq!(world.refused(&choose(&position_node(ALICE), "ACCOUNT")).await["code"], "SAVINGS_NOT_OPEN");
}
