//! A clock that goes on by itself as long as somebody waits, and leaps when it is told to.

use std::{
    io,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use granary::engine::clock::Clock;
use tokio::time::Instant;

/// The time of a paused runtime, which moves exactly when everybody waits, and the leaps that were made beside it: so a function
/// that waits for its turn for 25 milliseconds finds the bank 25 milliseconds later.
#[derive(Debug)]
pub struct FlowingClock {
    beginning_ms: i64,
    began: Instant,
    leaps_ms: AtomicI64,
}

impl FlowingClock {
    /// A clock that shows this time. To be made in the runtime whose time it is.
    pub fn new(beginning_ms: i64) -> Self {
        Self { beginning_ms, began: Instant::now(), leaps_ms: AtomicI64::new(0) }
    }
}

impl Clock for FlowingClock {
    fn now_ms(&self) -> i64 {
        let flowed_ms = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        self.beginning_ms + flowed_ms + self.leaps_ms.load(Ordering::SeqCst)
    }

    fn advance(&self, by: Duration) -> io::Result<()> {
        self.leaps_ms.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
        Ok(())
    }
}
