use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use domain::{
    compliance::screening::{IndexVersion, Match, ScreeningEvent, Subject},
    error::{Class, Classify as _},
};
use futures::executor::block_on;
use secrecy::ExposeSecret as _;

use super::*;
use crate::{
    onboarding::tests::world::{ALICE, BOB, FIRST, Fault, SECOND, World, cause, content},
    ports::PortError,
};

/// The provider, in memory: what it answers next, and whom it was asked about.
#[derive(Default)]
struct Lists(Mutex<Asked>);

#[derive(Default)]
struct Asked {
    answer: Option<Result<Vec<Match>, PortError>>,
    people: Vec<(Check, [String; 4])>,
}

impl Lists {
    fn kept(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap()
    }

    fn answer(&self, answer: Result<Vec<Match>, PortError>) {
        self.kept().answer = Some(answer);
    }
}

#[async_trait]
impl ScreeningProvider for Lists {
    async fn look_up(&self, check: Check, person: &ScreenedPerson) -> Result<Vec<Match>, PortError> {
        let fields = [&person.first_name, &person.last_name, &person.birth_date, &person.nationality];
        self.kept().people.push((check, fields.map(|field| field.expose_secret().to_owned())));
        self.kept().answer.clone().unwrap_or(Ok(vec![]))
    }

    async fn index_version(&self) -> Result<IndexVersion, PortError> {
        Ok("1".parse().unwrap())
    }
}

fn matched(score: u8) -> Match {
    Match { entity: "Q1".parse().unwrap(), score, lists: vec![] }
}

fn place(customer: CustomerId) -> VaultRef {
    VaultRef::of_customer(customer, &format!("application-{FIRST}-0123456789abcdef")).unwrap()
}

/// Alice's application is in the vault, and nobody is on any list.
fn world() -> (Arc<World>, Arc<Lists>) {
    let world = World::new();
    for customer in [ALICE, BOB] {
        block_on(world.vault().keep(&place(customer), &content().to_vault().unwrap())).unwrap();
    }
    (world, Arc::default())
}

fn call(check: ScreeningCheck) -> CallScreening {
    CallScreening {
        check,
        customer: *ALICE.as_uuid(),
        application: *FIRST.as_uuid(),
        content: place(ALICE).to_string(),
        correlation_id: "correlation-1".to_owned(),
        task_token: "token".to_owned(),
    }
}

fn ask_about(
    world: &Arc<World>,
    lists: &Arc<Lists>,
    call: &CallScreening,
) -> Result<ScreeningOutcome, ComplianceError> {
    let screenings =
        Screenings { streams: world.streams(), vault: world.vault(), provider: Arc::clone(lists) as _, reader: "test" };
    block_on(screenings.check(call, &cause())).map(|screened| screened.outcome)
}

fn assess_first(world: &Arc<World>) -> Result<Told, ComplianceError> {
    let task = AssessRisk {
        customer: *ALICE.as_uuid(),
        application: *FIRST.as_uuid(),
        correlation_id: "correlation-1".to_owned(),
    };
    block_on(assess(&world.streams(), &task, &cause())).map(|assessed| assessed.verdict)
}

fn first(world: &Arc<World>) -> Subject {
    let loaded = block_on(world.streams().load::<Screening>(stream_of(ALICE))).unwrap();
    loaded.state.find(FIRST).unwrap().clone()
}

const ALL: [ScreeningCheck; 3] = [ScreeningCheck::Sanctions, ScreeningCheck::Pep, ScreeningCheck::Fraud];

#[test]
fn somebody_is_looked_up_by_what_the_vault_knows_of_them() {
    let (world, lists) = world();
    assert_eq!(ask_about(&world, &lists, &call(ScreeningCheck::Pep)), Ok(ScreeningOutcome::Clear));
    let ada = ["Ada", "Lovelace", "1990-12-10", "GB"].map(str::to_owned);
    assert_eq!(lists.kept().people, [(Check::Pep, ada)]);
    assert_eq!(first(&world).checks[&Check::Pep].matches, []);
}

#[test]
fn nothing_of_them_is_in_the_stream() {
    let (world, lists) = world();
    lists.answer(Ok(vec![matched(71)]));
    for check in ALL {
        assert_eq!(ask_about(&world, &lists, &call(check)), Ok(ScreeningOutcome::Hit));
    }
    assert_eq!(assess_first(&world), Ok(Told::Review));
    let kept = world.kept();
    assert_eq!(kept.commits.len(), 4);
    for text in ["Ada", "Lovelace", "1990"] {
        assert!(kept.commits.iter().all(|commit| !commit.body.contains(text) && !commit.state.contains(text)));
    }
}

#[test]
fn what_was_recorded_is_answered_without_another_call() {
    let (world, lists) = world();
    lists.answer(Ok(vec![matched(50)]));
    let sanctions = call(ScreeningCheck::Sanctions);
    assert_eq!(ask_about(&world, &lists, &sanctions), Ok(ScreeningOutcome::Hit));
    lists.answer(Ok(vec![])); // The lists have changed since.
    assert_eq!(ask_about(&world, &lists, &sanctions), Ok(ScreeningOutcome::Hit));
    assert_eq!(lists.kept().people.len(), 1);
    assert_eq!(ask_about(&world, &lists, &call(ScreeningCheck::Fraud)), Ok(ScreeningOutcome::Clear));
    assert_eq!(lists.kept().people.len(), 2);
}

