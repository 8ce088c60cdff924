//! The bank's clock, a port that everything local reads. It only ever moves forward.

use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What time it is at the bank.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Moves forward.
    ///
    /// # Errors
    /// When a clock that is kept cannot be written; it then has not moved.
    fn advance(&self, by: Duration) -> io::Result<()>;

    /// From now on the clock is stepped from due time to due time, or it no longer is.
    fn step(&self, _stepped: bool) {}

    /// While the clock is stepped, nobody waits in real time: whoever waits has the clock moved to the end of the wait instead.
    /// Answers whether the wait is over.
    fn pass(&self, _wait: Duration) -> bool {
        false
    }
}

/// Real time plus an offset.
#[derive(Debug, Default)]
pub struct RealClock {
    offset_ms: AtomicI64,
    kept: Option<PathBuf>,
    stepped: AtomicBool,
    // One move at a time, and what is kept is what is shown.
    moving: Mutex<()>,
}

impl RealClock {
    /// A clock whose offset is kept in a file, so that a restart does not go back in time.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or holds no offset.
    pub fn kept(file: PathBuf) -> io::Result<Self> {
        let offset_ms = match fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(Self { offset_ms: AtomicI64::new(offset_ms), kept: Some(file), ..Self::default() })
    }

    /// Moves by what `by` says once nobody else moves it.
    fn move_on(&self, by: impl FnOnce() -> i64) -> io::Result<()> {
        let _one_at_a_time = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let by_ms = by();
        if by_ms <= 0 {
            return Ok(());
        }
        let offset_ms = self.offset_ms.load(Ordering::SeqCst).saturating_add(by_ms);
        if let Some(file) = &self.kept {
            // Whole or not at all: half a number would be another time.
            let written = file.with_extension("new");
            fs::write(&written, offset_ms.to_string())?;
            fs::rename(written, file)?;
        }
        self.offset_ms.store(offset_ms, Ordering::SeqCst);
        Ok(())
    }
}

impl Clock for RealClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        whole_ms(since).saturating_add(self.offset_ms.load(Ordering::SeqCst))
    }

    fn advance(&self, by: Duration) -> io::Result<()> {
        self.move_on(|| whole_ms(by))
    }

    fn step(&self, stepped: bool) {
        self.stepped.store(stepped, Ordering::SeqCst);
    }

    fn pass(&self, wait: Duration) -> bool {
        if !self.stepped.load(Ordering::SeqCst) {
            return false;
        }
        // Waits of several at once pass at once: each moves the clock only as far as its own end.
        let end_ms = self.now_ms().saturating_add(whole_ms(wait));
        match self.move_on(|| end_ms.saturating_sub(self.now_ms())) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "the clock could not be kept; who waits waits in real time");
                false
            }
        }
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock {
    now_ms: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `now_ms`.
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        Self { now_ms: AtomicI64::new(now_ms) }
    }

    /// Moves the clock forward.
    pub fn advance_ms(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn advance(&self, by: Duration) -> io::Result<()> {
        self.advance_ms(whole_ms(by));
        Ok(())
    }
}

fn whole_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let eight_days = Duration::from_secs(8 * 24 * 3600);
        RealClock::kept(file.clone()).unwrap().advance(eight_days).unwrap();
        let ahead_ms = RealClock::kept(file).unwrap().now_ms() - RealClock::default().now_ms();
        assert!((ahead_ms - whole_ms(eight_days)).abs() < 60_000, "{ahead_ms}");
    }

    #[test]
    fn a_wait_moves_a_clock_that_is_stepped_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let clock = RealClock::kept(file.clone()).unwrap();
        let hour = Duration::from_secs(3600);
        assert!(!clock.pass(hour));
        clock.step(true);
        let before_ms = clock.now_ms();
        assert!(clock.pass(hour));
        let moved_ms = clock.now_ms() - before_ms;
        assert!((whole_ms(hour)..whole_ms(hour) + 60_000).contains(&moved_ms), "{moved_ms}");
        clock.step(false);
        assert!(!clock.pass(hour));
        let ahead_ms = RealClock::kept(file).unwrap().now_ms() - RealClock::default().now_ms();
        assert!((ahead_ms - whole_ms(hour)).abs() < 60_000, "{ahead_ms}");
    }

    #[test]
    fn a_damaged_offset_is_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        fs::write(&file, "soon").unwrap();
        assert_eq!(RealClock::kept(file).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
