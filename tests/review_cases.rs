//! What is shown of review cases, over the engine.

use std::{sync::Arc, time::Duration};

use app::{
    compliance::{Cases, escalate_overdue, open_case, receive_information, withdraw_case},
    ports::PortError,
    projection::{Projector, cases::Cases as CaseProjection},
    rebuild::{POINTER_CACHE, rebuild, sweep},
    views::{AtVersion, CaseFilter, CaseStatus, CaseView, ComplianceViews as _, PageRequest},
};
use aws::{DynamoRows, SdkClock};
use domain::{
    compliance::{
        case::{CaseDecision, Opinion},
        screening::{Check, RiskVerdict, Screening, ScreeningEvent},
    },
    ids::{ApplicationId, CaseId, CustomerId, ScreenedId, StaffId, StreamId, VaultRef},
    moment::Moment,
};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    event_store::world::{World, cause},
    projections::{ROWS, views, world},
};

const ADA: StaffId = StaffId::new(Uuid::from_u128(0xADA));
const BEN: StaffId = StaffId::new(Uuid::from_u128(0xBE4));
const EVERYTHING: PageRequest = PageRequest { first: 10, after: None };
const HOUR: Duration = Duration::from_secs(3600);

/// Somebody who applies.
#[derive(Clone, Copy)]
struct Applicant(CustomerId, ApplicationId);

impl Applicant {
    fn case(self) -> CaseId {
        CaseId::of_application(self.0, self.1)
    }
}

/// Somebody whose risk was assessed so, and whose case is open.
async fn opened(world: &World, score: u8) -> Applicant {
    let applicant = Applicant(CustomerId::new(Uuid::new_v4()), ApplicationId::new(Uuid::new_v4()));
    let (Applicant(customer, application), at) = (applicant, now(world));
    let screened = [
        ScreeningEvent::CheckCompleted { application, check: Check::Pep, matches: vec![], at },
        ScreeningEvent::RiskAssessed { application, score, verdict: RiskVerdict::Review, at },
    ];
    world.streams.record::<Screening>(&StreamId::from(ScreenedId(customer)), &cause(), &screened).await.unwrap();
    open_case(&world.streams, customer, application, &cause()).await.unwrap();
    applicant
}

fn cases(world: &World) -> Cases {
    Cases { streams: world.streams.clone(), vault: world.vault() }
}

fn now(world: &World) -> Moment {
    Moment::of(world.streams.now())
}

