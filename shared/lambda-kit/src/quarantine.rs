//! Where refused webhooks wait for someone to look at them: encrypted, soon expired, and capped, as anybody can fill it.

use std::sync::{Arc, Mutex, PoisonError};

use app::ports::Objects;
use time::{Duration, OffsetDateTime};

use crate::{http_event::HttpRequest, sqs::chain};

/// How many are kept an hour by one instance of the function.
const KEPT_AN_HOUR_MAX: u32 = 20;
/// How much of each is kept.
const BYTES_KEPT_MAX: usize = 64 * 1024;

/// Who sent a refused webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The provider, as its signature shows: every one is kept whole, it may be about money or about a person's application.
    Provider,
    /// Anybody.
    Anybody,
}

/// See the module.
pub struct Quarantine {
    provider: &'static str,
    objects: Arc<dyn Objects>,
    window: Mutex<Window>,
}

struct Window {
    began: OffsetDateTime,
    kept: u32,
}

impl Quarantine {
    /// Over the bucket that the provider's webhooks are in, under prefixes of its own.
    #[must_use]
    pub fn new(provider: &'static str, objects: Arc<dyn Objects>) -> Self {
        Self { provider, objects, window: Mutex::new(Window { began: OffsetDateTime::UNIX_EPOCH, kept: 0 }) }
    }

    /// Keeps a refused request, unless too many were. Failing to keep it changes nothing for the sender.
    pub async fn keep(&self, request: &HttpRequest, origin: Origin, code: &str, now: OffsetDateTime) {
        let (prefix, bytes) = match origin {
            // Beside the webhooks that were taken, and kept as long.
            Origin::Provider => ("webhooks/unusable", request.body.clone()),
            Origin::Anybody if self.may_keep(now) => {
                ("quarantine", request.body.slice(..request.body.len().min(BYTES_KEPT_MAX)))
            }
            Origin::Anybody => return,
        };
        let key = format!("{prefix}/{}/{}/{code}/{}", self.provider, now.date(), request.id);
        if let Err(error) = self.objects.put(&key, bytes, "application/octet-stream").await {
            tracing::warn!(error = %chain(&error), "a refused webhook was not kept");
        }
    }

    fn may_keep(&self, now: OffsetDateTime) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now - window.began >= Duration::HOUR {
            *window = Window { began: now, kept: 0 };
        }
        window.kept = window.kept.saturating_add(1);
        window.kept <= KEPT_AN_HOUR_MAX
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use app::ports::PortError;
    use bytes::Bytes;
    use time::macros::datetime;

    use super::*;

    #[derive(Default)]
    struct Bucket(Mutex<Vec<(String, Bytes)>>);

    #[async_trait::async_trait]
    impl Objects for Bucket {
        async fn put(&self, key: &str, bytes: Bytes, _: &'static str) -> Result<(), PortError> {
            self.0.lock().unwrap().push((key.to_owned(), bytes));
            Ok(())
        }

        async fn get(&self, _: &str) -> Result<Bytes, PortError> {
            Err(PortError::Missing { attempted: "read" })
        }
    }

    fn request(bytes: usize) -> HttpRequest {
        HttpRequest {
            method: "POST".to_owned(),
            path: "/webhooks/onfido".to_owned(),
            query: String::new(),
            headers: BTreeMap::new(),
            body: vec![b'x'; bytes].into(),
            id: "r1".to_owned(),
        }
    }

    #[tokio::test]
    async fn what_anybody_sends_is_cut_and_capped_an_hour() {
        let bucket = Arc::new(Bucket::default());
        let quarantine = Quarantine::new("onfido", bucket.clone());
        let now = datetime!(2026-11-21 10:00 UTC);
        for _ in 0..30 {
            quarantine.keep(&request(100_000), Origin::Anybody, "SIGNATURE_MISMATCH", now).await;
        }
        quarantine.keep(&request(1), Origin::Anybody, "SIGNATURE_MISMATCH", now + Duration::HOUR).await;
        let kept = bucket.0.lock().unwrap();
        assert_eq!(kept.len(), 21);
        assert_eq!(kept[0].0, "quarantine/onfido/2026-11-21/SIGNATURE_MISMATCH/r1");
        assert_eq!(kept[0].1.len(), 64 * 1024);
    }

    #[tokio::test]
    async fn what_the_provider_signed_is_kept_whole_and_always() {
        let bucket = Arc::new(Bucket::default());
        let quarantine = Quarantine::new("onfido", bucket.clone());
        for _ in 0..30 {
            quarantine.keep(&request(100_000), Origin::Provider, "MALFORMED", datetime!(2026-11-21 10:00 UTC)).await;
        }
        let kept = bucket.0.lock().unwrap();
        assert_eq!((kept.len(), kept[29].1.len()), (30, 100_000));
        assert_eq!(kept[0].0, "webhooks/unusable/onfido/2026-11-21/MALFORMED/r1");
    }
}
