//! The proof itself fails when a statement is too much.

use std::time::Duration;

use granary::{
    iam::{self, Part},
    template,
};

use super::{journeys::Journey, mishaps, report::Outcome, report::Report, run, template_of};
use crate::world::TEMPLATE;

/// The committed template, with one more statement of the identity provider's receiver in front of its own.
fn with(statement: &str) -> String {
    let (before, receiver) = TEMPLATE.split_once("  OnfidoWebhook:\n").unwrap();
    let list = "          Statement:\n";
    format!("{before}  OnfidoWebhook:\n{}", receiver.replacen(list, &format!("{list}            - {statement}\n"), 1))
}

/// What is found about the receiver when only its door is tried.
fn found(template: &str) -> Vec<(Part, Outcome)> {
    let plan = template_of(template);
    let parts = iam::parts(&plan);
    let units = run::units(&parts, Some("OnfidoWebhook/"));
    let journeys: Vec<Journey> =
        Journey::all(&plan).into_iter().filter(|it| it.name == "refused at onfido's door").collect();
    let played = run::play_all(template, &journeys).unwrap();
    let findings = run::take_out_each(template, &units, &played);
    findings.into_iter().map(|it| (it.unit, it.outcome)).collect()
}

fn outcome<'a>(found: &'a [(Part, Outcome)], statement: &str) -> &'a Outcome {
    &found.iter().find(|(unit, _)| *unit == Part::whole(statement)).unwrap().1
}

#[test]
fn a_statement_that_is_needed_is_missed_by_name() {
    let found = found(TEMPLATE);
    let Outcome::Refused(denial) = outcome(&found, "OnfidoWebhook/EncryptRawBytes") else { panic!() };
    assert_eq!((denial.principal.as_str(), denial.action.as_str()), ("OnfidoWebhook", "kms:GenerateDataKey"));
    assert!(denial.resource.contains(":key/") && denial.text.contains(&denial.resource));
}

#[test]
fn a_statement_that_nobody_needs_is_found() {
    let careless = "{Sid: Careless, Effect: Allow, Action: s3:GetObject, Resource: !Sub '${RawWebhooks.Arn}/*'}";
    assert_eq!(*outcome(&found(&with(careless)), "OnfidoWebhook/Careless"), Outcome::NeverUsed);
}

#[test]
fn a_statement_that_only_repeats_another_is_found() {
    let twice = "{Sid: Twice, Effect: Allow, Action: s3:PutObject, Resource: !Sub '${RawWebhooks.Arn}/*'}";
    let found = found(&with(twice));
    // The one in front is what decides, and without it the other one does.
    assert_eq!(*outcome(&found, "OnfidoWebhook/Twice"), Outcome::Unnoticed);
    assert_eq!(*outcome(&found, "OnfidoWebhook/StoreRawBytes"), Outcome::NeverUsed);
}

#[test]
fn every_mishap_is_allowed_what_it_needs_and_refused_only_what_it_is_about() {
    let plan = template_of(TEMPLATE);
    let mishaps = mishaps::all(&plan);
    let played = run::play_all(TEMPLATE, &mishaps).unwrap();
    for giving_up in iam::parts(&plan).iter().filter(|it| it.statement.ends_with("/GiveUpWithAReason")) {
        // What is set aside for good is in the story's own scene of noise.
        if giving_up.resource.as_deref().is_some_and(|queue| queue.ends_with("granary-parked")) {
            assert!(played.iter().any(|it| it.uses.contains_key(giving_up)), "{giving_up}");
        }
    }
}

#[test]
fn what_can_go_missing_fails_the_proof() {
    let plan = template_of(TEMPLATE);
    let finding = |outcome| super::Finding { unit: Part::whole("Graphql/Commit"), journey: None, outcome };
    let report = |outcome| {
        let took = Duration::ZERO;
        Report { plan: &plan, journeys: &[], findings: vec![finding(outcome)], played_in: took, took }
    };
    let said = report(Outcome::NeverUsed).verdict().unwrap_err().to_string();
    assert!(said.contains("Graphql/Commit"), "{said}");
    report(Outcome::Unnoticed).verdict().unwrap_err();
}

#[test]
fn every_table_of_the_plan_is_called_by_its_name_in_the_template() {
    let plan: template::Plan = template_of(TEMPLATE);
    assert_eq!(super::short(&plan, &plan.table("Vault").unwrap().arn), "Vault");
    assert_eq!(super::short(&plan, &plan.table("VaultKeys").unwrap().arn), "VaultKeys");
    assert_eq!(super::short(&plan, "nothing of ours"), "nothing of ours");
}
