//! What one request may cost.

use app::views::SAVED_DAYS_MAX;
use domain::ledger::product;
use money::Asset;

use crate::scalars::Date;

/// The deepest nesting. Introspection sets it: a tool's usual query goes 15 deep, while the deepest path through the bank's own
/// types is 9 and never meets the same type twice.
pub(crate) const DEPTH_MAX: usize = 15;

/// The highest sum over a query's fields, lists multiplied by the length that was asked for.
pub(crate) const COMPLEXITY_MAX: usize = 10_000;

/// The most directives on one field.
pub(crate) const DIRECTIVES_MAX: usize = 4;

/// What a field costs that reads a projection once, so that no query makes more than a hundred reads.
pub(crate) const READ: usize = 100;

/// What a field costs that writes.
pub(crate) const WRITE: usize = 1_000;

/// How many items a list may answer, as the complexity of a query counts it. A `first` that is refused counts as nothing.
pub(crate) fn asked(first: Option<i32>) -> usize {
    first.map_or(usize::from(crate::connection::FIRST_DEFAULT), |it| usize::try_from(it).unwrap_or_default())
}

/// The same for accounts, of which there is one an asset.
pub(crate) fn asked_accounts(first: Option<i32>) -> usize {
    asked(first).min(Asset::ALL.len())
}

/// What a field costs that reads a projection and, where that is behind the version asked for, the store.
pub(crate) fn read_at_least(version: Option<u32>) -> usize {
    version.map_or(READ, |_| READ + READ)
}

/// How many positions a customer may have.
pub(crate) fn products() -> usize {
    product::catalogue().len()
}

/// How many days are asked for, as the complexity of a query counts them. What is refused counts as nothing.
pub(crate) fn asked_days(from: &Date, to: &Date) -> usize {
    let days = usize::try_from(from.0.days_until(to.0).saturating_add(1)).unwrap_or_default();
    days.min(SAVED_DAYS_MAX.into())
}
