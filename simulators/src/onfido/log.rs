//! A log of who asked what and when, and for how long everybody is asked to slow down.

use std::collections::VecDeque;

use serde::Serialize;

use super::Onfido;

/// Older calls are forgotten beyond this many, so that a long run does not eat the memory.
const CALLS_KEPT_MAX: usize = 100_000;

/// One call of the API: what was asked and answered, never about whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The method and the path.
    pub asked: String,
    /// What was answered.
    pub status: u16,
}

/// What was asked so far.
#[derive(Default)]
pub(super) struct Log {
    calls: VecDeque<Call>,
    throttled_until_ms: i64,
}

impl Log {
    pub fn add(&mut self, call: Call) {
        if self.calls.len() >= CALLS_KEPT_MAX {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// For how many seconds more everybody is asked to slow down.
    pub fn throttled_for_s(&self, now_ms: i64) -> Option<i64> {
        let left_ms = self.throttled_until_ms.checked_sub(now_ms).filter(|left_ms| *left_ms > 0)?;
        Some(left_ms.saturating_add(999).div_euclid(1_000))
    }
}

impl Onfido {
    /// Answers 429 to everybody until then, and says in `Retry-After` how long that is.
    pub fn throttle_until(&self, at_ms: i64) {
        self.state().log.throttled_until_ms = at_ms;
    }

    /// Every call since the start, oldest first, however it was answered.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().log.calls.iter().cloned().collect()
    }
}
