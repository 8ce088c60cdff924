//! An office over a store in memory, with one application and its review.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use app::{
    commit::{Actor, Cause},
    compliance::Cases,
    erasure::Erasures,
    executions::ExecutionId,
    ledger::{BankPayment, Freezes, Nature, Said, Suspense, open_accounts, settle_deposit},
    onboarding::{NewApplication, Operations, submit_application},
    ports::{PortError, Reader, Vault},
    reveal::Reveals,
    store::StoreError,
    streams::Streams,
    views::{
        AccountView, ApplicantView, ApplicationFilter, AtVersion, CaseFilter, CaseView, ComplianceViews, ControlsView,
        CustomerView, EntryView, HolderView, IdentityViews, LedgerViews, ListedApplication, OnboardingViews,
        OperationView, Page, PageRequest, SuspendedView,
    },
};
use async_graphql::{Request, Variables};
use async_trait::async_trait;
use domain::{
    compliance::{
        case::{Case, CaseCommand, Evidence, decide},
        screening::Check,
    },
    freeze::FreezeSide,
    identity::customer::{Customer, CustomerEvent},
    ids::{
        AccountId, ApplicantId, ApplicationId, CaseId, ControlledId, CustomerId, Fingerprint, FreezeId, OperationId,
        RetentionClass, StaffId, VaultRef,
    },
    ledger::{
        controls::Controls,
        deposit::Direction,
        operation::{Operation, OperationState},
    },
    moment::Moment,
    onboarding::{
        application::Application,
        content::{ApplicationContent, DocumentKind, Written, WrittenAddress, WrittenBankAccount, WrittenDocument},
    },
};
use money::{Asset, Money};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::fakes::{Stopped, Store, Told, only_error, page};
use super::engine::Engine;
pub(super) use super::engine::PARKED;
use crate::{Ask, Caller, Graph, Group, Methods, Office};

pub(super) const CUSTOMER: CustomerId = CustomerId::new(Uuid::from_u128(0xC0));
/// Somebody who was a customer, and has nothing with the bank any more.
pub(super) const FORMER: CustomerId = CustomerId::new(Uuid::from_u128(0xF0E));
pub(super) const APPLICATION: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA1));
pub(super) const OLDER: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA0));
pub(super) const EXECUTION: ExecutionId = ExecutionId { customer: CUSTOMER, application: APPLICATION };
pub(super) const GRACE: StaffId = StaffId::new(Uuid::from_u128(0x6ACE));
pub(super) const ALAN: StaffId = StaffId::new(Uuid::from_u128(0xA1A9));
/// A freeze of the customer that Grace ordered.
pub(super) const FREEZE: FreezeId = FreezeId::new(Uuid::from_u128(0xF0));
pub(super) const FREEZE_REASON: &str = "that is what I was told";
/// What the payer of money without an owner wrote.
pub(super) const WROTE: &str = "for my niece Ada";
pub(super) const PAYER: &str = r#"{"name":"Annabella Byron"}"#;
pub(super) const NOTE: &str = "Looks like her cousin, born in the same year.";

/// A vault that tells who read what, and why.
#[derive(Default)]
pub(super) struct Safe {
    kept: Mutex<HashMap<VaultRef, String>>,
    pub(super) read: Mutex<Vec<(String, Reader)>>,
}

#[async_trait]
impl Vault for Safe {
    async fn keep(&self, reference: &VaultRef, value: &SecretString) -> Result<(), PortError> {
        self.kept.lock().unwrap().entry(reference.clone()).or_insert_with(|| value.expose_secret().to_owned());
        Ok(())
    }

    async fn open(&self, reference: &VaultRef, reader: &Reader) -> Result<SecretString, PortError> {
        self.read.lock().unwrap().push((reference.slot().to_owned(), reader.clone()));
        let kept = self.kept.lock().unwrap().get(reference).cloned();
        kept.map(SecretString::from).ok_or(PortError::Missing { attempted: "open the vault" })
    }

