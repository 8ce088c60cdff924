//! Chance that can be repeated: every draw follows from a seed and from what is drawn for.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A row of draws.
#[derive(Debug, Clone)]
pub struct Dice {
    seed: u64,
    name: &'static str,
    count: u64,
}

impl Dice {
    /// For one purpose, so that a draw more for one changes nothing for another.
    pub fn new(seed: u64, name: &'static str) -> Self {
        Self { seed, name, count: 0 }
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.count += 1;
        let digest = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(self.name);
        digest.chain_update(self.count.to_be_bytes()).finalize().into()
    }

    /// From 0 to `below`, without it.
    pub fn below(&mut self, below: u64) -> u64 {
        let bytes = self.bytes();
        u64::from_be_bytes(bytes[..8].try_into().unwrap()) % below.max(1)
    }

    /// From `from` to `to`, both among them.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(u64::try_from(to - from + 1).unwrap())).unwrap()
    }

    /// Whether something happens that does so that many times in a thousand.
    pub fn in_thousand(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// One of them.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }

    /// An id that a client chooses.
    pub fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()[..16].try_into().unwrap()).into_uuid()
    }
}
