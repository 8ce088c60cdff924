use contracts::tasks::Decision;
use domain::{
    error::Classify as _,
    onboarding::{
        application::{ApplicationError, Stage},
        content::ApplicationContent,
        eligibility::EligibilityError,
    },
};
use secrecy::SecretString;
use time::Duration;

use super::world::{ALICE, BOB, FIRST, Fault, SECOND, World, ada, content};
use crate::onboarding::OnboardingError;

fn other_content() -> ApplicationContent {
    let mut written = ada();
    written.last_name = SecretString::from("Byron");
    ApplicationContent::new(&written)
}

#[test]
fn what_was_written_is_in_the_vault_and_nowhere_else() {
    let world = World::new();
    let state = world.submit(ALICE, FIRST, content()).unwrap();
    let kept = world.kept();
    let submission = state.find(FIRST).unwrap();
    assert!(kept.vault[&submission.content].contains("Lovelace"));
    let slot = submission.content.slot();
    let digits = slot.strip_prefix(&format!("application-{FIRST}-")).unwrap();
    assert!(submission.fingerprint.to_string().starts_with(digits) && digits.len() == 16, "{slot}");
    let commit = &kept.commits[0];
    for text in [&commit.body, &commit.state] {
        assert!(!text.contains("Ada") && !text.contains("Lovelace") && !text.contains("1990"), "{text}");
    }
}

#[test]
fn an_application_sent_twice_gets_the_same_answer() {
    let world = World::new();
    let first = world.submit(ALICE, FIRST, content()).unwrap();
    world.later(Duration::hours(3));
    assert_eq!(world.submit(ALICE, FIRST, content()), Ok(first));
    assert_eq!(world.kept().commits.len(), 1);
    assert_eq!(world.kept().vault.len(), 1);
}

#[test]
fn a_repeat_answers_what_became_of_it() {
    let world = World::new();
    world.submit(ALICE, FIRST, content()).unwrap();
    world.decide(Decision::Decline).unwrap();
    let again = world.submit(ALICE, FIRST, content()).unwrap();
    assert_eq!(again.current().map(|it| it.stage), Some(Stage::Declined));
}

#[test]
fn another_content_under_the_same_id_is_refused_and_not_kept() {
    let world = World::new();
    world.submit(ALICE, FIRST, content()).unwrap();
    let refused = world.submit(ALICE, FIRST, other_content()).unwrap_err();
    assert_eq!(refused.code(), "APPLICATION_REUSED");
    assert_eq!(world.kept().vault.len(), 1);
}

#[test]
fn the_same_id_of_a_stranger_is_another_application() {
    let world = World::new();
    world.submit(ALICE, FIRST, content()).unwrap();
    let his = world.submit(BOB, FIRST, other_content()).unwrap();
    assert_eq!(his.submissions.len(), 1);
    assert_eq!(world.kept().commits.len(), 2);
    assert_ne!(world.first().content, his.submissions[0].content);
}

#[test]
fn after_a_decline_there_is_no_further_application() {
    let world = World::new();
    world.submit(ALICE, FIRST, content()).unwrap();
    let open = world.submit(ALICE, SECOND, content()).unwrap_err();
    assert_eq!(open.code(), "APPLICATION_OPEN");
    world.decide(Decision::Decline).unwrap();
    let declined = world.submit(ALICE, SECOND, content()).unwrap_err();
    assert_eq!(declined.code(), "APPLICATION_DECLINED");
}

#[test]
fn after_an_expiry_there_may_be_another_one() {
    let world = World::new();
    world.submit(ALICE, FIRST, content()).unwrap();
    world.decide(Decision::Expire).unwrap();
    let state = world.submit(ALICE, SECOND, content()).unwrap();
    assert_eq!(state.current().map(|it| (it.id, it.stage)), Some((SECOND, Stage::Open)));
}

#[test]
fn of_somebody_whom_the_bank_does_not_take_nothing_is_kept() {
    let mut young = ada();
    young.birth_date = SecretString::from("2010-01-01");
    let mut abroad = ada();
    abroad.address.country = SecretString::from("US");
    for (written, refusal) in [(young, EligibilityError::UnderAge), (abroad, EligibilityError::CountryNotSupported)] {
        let world = World::new();
        let refused = world.submit(ALICE, FIRST, ApplicationContent::new(&written));
        assert_eq!(refused, Err(OnboardingError::Eligibility(refusal)));
        let kept = world.kept();
        assert!(kept.vault.is_empty() && kept.commits.is_empty());
    }
}

#[test]
fn a_lost_answer_is_found_by_asking_again() {
    for fault in [Fault::Before("keep"), Fault::After("keep"), Fault::Before("append"), Fault::After("append")] {
        let world = World::new();
        world.fails(fault);
        assert!(world.submit(ALICE, FIRST, content()).is_err(), "{fault:?}");
        let state = world.submit(ALICE, FIRST, content()).unwrap();
        assert_eq!(state.submissions.len(), 1, "{fault:?}");
        let kept = world.kept();
        assert_eq!((kept.commits.len(), kept.vault.len()), (1, 1), "{fault:?}");
    }
}

#[test]
fn a_decision_is_the_applications_own_business() {
    let world = World::new();
    let unknown = world.decide(Decision::Approve);
    assert_eq!(unknown, Err(OnboardingError::Application(ApplicationError::Unknown)));
    world.submit(ALICE, FIRST, content()).unwrap();
    let early = world.decide(Decision::Approve);
    assert_eq!(early, Err(OnboardingError::Application(ApplicationError::NotIdentified)));
}
