//! Ids, codes and keys that are drawn: from chance, or, on a thread that was given a seed, the same ones every time.
//!
//! A simulation is repeated to the last id by seeding the one thread that it runs on. Nothing that matters outside a simulation
//! ever calls [`seed`].

use std::cell::RefCell;

use aws_lc_rs::error::Unspecified;
use sha2::{Digest, Sha256};
use uuid::Uuid;

thread_local! {
    static DRAWN: RefCell<Option<(u64, u64)>> = const { RefCell::new(None) };
}

/// From here on this thread draws what follows from `seed`; `None` gives it back to chance.
pub fn seed(seed: Option<u64>) {
    DRAWN.with_borrow_mut(|drawn| *drawn = seed.map(|seed| (seed, 0)));
}

/// Fills bytes.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fill(bytes: &mut [u8]) -> Result<(), Unspecified> {
    let seeded = DRAWN.with_borrow_mut(|drawn| {
        let Some((seed, count)) = drawn else { return false };
        for part in bytes.chunks_mut(32) {
            *count += 1;
            let digest = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(count.to_be_bytes()).finalize();
            part.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        }
        true
    });
    if seeded { Ok(()) } else { aws_lc_rs::rand::fill(bytes) }
}

/// A version 4 UUID.
#[must_use]
pub fn uuid() -> Uuid {
    let mut bytes = [0; 16];
    match fill(&mut bytes) {
        Ok(()) => uuid::Builder::from_random_bytes(bytes).into_uuid(),
        Err(Unspecified) => Uuid::new_v4(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_again_and_chance_does_not() {
        let three = || [uuid(), uuid(), uuid()];
        seed(Some(7));
        let first = three();
        seed(Some(7));
        assert_eq!(three(), first);
        seed(Some(8));
        assert_ne!(three(), first);
        seed(None);
        assert_ne!(three(), three());
        assert_ne!(first[0], first[1]);
    }
}
