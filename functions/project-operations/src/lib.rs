//! Shows operations and adds up internal accounts, from the commits of `op` streams.
//!
//! Redelivery, reordering and gaps are safe: the projector trusts versions.

use std::sync::Arc;

use app::projection::{Projector, operations::Operations};
use aws::{DynamoEventStore, DynamoRows, SdkClock};
use aws_sdk_dynamodb::Client;
use lambda_kit::{Function, projector};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "project-operations",
    init: |config, env| {
        Box::pin(async move {
            let client = Client::new(&config);
            let rows = DynamoRows::new(client.clone(), env.get("PROJECTIONS_TABLE")?);
            let store = DynamoEventStore::new(client, env.get("EVENTS_TABLE")?);
            let clock = SdkClock::new(&config);
            let projector = Projector::new(Operations, Arc::new(rows), Arc::new(store), Arc::new(clock));
            projector::handler(&config, &env, projector)
        })
    },
};
