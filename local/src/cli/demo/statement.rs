//! The end of the story: the statement, and the payout computed again.

use serde_json::Value;

use super::{
    customer::Customer,
    look::{at, expect, list_at, text_at, unexpected},
    recompute::{self, Day},
    story::Teller,
};
use crate::cli::CliError;

/// Decimals of the saved asset, as `assets` tells them.
async fn decimals(ada: &Customer<'_>, asset: &str) -> Result<usize, CliError> {
    let data = ada.ask("{ assets { code decimals } }").await?;
    let found = list_at(&data, "/assets").into_iter().find(|it| text_at(it, "/code") == asset);
    let decimals = found.and_then(|it| at(&it, "/decimals").as_u64()).and_then(|it| usize::try_from(it).ok());
    decimals.ok_or_else(|| unexpected("the asset has no decimals"))
}

/// Prints the statement and holds every payout against the days that the graph explains it with.
pub async fn tell(ada: &Customer<'_>, teller: &mut Teller, since: &str) -> Result<(), CliError> {
    let now = ada.client.get("/dev/clock").await?;
    let today = text_at(&now, "/now").get(..10).map(str::to_owned).ok_or_else(|| unexpected("no date"))?;
    let asked = format!(
        "{{ viewer {{ savings {{ product {{ asset yearlyRate }} principal {{ amount }} paidToDate {{ amount }} nextPayout
             earned {{ numerator denominator display }}
             days(from: \"{since}\", to: \"{today}\") {{ date balance {{ amount }} rate earned {{ numerator }} }} }}
           operations(first: 50) {{ nodes {{ at kind status amount {{ asset amount }} }} }} }} }}"
    );
    let data = ada.ask(&asked).await?;
    let positions = list_at(&data, "/viewer/savings");
    let [position] = positions.as_slice() else { return Err(unexpected("not one position")) };
    let operations = list_at(&data, "/viewer/operations/nodes");
    let payouts: Vec<_> = operations.iter().rev().filter(|it| text_at(it, "/kind") == "YIELD_PAYOUT").collect();

    teller.step("statement").await?;
    for operation in operations.iter().rev() {
        println!(
            "        {}  {:<18} {:<9} {:>24} {}",
            text_at(operation, "/at").get(..16).unwrap_or_default(),
            text_at(operation, "/kind"),
            text_at(operation, "/status"),
            text_at(operation, "/amount/amount"),
            text_at(operation, "/amount/asset"),
        );
    }
    compare(position, &payouts, decimals(ada, &text_at(position, "/product/asset")).await?)?;
    let paid: Vec<_> = payouts.iter().map(|it| text_at(it, "/amount/amount")).collect();
    teller
        .step(&format!(
            "paid {} USDC, as the days of each week add up; principal {}, earned since {} ({}/{})",
            paid.join(" and "),
            text_at(position, "/principal/amount"),
            text_at(position, "/earned/display"),
            text_at(position, "/earned/numerator"),
            text_at(position, "/earned/denominator"),
        ))
        .await
}

/// Every payout, the principal, what was paid to date and what is earned since, to the last unit.
fn compare(position: &Value, payouts: &[&Value], decimals: usize) -> Result<(), CliError> {
    let days: Vec<_> = list_at(position, "/days")
        .iter()
        .map(|day| Day {
            date: text_at(day, "/date"),
            balance: text_at(day, "/balance/amount"),
            rate: text_at(day, "/rate"),
            earned: text_at(day, "/earned/numerator"),
        })
        .collect();
    expect("the number of explained days", "8", &days.len().to_string())?;
    let mut weeks = recompute::weeks(&days, decimals).map_err(|error| unexpected(&error))?;
    let running = if weeks.len() > payouts.len() { weeks.pop() } else { None };
    expect("the number of payouts", &weeks.len().to_string(), &payouts.len().to_string())?;
    if weeks.is_empty() {
        return Err(unexpected("no week was paid"));
    }
    let mut total = recompute::units("0", decimals).map_err(|error| unexpected(&error))?;
    for (week, payout) in weeks.iter().zip(payouts) {
        let what = format!("the payout of the week of {}", week.monday);
        expect(&what, &recompute::decimal(&week.paid, decimals), &text_at(payout, "/amount/amount"))?;
        total += &week.paid;
    }
    expect("what was paid to date", &recompute::decimal(&total, decimals), &text_at(position, "/paidToDate/amount"))?;
    let saved = recompute::units("400", decimals).map_err(|error| unexpected(&error))?;
    let principal = recompute::decimal(&(saved + total), decimals);
    expect("the principal, with what was reinvested", &principal, &text_at(position, "/principal/amount"))?;
    let earned = match (running, weeks.last()) {
        (Some(week), _) => week.due,
        (None, Some(last)) => last.carried.clone(),
        (None, None) => return Err(unexpected("no week was paid")),
    };
    expect("what is earned and not paid", &earned.to_string(), &text_at(position, "/earned/numerator"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A position of 400 USDC since Sunday, with eight days explained and one week paid.
    fn told() -> (Value, Value) {
        let day = |date: &str, balance: &str, earned: &str| json!({ "date": date, "balance": { "amount": balance }, "rate": "0.12", "earned": { "numerator": earned } });
        let mut days = vec![day("2026-11-22", "400.000000", "480000000000")];
        let paid = "131506".parse::<i64>().unwrap();
        let earned = (400_000_000 + paid) * 1_200;
        for date in 23..=29 {
            days.push(day(&format!("2026-11-{date}"), "400.131506", &earned.to_string()));
        }
        let carried = 480_000_000_000_i64 % 3_650_000;
        let position = json!({ "days": days, "paidToDate": { "amount": "0.131506" }, "principal": { "amount": "400.131506" },
            "earned": { "numerator": (earned * 7 + carried).to_string() } });
        (position, json!({ "amount": { "amount": "0.131506" } }))
    }

    #[test]
    fn a_payout_that_is_as_its_days_add_up_is_accepted() {
        let (position, payout) = told();
        compare(&position, &[&payout], 6).unwrap();
    }

    #[test]
    fn one_unit_off_anywhere_fails_loudly() {
        let (position, payout) = told();
        let off = json!({ "amount": { "amount": "0.131507" } });
        assert!(compare(&position, &[&off], 6).is_err());
        for (place, wrong) in [
            ("/paidToDate/amount", "0.131505"),
            ("/principal/amount", "400.131507"),
            ("/earned/numerator", "1"),
            ("/days/3/earned/numerator", "480157807201"),
        ] {
            let mut position = position.clone();
            *position.pointer_mut(place).unwrap() = json!(wrong);
            assert!(compare(&position, &[&payout], 6).is_err(), "{place}");
        }
        assert!(compare(&position, &[], 6).is_err(), "a payout is missing");
    }
}
