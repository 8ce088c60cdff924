//! What the function that sends mails is given.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use domain::{
    ids::{ApplicantId, ApplicationId, CustomerId, StreamId},
    moment::Moment,
    onboarding::application::{Application, ApplicationEvent},
};
use granary::services::OPERATOR;
use serde_json::Value;

use super::{
    samples::{APPLICATION, of, sample},
    scenarios::{People, confirmed, invoke, request},
    workflow::{Workflow, asked_for},
};
use crate::support::{APPLY, Bank, application};

/// The workflow has a customer welcomed, and the vault holds who that is and how they are reached.
pub async fn welcome(bank: &Bank, own: Value, people: &People) -> Vec<Value> {
    let person = people.customer.as_ref().unwrap();
    confirmed(bank, &person.sub).await;
    let apply = request(&sample("graphql"), person, APPLY, application(APPLICATION.parse().unwrap()));
    invoke(bank, "Graphql", &apply).await;
    let customer = CustomerId::new(person.sub.parse().unwrap());
    approved(bank, customer).await;
    let workflow = Workflow::start(bank, &of(&person.sub, sample("start-onboarding"))).await;
    let asked = workflow.welcomes().await;
    vec![asked_for(of(&person.sub, own), &asked)]
}

async fn approved(bank: &Bank, customer: CustomerId) {
    let store = DynamoEventStore::new(bank.dynamodb(), bank.table("OnboardingEvents"));
    let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&bank.local.sdk_config(OPERATOR))));
    let application = ApplicationId::new(APPLICATION.parse().unwrap());
    let approved = [ApplicationEvent::Approved { application, at: Moment::of(streams.now()) }];
    let (stream, cause) = (StreamId::from(ApplicantId(customer)), Cause::by(Actor::System("decide-application")));
    streams.record::<Application>(&stream, &cause, &approved).await.unwrap();
}
