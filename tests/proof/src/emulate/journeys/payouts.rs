//! The weekly payout.
//!
//! The emulator's time is real time, so no week can pass here. Instead somebody has been saving for eight days when the journey begins:
//! that one operation is committed by the bank's own use case, in this process, under a clock that stands eight days back. The
//! stream's relay, the projections, the schedule's message, both functions of the payout and the statement are the emulator's.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::{SavingsMove, save_to_savings},
    ports::Clock,
    streams::Streams,
};
use async_trait::async_trait;
use aws::DynamoEventStore;
use domain::{
    ids::{CustomerId, ProductId},
    ledger::product,
};
use money::{Asset, BusinessDate, Money, Week};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::money::deposit;
use crate::{
    Failed,
    emulate::{
        person::{Person, list},
        providers::now_ms,
        stack::failed,
        world::{World, expect, wait_for},
    },
};

/// Longer than a week, so that one ended since whatever day it is.
const SAVING_FOR: Duration = Duration::days(8);
/// Twelve per cent a year.
const BASIS_POINTS: i128 = 1_200;
const DENOMINATOR: i128 = 3_650_000;
/// What the scheduler puts the time in place of.
const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";

/// See the module.
pub async fn weekly(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    deposit(world, &ada, "USDC", "500.000000").await?;
    let since = saved_long_ago(world, &ada).await?;
    wait_for("savings", || async {
        Ok((position(world, &ada).await?["position"]["principal"]["amount"] == "400.000000").then_some(()))
    })
    .await?;

    // A week that is not over stays unpaid: the message is tried again, and neither done nor set aside.
    let this_week = Week::of(BusinessDate::of(OffsetDateTime::now_utc()));
    let early = json!({ "customer": ada.sub, "product": product()?.to_string(), "week": this_week.to_string() });
    let began = now_ms();
    world.send_to("PayYieldQueue", &early).await?;
    world.logged(began, &["to be tried again", "WEEK_NOT_OVER"]).await?;
    let queue = world.stack.physical("PayYieldQueue")?;
    world.sqs.purge_queue().queue_url(queue).send().await.map_err(failed("take the message away"))?;

    // Twice, as a schedule may fire: once by itself, and once more in the same words.
    let job = due_at_once(world).await?;
    world.send_to("StartPayoutsQueue", &job).await?;
    let expected = Expected::since(since, OffsetDateTime::now_utc());
    wait_for("payout", || async {
        Ok((position(world, &ada).await?["position"]["paidToDate"]["amount"] == expected.paid()).then_some(()))
    })
    .await?;
    world.settle().await?;
    adds_up(world, &ada, &expected).await
}

/// The template's schedule, due now and once: its target, its role, its input with the time filled in. Answers the message that it
/// has sent by the time that somebody has seen it.
async fn due_at_once(world: &World) -> Result<Value, Failed> {
    let named = json!({ "Name": world.stack.physical("WeeklyPayout")? });
    let mut target = world.stack.call("scheduler", "get_schedule", named).await?["Target"].take();
    let scheduled = OffsetDateTime::now_utc().format(&Rfc3339).map_err(failed("write a time"))?;
    let input = target["Input"].as_str().unwrap_or_default().replace(SCHEDULED_TIME, &scheduled);
    target["Input"] = json!(input);
    let at = scheduled.get(..19).ok_or_else(|| Failed::new("a time without seconds"))?;
    let once = json!({
        "Name": "granary-payout-now",
        "ScheduleExpression": format!("at({at})"),
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": target,
    });
    let began = now_ms();
    world.stack.call("scheduler", "create_schedule", once).await?;
    world.logged(began, &["sent off to be paid"]).await?;
    serde_json::from_str(&input).map_err(failed("read the schedule's input"))
}