#[test]
fn an_answer_that_could_not_be_recorded_is_asked_for_again() {
    let (world, lists) = world();
    for fault in [Fault::Before("append"), Fault::After("append")] {
        world.fails(fault);
        let lost = ask_about(&world, &lists, &call(ScreeningCheck::Sanctions));
        assert_eq!(lost.map_err(|error| error.class()), Err(Class::Transient));
    }
    assert_eq!(ask_about(&world, &lists, &call(ScreeningCheck::Sanctions)), Ok(ScreeningOutcome::Clear));
    assert_eq!(lists.kept().people.len(), 2, "the second time it was recorded, and only the news of that were lost");
    assert_eq!(world.kept().commits.len(), 1);
}

#[test]
fn a_provider_that_does_not_answer_is_nobodys_fault_and_records_nothing() {
    let (world, lists) = world();
    let attempted = "look somebody up";
    for (failure, class) in [
        (PortError::Throttled { attempted }, Class::Throttled),
        (PortError::Unavailable { attempted, reason: "503".into() }, Class::Transient),
        (PortError::Corrupt { attempted }, Class::Bug),
        // It refuses what we ask, not the person: never a decline.
        (PortError::Refused { attempted, reason: "400".into() }, Class::Bug),
    ] {
        lists.answer(Err(failure.clone()));
        let refused = ask_about(&world, &lists, &call(ScreeningCheck::Sanctions)).unwrap_err();
        assert_eq!((refused.class(), refused.code()), (class, failure.code()));
    }
    assert_eq!(world.kept().commits.len(), 0);
}

#[test]
fn nobody_is_looked_up_by_what_another_customer_wrote() {
    let (world, lists) = world();
    let foreign = CallScreening { content: place(BOB).to_string(), ..call(ScreeningCheck::Sanctions) };
    assert_eq!(ask_about(&world, &lists, &foreign), Err(ComplianceError::ForeignContent));
    let nowhere = CallScreening { content: "nowhere".to_owned(), ..foreign };
    assert_eq!(ask_about(&world, &lists, &nowhere).map_err(|error| error.code()), Err("ID_INVALID"));
    assert_eq!(lists.kept().people, []);
}

#[test]
fn a_risk_is_assessed_once_all_checks_are_there() {
    let (world, lists) = world();
    for (check, score) in ALL.into_iter().zip([0, 66, 50]) {
        let early = assess_first(&world).unwrap_err();
        assert_eq!((early.class(), early.code()), (Class::Bug, "RISK_CHECKS_MISSING"));
        lists.answer(Ok(vec![matched(score)]));
        ask_about(&world, &lists, &call(check)).unwrap();
    }
    assert_eq!(assess_first(&world), Ok(Told::Review));
    assert_eq!(first(&world).risk.unwrap().score, 40);
    assert_eq!(assess_first(&world), Ok(Told::Review));
    assert_eq!(world.kept().commits.len(), 4, "a risk that was assessed stands");
}

#[test]
fn each_verdict_is_told_as_it_is() {
    for (score, verdict) in [(39, Told::Approve), (40, Told::Review), (98, Told::Decline)] {
        let (world, lists) = world();
        lists.answer(Ok(vec![matched(score)]));
        ask_about(&world, &lists, &call(ScreeningCheck::Sanctions)).unwrap();
        lists.answer(Ok(vec![]));
        for check in [ScreeningCheck::Pep, ScreeningCheck::Fraud] {
            ask_about(&world, &lists, &call(check)).unwrap();
        }
        assert_eq!(assess_first(&world), Ok(verdict));
    }
}

#[test]
fn another_application_is_screened_anew() {
    let (world, lists) = world();
    ask_about(&world, &lists, &call(ScreeningCheck::Sanctions)).unwrap();
    lists.answer(Ok(vec![matched(80)]));
    let again = CallScreening { application: *SECOND.as_uuid(), ..call(ScreeningCheck::Sanctions) };
    assert_eq!(ask_about(&world, &lists, &again), Ok(ScreeningOutcome::Hit));
    assert_eq!(first(&world).checks[&Check::Sanctions].matches, []);
}

#[test]
fn of_two_that_asked_at_the_same_time_both_answer_what_was_recorded() {
    /// Answers a hit, while somebody else records that the check is clear.
    struct Slow(Arc<World>);

    #[async_trait]
    impl ScreeningProvider for Slow {
        async fn look_up(&self, check: Check, _: &ScreenedPerson) -> Result<Vec<Match>, PortError> {
            let at = Moment::of(self.0.streams().now());
            let clear = ScreeningEvent::CheckCompleted { application: FIRST, check, matches: vec![], at };
            self.0.streams().record::<Screening>(&stream_of(ALICE), &cause(), &[clear]).await.unwrap();
            Ok(vec![matched(99)])
        }

        async fn index_version(&self) -> Result<IndexVersion, PortError> {
            Ok("1".parse().unwrap())
        }
    }

    let (world, _) = world();
    let provider = Arc::new(Slow(Arc::clone(&world)));
    let screenings = Screenings { streams: world.streams(), vault: world.vault(), provider, reader: "test" };
    let screened = block_on(screenings.check(&call(ScreeningCheck::Pep), &cause())).unwrap();
    assert_eq!(screened.outcome, ScreeningOutcome::Clear);
    assert_eq!(world.kept().commits.len(), 1);
}