    async fn fingerprint(
        &self,
        _: CustomerId,
        _: RetentionClass,
        content: &SecretString,
    ) -> Result<Fingerprint, PortError> {
        Ok(Fingerprint::of(content.expose_secret().as_bytes()))
    }
}

/// Read models that are never behind: they are folded from the store.
struct Folded(Streams);

fn failed(error: &StoreError) -> PortError {
    PortError::Unavailable { attempted: "fold", reason: error.to_string().into() }
}

#[async_trait]
impl ComplianceViews for Folded {
    async fn case(&self, id: CaseId) -> Result<Option<AtVersion<CaseView>>, PortError> {
        let loaded = self.0.load::<Case>(id.into()).await.map_err(|error| failed(&error))?;
        let view = CaseView::of(id, &loaded.state);
        Ok(view.zip(loaded.version).map(|(view, version)| AtVersion { view, version: version.number() }))
    }

    async fn cases(&self, filter: CaseFilter, request: &PageRequest) -> Result<Page<AtVersion<CaseView>>, PortError> {
        let mut rows = Vec::new();
        for application in [OLDER, APPLICATION] {
            rows.extend(self.case(CaseId::of_application(CUSTOMER, application)).await?);
        }
        let is_wanted = |row: &AtVersion<CaseView>| {
            row.view.status == filter.status && filter.assignee.is_none_or(|staff| row.view.assignee == Some(staff))
        };
        page(rows.into_iter().filter(is_wanted).collect::<Vec<_>>().into_iter(), request)
    }

    async fn overdue(&self, _: Moment, _: u16) -> Result<Vec<CaseId>, PortError> {
        Ok(vec![])
    }
}

#[async_trait]
impl IdentityViews for Folded {
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError> {
        let loaded = self.0.load::<Customer>(id.into()).await.map_err(|error| failed(&error))?;
        let view = CustomerView::of(id, &loaded.state);
        Ok(loaded.version.map(|version| AtVersion { view, version: version.number() }))
    }
}

const NOT_SHOWN: PortError = PortError::Missing { attempted: "show this to staff" };

#[async_trait]
impl LedgerViews for Folded {
    async fn account(&self, _: &AccountId) -> Result<Option<AtVersion<AccountView>>, PortError> {
        Err(NOT_SHOWN)
    }

    async fn accounts(&self, _: CustomerId) -> Result<Vec<AtVersion<AccountView>>, PortError> {
        Err(NOT_SHOWN)
    }

    async fn entries(&self, _: &AccountId, _: &PageRequest) -> Result<Page<EntryView>, PortError> {
        Err(NOT_SHOWN)
    }

    async fn holder(&self, _: CustomerId) -> Result<Option<AtVersion<HolderView>>, PortError> {
        Err(NOT_SHOWN)
    }

    async fn controls(&self, customer: CustomerId) -> Result<Option<AtVersion<ControlsView>>, PortError> {
        let loaded = self.0.load::<Controls>(ControlledId(customer).into()).await.map_err(|error| failed(&error))?;
        let view = ControlsView::of(&loaded.state);
        Ok(loaded.version.map(|version| AtVersion { view, version: version.number() }))
    }

    async fn operations(&self, _: CustomerId, _: &PageRequest) -> Result<Page<OperationView>, PortError> {
        Err(NOT_SHOWN)
    }

    async fn suspended(&self, request: &PageRequest) -> Result<Page<SuspendedView>, PortError> {
        let loaded = self.0.load::<Operation>(deposit().into()).await.map_err(|error| failed(&error))?;
        let waits = match loaded.state {
            OperationState::Suspended { amount, reason, payer, .. } => {
                let at = "2026-01-31T09:30:00.000Z".to_owned();
                Some(SuspendedView { id: deposit(), amount, reason, customer: payer.customer(), at })
            }
            _ => None,
        };
        page(waits.into_iter(), request)
    }

    async fn internal(&self, _: &str, _: Asset) -> Result<Money, PortError> {
        Err(NOT_SHOWN)
    }
}

