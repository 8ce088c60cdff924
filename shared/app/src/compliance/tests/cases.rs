use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    compliance::{
        case::{Case, CaseDecision, CaseReason, Evidence, Opinion, Review, Standing},
        screening::{Check, Match, RiskVerdict, Screening, ScreeningEvent},
    },
    error::Classify as _,
    ids::{CaseId, ScreenedId, StaffId, StreamId, VaultRef},
    moment::Moment,
};
use futures::executor::block_on;
use secrecy::SecretString;
use time::Duration;
use uuid::Uuid;

use crate::{
    commit::{Actor, Cause},
    compliance::{
        Cases, ComplianceError, escalate_case, escalate_overdue, open_case, receive_information, withdraw_case,
    },
    onboarding::tests::world::{ALICE, FIRST, Fault, SECOND, World, cause},
    ports::PortError,
    streams::Loaded,
    views::{AtVersion, CaseFilter, CaseView, ComplianceViews, Page, PageRequest},
};

pub const ADA: StaffId = StaffId::new(Uuid::from_u128(0xADA));
pub const BEN: StaffId = StaffId::new(Uuid::from_u128(0xBE4));
const EARLIER: Duration = Duration::hours(1);

pub fn case() -> CaseId {
    CaseId::of_application(ALICE, FIRST)
}

pub fn cases(world: &Arc<World>) -> Cases {
    Cases { streams: world.streams(), vault: world.vault() }
}

