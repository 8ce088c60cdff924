//! Two banks in the same state: one that compiled functions reach, and one that they do not.

use std::sync::Arc;

use bytes::Bytes;
use granary::{
    engine::clock::{Clock, ManualClock},
    runner::{LocalBank, Options},
    services,
    template::FunctionPlan,
};
use time::OffsetDateTime;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{samples::bytes, scenarios};
use crate::support::{Bank, TEMPLATE, keys};

/// See the module.
pub struct Banks {
    /// Its AWS APIs and its outside, with the providers, are on loopback ports.
    pub compiled: Bank,
    pub in_process: Bank,
    pub aws_url: String,
    /// When both were opened, which is also what their clocks show at first: binaries have the real one.
    pub since: OffsetDateTime,
    public_url: String,
    doors: [JoinHandle<()>; 2],
}

impl Banks {
    pub async fn open() -> Self {
        let since = OffsetDateTime::now_utc();
        let (outside, aws) = (listener().await, listener().await);
        let public_url = format!("http://{}", outside.local_addr().unwrap());
        let aws_url = format!("http://{}", aws.local_addr().unwrap());
        let compiled = open(&public_url, since).await;
        let router = compiled.local.router();
        let services = services::serve(Arc::clone(compiled.local.aws()), aws, std::future::pending());
        let doors = [
            tokio::spawn(async move { axum::serve(outside, router).await.unwrap() }),
            tokio::spawn(async move { services.await.unwrap() }),
        ];
        let in_process = open(&public_url, since).await;
        Self { compiled, in_process, aws_url, since, public_url, doors }
    }

    pub fn both(&self) -> [&Bank; 2] {
        [&self.compiled, &self.in_process]
    }

    /// Brings both banks to where the function has something to do, and answers what it is given: in the one, and in the other.
    pub async fn prepare(&self, function: &FunctionPlan) -> Vec<[Bytes; 2]> {
        let people = scenarios::People::meet(self, function).await;
        let mut events = Vec::new();
        for bank in self.both() {
            events.push(scenarios::prepare(bank, function, &people).await.into_iter());
        }
        let (compiled, in_process) = (events.remove(0), events.remove(0));
        assert_eq!(compiled.len(), in_process.len());
        compiled.zip(in_process).map(|(one, other)| [bytes(&one), bytes(&other)]).collect()
    }

    /// Both banks' clocks show the real time. It stands still there, so providers find signatures in the future after a while.
    pub fn catch_up(&self) {
        let by_ms = ms(OffsetDateTime::now_utc()) - self.compiled.now_ms();
        for bank in self.both() {
            bank.clock.advance_ms(by_ms);
        }
    }

    /// Another one at the same address, with the same keys: what it signs is good at both, and nothing of it is compared.
    pub async fn third(&self) -> Bank {
        open(&self.public_url, self.since).await
    }
}

impl Drop for Banks {
    fn drop(&mut self) {
        self.doors.iter().for_each(JoinHandle::abort);
    }
}

async fn open(public_url: &str, now: OffsetDateTime) -> Bank {
    let clock = Arc::new(ManualClock::new(ms(now)));
    let options = Options {
        data: None,
        public_url: public_url.to_owned(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        template: TEMPLATE.to_owned(),
        definitions: granary::cli::definitions(),
        keys: Some(keys().clone()),
        faults: None,
        permissions: None,
    };
    Bank { local: LocalBank::open(&options).await.unwrap(), clock }
}

fn ms(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}