#[async_trait]
impl OnboardingViews for Folded {
    async fn applicant(&self, customer: CustomerId) -> Result<Option<AtVersion<ApplicantView>>, PortError> {
        let stream = ApplicantId(customer).into();
        let loaded = self.0.load::<Application>(stream).await.map_err(|error| failed(&error))?;
        let view = ApplicantView::of(customer, &loaded.state);
        Ok(loaded.version.map(|version| AtVersion { view, version: version.number() }))
    }

    async fn applications(
        &self,
        filter: ApplicationFilter,
        request: &PageRequest,
    ) -> Result<Page<ListedApplication>, PortError> {
        let applicant = self.applicant(CUSTOMER).await?.map(|row| row.view.applications).unwrap_or_default();
        let listed = applicant.into_iter().map(|view| ListedApplication { customer: CUSTOMER, view });
        let is_wanted = |it: &ListedApplication| {
            filter == ApplicationFilter::All || filter == ApplicationFilter::In(it.view.status)
        };
        page(listed.filter(is_wanted).collect::<Vec<_>>().into_iter(), request)
    }

    async fn owners(&self, application: ApplicationId) -> Result<Vec<CustomerId>, PortError> {
        let applicant = self.applicant(CUSTOMER).await?;
        Ok(applicant.filter(|row| row.view.find(application).is_some()).map(|_| CUSTOMER).into_iter().collect())
    }
}

/// Money without an owner.
pub(super) fn deposit() -> OperationId {
    OperationId::new("clearbank".parse().unwrap(), Uuid::from_u128(0xD0))
}

/// The back office, and what is behind it.
pub(super) struct World {
    graph: Graph,
    pub(super) store: Arc<Store>,
    pub(super) vault: Arc<Safe>,
    pub(super) engine: Arc<Engine>,
    pub(super) office: Office,
}

fn text(text: &str) -> SecretString {
    SecretString::from(text)
}

fn written() -> Written {
    Written {
        first_name: text("Ada"),
        last_name: text("Lovelace"),
        birth_date: text("1990-12-10"),
        nationality: text("GB"),
        address: WrittenAddress {
            street: text("12 St James's Square"),
            town: text("London"),
            postcode: text("SW1Y 4JH"),
            country: text("GB"),
        },
        document: WrittenDocument {
            kind: DocumentKind::Passport,
            number: text("533401372"),
            issuing_country: text("GB"),
        },
        bank_account: Some(WrittenBankAccount {
            holder: text("Ada Lovelace"),
            iban: Some(text("GB33BUKB20201555555555")),
            sort_code: None,
            account_number: None,
        }),
    }
}

impl World {
    /// An application that was submitted, and its review: open, of this risk, with a note of Grace's.
    pub(super) async fn with_risk(risk: u8) -> Self {
        let (store, vault) = (Arc::new(Store::default()), Arc::new(Safe::default()));
        let streams = Streams::new(store.clone(), Arc::new(Stopped));
        let cases = Cases { streams: streams.clone(), vault: vault.clone() };
        let reveals = Reveals {
            compliance: streams.clone(),
            onboarding: streams.clone(),
            ledger: streams.clone(),
            vault: vault.clone(),
        };
        let views = Arc::new(Folded(streams.clone()));
        let freezes = Freezes { streams: streams.clone(), vault: vault.clone() };
        let erasures = Erasures {
            identity: streams.clone(),
            onboarding: streams.clone(),
            compliance: streams.clone(),
            ledger: streams.clone(),
            vault: vault.clone(),
        };
        let suspense = Suspense { streams: streams.clone(), vault: vault.clone() };
        let engine = Arc::new(Engine::default());
        let operations = Operations {
            streams: streams.clone(),
            executions: engine.clone(),
            pauses: engine.clone(),
            workflows: engine.clone(),
            permits: engine.clone(),
        };
        let office = Office {
            compliance: views.clone(),
            identity: views.clone(),
            ledger: views.clone(),
            onboarding: views,
            cases,
            freezes,
            erasures,
            suspense,
            reveals,
            operations,
        };
        let world = Self { graph: Graph::of_back_office(office.clone()), store, vault, engine, office };

        let cause = Cause::by(Actor::System("tests"));
        let signed_up = |id| CustomerEvent::SignedUp { email: VaultRef::of_customer(id, "email").unwrap() };
        let applied = [signed_up(CUSTOMER), CustomerEvent::Applied { application: APPLICATION }];
        streams.record::<Customer>(&CUSTOMER.into(), &cause, &applied).await.unwrap();
        let active = [signed_up(FORMER), CustomerEvent::Activated {}];
        streams.record::<Customer>(&FORMER.into(), &cause, &active).await.unwrap();
        let new = NewApplication {
            customer: CUSTOMER,
            application: APPLICATION,
            content: ApplicationContent::new(&written()),
        };
        let vault: Arc<dyn Vault> = world.vault.clone();
        submit_application(&streams, &vault, &new, &cause).await.unwrap();
        world.open(APPLICATION, risk).await;
        open_accounts(&streams, CUSTOMER, &cause).await.unwrap();
        let payment = BankPayment {
            operation: deposit(),
            amount: Money::new(Asset::Gbp, 12_345),
            direction: Direction::Credit,
            nature: Nature::Payment,
            remittance: text(WROTE),
            payer: text(PAYER),
        };
        settle_deposit(&streams, &vault, &payment, &cause).await.unwrap();
        let reason = text(FREEZE_REASON);
        let said = Said { customer: CUSTOMER, freeze: FREEZE, by: GRACE, reason: &reason };
        world.office.freezes.freeze(said, FreezeSide::Debits, &cause).await.unwrap();
        world.office.cases.add_note(world.case(), GRACE, Uuid::from_u128(1), &text(NOTE), &cause).await.unwrap();
        world
    }

