use contracts::tasks::{Decision, IdentityCall, RunStanding};
use domain::{
    error::{Class, Classify as _},
    onboarding::application::{ApplicationError, EXPIRES_AFTER, IdentityResult},
};

use super::world::{ALICE, FIRST, Fault, World, checked, content};
use crate::{
    onboarding::OnboardingError,
    ports::{IdentityStanding, PortError},
};

fn submitted() -> std::sync::Arc<World> {
    let world = World::new();
    world.submit(ALICE, FIRST, content()).unwrap();
    world
}

#[test]
fn a_check_begins_with_a_person_and_a_run_at_the_provider() {
    let world = checked();
    let submission = world.first();
    let kept = world.kept();
    assert_eq!(kept.applicants.len(), 1);
    assert_eq!(kept.applicants[0].1, "Lovelace");
    assert_eq!(submission.applicant.map(|it| *it.as_uuid()), Some(kept.applicants[0].0));
    assert_eq!(submission.run.map(|run| *run.id.as_uuid()), Some(kept.runs[0].1.id));
    assert_eq!(kept.tokens[&(ALICE, *FIRST.as_uuid())], format!("sdk-{}", kept.runs[0].1.id));
}

#[test]
fn a_check_that_is_asked_for_again_is_the_same_one() {
    let world = checked();
    world.kept().tokens.clear();
    assert_eq!(world.call(IdentityCall::CreateRun, FIRST), Ok(RunStanding::Open));
    let kept = world.kept();
    assert_eq!((kept.applicants.len(), kept.runs.len()), (1, 1));
    assert_eq!(kept.tokens.len(), 1, "the token is kept again");
}

#[test]
fn whatever_breaks_off_a_beginning_is_taken_up_where_it_broke_off() {
    for fault in [
        Fault::Before("create_applicant"),
        Fault::Before("start_run"),
        Fault::After("start_run"),
        Fault::Before("append"),
        Fault::After("append"),
        Fault::Before("keep_token"),
    ] {
        let world = submitted();
        world.fails(fault);
        assert!(world.call(IdentityCall::CreateRun, FIRST).is_err(), "{fault:?}");
        assert_eq!(world.call(IdentityCall::CreateRun, FIRST), Ok(RunStanding::Open), "{fault:?}");
        assert_eq!(world.kept().runs.len(), 1, "{fault:?}");
        assert_eq!(world.first().run.map(|run| run.id), Some(world.run()), "{fault:?}");
        assert_eq!(world.kept().tokens.len(), 1, "{fault:?}");
    }
}

#[test]
fn a_run_that_was_started_and_not_recorded_is_found_and_its_person_with_it() {
    let world = submitted();
    world.fails(Fault::After("start_run"));
    assert!(world.call(IdentityCall::CreateRun, FIRST).is_err());
    world.call(IdentityCall::CreateRun, FIRST).unwrap();
    assert_eq!(world.kept().applicants.len(), 1);
}

#[test]
fn an_application_that_is_over_gets_no_check() {
    let world = submitted();
    world.decide(Decision::Expire).unwrap();
    assert_eq!(world.call(IdentityCall::CreateRun, FIRST), Ok(RunStanding::Final));
    assert!(world.kept().runs.is_empty() && world.kept().applicants.is_empty());
}

#[test]
fn an_unknown_application_is_not_checked() {
    let unknown = World::new().call(IdentityCall::CreateRun, FIRST);
    assert_eq!(unknown, Err(OnboardingError::Application(ApplicationError::Unknown)));
}

