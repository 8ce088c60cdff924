//! An office over a store in memory, with one application and its review.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use app::{
    commit::{Actor, Cause},
    compliance::Cases,
    onboarding::{NewApplication, submit_application},
    ports::{PortError, Reader, Vault},
    reveal::Reveals,
    store::StoreError,
    streams::Streams,
    views::{
        ApplicantView, AtVersion, CaseFilter, CaseView, ComplianceViews, CustomerView, IdentityViews, OnboardingViews,
        Page, PageRequest,
    },
};
use async_graphql::{Request, Variables};
use async_trait::async_trait;
use domain::{
    compliance::{
        case::{Case, CaseCommand, Evidence, decide},
        screening::Check,
    },
    identity::customer::CustomerStatus,
    ids::{ApplicantId, ApplicationId, CaseId, CustomerId, Fingerprint, RetentionClass, StaffId, VaultRef},
    moment::Moment,
    onboarding::{
        application::Application,
        content::{ApplicationContent, DocumentKind, Written, WrittenAddress, WrittenBankAccount, WrittenDocument},
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::fakes::{Stopped, Store, Told, only_error, page};
use crate::{Ask, Caller, Graph, Group, Methods, Office};

pub(super) const CUSTOMER: CustomerId = CustomerId::new(Uuid::from_u128(0xC0));
pub(super) const APPLICATION: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA1));
pub(super) const OLDER: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA0));
pub(super) const GRACE: StaffId = StaffId::new(Uuid::from_u128(0x6ACE));
pub(super) const ALAN: StaffId = StaffId::new(Uuid::from_u128(0xA1A9));
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
        let view = CustomerView { id, status: CustomerStatus::Applying, erase_on: None };
        Ok((id == CUSTOMER).then_some(AtVersion { view, version: 0 }))
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
}

/// The back office, and what is behind it.
pub(super) struct World {
    graph: Graph,
    pub(super) store: Arc<Store>,
    pub(super) vault: Arc<Safe>,
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
        let reveals = Reveals { compliance: streams.clone(), onboarding: streams.clone(), vault: vault.clone() };
        let views = Arc::new(Folded(streams.clone()));
        let office = Office { compliance: views.clone(), identity: views.clone(), onboarding: views, cases, reveals };
        let world = Self { graph: Graph::of_back_office(office.clone()), store, vault, office };

        let cause = Cause::by(Actor::System("tests"));
        let new = NewApplication {
            customer: CUSTOMER,
            application: APPLICATION,
            content: ApplicationContent::new(&written()),
        };
        let vault: Arc<dyn Vault> = world.vault.clone();
        submit_application(&streams, &vault, &new, &cause).await.unwrap();
        world.open(APPLICATION, risk).await;
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
