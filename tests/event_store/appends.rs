//! Strict, relaxed, and several streams at once.

use app::store::StoreError;
use domain::{ids::Version, ledger::account::AccountError};

use super::world::{Note, NoteEvent, Refusal, World, cause, credit, stream, written};
use app::ledger::LedgerError;

#[tokio::test]
async fn a_command_is_decided_on_the_newest_state_and_appended_behind_it() {
    let world = World::new();
    let id = world.account().await;
    let first = credit(&world.streams, &id, 100).await.unwrap();
    let second = credit(&world.streams, &id, 50).await.unwrap();
    assert_eq!((first.version, second.version), (Some(Version(1)), Some(Version(2))));
    assert_eq!(world.available(&id).await, 150);
}

#[tokio::test]
async fn a_refused_command_writes_nothing() {
    let world = World::new();
    let id = world.account().await;
    let before = world.written();
    let refused = credit(&world.streams, &id, -1).await.unwrap_err();
    assert_eq!(refused, LedgerError::Account(AccountError::AmountNotPositive));
    assert_eq!(world.written(), before);
}

#[tokio::test]
async fn a_command_without_events_writes_nothing() {
    let world = World::new();
    let note = stream("note");
    let quiet = world.streams.dispatch::<Note, Refusal>(&note, &cause(), |_| Ok(vec![])).await.unwrap();
    assert_eq!((quiet.version, world.written()), (None, 0));
}

#[tokio::test]
async fn of_two_appends_on_the_same_version_the_second_is_a_conflict_and_is_decided_anew() {
    let world = World::new();
    let note = stream("note");
    world.streams.record::<Note>(&note, &cause(), &[written(1)]).await.unwrap();
    let stale = world.streams.load::<Note>(note.clone()).await.unwrap();
    world.streams.record::<Note>(&note, &cause(), &[written(2)]).await.unwrap();

    let mut unit = world.streams.unit(&cause());
    unit.commit(stale.clone(), vec![written(3)]).unwrap();
    assert_eq!(world.streams.append(unit).await, Err(StoreError::Conflict));

    // What dispatch does with it: the decision sees what the winner wrote.
    let loads = std::sync::Mutex::new(Vec::new());
    let outcome: Result<_, StoreError> = world
        .streams
        .retrying(|| async {
            let fresh = world.streams.load::<Note>(note.clone()).await?;
            let loaded = if loads.lock().unwrap().is_empty() { stale.clone() } else { fresh };
            loads.lock().unwrap().push(loaded.version);
            let mut unit = world.streams.unit(&cause());
            let after = unit.commit(loaded, vec![written(3)])?;
            world.streams.append(unit).await?;
            Ok(after)
        })
        .await;
    assert_eq!(outcome.unwrap().version, Some(Version(2)));
    assert_eq!(*loads.lock().unwrap(), [Some(Version(0)), Some(Version(1))]);
}

#[tokio::test]
async fn a_command_that_is_never_first_is_answered_with_the_conflict_after_eight_attempts() {
    let world = World::new();
    let note = stream("note");
    let attempts = std::sync::atomic::AtomicU32::new(0);
    let outcome: Result<(), StoreError> = world
        .streams
        .retrying(|| async {
            attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let loaded = world.streams.load::<Note>(note.clone()).await?;
            world.streams.record::<Note>(&note, &cause(), &[written(1)]).await?;
            let mut unit = world.streams.unit(&cause());
            unit.commit(loaded, vec![written(2)])?;
            world.streams.append(unit).await
        })
        .await;
    assert_eq!(outcome, Err(StoreError::Conflict));
    assert_eq!(attempts.into_inner(), app::streams::ATTEMPTS_MAX);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn facts_recorded_at_once_are_all_appended() {
    let world = World::new();
    let note = stream("note");
    let tasks: Vec<_> = (1..=4)
        .map(|length| {
            let (streams, note) = (world.streams.clone(), note.clone());
            tokio::spawn(async move { streams.record::<Note>(&note, &cause(), &[written(length)]).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let mut lengths: Vec<_> = world
        .history(&note)
        .await
        .iter()
        .flat_map(|commit| commit.body::<Note>().unwrap().events)
        .map(|NoteEvent::Written { text }| text.len())
        .collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [1, 2, 3, 4]);
}

#[tokio::test]
async fn several_streams_are_written_together_or_not_at_all() {
    let world = World::new();
    let (left, right) = (stream("note"), stream("note"));
    let load = |stream: &domain::ids::StreamId| world.streams.load::<Note>(stream.clone());
    let (old_left, old_right) = (load(&left).await.unwrap(), load(&right).await.unwrap());
    let mut unit = world.streams.unit(&cause());
    unit.commit(old_left.clone(), vec![written(1)]).unwrap();
    unit.commit(old_right, vec![written(2)]).unwrap();
    world.streams.append(unit).await.unwrap();
    let new_right = load(&right).await.unwrap();
    assert_eq!(new_right.version, Some(Version(0)));

    // The right one would fit; the left one does not, so neither is written.
    let mut unit = world.streams.unit(&cause());
    unit.commit(new_right, vec![written(3)]).unwrap();
    unit.commit(old_left, vec![written(4)]).unwrap();
    assert_eq!(world.streams.append(unit).await, Err(StoreError::Conflict));
    assert_eq!(load(&left).await.unwrap().state.len(), 1);
    assert_eq!(load(&right).await.unwrap().state.len(), 2);
    assert_eq!(world.written(), 2);
}

#[tokio::test]
async fn one_stream_takes_several_commits_of_one_unit() {
    let world = World::new();
    let note = stream("note");
    let mut unit = world.streams.unit(&cause());
    let loaded = world.streams.load::<Note>(note.clone()).await.unwrap();
    let after = unit.commit(loaded, vec![written(1)]).unwrap();
    unit.commit(after, vec![written(2), written(3)]).unwrap();
    world.streams.append(unit).await.unwrap();
    let loaded = world.streams.load::<Note>(note.clone()).await.unwrap();
    assert_eq!((loaded.version, loaded.state.len()), (Some(Version(1)), 3));
}

#[tokio::test]
async fn a_unit_stands_only_if_what_it_read_is_unchanged() {
    let world = World::new();
    let (read, written_to) = (stream("note"), stream("note"));
    for first_commit in [false, true] {
        let seen = world.streams.load::<Note>(read.clone()).await.unwrap();
        assert_eq!(seen.version.is_some(), first_commit);
        let build = async |length| {
            let mut unit = world.streams.unit(&cause());
            unit.unchanged(&seen);
            let loaded = world.streams.load::<Note>(written_to.clone()).await.unwrap();
            unit.commit(loaded, vec![written(length)]).unwrap();
            unit
        };
        world.streams.append(build(1).await).await.unwrap();
        world.streams.record::<Note>(&read, &cause(), &[written(9)]).await.unwrap();
        let before = world.written();
        assert_eq!(world.streams.append(build(2).await).await, Err(StoreError::Conflict));
        assert_eq!(world.written(), before);
    }
}

#[tokio::test]
async fn a_unit_that_only_read_writes_nothing_and_asks_nothing() {
    let world = World::new();
    let seen = world.streams.load::<Note>(stream("note")).await.unwrap();
    let mut unit = world.streams.unit(&cause());
    unit.unchanged(&seen);
    world.aws.dynamodb.reset_meter();
    world.streams.append(unit).await.unwrap();
    assert_eq!(world.aws.dynamodb.meter().units.len(), 0);
}
