//! What a customer is told.

use app::views::HolderView;
use serde_json::json;

use super::fakes::{ALICE, BOB, Views, World, account, ask_of, operation};
use crate::{Methods, Outcome, Request, node::NodeId};
use async_graphql::ID;
use domain::ids::AccountId;
use money::Asset;

fn account_node(customer: domain::ids::CustomerId, asset: Asset) -> String {
    ID::from(NodeId::Account(AccountId::new(customer, asset))).to_string()
}

#[tokio::test]
async fn anybody_sees_the_assets() {
    let answer = World::usual().ask(None, "{ assets { code decimals kind } }", json!({})).await;
    let assets = answer.body["data"]["assets"].as_array().unwrap();
    assert_eq!(assets.len(), Asset::ALL.len());
    assert_eq!(assets[0], json!({ "code": "GBP", "decimals": 2, "kind": "FIAT" }));
    assert_eq!(assets[4], json!({ "code": "ETH", "decimals": 18, "kind": "CRYPTO" }));
}

#[tokio::test]
async fn a_viewer_sees_themself_and_an_account() {
    let data = World::usual()
        .data(
            "{ viewer { id status account(asset: \"GBP\") { id asset version \
             available { asset amount } pending { amount } held { amount } } eth: account(asset: \"ETH\") { id } } }",
        )
        .await;
    let gbp = json!({
        "id": account_node(ALICE, Asset::Gbp),
        "asset": "GBP",
        "version": 1,
        "available": { "asset": "GBP", "amount": "1000.00" },
        "pending": { "amount": "0.00" },
        "held": { "amount": "0.00" },
    });
    let id = ID::from(NodeId::Customer(ALICE)).to_string();
    assert_eq!(data, json!({ "viewer": { "id": id, "status": "ACTIVE", "account": gbp, "eth": null } }));
}