fn text(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn approve(world: &World, applicant: Applicant, by: StaffId) {
    let (why, id) = (text("Somebody else."), Uuid::new_v4());
    cases(world).give_opinion(applicant.case(), by, Opinion::Approve, &why, id, &cause()).await.unwrap();
}

fn pass(world: &World, time: Duration) {
    world.aws.engine().clock().advance(time).unwrap();
}

fn projector(world: &World) -> Projector {
    let (rows, clock) = (Arc::new(DynamoRows::new(world.client(), ROWS)), Arc::new(SdkClock::new(&world.config)));
    Projector::new(Arc::new(CaseProjection), Arc::clone(&rows) as _, rows, Arc::clone(world.store()), clock)
}

/// Brings the rows up to the whole history.
async fn project(world: &World) {
    let mut cursor = None;
    loop {
        let (page, next) = world.store().scan(cursor).await.unwrap();
        for commit in page.iter().filter(|commit| commit.stream.kind() == "case") {
            projector(world).project(commit).await.unwrap();
        }
        cursor = next;
        if cursor.is_none() {
            return;
        }
    }
}

const fn of(status: CaseStatus, assignee: Option<StaffId>) -> CaseFilter {
    CaseFilter { status, assignee }
}

async fn listed(world: &World, filter: CaseFilter) -> Vec<CaseId> {
    let page = views(world).cases(filter, &EVERYTHING).await.unwrap();
    assert!(!page.has_next);
    page.items.into_iter().map(|(_, it)| it.view.id).collect()
}

async fn shown(world: &World, applicant: Applicant) -> AtVersion<CaseView> {
    views(world).case(applicant.case()).await.unwrap().unwrap()
}

async fn overdue(world: &World) -> Vec<CaseId> {
    views(world).overdue(now(world), 10).await.unwrap()
}

#[tokio::test]
async fn a_case_moves_from_list_to_list() {
    let world = world();
    let alice = opened(&world, 50).await;
    project(&world).await;
    let open = of(CaseStatus::Open, None);
    assert_eq!(listed(&world, open).await, [alice.case()]);
    assert_eq!(listed(&world, of(CaseStatus::Open, Some(ADA))).await, []);

    cases(&world).assign(alice.case(), BEN, ADA, &cause()).await.unwrap();
    project(&world).await;
    assert_eq!(listed(&world, open).await, [alice.case()]);
    assert_eq!(listed(&world, of(CaseStatus::Open, Some(ADA))).await, [alice.case()]);

    let asked =
        cases(&world).request_information(alice.case(), ADA, Uuid::new_v4(), &text("Since when?"), &cause()).await;
    project(&world).await;
    assert_eq!(listed(&world, open).await, []);
    assert_eq!(listed(&world, of(CaseStatus::AwaitsCustomer, Some(ADA))).await, [alice.case()]);

    let question = asked.unwrap().state.opened().unwrap().history.last().unwrap().text.clone().unwrap();
    let answer = VaultRef::of_customer(alice.0, "answer-1").unwrap();
    receive_information(&world.streams, alice.case(), question, answer, &cause()).await.unwrap();
    approve(&world, alice, ADA).await;
    project(&world).await;
    for status in [CaseStatus::Open, CaseStatus::AwaitsCustomer, CaseStatus::Withdrawn] {
        for assignee in [None, Some(ADA), Some(BEN)] {
            assert_eq!(listed(&world, of(status, assignee)).await, [], "{status:?} {assignee:?}");
        }
    }
    assert_eq!(listed(&world, of(CaseStatus::Decided, None)).await, [alice.case()]);
    let view = shown(&world, alice).await;
    assert_eq!((view.version, view.view.decision), (4, Some(CaseDecision::Approved)));
    let page = views(&world).cases(of(CaseStatus::Decided, Some(ADA)), &EVERYTHING).await.unwrap();
    assert_eq!(page.items[0].1, view);
}

#[tokio::test]
async fn cases_are_listed_newest_first_and_page_by_page() {
    let world = world();
    let mut opened_in_turn = Vec::new();
    for _ in 0..3 {
        opened_in_turn.push(opened(&world, 50).await.case());
        pass(&world, HOUR);
    }
    project(&world).await;
    let filter = of(CaseStatus::Open, None);
    let first = views(&world).cases(filter, &PageRequest { first: 2, after: None }).await.unwrap();
    let after = first.items.last().map(|(cursor, _)| cursor.clone());
    let second = views(&world).cases(filter, &PageRequest { first: 2, after }).await.unwrap();
    assert_eq!((first.has_next, second.has_next), (true, false));
    let seen: Vec<_> = first.items.iter().chain(&second.items).map(|(_, it)| it.view.id).collect();
    opened_in_turn.reverse();
    assert_eq!(seen, opened_in_turn);
    let foreign = PageRequest { first: 2, after: Some("nonsense".to_owned()) };
    assert!(matches!(views(&world).cases(filter, &foreign).await, Err(PortError::Missing { .. })));
}

#[tokio::test]
async fn what_is_due_is_escalated_and_then_due_later() {
    let world = world();
    let (usual, urgent) = (opened(&world, 50).await, opened(&world, 70).await);
    let (decided, withdrawn) = (opened(&world, 50).await, opened(&world, 90).await);
    approve(&world, decided, ADA).await;
    withdraw_case(&world.streams, withdrawn.0, withdrawn.1, &cause()).await.unwrap();
    project(&world).await;
    assert_eq!(overdue(&world).await, []);
    pass(&world, HOUR * 24);
    assert_eq!(overdue(&world).await, [urgent.case()]);

    let escalate = || async { escalate_overdue(&world.streams, &views(&world), now(&world), &cause()).await.unwrap() };
    assert_eq!(escalate().await, 1);
    assert_eq!(escalate().await, 1, "the rows do not know of it yet, and the case does");
    project(&world).await;
    assert_eq!((overdue(&world).await, shown(&world, urgent).await.view.level), (vec![], 1));

    pass(&world, HOUR * 48);
    assert_eq!(overdue(&world).await, [urgent.case(), usual.case()], "longest due first");
    assert_eq!(views(&world).overdue(now(&world), 1).await.unwrap(), [urgent.case()]);
    for _ in 0..2 {
        assert_eq!(escalate().await, 2);
        project(&world).await;
        pass(&world, HOUR * 24);
    }
    let levels = (shown(&world, urgent).await.view.level, shown(&world, usual).await.view.level);
    assert_eq!((levels, overdue(&world).await), ((3, 2), vec![usual.case()]), "nobody is left to hear of the one");
}

#[tokio::test]
async fn rebuilt_lists_are_the_same_and_the_old_ones_go() {
    let world = world();
    let (alice, bob) = (opened(&world, 50).await, opened(&world, 70).await);
    cases(&world).assign(alice.case(), ADA, ADA, &cause()).await.unwrap();
    cases(&world).assign(alice.case(), BEN, ADA, &cause()).await.unwrap();
    approve(&world, alice, BEN).await;
    project(&world).await;
    let before = (shown(&world, alice).await, shown(&world, bob).await);
    rebuild(&projector(&world)).await.unwrap();
    pass(&world, POINTER_CACHE.unsigned_abs());
    assert_eq!(
        sweep(&projector(&world)).await.unwrap(),
        2 + 2 + 2,
        "two cases, where they are listed, and what is due"
    );
    assert_eq!((shown(&world, alice).await, shown(&world, bob).await), before);
    assert_eq!(listed(&world, of(CaseStatus::Decided, Some(ADA))).await, [alice.case()]);
    assert_eq!(listed(&world, of(CaseStatus::Open, None)).await, [bob.case()]);
    pass(&world, HOUR * 24);
    assert_eq!(overdue(&world).await, [bob.case()]);
}
