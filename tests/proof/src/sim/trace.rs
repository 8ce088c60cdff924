//! Everything that a run did, in its order, as one number.

use sha2::{Digest, Sha256};

/// A hash that grows; with `GRANARY_TRACE` set to a file, its lines as well.
#[derive(Debug)]
pub struct Trace {
    hasher: Sha256,
    lines: Option<std::fs::File>,
}

impl Trace {
    /// Of nothing.
    pub fn new() -> Self {
        let lines = std::env::var_os("GRANARY_TRACE").map(|path| std::fs::File::create(path).unwrap());
        Self { hasher: Sha256::new(), lines }
    }

    /// One thing more.
    pub fn add(&mut self, at_ms: i64, line: &str) {
        self.hasher.update(at_ms.to_be_bytes());
        self.hasher.update(line.as_bytes());
        if let Some(lines) = &mut self.lines {
            std::io::Write::write_all(lines, format!("{at_ms} {line}\n").as_bytes()).unwrap();
        }
    }

    /// The number so far.
    pub fn hash(&self) -> String {
        hex::encode(&self.hasher.clone().finalize()[..8])
    }
}
