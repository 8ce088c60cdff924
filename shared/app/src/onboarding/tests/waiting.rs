use contracts::tasks::{Awaited, Decision};
use domain::{
    error::{Class, Classify as _},
    ids::{VaultRef, WorkflowRunId},
    onboarding::application::{ApplicationError, IdentityResult, ReviewResult, Stage},
};
use futures::executor::block_on;
use secrecy::SecretString;
use uuid::Uuid;

use super::world::{ALICE, BOB, FIRST, Fault, World, cause, checked};
use crate::{
    onboarding::{Information, LedgerNews, OnboardingError, ReviewNews, provide_information},
    ports::IdentityStanding,
};

const APPROVED: &str = r#"{"result":"approved"}"#;

fn resumed(world: &World) -> Vec<(String, String)> {
    world.kept().resumed.clone()
}

fn once(token: &str, output: &str) -> Vec<(String, String)> {
    vec![(token.to_owned(), output.to_owned())]
}

fn tell(world: &std::sync::Arc<World>, news: LedgerNews) -> Result<(), OnboardingError> {
    block_on(world.waiting().ledger_news(ALICE, news, &cause()))
}

#[test]
fn a_result_resumes_the_state_that_waits_for_it() {
    let world = checked();
    world.pause(Awaited::Identity, "t1").unwrap();
    assert!(resumed(&world).is_empty());
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    assert_eq!(resumed(&world), once("t1", APPROVED));
    assert!(world.kept().pauses.is_empty());
}

#[test]
fn a_result_that_comes_before_the_pause_is_found_by_it() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Declined).unwrap();
    assert!(resumed(&world).is_empty());
    world.pause(Awaited::Identity, "t1").unwrap();
    assert_eq!(resumed(&world), once("t1", r#"{"result":"declined"}"#));
    assert!(world.kept().pauses.is_empty());
}

#[test]
fn a_state_that_waits_again_is_resumed_under_its_newest_token() {
    let world = checked();
    world.pause(Awaited::Identity, "t1").unwrap();
    world.pause(Awaited::Identity, "t2").unwrap();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    assert_eq!(resumed(&world), once("t2", APPROVED));
}

#[test]
fn a_webhook_that_comes_twice_changes_nothing() {
    let world = checked();
    world.pause(Awaited::Identity, "t1").unwrap();
    let first = world.news(world.run(), IdentityStanding::Approved).unwrap();
    assert_eq!(world.news(world.run(), IdentityStanding::Approved), Ok(first));
    assert_eq!(resumed(&world).len(), 1);
}

#[test]
fn a_crash_between_recording_and_resuming_is_healed_by_the_next_delivery() {
    for fault in [Fault::Before("succeed"), Fault::After("succeed"), Fault::After("append")] {
        let world = checked();
        world.pause(Awaited::Identity, "t1").unwrap();
        world.fails(fault);
        assert!(world.news(world.run(), IdentityStanding::Approved).is_err(), "{fault:?}");
        world.news(world.run(), IdentityStanding::Approved).unwrap();
        assert_eq!(resumed(&world).last(), once("t1", APPROVED).last(), "{fault:?}");
    }
}

#[test]
fn a_pause_that_broke_off_is_noted_again_under_a_new_token() {
    let world = checked();
    world.fails(Fault::After("note"));
    assert!(world.pause(Awaited::Identity, "t1").is_err());
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    world.pause(Awaited::Identity, "t2").unwrap();
    assert_eq!(resumed(&world).last(), once("t2", APPROVED).last());
}

#[test]
fn a_contradiction_is_recorded_and_changes_nothing() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    let after = world.news(world.run(), IdentityStanding::Declined).unwrap();
    assert_eq!(after.identity.map(|it| it.result), Some(IdentityResult::Approved));
    assert!(after.contradicted_at.is_some());
    world.pause(Awaited::Identity, "t1").unwrap();
    assert_eq!(resumed(&world), once("t1", APPROVED));
    world.decide(Decision::Approve).unwrap();
    assert_eq!(world.first().stage, Stage::Approved);
}

#[test]
fn a_run_that_no_application_knows_is_tried_again() {
    let unknown = checked().news(WorkflowRunId::new(Uuid::from_u128(1)), IdentityStanding::Approved).unwrap_err();
    assert_eq!((unknown.code(), unknown.class()), ("IDENTITY_RUN_UNKNOWN", Class::Transient));
}