#[test]
fn a_result_whose_webhook_never_came_is_found() {
    for (standing, result) in [
        (IdentityStanding::Approved, IdentityResult::Approved),
        (IdentityStanding::Declined, IdentityResult::Declined),
        (IdentityStanding::Abandoned, IdentityResult::Declined),
    ] {
        let world = checked();
        assert_eq!(world.call(IdentityCall::CheckRun, FIRST), Ok(RunStanding::Open));
        world.stands(standing);
        assert_eq!(world.call(IdentityCall::CheckRun, FIRST), Ok(RunStanding::Final));
        assert_eq!(world.first().identity.map(|it| it.result), Some(result));
        world.stands(IdentityStanding::Open);
        assert_eq!(world.call(IdentityCall::CheckRun, FIRST), Ok(RunStanding::Final), "it is known by now");
    }
}

#[test]
fn an_applicant_who_never_comes_is_not_waited_for() {
    let world = checked();
    world.later(EXPIRES_AFTER - time::Duration::minutes(1));
    assert_eq!(world.call(IdentityCall::CheckRun, FIRST), Ok(RunStanding::Open));
    world.later(time::Duration::minutes(1));
    assert_eq!(world.call(IdentityCall::CheckRun, FIRST), Ok(RunStanding::Expired));
}

#[test]
fn a_check_that_comes_after_we_gave_the_run_up_declines_nobody() {
    let world = checked();
    world.later(EXPIRES_AFTER);
    world.stands(IdentityStanding::Abandoned);
    assert_eq!(world.call(IdentityCall::CheckRun, FIRST), Ok(RunStanding::Expired));
    assert_eq!(world.first().identity, None);
}

#[test]
fn a_review_takes_as_long_as_it_takes() {
    let world = checked();
    world.stands(IdentityStanding::InReview);
    world.later(EXPIRES_AFTER * 2);
    assert_eq!(world.call(IdentityCall::CheckRun, FIRST), Ok(RunStanding::Open));
    assert!(world.first().review_started_at.is_some());
}

#[test]
fn a_run_that_failed_at_the_provider_is_for_a_person() {
    let world = checked();
    world.stands(IdentityStanding::Failed);
    let failed = world.call(IdentityCall::CheckRun, FIRST).unwrap_err();
    assert_eq!((failed.code(), failed.class()), ("IDENTITY_RUN_FAILED", Class::Bug));
    assert_eq!(world.first().identity, None);
}

#[test]
fn no_open_run_is_left_behind() {
    let world = checked();
    assert_eq!(world.call(IdentityCall::CloseRun, FIRST), Ok(RunStanding::Final));
    assert_eq!(world.known(), (0, 0));
    assert_eq!(world.call(IdentityCall::CloseRun, FIRST), Ok(RunStanding::Final), "closing again is harmless");
}

#[test]
fn a_run_that_nobody_recorded_is_closed_too() {
    for fault in [Fault::After("start_run"), Fault::Before("start_run")] {
        let world = submitted();
        world.fails(fault);
        assert!(world.call(IdentityCall::CreateRun, FIRST).is_err());
        world.call(IdentityCall::CloseRun, FIRST).unwrap();
        assert_eq!(world.known(), (0, 0), "{fault:?}");
    }
}

#[test]
fn a_run_that_is_final_stays_as_the_record_of_it() {
    let world = checked();
    world.stands(IdentityStanding::Declined);
    world.call(IdentityCall::CloseRun, FIRST).unwrap();
    assert_eq!(world.known(), (1, 1));
    world.news(world.run(), IdentityStanding::Declined).unwrap();
    world.call(IdentityCall::CloseRun, FIRST).unwrap();
    assert_eq!(world.known(), (1, 1));
}

#[test]
fn of_an_application_without_a_check_nothing_is_to_be_closed() {
    assert_eq!(submitted().call(IdentityCall::CloseRun, FIRST), Ok(RunStanding::Final));
}

/// A wrong workflow id or a disabled workflow is refused as well: nobody may be declined for ever because of it.
#[test]
fn what_the_provider_refuses_is_for_a_person_and_declines_nobody() {
    let refused = PortError::Refused { attempted: "start a workflow run", reason: "status 422".into() };
    assert_eq!(OnboardingError::from(refused).class(), Class::Bug);
}
