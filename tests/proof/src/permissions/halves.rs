//! What is done for the second time, or before the first is seen.

use std::sync::Arc;

use granary::iam::Part;
use serde_json::Value;
use simulators::onfido::Verdict;

use super::{
    journeys::{Journey, OpeningLate, Play},
    mishaps::{applicant, failed, journey, sample},
};

/// The address is kept, and the customer cannot be stored: the next try finds its key made.
pub fn confirmed(parts: &[Part]) -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let begun = sample("cognito-pre-sign-up").to_string();
            bank.local.lambdas().invoke("CognitoPreSignUp", begun.into()).await.map_err(failed)?;
            for _ in 0..2 {
                let event = sample("cognito-post-confirmation").to_string();
                let _in_vain = bank.local.lambdas().invoke("CognitoPostConfirmation", event.into()).await;
            }
            Ok(())
        })
    });
    let broken = parts.iter().filter(|it| it.statement == "CognitoPostConfirmation/CommitTheCustomer");
    journey("confirmed by halves", broken.cloned().collect(), play)
}

/// Somebody pays a second time.
pub fn paid_twice() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            bank.identified(&ada, Verdict::Approved).await;
            let reference = bank.reference(&ada, "GBP").await;
            for amount in ["10.00", "20.00"] {
                bank.pay(&reference, "GBP", amount).await;
            }
            Ok(())
        })
    });
    journey("paid twice", Vec::new(), play)
}

/// Somebody is paid before anybody sees that their account is open.
pub fn opened_late() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            bank.identified(&ada, Verdict::Approved).await;
            let events = bank.items("LedgerEvents").await;
            bank.pay(&bank_reference(&events), "GBP", "10.00").await;
            Ok(())
        })
    });
    Journey { faults: || Some(Arc::new(OpeningLate::default())), ..journey("opened late", Vec::new(), play) }
}

/// The reference of somebody's account in pounds, from its opening.
fn bank_reference(events: &[std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>]) -> String {
    let pounds = events.iter().filter(|it| it["pk"].as_s().is_ok_and(|pk| pk.ends_with("#GBP")));
    let mut bodies = pounds.filter_map(|it| serde_json::from_str::<Value>(it["c"].as_s().ok()?).ok());
    let reference = bodies.find_map(|it| Some(it["ev"][0]["data"]["reference"].as_str()?.to_owned()));
    reference.unwrap_or_default()
}
