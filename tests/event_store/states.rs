//! The state beside each commit: what the events fold to, and folded again when other code wrote it.

use std::sync::OnceLock;

use app::{commit::Body, ledger::LedgerError, store::StoreError};
use domain::{
    aggregate::{Aggregate, fold},
    error::{Class, Classify as _},
    identity::customer::{self, Customer, CustomerCommand},
    ids::{AccountId, CustomerId, OperationId, StreamId, VaultRef, Version},
    ledger::account::{self, Account, AccountCommand},
};
use money::{Asset, Money};
use proptest::prelude::*;
use uuid::Uuid;

use super::world::{Note, NoteEvent, Refusal, World, cause, credit, stream, written};

/// The same notes under code that remembers something else of them.
#[derive(Debug)]
struct Lengths;

impl Aggregate for Lengths {
    const KIND: &'static str = "note";
    const STATE_VERSION: u32 = 2;
    type State = Vec<usize>;
    type Event = NoteEvent;

    fn evolve(mut state: Vec<usize>, event: &NoteEvent) -> Vec<usize> {
        let NoteEvent::Written { text } = event;
        state.push(text.len());
        state
    }
}

#[tokio::test]
async fn a_state_of_another_version_is_folded_again_from_the_events() {
    let world = World::new();
    let note = stream("note");
    // More than one page of a refold.
    for length in 0..250 {
        world.streams.record::<Note>(&note, &cause(), &[written(length % 7)]).await.unwrap();
    }
    let lengths = world.streams.load::<Lengths>(note.clone()).await.unwrap();
    assert_eq!(lengths.state, (0..250).map(|length| length % 7).collect::<Vec<_>>());
    assert_eq!(lengths.version, Some(Version(249)));

    // The new code appends behind it; the old code, while it still runs, folds the new code's commits as well.
    world.streams.record::<Lengths>(&note, &cause(), &[written(5)]).await.unwrap();
    let old = world.streams.load::<Note>(note.clone()).await.unwrap();
    assert_eq!((old.state.len(), old.version), (5, Some(Version(250))));
    let history = world.history(&note).await;
    assert_eq!((history[249].state_version, history[250].state_version), (1, 2));
    assert!(history.windows(2).all(|pair| pair[1].previous == pair[0].hash()));
}

#[tokio::test]
async fn an_account_whose_state_is_of_another_version_is_the_same_account() {
    let world = World::new();
    let id = world.account().await;
    for pence in [100, 20, 3] {
        credit(&world.streams, &id, pence).await.unwrap();
    }
    let stream = StreamId::from(&id);
    let before = world.streams.load::<Account>(stream.clone()).await.unwrap();
    for state_version in [Account::STATE_VERSION - 1, Account::STATE_VERSION + 1] {
        let mut head = world.history(&stream).await.pop().unwrap();
        (head.state, head.state_version) = ("{\"from\":\"another time\"}".to_owned(), state_version);
        world.put(&head).await;
        let after = world.streams.load::<Account>(stream.clone()).await.unwrap();
        assert_eq!((after.state, after.version), (before.state.clone(), before.version));
    }
    credit(&world.streams, &id, 4_000).await.unwrap();
    assert_eq!(world.available(&id).await, 4_123);
}

#[tokio::test]
async fn an_unknown_event_stops_the_stream_for_now_and_is_never_skipped() {
    let world = World::new();
    let id = world.account().await;
    credit(&world.streams, &id, 100).await.unwrap();
    let stream = StreamId::from(&id);
    let mut newer = world.history(&stream).await.pop().unwrap();
    newer.previous = newer.hash();
    newer.version = newer.version.next();
    newer.body = newer.body.replace("account.credited.v1", "account.frozen.v1");
    newer.state_version = Account::STATE_VERSION + 1;
    world.put(&newer).await;

    let before = world.written();
    let error = credit(&world.streams, &id, 1).await.unwrap_err();
    assert_eq!((error.class(), error.code()), (Class::Transient, "COMMIT_UNDECODABLE"));
    let LedgerError::Store(StoreError::Undecodable { stream: at, version, reason }) = error else {
        panic!("{error:?}")
    };
    assert_eq!((at, version), (stream, newer.version));
    assert!(reason.to_string().contains("account.frozen.v1"), "{reason}");
    assert_eq!(world.written(), before, "nothing was appended on a state that is not understood");
}

