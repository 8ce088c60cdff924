//! Everything that onboarding needs of the world, in memory. Whatever is called may be made to fail before or after it was done.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use contracts::tasks::{
    Awaited, CallIdentityProvider, DecideApplication, Decision, IdentityCall, PauseOnboarding, RunStanding,
};
use domain::{
    ids::{
        ApplicantId, ApplicationId, CustomerId, Fingerprint, RetentionClass, StreamId, VaultRef, Version, WorkflowRunId,
    },
    onboarding::{
        application::{Application, ApplicationState, IdentityCheckProvider, Submission},
        content::{ApplicationContent, DocumentKind, Written, WrittenAddress, WrittenDocument},
    },
};
use futures::executor::block_on;
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::{
    commit::{Actor, Cause, Commit},
    onboarding::{
        IdentityChecks, NewApplication, OnboardingError, Waiting, decide_application, execution_name,
        submit_application,
    },
    ports::{Applicant, Clock, IdentityProvider, IdentityRun, IdentityStanding, PortError, Reader, SdkTokens, Vault},
    store::{EventStore, ScanCursor, StoreError, Transaction},
    streams::Streams,
};

pub const ALICE: CustomerId = CustomerId::new(Uuid::from_u128(0xA11CE));
pub const BOB: CustomerId = CustomerId::new(Uuid::from_u128(0xB0B));
pub const FIRST: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA1));
pub const SECOND: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA2));

