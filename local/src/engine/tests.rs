//! What the engine remembers.

use std::sync::Arc;

use super::{Engine, EngineError, clock::ManualClock};

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(1_767_607_200_000))
}

#[test]
fn a_position_is_kept_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(Some(dir.path()), clock()).unwrap();
    assert_eq!(engine.position("relay").unwrap(), None);
    engine.set_position("relay", 7).unwrap();
    engine.set_position("relay", 9).unwrap();
    drop(engine);

    let engine = Engine::open(Some(dir.path()), clock()).unwrap();
    assert_eq!(engine.position("relay").unwrap(), Some(9));
}

#[test]
fn ids_repeat_in_memory_and_never_in_a_file() {
    let ids = |engine: Arc<Engine>| [engine.next_id(), engine.next_id()];
    let in_memory = || ids(Engine::open(None, clock()).unwrap());
    assert_eq!(in_memory(), in_memory());

    let dir = tempfile::tempdir().unwrap();
    let in_file = || ids(Engine::open(Some(dir.path()), clock()).unwrap());
    let (first, second) = (in_file(), in_file());
    assert!(first.iter().all(|id| !second.contains(id)));
}

#[test]
fn an_error_undoes_the_whole_transaction() {
    let engine = Engine::open(None, clock()).unwrap();
    let failed: Result<(), EngineError> = engine.write(|database| {
        database.execute("INSERT INTO topics (name) VALUES ('half')", [])?;
        Err(EngineError::unknown("the other half"))
    });
    assert!(failed.is_err());
    let topics: i64 = engine
        .read(|database| Ok::<_, EngineError>(database.query_row("SELECT COUNT(*) FROM topics", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(topics, 0);
}

#[tokio::test]
async fn work_that_was_announced_while_nobody_waited_is_not_lost() {
    let engine = Engine::open(None, clock()).unwrap();
    engine.announce();
    engine.work().notified().await;
}
