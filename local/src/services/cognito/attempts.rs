//! How often somebody may try. Kept by what was typed, so that a user who does not exist is limited like one who does.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::CognitoError;

const HOUR_MS: i64 = 60 * 60 * 1_000;
const WINDOW_TRIES_MAX: u32 = 5;

/// From the fifth wrong password on, each one doubles the pause, up to a quarter of an hour.
const FREE_FAILURES: u32 = 5;
const PAUSE_MS_MAX: i64 = 15 * 60 * 1_000;

/// What is limited to five an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limited {
    WrongCode,
    Resend,
}

impl Limited {
    fn name(self) -> &'static str {
        match self {
            Self::WrongCode => "wrong-code",
            Self::Resend => "resend",
        }
    }
}

const LOG_IN: &str = "log-in";

/// Whether the hour's tries are used up.
pub(super) fn is_used_up(
    connection: &Connection,
    what: Limited,
    subject: &str,
    now_ms: i64,
) -> Result<bool, CognitoError> {
    let seen = read(connection, what.name(), subject)?;
    Ok(seen.is_some_and(|(count, since)| count >= WINDOW_TRIES_MAX && now_ms < since.saturating_add(HOUR_MS)))
}

/// Counts one. The hour begins with the first.
pub(super) fn count(connection: &Connection, what: Limited, subject: &str, now_ms: i64) -> Result<(), CognitoError> {
    forget_old(connection, now_ms)?;
    connection.execute(
        "INSERT INTO cognito_attempts VALUES (?1, ?2, 1, ?3)
         ON CONFLICT DO UPDATE SET count = count + 1",
        params![what.name(), subject, now_ms],
    )?;
    Ok(())
}

/// Whether wrong passwords have earned a pause that still lasts.
pub(super) fn is_paused(connection: &Connection, subject: &str, now_ms: i64) -> Result<bool, CognitoError> {
    let seen = read(connection, LOG_IN, subject)?;
    Ok(seen.is_some_and(|(failures, last)| now_ms < last.saturating_add(pause_ms(failures))))
}

/// Counts a wrong password; a quiet quarter of an hour forgets the earlier ones.
pub(super) fn count_failure(connection: &Connection, subject: &str, now_ms: i64) -> Result<(), CognitoError> {
    forget_old(connection, now_ms)?;
    connection.execute(
        "INSERT INTO cognito_attempts VALUES (?1, ?2, 1, ?3)
         ON CONFLICT DO UPDATE SET since_ms = ?3,
            count = CASE WHEN ?3 - since_ms > ?4 THEN 1 ELSE count + 1 END",
        params![LOG_IN, subject, now_ms, PAUSE_MS_MAX],
    )?;
    Ok(())
}

pub(super) fn forget_failures(connection: &Connection, subject: &str) -> Result<(), CognitoError> {
    connection.execute("DELETE FROM cognito_attempts WHERE kind = ?1 AND subject = ?2", [LOG_IN, subject])?;
    Ok(())
}

fn read(connection: &Connection, kind: &str, subject: &str) -> Result<Option<(u32, i64)>, CognitoError> {
    let sql = "SELECT count, since_ms FROM cognito_attempts WHERE kind = ?1 AND subject = ?2";
    Ok(connection.query_row(sql, [kind, subject], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Whatever is older than an hour limits nobody any more.
fn forget_old(connection: &Connection, now_ms: i64) -> Result<(), CognitoError> {
    connection.execute("DELETE FROM cognito_attempts WHERE since_ms <= ?1", [now_ms.saturating_sub(HOUR_MS)])?;
    Ok(())
}

fn pause_ms(failures: u32) -> i64 {
    let Some(doublings) = failures.checked_sub(FREE_FAILURES) else {
        return 0;
    };
    1_000_i64.checked_shl(doublings.min(20)).unwrap_or(PAUSE_MS_MAX).min(PAUSE_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_from_the_fifth_failure_up_to_a_quarter_of_an_hour() {
        assert_eq!(
            [0, 4, 5, 6, 7, 14, 15, 40, u32::MAX].map(pause_ms),
            [0, 0, 1_000, 2_000, 4_000, 512_000, 900_000, 900_000, 900_000]
        );
    }
}
