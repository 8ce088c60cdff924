//! Where the proof's choices come from: one seed gives the same people, amounts and waits. When a kill hits what is up to the
//! machine, so a run is not repeated by its seed; what it looks for holds whatever is hit.

use std::sync::Mutex;

/// A stream of choices (SplitMix64).
pub struct Chance(Mutex<u64>);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    pub fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` on, and below `high`.
    pub fn between(&self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    pub fn uuid(&self) -> uuid::Uuid {
        uuid::Builder::from_random_bytes(((u128::from(self.next()) << 64) | u128::from(self.next())).to_be_bytes())
            .into_uuid()
    }

    /// A choice of its own for somebody else.
    pub fn fork(&self) -> Self {
        Self::new(self.next())
    }
}
