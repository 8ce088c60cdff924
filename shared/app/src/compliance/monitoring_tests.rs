use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::{
    compliance::{
        case::{CaseState, Standing},
        screening::IndexVersion,
    },
    error::{Class, Classify as _},
    freeze::FreezeSide,
    ids::VaultRef,
};
use futures::executor::block_on;
use time::macros::datetime;

use super::*;
use crate::{
    onboarding::tests::world::{ALICE, BOB, FIRST, Fault, World, cause, content},
    ports::{MonitorNews, ScreenedPerson},
};

/// What the provider answers about everybody, by the check, and how its lists stand.
struct Lists {
    sanctions: Mutex<Result<Vec<Match>, PortError>>,
    index: Mutex<&'static str>,
}

impl Lists {
    fn new() -> Arc<Self> {
        Arc::new(Self { sanctions: Mutex::new(Ok(vec![])), index: Mutex::new("a") })
    }

    fn find(&self, score: u8) {
        *self.sanctions.lock().unwrap() = Ok(vec![alike("NK-1", score)]);
    }
}

#[async_trait]
impl ScreeningProvider for Lists {
    async fn look_up(&self, check: Check, _: &ScreenedPerson) -> Result<Vec<Match>, PortError> {
        if check == Check::Sanctions { self.sanctions.lock().unwrap().clone() } else { Ok(vec![]) }
    }

    async fn index_version(&self) -> Result<IndexVersion, PortError> {
        Ok(self.index.lock().unwrap().parse().unwrap())
    }
}

/// A queue that remembers, and the list of whoever is looked for.
#[derive(Default)]
struct Queue(Mutex<Vec<String>>);

#[async_trait]
impl Jobs for Queue {
    async fn send(&self, body: String, _: &str) -> Result<(), PortError> {
        self.0.lock().unwrap().push(body);
        Ok(())
    }
}

struct Everybody;

#[async_trait]
impl MonitoredIndex for Everybody {
    async fn page(&self, after: Option<String>, _: u16) -> Result<(Vec<CustomerId>, Option<String>), PortError> {
        Ok(match after {
            None => (vec![ALICE], Some("1".to_owned())),
            Some(_) => (vec![BOB], None),
        })
    }
}

struct Monitors;

#[async_trait]
impl WatchlistMonitors for Monitors {
    async fn monitor(&self, _: Uuid) -> Result<MonitorNews, PortError> {
        Ok(MonitorNews { customer: ALICE, matches: vec!["m-1".to_owned(), "m-2".to_owned()] })
    }
}

fn alike(entity: &str, score: u8) -> Match {
    Match { entity: entity.parse().unwrap(), score, lists: vec![] }
}

/// Alice is a customer whom no list knew.
fn world() -> (Arc<World>, Arc<Lists>) {
    let world = World::new();
    let place = VaultRef::of_customer(ALICE, "application-1").unwrap();
    block_on(world.vault().keep(&place, &content().to_vault().unwrap())).unwrap();
    let noted = ScreeningEvent::SubjectNoted { application: FIRST, content: place };
    block_on(world.streams().record::<Screening>(&StreamId::from(ScreenedId(ALICE)), &cause(), &[noted])).unwrap();
    for _ in 0..2 {
        block_on(begin_monitoring(&world.streams(), ALICE, FIRST, &cause())).unwrap();
    }
    (world, Lists::new())
}

fn job(day: &str, index: &str) -> RescreenCustomer {
    RescreenCustomer { customer: *ALICE.as_uuid(), round: Told { day: day.to_owned(), index: index.to_owned() } }
}

fn rescreen(world: &Arc<World>, lists: &Arc<Lists>, job: &RescreenCustomer) -> Result<Option<CaseId>, ComplianceError> {
    let provider = Arc::clone(lists) as _;
    let screenings = Screenings { streams: world.streams(), vault: world.vault(), provider, reader: "test" };
    block_on(screenings.rescreen(job, &cause()))
}

fn commits(world: &Arc<World>, kind: &str) -> usize {
    world.kept().commits.iter().filter(|commit| commit.stream.kind() == kind).count()
}

#[test]
fn a_hit_opens_a_case_in_the_transaction_that_records_it() {
    let (world, lists) = world();
    assert_eq!(rescreen(&world, &lists, &job("2026-11-21", "a")), Ok(None));
    lists.find(91);
    assert_eq!(rescreen(&world, &lists, &job("2026-11-21", "a")), Ok(None), "this round is done");
    // The answer is lost, and the message comes again.
    world.fails(Fault::After("append"));
    assert_eq!(rescreen(&world, &lists, &job("2026-11-22", "a")).unwrap_err().class(), Class::Transient);
    assert_eq!(rescreen(&world, &lists, &job("2026-11-22", "a")), Ok(None));
    assert_eq!(rescreen(&world, &lists, &job("2026-11-23", "a")), Ok(None), "whoever is known is no news");
    assert_eq!((commits(&world, "case"), commits(&world, "screening")), (1, 5));
    let case = CaseId::of_monitoring(ALICE, 0);
    let CaseState::Opened(review) = block_on(world.streams().load::<Case>(case.into())).unwrap().state else {
        panic!("there is no case")
    };
    assert_eq!((review.standing, review.application, review.freeze), (Standing::Open, None, Some(FreezeSide::Both)));
    assert_eq!((review.risk, review.approvals), (91, 2));
}

