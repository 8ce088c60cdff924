//! A customer of whom everything is to be forgotten.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    identity::IdentityError,
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use domain::{
    identity::customer::{Customer, CustomerCommand, decide},
    ids::{CustomerId, StaffId, StreamId, VaultRef},
    moment::Moment,
};
use granary::services::OPERATOR;
use uuid::Uuid;

use super::{samples::CUSTOMER, scenarios::confirmed};
use crate::support::Bank;

/// The customer of the samples is a customer, and to be erased.
pub async fn requested(bank: &Bank) {
    confirmed(bank, CUSTOMER).await;
    let store = DynamoEventStore::new(bank.dynamodb(), bank.table("IdentityEvents"));
    let clock = SdkClock::new(&bank.local.sdk_config(OPERATOR));
    let streams = Streams::new(Arc::new(store), Arc::new(clock));
    let customer = CustomerId::new(CUSTOMER.parse().unwrap());
    let command = CustomerCommand::RequestErasure {
        by: StaffId::new(Uuid::from_u128(0x57AFF)),
        reason: VaultRef::of_customer(customer, "erasure-reason").unwrap(),
        at: Moment::of(streams.now()),
    };
    let (stream, cause) = (StreamId::from(customer), Cause::by(Actor::System("tests")));
    let requested = streams.dispatch::<Customer, IdentityError>(&stream, &cause, |state| Ok(decide(state, &command)?));
    requested.await.unwrap();
}
