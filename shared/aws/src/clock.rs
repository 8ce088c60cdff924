//! The clock that the SDK itself runs on, so that virtual time reaches everything.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use app::ports::Clock;
use async_trait::async_trait;
use aws_smithy_async::{
    rt::sleep::{AsyncSleep as _, SharedAsyncSleep},
    time::{SharedTimeSource, SystemTimeSource},
};
use aws_types::SdkConfig;
use time::OffsetDateTime;

/// The first wait after a conflict.
const BACK_OFF_FIRST_MS: u64 = 5;
/// The longest wait.
const BACK_OFF_MAX_MS: u64 = 250;

/// The SDK configuration's time source and sleep.
#[derive(Debug, Clone)]
pub struct SdkClock {
    time: SharedTimeSource,
    sleep: Option<SharedAsyncSleep>,
    waits: Arc<AtomicU64>,
}

impl SdkClock {
    /// The clock of an SDK configuration; the system's if it names none.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            time: config.time_source().unwrap_or_else(|| SharedTimeSource::new(SystemTimeSource::new())),
            sleep: config.sleep_impl(),
            waits: Arc::default(),
        }
    }
}

impl SdkClock {
    /// Waits so long. Without a sleep it waits for nothing; every configuration that functions are given has one.
    pub async fn wait(&self, time: Duration) {
        match &self.sleep {
            Some(sleep) if !time.is_zero() => sleep.sleep(time).await,
            Some(_) | None => {}
        }
    }
}

#[async_trait]
impl Clock for SdkClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.time.now())
    }

    async fn back_off(&self, attempt: u32) {
        let Some(sleep) = &self.sleep else { return };
        let ceiling = BACK_OFF_FIRST_MS.saturating_mul(1 << attempt.min(8)).min(BACK_OFF_MAX_MS);
        // Full jitter: two who collided must not collide again. No two processes come here at the same nanosecond, and under a
        // clock that is held, the same happens every time.
        let mut hasher = DefaultHasher::new();
        (self.time.now(), self.waits.fetch_add(1, Ordering::Relaxed)).hash(&mut hasher);
        sleep.sleep(Duration::from_millis(hasher.finish() % (ceiling + 1))).await;
    }
}
