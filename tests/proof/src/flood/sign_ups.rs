//! Robots who sign up and never confirm: only the table of sign-ups is written, and after thirty days nothing of them is left but a
//! line each in the archive.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use aws_sdk_cognitoidentityprovider as cognito;
use granary::services::{Capacity, OPERATOR};
use serde_json::Value;
use time::Duration;

use crate::{
    Failed,
    world::{Bank, PASSWORD, Person},
};

/// What a flood of sign-ups may write to, and to nothing else.
const TABLE: &str = "SignUps";
const MONTH: Duration = Duration::days(30);

/// What a flood did to a bank.
#[derive(Debug)]
struct Flooded {
    /// Whom the pool made a user.
    subs: BTreeSet<String>,
    /// Write units by table.
    written: BTreeMap<String, Capacity>,
}

pub(super) fn run(count: usize) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failed::new(format!("no runtime: {error}")))?;
    crate::world::keys();
    runtime.block_on(flood(count))
}

async fn flood(count: usize) -> Result<(), Failed> {
    let bank = Bank::open().await;
    // Somebody who is a customer before, and one who works here: neither must notice.
    let ada = bank.customer("ada@example.com").await;
    let staff = bank.staff("grace@granary.example", &["compliance"]).await;
    let before = rows(&bank).await;

    let began = Instant::now();
    let flooded = robots(&bank, count).await?;
    println!("{count} sign-ups in {} s", began.elapsed().as_secs());
    for (table, units) in &flooded.written {
        println!("  {units} write units on {table}");
    }
    let strangers: Vec<_> = flooded.written.keys().filter(|table| table.as_str() != TABLE).collect();
    expect(strangers.is_empty(), || format!("sign-ups are written to {strangers:?}"))?;
    expect(flooded.subs.len() == count, || format!("{} of {count} robots are users", flooded.subs.len()))?;
    let during = rows(&bank).await;
    for (table, number) in &during {
        let wanted = before[table] + if table == TABLE { count } else { 0 };
        expect(*number == wanted, || format!("{table} has {number} rows and not {wanted}"))?;
    }

    let began = Instant::now();
    let (written, left) = month(&bank).await;
    println!("thirty days in {} s", began.elapsed().as_secs());
    written.iter().for_each(|(table, units)| println!("  {units} write units on {table}"));
    // What the bank writes by itself within a month is not the flood's: customers are screened again every day.
    let alone = Bank::open().await;
    alone.customer("ada@example.com").await;
    alone.staff("grace@granary.example", &["compliance"]).await;
    let (usual, usually_left) = month(&alone).await;
    for table in bank.local.plan().tables.iter().map(|it| &it.logical_id).filter(|table| is_main(table)) {
        let (units, wanted) = (written.get(table), usual.get(table));
        expect(units == wanted, || format!("{table} was written {units:?} and not {wanted:?} units"))?;
        let (number, wanted) = (left[table], usually_left[table]);
        expect(number == wanted, || format!("{table} is left with {number} rows and not {wanted}"))?;
    }
    expect(left[TABLE] == before[TABLE], || format!("{TABLE} is left with {} rows", left[TABLE]))?;
    archive(&bank, &flooded.subs)?;
    users(&bank, &flooded.subs, &[&ada, &staff]).await?;
    println!("{count} archived, {count} users gone, nothing else written");
    Ok(())
}

/// A month passes: what is written meanwhile, and what is there afterwards.
async fn month(bank: &Bank) -> (BTreeMap<String, Capacity>, BTreeMap<String, usize>) {
    let written = metered(bank, bank.advance(MONTH + Duration::HOUR)).await;
    (written, rows(bank).await)
}

