//! How often a provider is called: the generic cell rate algorithm with a burst of one.
//!
//! `tat` is when the next call may be made that nobody has a place for yet. Whoever finds it in the past takes now; whoever finds it
//! a moment ahead takes that place and waits for it, because a queue's delays are whole seconds, in which calls would bunch.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use app::ports::{Clock as _, PortError, Rate, Urgency};
use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use aws_types::SdkConfig;

use super::{ms_of, number, refused};
use crate::{SdkClock, error::port};

const TAKE: &str = "take a place in the provider's quota";
const HOLD_BACK: &str = "hold calls of the provider back";
/// How far ahead of now a place may be.
const AHEAD_MS_MAX: i64 = 1_000;
/// How far for a replay: a few calls, as one piece of work makes a few in turn.
const REPLAY_AHEAD_MS_MAX: i64 = 100;
/// Nobody holds the whole bank back longer than a queue can delay a message.
const HOLD_BACK_MS_MAX: i64 = 900_000;
/// We aim at so much of what we may: clocks differ a little, and so does the time that a call is on its way.
const AIM_PERCENT: u32 = 80;
/// Others take places meanwhile. Who is overtaken so often comes again later.
const TRIES_MAX: u32 = 5;

/// What a provider allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Calls a second; at least one.
    pub per_second: u32,
}

impl Quota {
    /// The time between two calls, rounded up: never more calls than we aim at.
    fn interval_ms(self) -> i64 {
        let calls_in_100_s = i64::from(self.per_second.max(1)).saturating_mul(i64::from(AIM_PERCENT));
        100_000_i64.saturating_add(calls_in_100_s).saturating_sub(1).checked_div(calls_in_100_s).unwrap_or(i64::MAX)
    }
}

/// One provider's rate.
#[derive(Debug, Clone)]
pub struct DynamoRate {
    client: Client,
    table: String,
    pk: String,
    interval_ms: i64,
    clock: SdkClock,
    /// Where the last place taken here ended: says which of the two ways to take one is more likely to work.
    last_ms: Arc<AtomicI64>,
}

/// What became of an attempt.
enum Attempt {
    Taken { slot_ms: i64 },
    Refused { tat_ms: Option<i64> },
}

impl DynamoRate {
    /// Of a provider, by its name.
    #[must_use]
    pub fn new(config: &SdkConfig, table: impl Into<String>, provider: &str, quota: Quota) -> Self {
        let (client, clock) = (Client::new(config), SdkClock::new(config));
        let pk = format!("rate#{provider}");
        Self { client, table: table.into(), pk, interval_ms: quota.interval_ms(), clock, last_ms: Arc::default() }
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.clock.now().unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
    }

    /// The place of now, if nobody waits.
    async fn take_now(&self, now_ms: i64) -> Result<Attempt, PortError> {
        let values = [(":next", now_ms.saturating_add(self.interval_ms)), (":now", now_ms)];
        self.update("SET tat = :next", "attribute_not_exists(pk) OR tat <= :now", &values).await
    }

    /// The place after everybody who waits, unless that is too far ahead.
    async fn take_next(&self, now_ms: i64, ahead_ms_max: i64) -> Result<Attempt, PortError> {
        let ahead_ms = now_ms.saturating_add(ahead_ms_max);
        let values = [(":interval", self.interval_ms), (":now", now_ms), (":ahead", ahead_ms)];
        self.update("SET tat = tat + :interval", "tat > :now AND tat <= :ahead", &values).await
    }

    async fn update(&self, expression: &str, condition: &str, values: &[(&str, i64)]) -> Result<Attempt, PortError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(self.pk.clone()))
            .update_expression(expression)
            .condition_expression(condition)
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (name, value) in values {
            update = update.expression_attribute_values(*name, number(*value));
        }
        match update.send().await {
            Ok(updated) => {
                let tat_ms = updated.attributes.as_ref().and_then(|it| ms_of(it.get("tat")));
                let tat_ms = tat_ms.ok_or(PortError::Corrupt { attempted: TAKE })?;
                self.last_ms.store(tat_ms, Ordering::Relaxed);
                Ok(Attempt::Taken { slot_ms: tat_ms.saturating_sub(self.interval_ms) })
            }
            Err(error) => match refused(&error) {
                Some(item) => Ok(Attempt::Refused { tat_ms: ms_of(item.get("tat")) }),
                None => Err(port(TAKE, &error)),
            },
        }
    }

    /// A place no further ahead than that.
    async fn place(&self, ahead_ms_max: i64) -> Result<i64, PortError> {
        let mut waits = self.last_ms.load(Ordering::Relaxed) > self.now_ms();
        for _ in 0..TRIES_MAX {
            let now_ms = self.now_ms();
            let attempt =
                if waits { self.take_next(now_ms, ahead_ms_max).await? } else { self.take_now(now_ms).await? };
            match attempt {
                Attempt::Taken { slot_ms } => return Ok(slot_ms),
                Attempt::Refused { tat_ms: Some(tat_ms) } if tat_ms > now_ms.saturating_add(ahead_ms_max) => break,
                Attempt::Refused { tat_ms } => waits = tat_ms.is_some_and(|it| it > now_ms),
            }
        }
        Err(PortError::Throttled { attempted: TAKE })
    }
}

#[async_trait]
impl Rate for DynamoRate {
    async fn take(&self, urgency: Urgency) -> Result<(), PortError> {
        let ahead_ms_max = match urgency {
            Urgency::Live => AHEAD_MS_MAX,
            Urgency::Replay => REPLAY_AHEAD_MS_MAX,
        };
        let slot_ms = self.place(ahead_ms_max).await?;
        let wait_ms = u64::try_from(slot_ms.saturating_sub(self.now_ms())).unwrap_or(0);
        self.clock.wait(Duration::from_millis(wait_ms)).await;
        Ok(())
    }

    async fn hold_back(&self, time: Duration) -> Result<(), PortError> {
        let time_ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX).min(HOLD_BACK_MS_MAX);
        let until_ms = self.now_ms().saturating_add(time_ms);
        match self.update("SET tat = :until", "attribute_not_exists(pk) OR tat < :until", &[(":until", until_ms)]).await
        {
            Ok(Attempt::Taken { .. } | Attempt::Refused { .. }) => Ok(()), // Somebody holds them back for longer.
            Err(PortError::Unavailable { reason, .. }) => Err(PortError::Unavailable { attempted: HOLD_BACK, reason }),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_of_a_quota_are_used_and_never_more() {
        for (per_second, interval_ms) in [(50, 25), (1, 1_250), (400, 4), (7, 179), (0, 1_250)] {
            assert_eq!(Quota { per_second }.interval_ms(), interval_ms, "{per_second}");
        }
    }
}
