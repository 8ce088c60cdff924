//! Which generation of each projection queries read, remembered for a moment.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use app::{ports::PortError, projection::Generation, rebuild::POINTER_CACHE};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use time::OffsetDateTime;

use super::DynamoViews;
use crate::{
    error::port,
    rows::generations::{pointer_key, pointer_of},
};

/// What was read, and when.
#[derive(Debug)]
pub(super) struct Pointers {
    time: SharedTimeSource,
    seen: Mutex<HashMap<&'static str, (OffsetDateTime, Generation)>>,
}

impl Pointers {
    pub(super) fn new(client: &Client) -> Self {
        let time = client.config().time_source().unwrap_or_else(|| SharedTimeSource::new(SystemTimeSource::new()));
        Self { time, seen: Mutex::default() }
    }

    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.time.now())
    }

    fn find(&self, projection: &str, now: OffsetDateTime) -> Option<Generation> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes nothing older than it is.
        let fresh = |at: OffsetDateTime| at <= now && now - at < POINTER_CACHE;
        seen.get(projection).filter(|(at, _)| fresh(*at)).map(|(_, generation)| *generation)
    }

    fn keep(&self, projection: &'static str, at: OffsetDateTime, generation: Generation) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(projection, (at, generation));
    }
}

impl DynamoViews {
    /// Which generation of a projection is read: one more read a second at most, however many queries there are.
    pub(super) async fn generation(&self, projection: &'static str) -> Result<Generation, PortError> {
        let asked = self.pointers.now();
        if let Some(generation) = self.pointers.find(projection, asked) {
            return Ok(generation);
        }
        let key = pointer_key(projection);
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .send()
            .await
            .map_err(|error| port("read a projection's pointer", &error))?;
        let generation = pointer_of(answer.item())?.current;
        self.pointers.keep(projection, asked, generation);
        Ok(generation)
    }
}