#[test]
fn nothing_is_recorded_of_a_round_in_which_the_provider_was_away() {
    let (world, lists) = world();
    *lists.sanctions.lock().unwrap() = Err(PortError::Throttled { attempted: "look" });
    let before = world.kept().commits.len();
    assert_eq!(rescreen(&world, &lists, &job("2026-11-21", "a")).unwrap_err().class(), Class::Throttled);
    assert_eq!(world.kept().commits.len(), before);
    lists.find(91);
    assert_eq!(rescreen(&world, &lists, &job("2026-11-21", "a")), Ok(Some(CaseId::of_monitoring(ALICE, 0))));
}

#[test]
fn whoever_is_no_customer_is_not_looked_for() {
    let (world, lists) = world();
    lists.find(91);
    let stranger = RescreenCustomer { customer: *BOB.as_uuid(), ..job("2026-11-21", "a") };
    assert_eq!(rescreen(&world, &lists, &stranger), Ok(None));
    let begun = block_on(begin_monitoring(&world.streams(), BOB, FIRST, &cause()));
    assert_eq!(begun.unwrap_err().code(), "SCREENING_SUBJECT_UNKNOWN");
    let odd = job("today", "a");
    assert_eq!(rescreen(&world, &lists, &odd).unwrap_err().code(), "ROUND_MALFORMED");
}

#[test]
fn what_a_monitor_has_found_is_one_case_however_often_it_is_looked_at() {
    let (world, _) = world();
    let look = || block_on(review_monitor(&world.streams(), &Monitors, Uuid::nil(), &cause())).unwrap();
    assert_eq!(look(), Some(CaseId::of_monitoring(ALICE, 0)));
    assert_eq!(look(), None);
    assert_eq!(commits(&world, "case"), 1);
}

#[test]
fn whoever_is_to_be_forgotten_is_looked_for_no_more_whatever_comes_late() {
    let (world, lists) = world();
    lists.find(91);
    world.fails(Fault::After("append"));
    let end = || block_on(end_monitoring(&world.streams(), ALICE, &cause()));
    assert_eq!(end().unwrap_err().class(), Class::Transient);
    end().unwrap();
    let before = world.kept().commits.len();
    // The vault need not be asked, as what it keeps may be gone.
    block_on(begin_monitoring(&world.streams(), ALICE, FIRST, &cause())).unwrap();
    assert_eq!(rescreen(&world, &lists, &job("2026-11-22", "a")), Ok(None));
    assert_eq!(block_on(review_monitor(&world.streams(), &Monitors, Uuid::nil(), &cause())), Ok(None));
    assert_eq!(world.kept().commits.len(), before);
    // The end is heard of before the beginning.
    block_on(end_monitoring(&world.streams(), BOB, &cause())).unwrap();
    block_on(begin_monitoring(&world.streams(), BOB, FIRST, &cause())).unwrap();
    let bob = block_on(world.streams().load::<Screening>(ScreenedId(BOB).into())).unwrap().state;
    assert!(bob.monitoring.is_none() && bob.ended.is_some());
}

#[test]
fn a_round_is_begun_once_a_day_and_once_more_when_the_lists_have_changed() {
    let (world, lists) = world();
    let (streams, rescreens, pages) = (world.streams(), Queue::default(), Queue::default());
    let rounds = Rounds {
        streams: &streams,
        provider: lists.as_ref(),
        index: &Everybody,
        rescreen: &rescreens,
        next_page: &pages,
    };
    let tick = StartRescreening { scheduled_at: "2026-11-21T00:25:00Z".to_owned(), round: None, after: None };
    let start = |job: &StartRescreening, day: u8| {
        let due = datetime!(2026-11-01 00:25 UTC).replace_day(day).unwrap();
        block_on(rounds.start(job, due, &cause()))
    };
    let begun = || pages.0.lock().unwrap().len();
    // It dies between the two: it is sent off, and not recorded. It is sent off once more.
    world.fails(Fault::Before("append"));
    assert!(start(&tick, 21).is_err());
    for _ in 0..3 {
        start(&tick, 21).unwrap();
    }
    assert_eq!(begun(), 2);
    *lists.index.lock().unwrap() = "b";
    start(&tick, 21).unwrap();
    start(&tick, 20).unwrap(); // Yesterday's tick, late.
    assert_eq!(begun(), 3);
    start(&tick, 22).unwrap();
    assert_eq!(begun(), 4);

    let first: StartRescreening = serde_json::from_str(&pages.0.lock().unwrap()[0]).unwrap();
    assert_eq!(start(&first, 21), Ok(1));
    let second: StartRescreening = serde_json::from_str(&pages.0.lock().unwrap()[4]).unwrap();
    assert_eq!((second.after.as_deref(), &second.round), (Some("1"), &first.round));
    assert_eq!(start(&second, 21), Ok(1));
    assert_eq!(begun(), 5, "there is no page after the last");
    let sent = rescreens.0.lock().unwrap();
    let sent: Vec<RescreenCustomer> = sent.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(sent, [ALICE, BOB].map(|it| RescreenCustomer { customer: it.0, ..job("2026-11-21", "a") }));
}
