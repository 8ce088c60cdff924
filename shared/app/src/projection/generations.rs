//! Generations: editions of a projection's rows. One is read; the next may be written beside it, out of the whole history.

use async_trait::async_trait;

use super::RowKey;
use crate::ports::PortError;

/// Ends the prefix of a partition key. No partition key of a projection holds it before its first `#`.
const END: char = '!';

/// One edition of a projection's rows. Numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

impl Generation {
    /// What a projection begins with; its keys carry no prefix.
    pub const FIRST: Self = Self(0);

    /// Where this generation has the row that the projection names by `key`.
    #[must_use]
    pub fn key(self, key: &RowKey) -> RowKey {
        RowKey { pk: self.pk(&key.pk), sk: key.sk.clone() }
    }

    /// Where this generation has a partition.
    #[must_use]
    pub fn pk(self, pk: &str) -> String {
        if self == Self::FIRST { pk.to_owned() } else { format!("g{}{END}{pk}", self.0) }
    }

    /// Which generation a stored row is of, and what its projection calls it.
    #[must_use]
    pub fn split(stored: &RowKey) -> (Self, RowKey) {
        let prefixed = stored.pk.strip_prefix('g').and_then(|rest| rest.split_once(END));
        let numbered = prefixed.and_then(|(number, pk)| Some((number.parse().ok()?, pk)));
        match numbered {
            Some((number, pk)) => (Self(number), RowKey::new(pk, stored.sk.clone())),
            None => (Self::FIRST, stored.clone()),
        }
    }
}

impl std::fmt::Display for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Which generations of a projection matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    /// The one that is read.
    pub current: Generation,
    /// The one that is being built; projectors write it as well.
    pub building: Option<Generation>,
}

impl Pointer {
    /// Where a projection stands that was never rebuilt. No row says so.
    pub const FIRST: Self = Self { current: Generation::FIRST, building: None };

    /// A generation whose number nobody has used, so that nothing of a rebuild that was broken off is taken for this one's.
    #[must_use]
    pub fn fresh(self) -> Generation {
        let newest = self.building.map_or(self.current, |building| building.max(self.current));
        Generation(newest.0.saturating_add(1))
    }

    /// What a projector writes, in this order: what is being built must never lack what is read, or the flip would take back
    /// what a customer has seen.
    pub fn written(self) -> impl Iterator<Item = Generation> {
        self.building.into_iter().chain([self.current])
    }
}

/// Where the pointer of each projection is kept, and how rows of generations that nobody reads go away.
#[async_trait]
pub trait Generations: Send + Sync {
    /// Which generations there are, read consistently.
    async fn pointer(&self, projection: &str) -> Result<Pointer, PortError>;

    /// Moves the pointer; `Ok(false)` if it is not, or no more, at `from`.
    async fn move_pointer(&self, projection: &str, from: Pointer, to: Pointer) -> Result<bool, PortError>;

    /// A page of the keys of all rows of all projections, as they are stored, in no order; and where the next page begins.
    async fn keys(&self, after: Option<RowKey>) -> Result<(Vec<RowKey>, Option<RowKey>), PortError>;

    /// Removes rows. One that is gone already is success.
    async fn remove(&self, keys: &[RowKey]) -> Result<(), PortError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_generations_keys_are_bare_and_every_key_is_read_back() {
        let key = RowKey::new("customer#1", "account#GBP");
        assert_eq!(Generation::FIRST.key(&key), key);
        assert_eq!(Generation(7).key(&key).pk, "g7!customer#1");
        for generation in [0, 1, 7, 123_456] {
            assert_eq!(Generation::split(&Generation(generation).key(&key)), (Generation(generation), key.clone()));
        }
        for bare in ["g#1", "g!x", "gx!x", "g1", "projection#accounts", ""] {
            let key = RowKey::new(bare, "view");
            assert_eq!(Generation::split(&key), (Generation::FIRST, key.clone()), "{bare}");
        }
    }

    #[test]
    fn a_fresh_generation_is_newer_than_any_that_was_begun() {
        let pointer = |current, building: Option<u32>| Pointer {
            current: Generation(current),
            building: building.map(Generation),
        };
        assert_eq!(Pointer::FIRST.fresh(), Generation(1));
        assert_eq!(pointer(3, Some(4)).fresh(), Generation(5));
        assert_eq!(pointer(5, None).fresh(), Generation(6));
    }
}
