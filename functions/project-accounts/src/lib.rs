//! Shows accounts, their entries and their references, from the commits of `account` and `ref` streams.
//!
//! Redelivery, reordering and gaps are safe: the projector trusts versions.

use std::sync::Arc;

use app::projection::{Projector, accounts::Accounts};
use aws::{DynamoEventStore, DynamoRows, SdkClock};
use aws_sdk_dynamodb::Client;
use lambda_kit::{Function, projector};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "project-accounts",
    init: |config, env| {
        Box::pin(async move {
            let client = Client::new(&config);
            let rows = DynamoRows::new(client.clone(), env.get("PROJECTIONS_TABLE")?);
            let store = DynamoEventStore::new(client, env.get("EVENTS_TABLE")?);
            let clock = SdkClock::new(&config);
            let projector = Projector::new(Accounts, Arc::new(rows), Arc::new(store), Arc::new(clock));
            projector::handler(&config, &env, projector)
        })
    },
};
