//! Somebody who is forgotten: at once, and looked for again in the night.

use std::time::Duration;

use domain::ids::RetentionClass;
use serde_json::json;

use super::{
    journeys::{Journey, Play},
    mishaps::{journey, pass},
};
use crate::Failed;

const ERASE: &str = "mutation($input: EraseCustomerInput!) { backOffice { eraseCustomer(input: $input) {
    customer { status } } } }";
const A_NIGHT: Duration = Duration::from_secs(24 * 3600);

/// Staff ask for it. Every key of somebody who never was a customer is destroyed, and nobody looks for them any more.
pub fn forgotten() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = bank.newcomer("ada@example.com").await;
            let grace = bank.staff("grace@granary.example", &["compliance"]).await;
            let order = json!({ "customerId": ada.sub, "reason": "They asked for it." });
            bank.office(&grace, ERASE, order).await;
            pass(bank, A_NIGHT).await?;
            let gone = bank.items("VaultKeys").await.iter().filter(|row| row.contains_key("gone")).count();
            if gone != RetentionClass::ALL.len() {
                return Err(Failed::new(format!("{gone} keys are gone")));
            }
            let due = bank.items("IdentityProjections").await;
            if due.iter().any(|row| row["pk"].as_s().is_ok_and(|pk| pk.contains("erasures#due"))) {
                return Err(Failed::new("somebody is still to be erased"));
            }
            let screened = bank.items("ComplianceEvents").await;
            let ended = |row: &str| row.contains("screening.monitoring-ended.v1");
            if !screened.iter().any(|row| row["c"].as_s().is_ok_and(|it| ended(it))) {
                return Err(Failed::new("somebody is still looked for"));
            }
            Ok(())
        })
    });
    journey("forgotten", Vec::new(), play)
}