/// One operation of eight days ago. Answers its day.
async fn saved_long_ago(world: &World, ada: &Person) -> Result<BusinessDate, Failed> {
    let store = DynamoEventStore::new(world.dynamodb.clone(), world.stack.physical("LedgerEvents")?);
    let at = OffsetDateTime::now_utc() - SAVING_FOR;
    let streams = Streams::new(Arc::new(store), Arc::new(Stopped(at)));
    let customer: CustomerId = ada.sub.parse().map_err(failed("read a customer's id"))?;
    let request = SavingsMove {
        customer,
        operation: Uuid::new_v4(),
        product: product()?,
        amount: Money::new(Asset::Usdc, 400_000_000),
    };
    let cause = Cause::by(Actor::Customer(customer)).because_of("eight days ago");
    save_to_savings(&streams, &request, &cause).await.map_err(failed("save"))?;
    Ok(BusinessDate::of(at))
}

/// A clock that stands.
struct Stopped(OffsetDateTime);

#[async_trait]
impl Clock for Stopped {
    fn now(&self) -> OffsetDateTime {
        self.0
    }

    async fn back_off(&self, _: u32) {
        tokio::task::yield_now().await;
    }
}

fn product() -> Result<ProductId, Failed> {
    let usdc = product::catalogue().iter().find(|product| product.check_asset(Asset::Usdc).is_ok());
    usdc.map(|product| product.id.clone()).ok_or_else(|| Failed::new("no product for USDC"))
}

async fn position(world: &World, ada: &Person) -> Result<Value, Failed> {
    let asked = "{ viewer { savings { principal { amount } paidToDate { amount } earned { numerator } }
        account(asset: \"USDC\") { available { amount } entries(first: 20) { nodes { amount { amount } } } }
        operations(first: 20) { nodes { kind amount { amount } } } } }";
    let viewer = ada.ask(world, asked).await?["viewer"].take();
    let position = viewer["savings"][0].clone(); // Nothing, as long as there is none.
    Ok(json!({ "position": position, "viewer": viewer }))
}

/// Computed here, with nothing of the bank's own arithmetic.
struct Expected {
    principal: i128,
    paid: i128,
    earned: i128,
    payouts: usize,
}

impl Expected {
    fn since(since: BusinessDate, now: OffsetDateTime) -> Self {
        let mut it = Self { principal: 400_000_000, paid: 0, earned: 0, payouts: 0 };
        let mut day = since.to_string();
        while day != BusinessDate::of(now).to_string() {
            it.earned += 400_000_000 * BASIS_POINTS; // What is paid late is reinvested late: nothing of it has earned yet.
            let next = time::Date::parse(&day, &time::macros::format_description!("[year]-[month]-[day]")).unwrap();
            let next = next.next_day().unwrap();
            if next.weekday() == time::Weekday::Monday {
                let paid = it.earned / DENOMINATOR;
                it.earned %= DENOMINATOR;
                it.principal += paid;
                it.paid += paid;
                it.payouts += 1;
            }
            day = next.to_string();
        }
        it
    }

    fn paid(&self) -> String {
        decimal(self.paid)
    }
}

fn decimal(units: i128) -> String {
    format!("{}.{:06}", units / 1_000_000, units % 1_000_000)
}

async fn adds_up(world: &World, ada: &Person, expected: &Expected) -> Result<(), Failed> {
    let seen = position(world, ada).await?;
    let position = &seen["position"];
    expect("the principal", position["principal"]["amount"].as_str(), Some(decimal(expected.principal).as_str()))?;
    expect("what was paid", position["paidToDate"]["amount"].as_str(), Some(expected.paid().as_str()))?;
    let earned = expected.earned.to_string();
    expect("what is earned and not paid", position["earned"]["numerator"].as_str(), Some(earned.as_str()))?;
    let operations = list(&seen, "/viewer/operations/nodes");
    let payouts: Vec<_> = operations.iter().filter(|it| it["kind"] == "YIELD_PAYOUT").collect();
    expect("the number of payouts", payouts.len(), expected.payouts)?;
    let entries = list(&seen, "/viewer/account/entries/nodes").iter();
    let sum: i128 = entries.map(|it| units(&it["amount"]["amount"])).sum();
    expect("the sum of the statement", sum, units(&seen["viewer"]["account"]["available"]["amount"]))?;
    expect("what is left on the account", sum, 100_000_000)
}

/// Six decimals, as a whole number.
fn units(amount: &Value) -> i128 {
    amount.as_str().unwrap_or_default().replace('.', "").parse().unwrap()
}
