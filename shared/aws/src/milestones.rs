//! Publishing milestones to one EventBridge bus.

use app::ports::{Milestones, PortError};
use async_trait::async_trait;
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
use contracts::milestones::Envelope;

use crate::error::port;

/// What one PutEvents takes.
const ENTRIES_MAX: usize = 10;
const PUBLISH: &str = "publish milestones";

/// One bus.
#[derive(Debug, Clone)]
pub struct EventBridgeMilestones {
    client: Client,
    bus: String,
}

impl EventBridgeMilestones {
    /// Over a bus.
    #[must_use]
    pub fn new(client: Client, bus: impl Into<String>) -> Self {
        Self { client, bus: bus.into() }
    }
}

#[async_trait]
impl Milestones for EventBridgeMilestones {
    async fn publish(&self, milestones: &[Envelope]) -> Result<(), PortError> {
        for chunk in milestones.chunks(ENTRIES_MAX) {
            let entries = chunk.iter().map(|milestone| {
                PutEventsRequestEntry::builder()
                    .event_bus_name(&self.bus)
                    .source(milestone.source)
                    .detail_type(milestone.detail_type)
                    .detail(&milestone.detail)
                    .build()
            });
            let answer = self
                .client
                .put_events()
                .set_entries(Some(entries.collect()))
                .send()
                .await
                .map_err(|error| port(PUBLISH, &error))?;
            // Entries fail one by one. The whole batch is sent again then: ids are deterministic, consumers recognise them.
            if answer.failed_entry_count() > 0 {
                let codes: Vec<_> = answer.entries().iter().filter_map(|entry| entry.error_code()).collect();
                return Err(PortError::Unavailable { attempted: PUBLISH, reason: codes.join(", ").into() });
            }
        }
        Ok(())
    }
}
