//! Calls to a provider at the pace that all functions share.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use app::ports::{PortError, Rate, Urgency};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, StatusCode, header::RETRY_AFTER};

use crate::outbound::{Client, OutboundError};

/// How long nobody calls after a provider asked to slow down and did not say for how long.
const HOLD_BACK: Duration = Duration::from_secs(2);

/// An HTTP client that takes its turn before each call. When there is no turn to be had, it answers as the provider would: 429.
#[derive(Clone)]
pub struct Paced {
    client: Client,
    rate: Arc<dyn Rate>,
    urgency: Urgency,
}

impl Paced {
    /// Over a client, for calls of one urgency.
    #[must_use]
    pub fn new(client: Client, rate: Arc<dyn Rate>, urgency: Urgency) -> Self {
        Self { client, rate, urgency }
    }
}

impl tower::Service<Request<Bytes>> for Paced {
    type Response = Response<Bytes>;
    type Error = OutboundError;
    type Future = BoxFuture<'static, Result<Self::Response, OutboundError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutboundError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let Self { mut client, rate, urgency } = self.clone();
        Box::pin(async move {
            match rate.take(urgency).await {
                Ok(()) => {}
                Err(PortError::Throttled { .. }) => return Ok(slow_down()),
                // Without its turn nothing is called: whoever cannot ask for it waits.
                Err(error) => return Err(OutboundError::unpaced(&error)),
            }
            let response = client.call(request).await?;
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                // Whoever could not be told finds out by calling.
                if let Err(error) = rate.hold_back(retry_after(&response).unwrap_or(HOLD_BACK)).await {
                    tracing::warn!(error = %crate::sqs::chain(&error), "calls are not held back");
                }
            }
            Ok(response)
        })
    }
}

fn slow_down() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
}

/// Seconds; a date is not read, as no provider of ours sends one.
fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_may_say_for_how_long_in_seconds() {
        for (header, expected) in
            [("30", Some(30)), (" 0 ", Some(0)), ("Sat, 21 Nov 2026 12:00:00 GMT", None), ("-1", None)]
        {
            let response = Response::builder().header(RETRY_AFTER, header).body(Bytes::new()).unwrap();
            assert_eq!(retry_after(&response), expected.map(Duration::from_secs), "{header}");
        }
        assert_eq!(retry_after(&slow_down()), None);
    }
}
