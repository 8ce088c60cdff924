//! What becomes of errors: tried again, caught, or neither.

use serde_json::Value;

use super::{
    DefinitionError, TIMEOUT_S_MAX,
    fields::{Field, Fields},
};
use crate::services::states::{faults, path::Path};

const DELAY_S_MAX: u64 = 31_622_400;
const THOUSAND: u64 = 1_000;

/// When and how often something is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services::states) struct Retrier {
    errors: Vec<String>,
    interval_s: u64,
    pub attempts_max: u64,
    /// In thousandths, so that no delay depends on how a machine rounds.
    backoff: u64,
    delay_s_max: u64,
    jitter: Jitter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Jitter {
    None,
    Full,
}

/// Where an error leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services::states) struct Catcher {
    errors: Vec<String>,
    /// Where the error goes in the data; `None` drops it.
    pub result_path: Option<Path>,
    pub next: String,
}

impl Retrier {
    /// Whether it is for this error.
    pub fn takes(&self, error: &str) -> bool {
        takes(&self.errors, error)
    }

    /// How long to wait before it is tried again for the `tried`-th time, counted from 0.
    pub fn delay_ms(&self, tried: u64, random: u128) -> i64 {
        let cap_ms = u128::from(self.delay_s_max) * u128::from(THOUSAND);
        let mut delay_ms = u128::from(self.interval_s) * u128::from(THOUSAND);
        for _ in 0..tried {
            if delay_ms >= cap_ms || self.backoff == THOUSAND {
                break;
            }
            delay_ms = delay_ms * u128::from(self.backoff) / u128::from(THOUSAND);
        }
        let delay_ms = delay_ms.min(cap_ms);
        let delay_ms = match self.jitter {
            Jitter::None => delay_ms,
            Jitter::Full => random % (delay_ms + 1),
        };
        i64::try_from(delay_ms).unwrap_or(i64::MAX)
    }
}

impl Catcher {
    /// Whether it is for this error.
    pub fn takes(&self, error: &str) -> bool {
        takes(&self.errors, error)
    }
}

/// `States.ALL` leaves out what no workflow can mend; `States.TaskFailed` is everything but time running out;
/// a missed heartbeat is a timeout too.
fn takes(errors: &[String], error: &str) -> bool {
    errors.iter().any(|wanted| match wanted.as_str() {
        _ if error == faults::RUNTIME => false,
        faults::ALL => error != faults::DATA_LIMIT_EXCEEDED,
        faults::TASK_FAILED => {
            ![faults::TIMEOUT, faults::HEARTBEAT_TIMEOUT, faults::DATA_LIMIT_EXCEEDED].contains(&error)
        }
        faults::TIMEOUT => [faults::TIMEOUT, faults::HEARTBEAT_TIMEOUT].contains(&error),
        wanted => wanted == error,
    })
}

/// Reads `Retry`.
pub(super) fn retriers(field: Option<Field<'_>>) -> Result<Vec<Retrier>, DefinitionError> {
    read(field, retrier)
}

/// Reads `Catch`.
pub(super) fn catchers(field: Option<Field<'_>>) -> Result<Vec<Catcher>, DefinitionError> {
    read(field, |fields, errors| {
        Ok(Catcher { errors, result_path: fields.result_path("ResultPath")?, next: fields.text("Next")? })
    })
}

fn read<T>(
    field: Option<Field<'_>>,
    parse: impl Fn(&mut Fields<'_>, Vec<String>) -> Result<T, DefinitionError>,
) -> Result<Vec<T>, DefinitionError> {
    let items = field.map(|field| field.list()).transpose()?.unwrap_or_default();
    let last = items.len();
    let read = |(index, item): (usize, Field<'_>)| {
        let mut fields = item.fields()?;
        let named = fields.required("ErrorEquals")?;
        let errors = named.list()?.iter().map(|it| it.text().map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
        if let Some(unknown) = errors.iter().find(|it| it.starts_with("States.") && !faults::is_known(it)) {
            return named.refuse(format!("{unknown} is no error's name"));
        }
        if errors.iter().any(|it| it == faults::ALL) && (errors.len() > 1 || index + 1 < last) {
            return named.refuse("States.ALL must stand alone and last");
        }
        let parsed = parse(&mut fields, errors)?;
        fields.finish()?;
        Ok(parsed)
    };
    items.into_iter().enumerate().map(read).collect()
}

fn retrier(fields: &mut Fields<'_>, errors: Vec<String>) -> Result<Retrier, DefinitionError> {
    let interval_s = fields.whole("IntervalSeconds", 1..=TIMEOUT_S_MAX)?.unwrap_or(1);
    let attempts_max = fields.whole("MaxAttempts", 0..=TIMEOUT_S_MAX)?.unwrap_or(3);
    let backoff = fields.take("BackoffRate").map_or(Ok(2 * THOUSAND), |field| thousandths(&field))?;
    let at = format!("{}.MaxDelaySeconds", fields.at());
    let delay_s_max = fields.whole("MaxDelaySeconds", 1..=DELAY_S_MAX - 1)?;
    if delay_s_max.is_some_and(|max| max <= interval_s) {
        return Err(DefinitionError::new(&at, "must be greater than IntervalSeconds"));
    }
    let jitter = match fields.take("JitterStrategy") {
        None => Jitter::None,
        Some(field) => match field.text()? {
            "NONE" => Jitter::None,
            "FULL" => Jitter::Full,
            other => return field.refuse(format!("{other} is neither FULL nor NONE")),
        },
    };
    Ok(Retrier { errors, interval_s, attempts_max, backoff, delay_s_max: delay_s_max.unwrap_or(TIMEOUT_S_MAX), jitter })
}

/// Reads a rate of at least 1, at most three decimals.
fn thousandths(field: &Field<'_>) -> Result<u64, DefinitionError> {
    let rate = match field.value {
        Value::Number(number) => exact(&number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let problem = "must be a number of at least 1 with at most three decimals";
    rate.filter(|rate| *rate >= THOUSAND).map_or_else(|| field.refuse(problem), Ok)
}

fn exact(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let padded = format!("{decimals:0<3}");
    if padded.len() > 3 {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(THOUSAND)?.checked_add(padded.parse().ok()?)
}