/// What is made to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The next call of this name is not carried out.
    Before(&'static str),
    /// It is carried out, and its answer is lost.
    After(&'static str),
}

/// What is kept, in the open.
#[derive(Default)]
pub struct Kept {
    pub commits: Vec<Commit>,
    pub vault: BTreeMap<VaultRef, String>,
    pub applicants: Vec<(Uuid, String)>,
    pub runs: Vec<((CustomerId, Uuid), IdentityRun)>,
    pub tokens: BTreeMap<(CustomerId, Uuid), String>,
    pub pauses: BTreeMap<(CustomerId, Uuid, &'static str), String>,
    /// Tokens of waiting states, and what they were resumed with.
    pub resumed: Vec<(String, String)>,
    pub fault: Option<Fault>,
    /// Who may be at work, by the number of the taking.
    pub permits: BTreeMap<String, u32>,
    /// No permit is left.
    pub full: bool,
    /// Jobs for later.
    pub jobs: Vec<String>,
    pub now: Duration,
    pub made: u32,
}

#[derive(Default)]
pub struct World(Mutex<Kept>);

impl World {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    /// How many people and runs the provider knows.
    pub fn known(&self) -> (usize, usize) {
        let kept = self.kept();
        (kept.applicants.len(), kept.runs.len())
    }

    pub fn fails(&self, fault: Fault) {
        self.kept().fault = Some(fault);
    }

    fn fault(&self, call: &'static str, fault: Fault) -> Result<(), PortError> {
        let taken = self.kept().fault.take_if(|wanted| *wanted == fault);
        let failure = |_| Err(PortError::Unavailable { attempted: call, reason: "as the test wants".into() });
        taken.map_or(Ok(()), failure)
    }

    pub(super) fn before(&self, call: &'static str) -> Result<(), PortError> {
        self.fault(call, Fault::Before(call))
    }

    pub(super) fn after(&self, call: &'static str) -> Result<(), PortError> {
        self.fault(call, Fault::After(call))
    }

    pub fn later(&self, by: Duration) {
        self.kept().now += by;
    }

    pub fn streams(self: &Arc<Self>) -> Streams {
        Streams::new(self.clone(), self.clone())
    }

    pub fn vault(self: &Arc<Self>) -> Arc<dyn Vault> {
        self.clone()
    }

    pub fn waiting(self: &Arc<Self>) -> Waiting {
        Waiting { streams: self.streams(), pauses: self.clone(), workflows: self.clone(), permits: self.clone() }
    }

    pub fn submit(
        self: &Arc<Self>,
        customer: CustomerId,
        application: ApplicationId,
        content: ApplicationContent,
    ) -> Result<ApplicationState, OnboardingError> {
        let new = NewApplication { customer, application, content };
        block_on(submit_application(&self.streams(), &self.vault(), &new, &cause())).map(|loaded| loaded.state)
    }

    pub fn call(
        self: &Arc<Self>,
        call: IdentityCall,
        application: ApplicationId,
    ) -> Result<RunStanding, OnboardingError> {
        let checks = IdentityChecks {
            streams: self.streams(),
            vault: self.vault(),
            provider: self.clone(),
            provider_name: IdentityCheckProvider::Onfido,
            sdk_tokens: self.clone(),
            reader: "test",
        };
        let call = CallIdentityProvider {
            call,
            customer: *ALICE.as_uuid(),
            application: *application.as_uuid(),
            correlation_id: "correlation-1".to_owned(),
            task_token: "token".to_owned(),
        };
        block_on(checks.call(&call, &cause())).map(|called| called.standing)
    }

    pub fn pause(self: &Arc<Self>, awaited: Awaited, token: &str) -> Result<(), OnboardingError> {
        let task = PauseOnboarding {
            awaited,
            customer: *ALICE.as_uuid(),
            application: *FIRST.as_uuid(),
            correlation_id: "correlation-1".to_owned(),
            task_token: token.to_owned(),
            execution: "execution-1".to_owned(),
            state: "Await".to_owned(),
        };
        block_on(self.waiting().pause(&task, self.as_ref()))
    }

    pub fn news(
        self: &Arc<Self>,
        run: WorkflowRunId,
        standing: IdentityStanding,
    ) -> Result<Submission, OnboardingError> {
        block_on(self.waiting().identity_news(run, standing, &cause()))
    }

    pub fn decide(self: &Arc<Self>, decision: Decision) -> Result<(), OnboardingError> {
        let task = DecideApplication {
            decision,
            customer: *ALICE.as_uuid(),
            application: *FIRST.as_uuid(),
            correlation_id: "correlation-1".to_owned(),
        };
        block_on(decide_application(&self.streams(), self.as_ref(), &task, &cause()))
    }

    /// Alice's application, as it is stored.
    pub fn first(self: &Arc<Self>) -> Submission {
        let stream = StreamId::from(ApplicantId(ALICE));
        let loaded = block_on(self.streams().load::<Application>(stream)).unwrap();
        loaded.state.find(FIRST).unwrap().clone()
    }

    pub fn run(&self) -> WorkflowRunId {
        WorkflowRunId::new(self.kept().runs[0].1.id)
    }

    /// Sets how the provider sees the only run.
    pub fn stands(&self, standing: IdentityStanding) {
        self.kept().runs[0].1.standing = standing;
    }

    fn made(&self) -> Uuid {
        let mut kept = self.kept();
        kept.made += 1;
        Uuid::from_u128(0xF000 + u128::from(kept.made))
    }
}

pub fn cause() -> Cause {
    Cause::by(Actor::System("test"))
}

pub fn ada() -> Written {
    let secret = |text: &str| SecretString::from(text);
    Written {
        first_name: secret("Ada"),
        last_name: secret("Lovelace"),
        birth_date: secret("1990-12-10"),
        nationality: secret("GB"),
        address: WrittenAddress {
            street: secret("12 St James's Square"),
            town: secret("London"),
            postcode: secret("SW1Y 4JH"),
            country: secret("GB"),
        },
        document: WrittenDocument {
            kind: DocumentKind::Passport,
            number: secret("533401372"),
            issuing_country: secret("GB"),
        },
        bank_account: None,
    }
}

pub fn content() -> ApplicationContent {
    ApplicationContent::new(&ada())
}

/// Alice applied, and her check is under way.
pub fn checked() -> Arc<World> {
    let world = World::new();
    world.submit(ALICE, FIRST, content()).unwrap();
    assert_eq!(world.call(IdentityCall::CreateRun, FIRST), Ok(RunStanding::Open));
    works(&world);
    world
}

/// Alice's execution is at work.
pub fn works(world: &World) {
    world.kept().permits.insert(execution(), 0);
}

/// The name of Alice's execution.
pub fn execution() -> String {
    execution_name(*ALICE.as_uuid(), *FIRST.as_uuid())
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-11-20 12:00 UTC) + self.kept().now
    }

    async fn back_off(&self, _: u32) {}
}

#[async_trait]
impl EventStore for World {
    async fn head(&self, stream: &StreamId) -> Result<Option<Commit>, StoreError> {
        Ok(self.kept().commits.iter().rev().find(|commit| commit.stream == *stream).cloned())
    }