#[tokio::test]
async fn a_state_of_this_version_that_cannot_be_read_is_not_taken_for_another() {
    let world = World::new();
    let note = stream("note");
    world.streams.record::<Note>(&note, &cause(), &[written(1)]).await.unwrap();
    let mut head = world.history(&note).await.pop().unwrap();
    head.state = "{}".to_owned();
    world.put(&head).await;
    let error = world.streams.load::<Note>(note.clone()).await.unwrap_err();
    assert_eq!((error.class(), error.code()), (Class::Transient, "COMMIT_UNDECODABLE"));
}

/// What the properties do to an account and a customer, in any order and also where it makes no sense.
#[derive(Debug, Clone)]
enum Step {
    Open { euros: bool },
    Credit { euros: bool, units: i128 },
    SignUp { other: bool },
    Activate,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => any::<bool>().prop_map(|euros| Step::Open { euros }),
        6 => (prop::bool::weighted(0.1), prop_oneof![-5_i128..1_000_000, Just(i128::MAX)])
            .prop_map(|(euros, units)| Step::Credit { euros, units }),
        1 => any::<bool>().prop_map(|other| Step::SignUp { other }),
        1 => Just(Step::Activate),
    ]
}

impl Step {
    async fn take(&self, world: &World, customer: CustomerId) {
        let asset = |euros| if euros { Asset::Eur } else { Asset::Gbp };
        let account = AccountId::new(customer, Asset::Gbp);
        match self {
            Self::Open { euros } => {
                let id = AccountId::new(customer, asset(*euros));
                dispatch_account(world, &account, &AccountCommand::Open { id, reference: None }).await;
            }
            Self::Credit { euros, units } => {
                let operation = OperationId::new("clearbank".parse().unwrap(), Uuid::new_v4());
                let amount = Money::new(asset(*euros), *units);
                dispatch_account(world, &account, &AccountCommand::Credit { operation, amount }).await;
            }
            Self::SignUp { other } => {
                let email = VaultRef::of_customer(customer, if *other { "other-email" } else { "email" }).unwrap();
                dispatch_customer(world, customer, &CustomerCommand::SignUp { email }).await;
            }
            Self::Activate => dispatch_customer(world, customer, &CustomerCommand::Activate).await,
        }
    }
}

/// A refusal is as good a step as any: it must leave no trace.
async fn dispatch_account(world: &World, id: &AccountId, command: &AccountCommand) {
    let decide = |state: &_| account::decide(state, command).map_err(|_| Refusal::No);
    let _refused = world.streams.dispatch::<Account, Refusal>(&id.into(), &cause(), decide).await;
}

async fn dispatch_customer(world: &World, id: CustomerId, command: &CustomerCommand) {
    let decide = |state: &_| customer::decide(state, command).map_err(|_| Refusal::No);
    let _refused = world.streams.dispatch::<Customer, Refusal>(&id.into(), &cause(), decide).await;
}

async fn states_are_folds<A: Aggregate>(world: &World, stream: StreamId) -> Result<usize, TestCaseError> {
    let history = world.history(&stream).await;
    let mut events = Vec::new();
    let mut previous = app::commit::Hash::NONE;
    for (commit, version) in history.iter().zip(0..) {
        let body: Body<A::Event> = commit.body::<A>().unwrap();
        prop_assert!(!body.events.is_empty());
        events.extend(body.events);
        prop_assert_eq!(commit.state::<A>().unwrap(), Some(fold::<A>(&events)));
        prop_assert_eq!((commit.version, commit.previous), (Version(version), previous));
        previous = commit.hash();
    }
    prop_assert_eq!(world.streams.load::<A>(stream).await.unwrap().state, fold::<A>(&events));
    Ok(history.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_stored_state_is_the_fold_of_the_stored_events(steps in prop::collection::vec(any_step(), 1..40)) {
        static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
        let runtime = RUNTIME.get_or_init(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
        runtime.block_on(async {
            let world = World::new();
            let customer = CustomerId::new(Uuid::new_v4());
            for step in &steps {
                step.take(&world, customer).await;
            }
            let account = states_are_folds::<Account>(&world, (&AccountId::new(customer, Asset::Gbp)).into()).await?;
            let customer = states_are_folds::<Customer>(&world, customer.into()).await?;
            prop_assert_eq!(account + customer, world.written());
            Ok(())
        })?;
    }
}
