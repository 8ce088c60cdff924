//! The bank's clock in other people's terms.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_smithy_async::{
    rt::sleep::{AsyncSleep, Sleep, TokioSleep},
    time::TimeSource,
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::engine::clock::Clock;

/// The SDK's time source: it signs and expires by the bank's clock.
#[derive(Debug, Clone)]
pub(super) struct BankTime(pub Arc<dyn Clock>);

impl TimeSource for BankTime {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0.now_ms()).unwrap_or_default())
    }
}

/// The SDK's sleep: in real time, and in none while the bank's clock is stepped.
#[derive(Debug, Clone)]
pub(super) struct BankSleep(pub Arc<dyn Clock>);

impl AsyncSleep for BankSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = Arc::clone(&self.0);
        Sleep::new(async move {
            if !clock.pass(duration) {
                TokioSleep::new().sleep(duration).await;
            }
        })
    }
}

const SECONDS: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const HTTP: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// `2026-01-05T10:00:00Z`.
pub(crate) fn seconds(at_ms: i64) -> String {
    text(at_ms, SECONDS)
}

/// `2026-01-05T10:00:00.123Z`.
pub(crate) fn milliseconds(at_ms: i64) -> String {
    text(at_ms, MILLISECONDS)
}

/// `Mon, 05 Jan 2026 10:00:00 GMT`.
pub(super) fn http_date(at_ms: i64) -> String {
    text(at_ms, HTTP)
}

fn text(at_ms: i64, format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms).saturating_mul(1_000_000))
        .ok()
        .and_then(|at| at.format(&format).ok())
        .unwrap_or_default()
}
