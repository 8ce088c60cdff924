//! Somebody who is forgotten: at once, and looked for again in the night.

use std::{sync::Arc, time::Duration};

use app::{
    commit::{Actor, Cause},
    identity::IdentityError,
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use domain::{
    identity::customer::{Customer, CustomerCommand, decide},
    ids::{CustomerId, RetentionClass, StaffId, StreamId, VaultRef},
    moment::Moment,
};
use granary::services::OPERATOR;
use uuid::Uuid;

use super::{
    journeys::{Journey, Play},
    mishaps::{failed, journey, pass},
};
use crate::Failed;

const A_NIGHT: Duration = Duration::from_secs(24 * 3600);

/// Every key of somebody who never was a customer is destroyed, and nobody looks for them any more.
pub fn forgotten() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = bank.newcomer("ada@example.com").await;
            let customer: CustomerId = ada.sub.parse().map_err(failed)?;
            let store = DynamoEventStore::new(bank.dynamodb(), bank.table("IdentityEvents"));
            let clock = SdkClock::new(&bank.local.sdk_config(OPERATOR));
            let streams = Streams::new(Arc::new(store), Arc::new(clock));
            let command = CustomerCommand::RequestErasure {
                by: StaffId::new(Uuid::from_u128(1)),
                reason: VaultRef::of_customer(customer, "erasure-reason").map_err(failed)?,
                at: Moment::of(streams.now()),
            };
            let (stream, cause) = (StreamId::from(customer), Cause::by(Actor::System("proof")));
            let asked =
                streams.dispatch::<Customer, IdentityError>(&stream, &cause, |state| Ok(decide(state, &command)?));
            asked.await.map_err(failed)?;
            pass(bank, A_NIGHT).await?;
            let gone = bank.items("VaultKeys").await.iter().filter(|row| row.contains_key("gone")).count();
            if gone != RetentionClass::ALL.len() {
                return Err(Failed::new(format!("{gone} keys are gone")));
            }
            let due = bank.items("IdentityProjections").await;
            if due.iter().any(|row| row["pk"].as_s().is_ok_and(|pk| pk.contains("erasures#due"))) {
                return Err(Failed::new("somebody is still to be erased"));
            }
            Ok(())
        })
    });
    journey("forgotten", Vec::new(), play)
}