    async fn read(&self, stream: &StreamId, from: Version, limit: u16) -> Result<Vec<Commit>, StoreError> {
        let wanted = |commit: &&Commit| commit.stream == *stream && commit.version >= from;
        Ok(self.kept().commits.iter().filter(wanted).take(limit.into()).cloned().collect())
    }

    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        let lost = |_| StoreError::Unavailable { attempted: "append", reason: "as the test wants".into() };
        self.before("append").map_err(lost)?;
        {
            let mut kept = self.kept();
            let written = transaction.commits.iter().map(|commit| (&commit.stream, commit.version));
            let read = transaction.unchanged.iter().map(|(stream, version)| (stream, *version));
            for (stream, version) in written.chain(read) {
                let count = kept.commits.iter().filter(|known| known.stream == *stream).count();
                if u32::try_from(count) != Ok(version.0) {
                    return Err(StoreError::Conflict);
                }
            }
            kept.commits.extend(transaction.commits);
        }
        self.after("append").map_err(lost)
    }

    async fn scan(&self, _: Option<ScanCursor>) -> Result<(Vec<Commit>, Option<ScanCursor>), StoreError> {
        Ok((self.kept().commits.clone(), None))
    }
}

#[async_trait]
impl Vault for World {
    async fn keep(&self, reference: &VaultRef, value: &SecretString) -> Result<(), PortError> {
        self.before("keep")?;
        self.kept().vault.entry(reference.clone()).or_insert_with(|| value.expose_secret().to_owned());
        self.after("keep")
    }

    async fn open(&self, reference: &VaultRef, _: &Reader) -> Result<SecretString, PortError> {
        self.kept()
            .vault
            .get(reference)
            .cloned()
            .map(SecretString::from)
            .ok_or(PortError::Missing { attempted: "open" })
    }

    async fn fingerprint(
        &self,
        subject: CustomerId,
        _: RetentionClass,
        content: &SecretString,
    ) -> Result<Fingerprint, PortError> {
        Ok(Fingerprint::of(format!("{subject}|{}", content.expose_secret()).as_bytes()))
    }
}

#[async_trait]
impl IdentityProvider for World {
    async fn find_run(&self, customer: CustomerId, application: Uuid) -> Result<Option<IdentityRun>, PortError> {
        Ok(self.kept().runs.iter().find(|(of, _)| *of == (customer, application)).map(|(_, run)| run.clone()))
    }

    async fn create_applicant(&self, applicant: &Applicant) -> Result<Uuid, PortError> {
        self.before("create_applicant")?;
        let id = self.made();
        self.kept().applicants.push((id, applicant.last_name.expose_secret().to_owned()));
        self.after("create_applicant")?;
        Ok(id)
    }

    async fn start_run(
        &self,
        applicant: Uuid,
        customer: CustomerId,
        application: Uuid,
    ) -> Result<IdentityRun, PortError> {
        self.before("start_run")?;
        let id = self.made();
        let token = Some(SecretString::from(format!("sdk-{id}")));
        let run = IdentityRun { id, applicant, standing: IdentityStanding::Open, sdk_token: token };
        self.kept().runs.push(((customer, application), run.clone()));
        self.after("start_run")?;
        Ok(run)
    }

    async fn run(&self, id: Uuid) -> Result<IdentityRun, PortError> {
        self.before("run")?;
        let found = self.kept().runs.iter().find(|(_, run)| run.id == id).map(|(_, run)| run.clone());
        found.ok_or(PortError::Missing { attempted: "run" })
    }

    async fn delete_applicant(&self, applicant: Uuid) -> Result<(), PortError> {
        self.before("delete_applicant")?;
        let mut kept = self.kept();
        kept.applicants.retain(|(id, _)| *id != applicant);
        kept.runs.retain(|(_, run)| run.applicant != applicant || run.standing != IdentityStanding::Open);
        drop(kept);
        self.after("delete_applicant")
    }
}

#[async_trait]
impl SdkTokens for World {
    async fn keep(&self, customer: CustomerId, application: Uuid, token: &SecretString) -> Result<(), PortError> {
        self.before("keep_token")?;
        self.kept().tokens.insert((customer, application), token.expose_secret().to_owned());
        Ok(())
    }

    async fn find(&self, customer: CustomerId, application: Uuid) -> Result<Option<SecretString>, PortError> {
        Ok(self.kept().tokens.get(&(customer, application)).cloned().map(SecretString::from))
    }
}