pub fn by(staff: StaffId) -> Cause {
    Cause::by(Actor::Staff(staff))
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn check_completed(check: Check, matches: &[(&str, u8)]) -> ScreeningEvent {
    let alike = |(entity, score): &(&str, u8)| Match { entity: entity.parse().unwrap(), score: *score, lists: vec![] };
    let matches = matches.iter().map(alike).collect();
    ScreeningEvent::CheckCompleted { application: FIRST, check, matches, at: now(&World::new()) }
}

fn now(world: &Arc<World>) -> Moment {
    Moment::of(world.streams().now())
}

fn record(world: &Arc<World>, events: &[ScreeningEvent]) {
    let stream = StreamId::from(ScreenedId(ALICE));
    block_on(world.streams().record::<Screening>(&stream, &cause(), events)).unwrap();
}

/// A world in which Alice was screened, and her risk was assessed so.
fn screened(risk: u8) -> Arc<World> {
    let world = World::new();
    record(
        &world,
        &[
            check_completed(Check::Sanctions, &[("NK-1", risk), ("NK-2", 41)]),
            check_completed(Check::Pep, &[]),
            check_completed(Check::Fraud, &[("Q7", 50)]),
            ScreeningEvent::RiskAssessed {
                application: FIRST,
                score: risk,
                verdict: RiskVerdict::Review,
                at: now(&world),
            },
        ],
    );
    world.later(EARLIER);
    world
}

fn open(world: &Arc<World>) -> Result<(), ComplianceError> {
    block_on(open_case(&world.streams(), ALICE, FIRST, &cause()))
}

/// A world in which Alice's case is open.
pub fn opened(risk: u8) -> Arc<World> {
    let world = screened(risk);
    open(&world).unwrap();
    world
}

fn withdraw(world: &Arc<World>) -> Result<(), ComplianceError> {
    block_on(withdraw_case(&world.streams(), ALICE, FIRST, &cause()))
}

fn escalate(world: &Arc<World>) -> Result<(), ComplianceError> {
    block_on(escalate_case(&world.streams(), case(), &cause()))
}

pub fn give(
    world: &Arc<World>,
    staff: StaffId,
    opinion: Opinion,
    reason: u128,
) -> Result<Loaded<Case>, ComplianceError> {
    let why = SecretString::from("They are somebody else.");
    block_on(cases(world).give_opinion(case(), staff, opinion, &why, id(reason), &by(staff)))
}

pub fn ask(world: &Arc<World>, question: u128) -> Result<Loaded<Case>, ComplianceError> {
    let text = SecretString::from("Where did you live in 2019?");
    block_on(cases(world).request_information(case(), ADA, id(question), &text, &by(ADA)))
}

fn receive(world: &Arc<World>, question: &VaultRef, answer: &str) -> Result<(), ComplianceError> {
    let answer = VaultRef::of_customer(ALICE, answer).unwrap();
    block_on(receive_information(&world.streams(), case(), question.clone(), answer, &cause()))
}

pub fn review(world: &Arc<World>) -> Review {
    let loaded = block_on(world.streams().load::<Case>(StreamId::from(case()))).unwrap();
    loaded.state.opened().unwrap().clone()
}

/// How many commits the case has.
pub fn commits(world: &Arc<World>) -> usize {
    let stream = StreamId::from(case());
    world.kept().commits.iter().filter(|commit| commit.stream == stream).count()
}

#[test]
fn a_case_is_opened_with_what_the_checks_found() {
    let world = opened(69);
    let review = review(&world);
    let evidence = |check, entity: &str, score| Evidence { check, entity: entity.parse().unwrap(), score };
    assert_eq!(
        review.evidence,
        [
            evidence(Check::Sanctions, "NK-1", 69),
            evidence(Check::Sanctions, "NK-2", 41),
            evidence(Check::Fraud, "Q7", 50)
        ]
    );
    assert_eq!((review.customer, review.application), (ALICE, Some(FIRST)));
    assert_eq!((review.risk, review.reason, review.approvals), (69, CaseReason::Sanctions, 1));
    assert_eq!((review.opened_at, review.due), (now(&world), Moment::of(now(&world).time() + Duration::hours(72))));
}

#[test]
fn a_case_is_opened_once() {
    let world = opened(80);
    world.later(Duration::hours(5));
    record(&world, &[check_completed(Check::Pep, &[("Q1", 99)])]);
    assert_eq!(open(&world), Ok(()));
    assert_eq!(commits(&world), 1);
    withdraw(&world).unwrap();
    assert_eq!(open(&world), Ok(()));
    assert_eq!(review(&world).standing, Standing::Withdrawn);
}

#[test]
fn no_case_is_opened_before_the_risk_is_known() {
    let world = World::new();
    assert_eq!(open(&world).unwrap_err().code(), "CASE_RISK_UNKNOWN");
    record(&world, &[check_completed(Check::Sanctions, &[("NK-1", 99)])]);
    assert_eq!(open(&world).unwrap_err().code(), "CASE_RISK_UNKNOWN");
    assert_eq!(commits(&world), 0);
    let world = screened(50);
    let other = block_on(open_case(&world.streams(), ALICE, SECOND, &cause()));
    assert_eq!(other, Err(ComplianceError::RiskUnknown));
}

#[test]
fn one_person_decides_a_small_risk() {
    let world = opened(50);
    give(&world, ADA, Opinion::Approve, 1).unwrap();
    assert_eq!(review(&world).standing, Standing::Decided(CaseDecision::Approved));
    assert_eq!(commits(&world), 2);
    give(&world, ADA, Opinion::Approve, 1).unwrap();
    assert_eq!(commits(&world), 2);
    assert_eq!(give(&world, BEN, Opinion::Decline, 2).unwrap_err().code(), "CASE_CLOSED");
}

#[test]
fn two_people_decide_a_great_risk() {
    let world = opened(70);
    give(&world, ADA, Opinion::Approve, 1).unwrap();
    assert_eq!(review(&world).standing, Standing::Open);
    let decided = give(&world, BEN, Opinion::Approve, 2).unwrap();
    assert_eq!(decided.state.opened().unwrap().standing, Standing::Decided(CaseDecision::Approved));
    let body = world.kept().commits.last().unwrap().body.clone();
    assert!(body.contains(&format!("\"by\":[\"{ADA}\",\"{BEN}\"]")), "{body}");
    assert!(body.contains(&ALICE.to_string()) && body.contains(&FIRST.to_string()), "{body}");
    assert!(body.contains(&format!("\"by\":\"staff:{BEN}\"")), "{body}");
}

#[test]
fn whoever_took_the_case_needs_somebody_else() {
    let world = opened(50);
    block_on(cases(&world).assign(case(), ADA, ADA, &by(ADA))).unwrap();
    give(&world, ADA, Opinion::Approve, 1).unwrap();
    assert_eq!(review(&world).standing, Standing::Open);
    give(&world, BEN, Opinion::Approve, 2).unwrap();
    assert_eq!(review(&world).standing, Standing::Decided(CaseDecision::Approved));
}

#[test]
fn the_customers_answer_reopens_the_case() {
    let world = opened(50);
    ask(&world, 1).unwrap();
    assert_eq!(give(&world, ADA, Opinion::Approve, 2).unwrap_err().code(), "CASE_AWAITS_CUSTOMER");
    let question = review(&world).history.last().unwrap().text.clone().unwrap();
    receive(&world, &question, "answer-1").unwrap();
    receive(&world, &question, "answer-1").unwrap();
    assert_eq!((review(&world).standing, commits(&world)), (Standing::Open, 3));
    assert_eq!(receive(&world, &question, "answer-2").unwrap_err().code(), "CASE_ANSWERED_BEFORE");
    give(&world, ADA, Opinion::Approve, 2).unwrap();
}

#[test]
fn a_case_is_escalated_only_when_it_is_due() {
    let world = opened(70);
    world.later(Duration::hours(24) - Duration::SECOND);
    escalate(&world).unwrap();
    assert_eq!(review(&world).level, 0);
    world.later(Duration::SECOND);
    escalate(&world).unwrap();
    escalate(&world).unwrap();
    assert_eq!((review(&world).level, commits(&world)), (1, 2));
    assert_eq!(review(&world).due, Moment::of(now(&world).time() + Duration::hours(24)));
}

/// What is listed as due, whether it is or not.
struct Listed(Vec<CaseId>);

#[async_trait]
impl ComplianceViews for Listed {
    async fn case(&self, _: CaseId) -> Result<Option<AtVersion<CaseView>>, PortError> {
        Ok(None)
    }

    async fn cases(&self, _: CaseFilter, _: &PageRequest) -> Result<Page<AtVersion<CaseView>>, PortError> {
        Ok(Page { items: vec![], has_next: false })
    }

    async fn overdue(&self, _: Moment, limit: u16) -> Result<Vec<CaseId>, PortError> {
        Ok(self.0.iter().take(limit.into()).copied().collect())
    }
}

fn escalate_listed(world: &Arc<World>, listed: &[CaseId]) -> Result<usize, ComplianceError> {
    block_on(escalate_overdue(&world.streams(), &Listed(listed.to_vec()), now(world), &cause()))
}

#[test]
fn whatever_is_listed_only_what_is_due_is_escalated() {
    let world = opened(70);
    assert_eq!(escalate_listed(&world, &[]), Ok(0));
    assert_eq!(escalate_listed(&world, &[case()]), Ok(1));
    assert_eq!(review(&world).level, 0);
    world.later(Duration::hours(24));
    assert_eq!(escalate_listed(&world, &[case()]), Ok(1));
    assert_eq!(escalate_listed(&world, &[case()]), Ok(1));
    assert_eq!(review(&world).level, 1);
}

#[test]
fn a_case_that_cannot_be_escalated_does_not_keep_the_others_from_it() {
    let world = opened(70);
    world.later(Duration::hours(24));
    let unknown = CaseId::new(id(9));
    assert_eq!(escalate_listed(&world, &[unknown, case()]).unwrap_err().code(), "CASE_UNKNOWN");
    assert_eq!(review(&world).level, 1);
}

#[test]
fn a_case_that_was_withdrawn_before_it_was_opened_is_not_opened_any_more() {
    let world = screened(50);
    for _ in 0..2 {
        withdraw(&world).unwrap();
        assert_eq!(commits(&world), 1);
        open(&world).unwrap(); // A late repeat of the step before the one that unwound it.
        assert_eq!(commits(&world), 1);
    }
    assert!(block_on(world.streams().load::<Case>(case().into())).unwrap().state.opened().is_none());
    assert_eq!(give(&world, ADA, Opinion::Approve, 1).unwrap_err().code(), "CASE_UNKNOWN");
}

#[test]
fn a_case_that_is_decided_is_not_withdrawn() {
    let world = screened(50);
    open(&world).unwrap();
    give(&world, ADA, Opinion::Decline, 1).unwrap();
    withdraw(&world).unwrap();
    assert_eq!(review(&world).standing, Standing::Decided(CaseDecision::Declined));
}

#[test]
fn an_append_whose_answer_was_lost_is_done_once() {
    let world = screened(70);
    world.fails(Fault::After("append"));
    assert_eq!(open(&world).unwrap_err().code(), "STORE_UNAVAILABLE");
    open(&world).unwrap();
    world.fails(Fault::After("append"));
    give(&world, ADA, Opinion::Approve, 1).unwrap_err();
    give(&world, ADA, Opinion::Approve, 1).unwrap();
    assert_eq!((commits(&world), review(&world).opinions.len()), (2, 1));
}
