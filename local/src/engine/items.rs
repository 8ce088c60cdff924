//! The DynamoDB store, on the bank's clock and with the index that its streams need.

use std::{path::Path, sync::Arc};

use dynoxide::{storage::Storage, storage_backend::Clock as StoreClock};

use super::{clock::Clock, error::EngineError};

/// Without this index each write to a table with a stream reads all of its stream records.
/// It leans on the pinned version's private schema; a test fails when that changes.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS granary_stream_seq \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Opens the store at `path`, or in memory.
pub(super) fn open(path: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Storage, EngineError> {
    let storage = match path {
        Some(path) => {
            let path = path.to_str().ok_or_else(|| EngineError::Dynamo("its path is not UTF-8".to_owned()))?;
            Storage::new(path)
        }
        None => Storage::memory(),
    }
    .map_err(|error| EngineError::Dynamo(error.to_string()))?
    .with_clock(Arc::new(BankTime(clock)));
    storage.conn().execute_batch(STREAM_INDEX)?;
    Ok(storage)
}

/// The bank's clock in the store's terms.
struct BankTime(Arc<dyn Clock>);

impl StoreClock for BankTime {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now_ms() / 1_000).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        std::time::Duration::from_millis(u64::try_from(self.0.now_ms()).unwrap_or_default()).as_secs_f64()
    }
}
