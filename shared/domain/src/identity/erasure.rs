//! Erasing a customer: which of their keys may go at once, which the law keeps and until when, and which are gone.
//!
//! What is erased is the key of a class of personal data. What it opened stays where it is, in copies as well, and nothing opens it.

use std::collections::BTreeMap;

use money::BusinessDate;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::customer::CustomerStatus;
use crate::ids::{RetentionClass, StaffId};
use crate::moment::Moment;

/// How many years the law against money laundering keeps what a bank knows of a customer after the relationship has ended.
const YEARS_AFTER_THE_END: i32 = 5;

/// What requires that personal data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegalGround {
    /// Money Laundering Regulations 2017, regulation 40: five years from the end of the relationship, and no longer.
    #[serde(rename = "mlr-2017-40")]
    MoneyLaundering,
}

/// That a class of personal data is kept for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// What is kept.
    pub class: RetentionClass,
    /// From this day on it may go, and has to.
    pub until: BusinessDate,
    /// Why it is kept.
    pub ground: LegalGround,
}

/// What is kept of somebody who is erased, given how far they had come. Who never was a customer leaves nothing that anybody requires.
#[must_use]
pub fn kept(status: CustomerStatus, at: Moment) -> Vec<Retention> {
    match status {
        CustomerStatus::None | CustomerStatus::SignedUp | CustomerStatus::Applying | CustomerStatus::Erased => vec![],
        CustomerStatus::Active => {
            let classes = [RetentionClass::Identity, RetentionClass::Case, RetentionClass::Payment];
            let until = BusinessDate::of(years_after(at.time(), YEARS_AFTER_THE_END));
            classes.map(|class| Retention { class, until, ground: LegalGround::MoneyLaundering }).to_vec()
        }
    }
}

/// The same day of a later year. The 29th of February becomes the 1st of March: rather a day late than a day early.
fn years_after(at: OffsetDateTime, years: i32) -> OffsetDateTime {
    let year = at.year().saturating_add(years);
    at.replace_year(year).or_else(|_| at.saturating_add(Duration::DAY).replace_year(year)).unwrap_or(at)
}

/// Until when a class is kept, and what requires that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// From this day on it may go, and has to.
    #[serde(rename = "u")]
    pub until: BusinessDate,
    /// Why it is kept.
    #[serde(rename = "g")]
    pub ground: LegalGround,
}

/// A customer's erasure so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// When it was asked for.
    #[serde(rename = "a")]
    pub requested_at: Moment,
    /// Who asked for it.
    #[serde(rename = "b")]
    pub requested_by: StaffId,
    /// Each class that is not due at once.
    #[serde(rename = "k", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<RetentionClass, Kept>,
    /// Whose keys are gone, and since when.
    #[serde(rename = "g", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gone: BTreeMap<RetentionClass, Moment>,
}

impl Erasure {
    pub(super) fn of(requested_at: Moment, requested_by: StaffId, kept: &[Retention]) -> Self {
        let kept = kept.iter().map(|it| (it.class, Kept { until: it.until, ground: it.ground })).collect();
        Self { requested_at, requested_by, kept, gone: BTreeMap::new() }
    }

    /// From when on the key of a class has to go.
    #[must_use]
    pub fn due(&self, class: RetentionClass) -> BusinessDate {
        self.kept.get(&class).map_or_else(|| BusinessDate::of(self.requested_at.time()), |kept| kept.until)
    }

    /// What requires that a class is kept; `None` of one that is due at once.
    #[must_use]
    pub fn ground(&self, class: RetentionClass) -> Option<LegalGround> {
        self.kept.get(&class).map(|kept| kept.ground)
    }

    /// When the next key has to go; `None` once all are gone.
    #[must_use]
    pub fn next_due(&self) -> Option<BusinessDate> {
        self.outstanding().into_iter().map(|class| self.due(class)).min()
    }

    /// The classes whose keys have to go and are not gone.
    #[must_use]
    pub fn outstanding(&self) -> Vec<RetentionClass> {
        RetentionClass::ALL.into_iter().filter(|class| !self.gone.contains_key(class)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use time::macros::datetime;

    use super::*;

    #[test]
    fn who_was_a_customer_is_kept_for_five_years_but_for_how_to_reach_them() {
        let until =
            |at| kept(CustomerStatus::Active, Moment::of(at)).iter().map(|it| it.until).collect::<BTreeSet<_>>();
        let day = |at| BTreeSet::from([BusinessDate::of(at)]);
        assert_eq!(until(datetime!(2026-11-20 23:59 UTC)), day(datetime!(2031-11-20 0:00 UTC)));
        assert_eq!(until(datetime!(2028-02-29 12:00 UTC)), day(datetime!(2033-03-01 0:00 UTC)));
        let classes = kept(CustomerStatus::Active, Moment::of(datetime!(2026-11-20 12:00 UTC)));
        assert!(classes.iter().all(|it| it.class != RetentionClass::Contact) && classes.len() == 3);
    }

    #[test]
    fn who_never_was_a_customer_leaves_nothing_that_is_kept() {
        for status in [CustomerStatus::SignedUp, CustomerStatus::Applying] {
            assert_eq!(kept(status, Moment::of(datetime!(2026-11-20 12:00 UTC))), vec![]);
        }
    }
}
