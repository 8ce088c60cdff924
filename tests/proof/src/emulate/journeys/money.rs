//! Money that comes in, and goes into savings.

use app::views::LedgerViews as _;
use money::Asset;
use serde_json::{Value, json};
use simulators::{
    clearbank::{Delivery, Outcome, Payment},
    fireblocks::{Confirm, Deposit},
};
use uuid::Uuid;

use crate::{
    Failed,
    emulate::{
        person::{Person, list},
        providers::now_ms,
        stack::failed,
        world::{World, expect, wait_for},
    },
};

pub const SAVE: &str = "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { operation { id } account { version available { amount } } } }";
/// How many confirmations a chain may need at most, before something is wrong.
const STEPS_MAX: usize = 200;

/// A payment at the bank partner, and its webhook.
pub async fn pay(world: &World, reference: &str, amount: &str) -> Result<Delivery, Failed> {
    let payment = Payment::credit("GBP", amount, reference);
    world.providers.clearbank.pay(&payment, now_ms(), &world.ways.clearbank).await.map_err(failed("pay"))
}

/// A deposit that the custodian confirms at once.
pub async fn deposit(world: &World, person: &Person, asset: &str, amount: &str) -> Result<(), Failed> {
    let order = order(asset, &person.instruction(world, asset, "address").await?, amount, Confirm::AtOnce);
    let sent = world.providers.fireblocks.deposit(&order, now_ms(), &world.ways.fireblocks).await;
    sent.map_err(failed("send coins"))?;
    person.has(world, asset, amount).await
}

fn order(asset: &str, address: &str, amount: &str, confirm: Confirm) -> Deposit {
    let (asset, address, amount) = (asset.to_owned(), address.to_owned(), amount.to_owned());
    Deposit { asset, address, amount, confirm, ..Deposit::default() }
}

/// The webhook comes twice; our signed answers satisfy the bank partner.
pub async fn pounds(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    let first = pay(world, &ada.instruction(world, "GBP", "reference").await?, "1000.00").await?;
    let again = world.providers.clearbank.redeliver(first.id, now_ms(), &world.ways.clearbank).await;
    let again = again.map_err(failed("tell again"))?;
    for delivery in [&first, &again] {
        expect("the bank partner's verdict on our answer", delivery.outcome, Outcome::Delivered)?;
    }
    ada.has(world, "GBP", "1000.00").await?;
    world.settle().await?;
    let account = ada.account(world, "GBP").await?;
    expect("the number of entries", list(&account, "/entries/nodes").len(), 1)?;
    expect("the balance", account["available"]["amount"].as_str(), Some("1000.00"))
}

/// Nobody's money is acknowledged, and is on the books.
pub async fn suspense(world: &World) -> Result<(), Failed> {
    let before = suspended(world).await?;
    let delivery = pay(world, "rent November", "250.00").await?;
    expect("the bank partner's verdict on our answer", delivery.outcome, Outcome::Delivered)?;
    wait_for("money in suspense", || async { Ok((suspended(world).await? == before + 25_000).then_some(())) }).await
}

async fn suspended(world: &World) -> Result<i128, Failed> {
    let suspense = world.ledger_views()?.internal("suspense", Asset::Gbp).await;
    Ok(suspense.map_err(failed("read the ledger"))?.units())
}

/// Seen is not had: they are pending, and nobody can spend them.
pub async fn coins(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    let address = ada.instruction(world, "ETH", "address").await?;
    let amount = "0.500000000000000000";
    let order = Deposit { duplicate: true, ..order("ETH", &address, amount, Confirm::Slowly) };
    let (transaction, _) = world
        .providers
        .fireblocks
        .deposit(&order, now_ms(), &world.ways.fireblocks)
        .await
        .map_err(failed("send coins"))?;
    wait_for("pending deposit", || async {
        Ok((ada.account(world, "ETH").await?["pending"]["amount"] == amount).then_some(()))
    })
    .await?;
    let account = ada.account(world, "ETH").await?;
    expect("what may be spent", account["available"]["amount"].as_str(), Some("0.000000000000000000"))?;
    // The chain's minutes do not pass here: each step is taken at once.
    for _ in 0..STEPS_MAX {
        let stepped = world.providers.fireblocks.step(transaction.id, now_ms(), &world.ways.fireblocks).await;
        stepped.map_err(failed("confirm"))?;
    }
    ada.has(world, "ETH", amount).await?;
    world.settle().await?;
    let account = ada.account(world, "ETH").await?;
    expect("what is still pending", account["pending"]["amount"].as_str(), Some("0.000000000000000000"))?;
    expect("the number of entries", list(&account, "/entries/nodes").len(), 1)
}

/// Moves, and what is asked for again under the same id.
pub async fn savings(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    deposit(world, &ada, "USDC", "500.000000").await?;
    let input = json!({ "operationId": Uuid::new_v4(), "money": { "asset": "USDC", "amount": "400" } });
    let first = ada.send(world, SAVE, input.clone()).await?;
    let again = ada.send(world, SAVE, input.clone()).await?;
    let operation = |answer: &Value| answer["saveToSavings"]["operation"]["id"].clone();
    expect("the operation that was sent twice", operation(&again), operation(&first))?;
    let mut other = input;
    other["money"]["amount"] = json!("1");
    expect("the answer to another amount", ada.refusal(world, SAVE, other).await?.as_str(), "OPERATION_REUSED")?;
    let dear = json!({ "operationId": Uuid::new_v4(), "money": { "asset": "USDC", "amount": "100.000001" } });
    expect("the answer to too much", ada.refusal(world, SAVE, dear).await?.as_str(), "INSUFFICIENT_FUNDS")?;
    // Nobody waits for projections: a query may ask for at least the version that the mutation answered.
    let version = &first["saveToSavings"]["account"]["version"];
    let asked =
        format!("{{ viewer {{ account(asset: \"USDC\", atLeastVersion: {version}) {{ available {{ amount }} }} }} }}");
    let own = ada.ask(world, &asked).await?;
    expect("her own write", own["viewer"]["account"]["available"]["amount"].as_str(), Some("100.000000"))
}
