//! Where refused webhooks wait for someone to look at them: encrypted, soon expired, and capped, as anybody can fill it.

use std::sync::{Arc, Mutex, PoisonError};

use app::ports::Objects;
use lambda_kit::{http_event::HttpRequest, sqs::chain};
use time::{Duration, OffsetDateTime};

/// How many are kept an hour by one instance of the function.
const KEPT_AN_HOUR_MAX: u32 = 20;
/// How much of each is kept.
const BYTES_KEPT_MAX: usize = 64 * 1024;

/// Who sent a refused webhook.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The bank, as its signature shows: every one is kept whole, it may be about money.
    Bank,
    /// Anybody.
    Anybody,
}

/// See the module.
pub struct Quarantine {
    objects: Arc<dyn Objects>,
    window: Mutex<Window>,
}

struct Window {
    began: OffsetDateTime,
    kept: u32,
}

impl Quarantine {
    /// Over the bucket that the webhooks are in, under a prefix of its own.
    pub fn new(objects: Arc<dyn Objects>) -> Self {
        Self { objects, window: Mutex::new(Window { began: OffsetDateTime::UNIX_EPOCH, kept: 0 }) }
    }

    /// Keeps a refused request, unless too many were. Failing to keep it changes nothing for the sender.
    pub async fn keep(&self, request: &HttpRequest, origin: Origin, code: &str, now: OffsetDateTime) {
        let (prefix, bytes) = match origin {
            // Beside the webhooks that were taken, and kept as long.
            Origin::Bank => ("webhooks/unusable", request.body.clone()),
            Origin::Anybody if self.may_keep(now) => {
                ("quarantine", request.body.slice(..request.body.len().min(BYTES_KEPT_MAX)))
            }
            Origin::Anybody => return,
        };
        let key = format!("{prefix}/clearbank/{}/{code}/{}", now.date(), request.id);
        if let Err(error) = self.objects.put(&key, bytes, "application/octet-stream").await {
            tracing::warn!(error = %chain(&error), "a refused webhook was not kept");
        }
    }

    fn may_keep(&self, now: OffsetDateTime) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now - window.began >= Duration::HOUR {
            *window = Window { began: now, kept: 0 };
        }
        window.kept += 1;
        window.kept <= KEPT_AN_HOUR_MAX
    }
}