#[test]
fn news_that_are_no_result_resume_nobody() {
    let world = checked();
    world.pause(Awaited::Identity, "t1").unwrap();
    world.news(world.run(), IdentityStanding::Open).unwrap();
    world.news(world.run(), IdentityStanding::InReview).unwrap();
    assert!(resumed(&world).is_empty());
    assert!(world.first().review_started_at.is_some());
    let failed = world.news(world.run(), IdentityStanding::Failed).unwrap_err();
    assert_eq!(failed, OnboardingError::RunFailed);
}

#[test]
fn the_ledgers_news_resume_what_waits_for_them_in_either_order() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    world.decide(Decision::Approve).unwrap();
    tell(&world, LedgerNews::InstructionsReady).unwrap();
    world.pause(Awaited::Accounts, "accounts").unwrap();
    assert!(resumed(&world).is_empty());
    tell(&world, LedgerNews::AccountsOpened).unwrap();
    tell(&world, LedgerNews::AccountsOpened).unwrap();
    assert_eq!(resumed(&world), once("accounts", "{}"));
    world.pause(Awaited::Instructions, "instructions").unwrap();
    assert_eq!(resumed(&world).last(), once("instructions", "{}").last());
    world.decide(Decision::Complete).unwrap();
    world.decide(Decision::Complete).unwrap();
    assert_eq!(world.first().stage, Stage::Completed);
}

#[test]
fn a_customer_without_an_application_waits_for_nothing() {
    let world = checked();
    block_on(world.waiting().ledger_news(BOB, LedgerNews::AccountsOpened, &cause())).unwrap();
    let commits = world.kept().commits.len();
    tell(&world, LedgerNews::AccountsOpened).unwrap(); // Alice's application is not approved.
    assert_eq!(world.kept().commits.len(), commits);
}

#[test]
fn only_a_person_ends_an_operators_pause() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    world.pause(Awaited::Operator, "t1").unwrap();
    assert!(resumed(&world).is_empty());
    assert_eq!(world.kept().pauses.len(), 1);
}

fn review(world: &std::sync::Arc<World>, news: ReviewNews) -> Result<(), OnboardingError> {
    block_on(world.waiting().review_news(ALICE, FIRST, news, &cause()))
}

#[test]
fn compliances_decision_resumes_the_state_that_waits_for_it_and_the_first_one_stands() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    world.pause(Awaited::Review, "t1").unwrap();
    assert!(resumed(&world).is_empty());
    assert_eq!(world.decide(Decision::Approve).unwrap_err().code(), "APPLICATION_IN_REVIEW");
    review(&world, ReviewNews::Decided(ReviewResult::Approved)).unwrap();
    review(&world, ReviewNews::Decided(ReviewResult::Declined)).unwrap();
    assert_eq!(resumed(&world), once("t1", APPROVED));
    assert!(world.kept().pauses.is_empty());
    world.decide(Decision::Approve).unwrap();
}

#[test]
fn a_decision_that_comes_before_the_pause_is_found_by_it() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    review(&world, ReviewNews::Decided(ReviewResult::Declined)).unwrap();
    world.pause(Awaited::Review, "t1").unwrap();
    assert_eq!(resumed(&world), once("t1", r#"{"result":"declined"}"#));
    assert_eq!(world.decide(Decision::Approve).unwrap_err().code(), "APPLICATION_REVIEW_DECLINED");
}

#[test]
fn an_answer_is_taken_once_and_only_to_what_was_asked() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    let question = VaultRef::of_customer(ALICE, "question").unwrap();
    let answer = |text: &str| {
        let text = SecretString::from(text);
        let information = Information { customer: ALICE, application: FIRST, question: question.clone(), text };
        block_on(provide_information(&world.streams(), &world.vault(), &information, &cause()))
            .map(|after| after.version)
    };
    let kept = world.kept().vault.len();
    assert_eq!(answer("a house was sold").unwrap_err(), ApplicationError::NothingAsked.into());
    assert_eq!(world.kept().vault.len(), kept, "nothing is kept of what nobody asked");
    review(&world, ReviewNews::InformationRequested { question: question.clone() }).unwrap();
    assert_eq!(answer(" ").unwrap_err().code(), "TEXT_EMPTY");
    let version = answer("a house was sold").unwrap();
    assert_eq!(answer("a house was sold").unwrap(), version);
    assert_eq!(answer("a boat was sold").unwrap_err(), ApplicationError::AnsweredBefore.into());
    review(&world, ReviewNews::InformationRequested { question: question.clone() }).unwrap();
    assert_eq!(answer("a house was sold").unwrap(), version, "asking twice is asking once");
}
