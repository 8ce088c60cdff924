//! Calls that are done and whose answer never arrives.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{ledger::settle_deposit, store::StoreError, streams::Streams};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::{
    http::{HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use aws_types::SdkConfig;
use domain::{
    error::{Class, Classify as _},
    ids::{StreamId, Version},
};
use futures::future::BoxFuture;
use granary::services::{NoOutbound, connector};

use super::world::{Note, World, cause, operation, payment, reference, stream, streams, written};

/// What happens to a call.
pub enum Fate {
    /// It is done, and the caller never learns so.
    AnswerLost,
    /// It never arrives.
    RequestLost,
    /// Something else happens just before it.
    After(BoxFuture<'static, ()>),
}

/// The fates of the next calls of one operation; later calls are left alone.
#[derive(Clone)]
pub struct Fates {
    operation: &'static str,
    next: Arc<Mutex<VecDeque<Fate>>>,
}

impl Fates {
    pub fn left(&self) -> usize {
        self.next.lock().unwrap().len()
    }

    fn of(&self, request: &HttpRequest) -> Option<Fate> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if target.ends_with(&format!(".{}", self.operation)) { self.next.lock().unwrap().pop_front() } else { None }
    }
}

/// Stands between the SDK and the service.
struct Meddler {
    service: SharedHttpConnector,
    fates: Fates,
}

impl std::fmt::Debug for Meddler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meddler")
    }
}

impl HttpConnector for Meddler {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let lost = |what: &str| Err(ConnectorError::io(what.into()));
        let service = self.service.clone();
        match self.fates.of(&request) {
            None => service.call(request),
            Some(Fate::RequestLost) => HttpConnectorFuture::ready(lost("the request was lost")),
            Some(Fate::AnswerLost) => HttpConnectorFuture::new(async move {
                service.call(request).await?;
                lost("the answer was lost")
            }),
            Some(Fate::After(event)) => HttpConnectorFuture::new(async move {
                event.await;
                service.call(request).await
            }),
        }
    }
}

/// The configuration of a client that retries as deployed functions do, and some of whose calls fare badly.
pub fn meddled_config(world: &World, operation: &'static str, fates: Vec<Fate>) -> (SdkConfig, Fates) {
    let fates = Fates { operation, next: Arc::new(Mutex::new(fates.into())) };
    let http = connector(Arc::clone(&world.aws), Arc::new(NoOutbound));
    let meddling = fates.clone();
    let http = http_client_fn(move |settings, components| {
        let service = http.http_connector(settings, components);
        SharedHttpConnector::new(Meddler { service, fates: meddling.clone() })
    });
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    (world.config.to_builder().http_client(http).retry_config(retries).build(), fates)
}

/// The production store over such a client.
pub fn meddled(world: &World, operation: &'static str, fates: Vec<Fate>) -> (Streams, Fates) {
    let (config, fates) = meddled_config(world, operation, fates);
    (streams(aws_sdk_dynamodb::Client::new(&config), &config), fates)
}

#[tokio::test]
async fn a_fact_whose_answer_was_lost_is_recorded_once() {
    for fates in [vec![Fate::AnswerLost], vec![Fate::RequestLost], vec![Fate::AnswerLost, Fate::AnswerLost]] {
        let world = World::new();
        let note = stream("note");
        let (streams, fates) = meddled(&world, "PutItem", fates);
        let because = cause().because_of("message-1");
        let after = streams.record::<Note>(&note, &because, &[written(1)]).await.unwrap();
        assert_eq!((after.version, fates.left()), (Some(Version(0)), 0));
        assert_eq!(world.history(&note).await.len(), 1);
    }
}

#[tokio::test]
async fn a_fact_is_recorded_behind_whoever_was_first_even_when_answers_are_lost() {
    let world = World::new();
    let note = stream("note");
    let (others, same) = (world.streams.clone(), note.clone());
    let rival = Fate::After(Box::pin(async move {
        others.record::<Note>(&same, &cause().because_of("message-2"), &[written(1)]).await.unwrap();
    }));
    let (streams, fates) = meddled(&world, "PutItem", vec![rival, Fate::AnswerLost]);
    let after = streams.record::<Note>(&note, &cause().because_of("message-1"), &[written(1)]).await.unwrap();
    assert_eq!((after.version, fates.left()), (Some(Version(1)), 0));
    let causations: Vec<_> =
        world.history(&note).await.iter().map(|commit| commit.names().unwrap().causation.unwrap()).collect();
    assert_eq!(causations, ["message-2", "message-1"]);
}

#[tokio::test]
async fn a_commit_of_somebody_else_is_never_taken_for_ones_own() {
    let world = World::new();
    let note = stream("note");
    let mine = world.streams.load::<Note>(note.clone()).await.unwrap();
    world.streams.record::<Note>(&note, &cause().because_of("message-2"), &[written(1)]).await.unwrap();
    let mut unit = world.streams.unit(&cause().because_of("message-1"));
    unit.commit(mine.clone(), vec![written(1)]).unwrap();
    assert_eq!(world.streams.append(unit).await, Err(StoreError::Conflict));

    // Without a causation two commands may look alike: the same bytes prove nothing.
    let twin = stream("note");
    let mine = world.streams.load::<Note>(twin.clone()).await.unwrap();
    world.streams.record::<Note>(&twin, &cause(), &[written(1)]).await.unwrap();
    let mut unit = world.streams.unit(&cause());
    unit.commit(mine, vec![written(1)]).unwrap();
    assert_eq!(world.streams.append(unit).await, Err(StoreError::Conflict));
}

#[tokio::test]
async fn an_operation_whose_answer_was_lost_is_booked_once() {
    for fates in [vec![Fate::AnswerLost], vec![Fate::RequestLost], vec![Fate::AnswerLost, Fate::AnswerLost]] {
        let world = World::new();
        let id = world.account().await;
        let (streams, fates) = meddled(&world, "TransactWriteItems", fates);
        let payment = payment(operation(), 100, &reference(&id));
        let outcome = settle_deposit(&streams, &world.vault(), &payment, &cause()).await.unwrap().into_state();
        assert_eq!((world.available(&id).await, fates.left()), (100, 0));
        assert_eq!(world.history(&StreamId::from(&id)).await.len(), 2);

        let again = settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap().into_state();
        assert_eq!((again, world.available(&id).await), (outcome, 100));
    }
}

#[tokio::test]
async fn an_operation_whose_answers_were_all_lost_is_found_booked_by_the_next_delivery() {
    let world = World::new();
    let id = world.account().await;
    let lost = (0..3).map(|_| Fate::AnswerLost).collect();
    let (streams, fates) = meddled(&world, "TransactWriteItems", lost);
    let payment = payment(operation(), 100, &reference(&id));
    let error = settle_deposit(&streams, &world.vault(), &payment, &cause()).await.unwrap_err();
    assert_eq!((error.class(), fates.left()), (Class::Transient, 0));
    settle_deposit(&streams, &world.vault(), &payment, &cause()).await.unwrap();
    assert_eq!(world.available(&id).await, 100);
    assert_eq!(world.history(&StreamId::from(&payment.operation)).await.len(), 1);
}
