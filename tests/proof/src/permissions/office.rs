//! What compliance does besides what the story tells.

use std::{sync::Arc, time::Duration};

use granary::iam::Part;
use serde_json::{Value, json};
use simulators::onfido::{Fault, Verdict};
use uuid::Uuid;

use super::{
    journeys::{FirstLate, Journey, Play},
    mishaps::{REDELIVERY, applicant, journey, pass},
};
use crate::{
    Failed,
    world::{APPLY, Bank, Person, application, suspect},
};

const INBOX: &str = "{ backOffice { reviews(status: OPEN) { nodes { id } } } }";
const NOTE: &str =
    "mutation($input: AddReviewNoteInput!) { backOffice { addReviewNote(input: $input) { review { version } } } }";

/// Somebody in review, and somebody of compliance.
async fn suspected(bank: &Bank) -> (Person, Person) {
    bank.list("role.pep", "1961-03-04");
    let ivy = bank.newcomer("ivy@example.com").await;
    bank.graphql_with(&ivy, APPLY, suspect(Uuid::new_v4())).await;
    bank.settle().await;
    bank.identified(&ivy, Verdict::Approved).await;
    (ivy, bank.staff("grace@granary.example", &["compliance"]).await)
}

/// A vault that cannot be read for the screening provider: in the end the workflow is told.
pub fn unscreenable() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            bank.identified(&ada, Verdict::Approved).await;
            pass(bank, REDELIVERY * 6).await
        })
    });
    journey("told to the workflow by screening", vec![Part::whole("CallScreening/ReadVault")], play)
}

/// A customer's file, and what they wrote.
pub fn shown() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let (ivy, grace) = suspected(bank).await;
            let file =
                format!("{{ backOffice {{ customer(id: \"{}\") {{ status applications {{ id }} }} }} }}", ivy.sub);
            let file = bank.office(&grace, &file, Value::Null).await;
            if file["customer"]["applications"].as_array().is_none_or(Vec::is_empty) {
                return Err(Failed::new(format!("a file without an application: {file}")));
            }
            let reveal = "mutation($input: RevealPersonalDataInput!) { backOffice { revealPersonalData(input: $input) { lastName } } }";
            let whom = json!({ "customerId": ivy.sub, "reason": "to compare with the list" });
            bank.office(&grace, reveal, whom).await;
            Ok(())
        })
    });
    journey("shown to compliance", Vec::new(), play)
}

/// Workflows that are parked: looked through and at, let go on, and given up.
pub fn operated() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let omar = bank.staff("omar@granary.example", &["operations"]).await;
            let (ada, id) = (bank.newcomer("ada@example.com").await, Uuid::new_v4());
            bank.local.identity_provider().provider.fail_next(2, Fault::Status(422));
            bank.graphql_with(&ada, APPLY, application(id)).await;
            bank.settle().await;
            let list = "{ backOffice { applications(status: SUBMITTED) { nodes { executionId } } } }";
            let listed = bank.office(&omar, list, Value::Null).await;
            let execution = listed["applications"]["nodes"][0]["executionId"].clone();
            for name in ["resumeExecution", "unwindExecution"] {
                let mutation = format!(
                    "mutation($input: ExecutionInput!) {{ backOffice {{ {name}(input: $input) {{ execution {{ status }} }} }} }}"
                );
                let input =
                    json!({ "executionId": execution, "state": "ParkAtCreateRun", "reason": "it was looked into" });
                bank.office(&omar, &mutation, input).await;
                bank.settle().await;
            }
            Ok(())
        })
    });
    journey("operated", Vec::new(), play)
}

/// A note is seen before the case that it is about.
pub fn first_late() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let (_, grace) = suspected(bank).await;
            let case = bank.items("ComplianceEvents").await;
            let case = case.iter().find_map(|it| it["pk"].as_s().ok()?.strip_prefix("case#")).map(str::to_owned);
            let case = case.ok_or_else(|| Failed::new("there is no case"))?;
            let note = json!({ "reviewId": case, "noteId": Uuid::new_v4(), "text": "They rang." });
            bank.office(&grace, NOTE, note).await;
            bank.settle().await;
            pass(bank, Duration::from_secs(60)).await?;
            bank.office(&grace, INBOX, Value::Null).await;
            Ok(())
        })
    });
    Journey {
        faults: || Some(Arc::new(FirstLate::default())),
        ..journey("a case's first commit late", Vec::new(), play)
    }
}