/// Signs up through the pool's own door, which calls the trigger.
async fn robots(bank: &Bank, count: usize) -> Result<Flooded, Failed> {
    let mut subs = BTreeSet::new();
    let (pool, client_id) = (bank.pool(), bank.client_id());
    let signing_up = async {
        for number in 0..count {
            let call = pool.sign_up().client_id(&client_id).username(format!("robot-{number}@example.com"));
            let answer = call.password(PASSWORD).send().await;
            let answer = answer.map_err(|error| Failed::new(format!("robot {number} cannot sign up: {error:?}")))?;
            subs.insert(answer.user_sub().to_owned());
        }
        bank.settle().await;
        Ok::<_, Failed>(())
    };
    let mut outcome = Ok(());
    let written = metered(bank, async { outcome = signing_up.await }).await;
    outcome?;
    Ok(Flooded { subs, written })
}

/// What is written meanwhile, by table.
async fn metered(bank: &Bank, work: impl Future<Output = ()>) -> BTreeMap<String, Capacity> {
    let tables = &bank.local.plan().tables;
    let named = |name: &str| tables.iter().find(|table| table.name == name).map(|table| table.logical_id.clone());
    bank.local.aws().dynamodb.reset_meter();
    work.await;
    let written = bank.local.aws().dynamodb.meter().written;
    written.into_iter().map(|(table, units)| (named(&table).unwrap_or(table), units)).collect()
}

/// The tables of which nothing may be written for somebody who is nobody yet.
fn is_main(table: &str) -> bool {
    table.ends_with("Events") || table.ends_with("Projections") || table.starts_with("Vault")
}

/// How many rows each table has.
async fn rows(bank: &Bank) -> BTreeMap<String, usize> {
    let mut rows = BTreeMap::new();
    for table in &bank.local.plan().tables {
        rows.insert(table.logical_id.clone(), bank.items(&table.logical_id).await.len());
    }
    rows
}

/// Everybody is archived once, by an id and two times.
fn archive(bank: &Bank, subs: &BTreeSet<String>) -> Result<(), Failed> {
    let failed = |error: &dyn std::fmt::Display| Failed::new(format!("the archive cannot be read: {error}"));
    let bucket = bank.local.plan().bucket("Archive").ok_or_else(|| failed(&"there is none"))?;
    let s3 = &bank.local.aws().s3;
    let mut archived = BTreeSet::new();
    for key in s3.keys(&bucket.name, "sign-ups/").map_err(|error| failed(&error))? {
        let object = s3.get(&bucket.name, &key).map_err(|error| failed(&error))?;
        let object = object.ok_or_else(|| failed(&key))?;
        let content: BTreeMap<String, Value> = serde_json::from_slice(&object.body).map_err(|error| failed(&error))?;
        let names: Vec<_> = content.keys().map(String::as_str).collect();
        expect(names == ["begunAt", "expiredAt", "subject"], || format!("{key} says more than it may: {names:?}"))?;
        archived.insert(content["subject"].as_str().unwrap_or_default().to_owned());
    }
    expect(archived == *subs, || format!("{} of {} robots are archived", archived.len(), subs.len()))
}

/// No robot is a user any more, and everybody else is.
async fn users(bank: &Bank, gone: &BTreeSet<String>, here: &[&Person]) -> Result<(), Failed> {
    let pool = cognito::Client::new(&bank.local.sdk_config(OPERATOR));
    let pool_id = &bank.local.plan().user_pools[0].id;
    let here = here.iter().map(|person| (&person.sub, true));
    for (sub, wanted) in gone.iter().map(|sub| (sub, false)).chain(here) {
        let answer = pool.admin_list_groups_for_user().user_pool_id(pool_id).username(sub).send().await;
        let is_user = match &answer {
            Ok(_) => true,
            Err(error) if error.as_service_error().is_some_and(|it| it.is_user_not_found_exception()) => false,
            Err(error) => return Err(Failed::new(format!("the pool does not answer: {error:?}"))),
        };
        expect(is_user == wanted, || format!("{sub} is {} user", if is_user { "still a" } else { "no" }))?;
    }
    Ok(())
}

fn expect(holds: bool, found: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::new(found())) }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn dozens_of_robots_leave_nothing_but_lines_in_the_archive() {
        super::flood(60).await.unwrap();
    }
}