#[tokio::test]
async fn accounts_come_in_pages_by_asset() {
    let world = World::usual();
    let page = |arguments: String| {
        let world = &world;
        async move {
            let query = format!(
                "{{ viewer {{ accounts{arguments} {{ edges {{ cursor node {{ asset }} }} \
                 pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }}"
            );
            world.data(&query).await["viewer"]["accounts"].clone()
        }
    };
    let first = page("(first: 2)".to_owned()).await;
    let assets = |page: &serde_json::Value| -> Vec<String> {
        let edges = page["edges"].as_array().unwrap().iter();
        edges.map(|edge| edge["node"]["asset"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(assets(&first), ["GBP", "EUR"]);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let second = page(format!("(first: 2, after: {})", first["pageInfo"]["endCursor"])).await;
    assert_eq!(assets(&second), ["BTC"]);
    assert_eq!(
        (&second["pageInfo"]["hasNextPage"], &second["pageInfo"]["hasPreviousPage"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(assets(&page(String::new()).await).len(), 3);
}

#[tokio::test]
async fn entries_and_operations_come_in_pages_newest_first() {
    let data = World::usual()
        .data(
            "{ viewer { account(asset: \"GBP\") { entries(first: 2) { \
             edges { node { operation { id } amount { amount } balanceAfter { amount } at } } \
             pageInfo { hasNextPage endCursor } } } \
             operations(first: 2, after: \"at-1\") { edges { node { id kind status amount { amount } at } } \
             pageInfo { hasNextPage } } } }",
        )
        .await;
    let entries = &data["viewer"]["account"]["entries"];
    let newest = json!({
        "operation": { "id": ID::from(NodeId::Operation(operation(3))).to_string() },
        "amount": { "amount": "0.03" },
        "balanceAfter": { "amount": "1000.00" },
        "at": "2026-01-31T09:30:00.000Z",
    });
    assert_eq!(entries["edges"][0]["node"], newest);
    assert_eq!(entries["pageInfo"], json!({ "hasNextPage": true, "endCursor": "at-1" }));
    let operations = &data["viewer"]["operations"];
    let oldest = json!({
        "id": ID::from(NodeId::Operation(operation(1))).to_string(),
        "kind": "DEPOSIT",
        "status": "SETTLED",
        "amount": { "amount": "0.01" },
        "at": "2026-01-31T09:30:00.000Z",
    });
    assert_eq!(operations["edges"], json!([{ "node": oldest }]));
    assert_eq!(operations["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn instructions_name_what_a_payer_of_that_asset_needs() {
    let world = World::usual();
    let fields = "asset accountName sortCode accountNumber iban bic reference";
    let gbp = world.data(&format!("{{ viewer {{ depositInstructions(asset: \"GBP\") {{ {fields} }} }} }}")).await;
    let reference = account(ALICE, Asset::Gbp).view.reference.unwrap().to_string();
    let expected = json!({
        "asset": "GBP", "accountName": "Granary Bank", "sortCode": "040004", "accountNumber": "12345678",
        "iban": null, "bic": null, "reference": reference,
    });
    assert_eq!(gbp["viewer"]["depositInstructions"], expected);
    let eur = world.data(&format!("{{ viewer {{ depositInstructions(asset: \"EUR\") {{ {fields} }} }} }}")).await;
    let reference = account(ALICE, Asset::Eur).view.reference.unwrap().to_string();
    let expected = json!({
        "asset": "EUR", "accountName": "Granary Bank", "sortCode": null, "accountNumber": null,
        "iban": "GB33BUKB20201555555555", "bic": "CLRBGB22", "reference": reference,
    });
    assert_eq!(eur["viewer"]["depositInstructions"], expected);
}

#[tokio::test]
async fn instructions_name_the_address_of_what_is_on_a_chain() {
    let address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
    let addresses = [(Asset::Btc, address.parse().unwrap())].into();
    let world = World::of(Views {
        customers: vec![ALICE],
        holders: [(ALICE, HolderView { addresses })].into(),
        ..Views::default()
    });
    let fields = "asset address minimum { amount } confirmations reference accountName iban";
    let btc = world.data(&format!("{{ viewer {{ depositInstructions(asset: \"BTC\") {{ {fields} }} }} }}")).await;
    let expected = json!({
        "asset": "BTC", "address": address, "minimum": { "amount": "0.00001000" }, "confirmations": 3,
        "reference": null, "accountName": null, "iban": null,
    });
    assert_eq!(btc["viewer"]["depositInstructions"], expected);
}

#[tokio::test]
async fn an_account_is_found_by_its_id() {
    let world = World::usual();
    let id = account_node(ALICE, Asset::Gbp);
    let data = world.data(&format!("{{ node(id: \"{id}\") {{ __typename id ... on Account {{ asset }} }} }}")).await;
    assert_eq!(data["node"], json!({ "__typename": "Account", "id": id, "asset": "GBP" }));
}

#[tokio::test]
async fn a_strangers_id_answers_like_one_that_names_nothing() {
    let world = World::usual();
    let ids = [
        account_node(BOB, Asset::Gbp),
        account_node(ALICE, Asset::Eth),
        ID::from(NodeId::Customer(BOB)).to_string(),
        ID::from(NodeId::Operation(operation(1))).to_string(),
        "no id at all!".to_owned(),
        String::new(),
    ];
    for id in ids {
        assert_eq!(world.data(&format!("{{ node(id: \"{id}\") {{ id }} }}")).await, json!({ "node": null }), "{id}");
    }
}

#[tokio::test]
async fn ensuring_a_customer_commits_once_with_its_cause() {
    let world = World::of(Views::default());
    let mutation = "mutation { ensureCustomer { id status version } }";
    let first = world.data(mutation).await;
    assert_eq!(first["ensureCustomer"]["status"], "SIGNED_UP");
    assert_eq!(first["ensureCustomer"]["version"], 0);
    assert_eq!(world.data(mutation).await, first);
    let commits = world.store.0.lock().unwrap();
    assert_eq!(commits.len(), 1);
    let body = commits[0].names().unwrap();
    assert_eq!(body.by, format!("customer:{ALICE}"));
    assert_eq!(body.causation.as_deref(), Some("request-1"));
    assert_eq!(body.correlation.as_deref(), Some("correlation-1"));
}

#[tokio::test]
async fn a_document_that_was_sent_before_is_answered_the_same() {
    let world = World::usual();
    let query = "query Q($asset: AssetCode!) { viewer { account(asset: $asset) { asset } } }";
    for (asset, found) in [("GBP", json!({ "asset": "GBP" })), ("EUR", json!({ "asset": "EUR" })), ("ETH", json!(null))]
    {
        let answer = world.ask(Some(ALICE), query, json!({ "asset": asset })).await;
        assert_eq!(answer.body["data"]["viewer"]["account"], found);
    }
    let wrong = world.ask(Some(ALICE), query, json!({ "asset": "XYZ" })).await;
    assert_eq!(wrong.outcome, Outcome::Invalid);
}

#[tokio::test]
async fn fields_come_in_the_order_in_which_they_were_asked_for() {
    let request = Request::new(
        "{ viewer { status b: account(asset: \"GBP\") { version asset } a: status } assets { kind code } }",
    );
    let answer = World::usual().graph.answer(request, ask_of(Some(ALICE), Methods::All)).await;
    let begin = r#"{"data":{"viewer":{"status":"ACTIVE","b":{"version":1,"asset":"GBP"},"a":"ACTIVE"},"assets":[{"kind":"FIAT","#;
    assert!(answer.body.starts_with(begin), "{}", answer.body);
}
