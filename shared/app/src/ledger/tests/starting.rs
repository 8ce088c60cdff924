use std::sync::Mutex;

use async_trait::async_trait;
use contracts::jobs::{PayYield, StartPayouts};
use domain::ids::{CustomerId, PositionId};
use futures::executor::block_on;
use uuid::Uuid;

use crate::{
    ledger::start_payouts,
    ports::{Jobs, PortError, PositionIndex},
};

/// So many positions, by number.
struct Index(u32);

#[async_trait]
impl PositionIndex for Index {
    async fn page(&self, after: Option<String>, limit: u16) -> Result<(Vec<PositionId>, Option<String>), PortError> {
        let begin: u32 = after.map_or(0, |after| after.parse().unwrap());
        let end = (begin + u32::from(limit)).min(self.0);
        let position = |number: u32| {
            PositionId::new(CustomerId::new(Uuid::from_u128(number.into())), "usdc-savings".parse().unwrap())
        };
        Ok(((begin..end).map(position).collect(), (end < self.0).then(|| end.to_string())))
    }
}

/// A queue that takes so many messages.
struct Queue {
    taken: Mutex<Vec<(String, String)>>,
    takes: usize,
}

impl Queue {
    fn new(takes: usize) -> Self {
        Self { taken: Mutex::default(), takes }
    }

    fn bodies(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|(body, _)| body.clone()).collect()
    }
}

#[async_trait]
impl Jobs for Queue {
    async fn send(&self, body: String, group: &str) -> Result<(), PortError> {
        let mut taken = self.taken.lock().unwrap();
        if taken.len() == self.takes {
            return Err(PortError::Throttled { attempted: "send" });
        }
        taken.push((body, group.to_owned()));
        Ok(())
    }
}

fn job(after: Option<&str>) -> StartPayouts {
    StartPayouts { scheduled_at: "2026-11-23T01:00:00Z".to_owned(), after: after.map(str::to_owned) }
}

fn start(positions: u32, pay: &Queue, next: &Queue, job: &StartPayouts) -> Result<usize, PortError> {
    block_on(start_payouts(&Index(positions), pay, next, job, "2026-W47".parse().unwrap()))
}

#[test]
fn each_position_is_sent_off_for_the_named_week() {
    let (pay, next) = (Queue::new(1_000), Queue::new(1_000));
    assert_eq!(start(3, &pay, &next, &job(None)), Ok(3));
    let jobs: Vec<PayYield> = pay.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert!(jobs.iter().all(|job| job.week == "2026-W47" && job.product == "usdc-savings"));
    let mut customers: Vec<_> = jobs.iter().map(|job| job.customer.as_u128()).collect();
    customers.sort_unstable();
    assert_eq!(customers, [0, 1, 2]);
    assert!(
        pay.taken.lock().unwrap().iter().all(|(body, group)| body.contains(group.as_str())),
        "fair to each customer"
    );
    assert!(next.bodies().is_empty());
}

#[test]
fn the_next_page_follows_and_every_position_is_sent_off_once() {
    let (pay, mut job) = (Queue::new(1_000), job(None));
    for expected in [100, 100, 50] {
        let next = Queue::new(1);
        assert_eq!(start(250, &pay, &next, &job), Ok(expected));
        if let Some(body) = next.bodies().pop() {
            job = serde_json::from_str(&body).unwrap();
            assert_eq!(job.scheduled_at, "2026-11-23T01:00:00Z", "the week stays the same");
        } else {
            assert_eq!(expected, 50);
        }
    }
    let mut bodies = pay.bodies();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!(bodies.len(), 250);
}

#[test]
fn a_page_that_fails_half_way_has_no_next_page_yet() {
    let (pay, next) = (Queue::new(42), Queue::new(1));
    assert!(start(250, &pay, &next, &job(None)).is_err());
    assert!(next.bodies().is_empty());
}

#[test]
fn nobody_saves_and_nobody_is_paid() {
    let (pay, next) = (Queue::new(0), Queue::new(0));
    assert_eq!(start(0, &pay, &next, &job(None)), Ok(0));
}