    /// Opens the review of an application.
    pub(super) async fn open(&self, application: ApplicationId, risk: u8) {
        let evidence = vec![Evidence { check: Check::Pep, entity: "Q7259".parse().unwrap(), score: 81 }];
        let open = CaseCommand::Open { customer: CUSTOMER, application, risk, evidence };
        let streams = &self.office.cases.streams;
        let events = decide(&Default::default(), &open, Moment::of(streams.now())).unwrap();
        let stream = CaseId::of_application(CUSTOMER, application).into();
        streams.record::<Case>(&stream, &Cause::by(Actor::System("tests")), &events).await.unwrap();
    }

    pub(super) fn case(&self) -> CaseId {
        CaseId::of_application(CUSTOMER, APPLICATION)
    }

    /// The text id of the note.
    pub(super) async fn note(&self) -> String {
        let row = self.office.compliance.case(self.case()).await.unwrap().unwrap();
        let text = row.view.timeline.iter().find_map(|entry| entry.text.as_ref()).unwrap();
        text.slot().to_owned()
    }

    /// What somebody is told who is in these groups.
    pub(super) async fn ask(&self, who: Option<(StaffId, &[Group])>, query: &str, variables: Value) -> Told {
        let caller = who.map(|(staff, groups)| Caller {
            person: *staff.as_uuid(),
            groups: groups.iter().map(|group| group.name().to_owned()).collect(),
        });
        let ask = Ask {
            caller,
            token: None,
            request_id: "request-1".to_owned(),
            correlation_id: "correlation-1".to_owned(),
            methods: Methods::All,
        };
        let answer = self.graph.answer(Request::new(query).variables(Variables::from_json(variables)), ask).await;
        Told { outcome: answer.outcome, body: serde_json::from_str(&answer.body).unwrap() }
    }

    /// What somebody of compliance is told, with nothing gone wrong.
    pub(super) async fn data(&self, who: StaffId, query: &str, input: Value) -> Value {
        let told = self.ask(Some((who, &[Group::Compliance])), query, json!({ "input": input })).await;
        assert_eq!(told.body.get("errors"), None, "{query}");
        told.body["data"]["backOffice"].clone()
    }

    /// The code of the only error that Grace of compliance is told.
    pub(super) async fn refused(&self, query: &str, input: Value) -> String {
        let told = self.ask(Some((GRACE, &[Group::Compliance])), query, json!({ "input": input })).await;
        only_error(&told)["extensions"]["code"].as_str().unwrap().to_owned()
    }
}
