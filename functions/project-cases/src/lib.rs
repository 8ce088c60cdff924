//! Shows review cases to staff, from the commits of `case` streams.
//!
//! Redelivery, reordering and gaps are safe: the projector trusts versions.

use std::sync::Arc;

use app::projection::{Projector, cases::Cases};
use aws::{DynamoEventStore, DynamoRows, SdkClock};
use aws_sdk_dynamodb::Client;
use lambda_kit::{Function, projector};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "project-cases",
    init: |config, env| {
        Box::pin(async move {
            let client = Client::new(&config);
            let rows = Arc::new(DynamoRows::new(client.clone(), env.get("PROJECTIONS_TABLE")?));
            let store = Arc::new(DynamoEventStore::new(client, env.get("EVENTS_TABLE")?));
            let clock = Arc::new(SdkClock::new(&config));
            let projector = Projector::new(Arc::new(Cases), Arc::clone(&rows) as _, rows, store, clock);
            projector::handler(&config, &env, projector)
        })
    },
};
