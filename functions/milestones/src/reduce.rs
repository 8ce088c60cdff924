//! Which events are milestones. Everything else stays in its context.

use app::commit::{Body, Commit};
use contracts::milestones::{
    AccountsOpenedV1, ApplicationApprovedV1, ApplicationRefusedV1, ApplicationSubmittedV1, CustomerActivatedV1,
    CustomerErasureRequestedV1, CustomerFreezeOrderedV1, CustomerOnboardedV1, DepositInstructionsReadyV1, Envelope,
    FrozenSide, InformationProvidedV1, InformationRequestedV1, Milestone, MonitoringDecidedV1, Origin, ReviewDecidedV1,
    ReviewDecision,
};
use domain::{
    aggregate::Aggregate,
    compliance::case::{Case, CaseDecision, CaseEvent},
    freeze::FreezeSide,
    identity::customer::{Customer, CustomerEvent},
    ids::{ApplicantId, CaseId, CustomerId, HolderId},
    ledger::holder::{Holder, HolderEvent},
    onboarding::application::{Application, ApplicationEvent},
};
use serde_json::Value;

use crate::MilestoneError;

/// The milestones of a commit, in the order of its events.
pub fn reduce(commit: &Commit) -> Result<Vec<Envelope>, MilestoneError> {
    let malformed = |_| MilestoneError::Malformed;
    match commit.stream.kind() {
        Customer::KIND => {
            let customer = CustomerId::try_from(&commit.stream).map_err(malformed)?;
            each::<Customer>(commit, |event| of_customer(customer, event))
        }
        Application::KIND => {
            let ApplicantId(customer) = ApplicantId::try_from(&commit.stream).map_err(malformed)?;
            each::<Application>(commit, |event| of_application(customer, event))
        }
        Holder::KIND => {
            let HolderId(customer) = HolderId::try_from(&commit.stream).map_err(malformed)?;
            each::<Holder>(commit, |event| Some(of_holder(customer, event)))
        }
        Case::KIND => {
            let case = CaseId::try_from(&commit.stream).map_err(malformed)?;
            each::<Case>(commit, |event| of_case(case, event))
        }
        _ => Err(MilestoneError::Malformed),
    }
}

/// Which milestone an event of this kind of stream becomes, by its `detail-type`: for the list of names that are relied on.
#[must_use]
pub fn detail_type_of(kind: &str, event: Value) -> Option<&'static str> {
    let anybody = "00000000-0000-0000-0000-000000000000".parse().ok()?;
    let milestone = match kind {
        Customer::KIND => of_customer(anybody, &serde_json::from_value(event).ok()?),
        Application::KIND => of_application(anybody, &serde_json::from_value(event).ok()?),
        Case::KIND => of_case(CaseId::new(*anybody.as_uuid()), &serde_json::from_value(event).ok()?),
        Holder::KIND => Some(of_holder(anybody, &serde_json::from_value(event).ok()?)),
        _ => None,
    };
    milestone.map(|milestone| milestone.detail_type())
}

fn each<A: Aggregate>(
    commit: &Commit,
    milestone: impl Fn(&A::Event) -> Option<Milestone>,
) -> Result<Vec<Envelope>, MilestoneError> {
    let body: Body<A::Event> = commit.body::<A>()?;
    let stream = commit.stream.to_string();
    let mut milestones = Vec::new();
    for (index, event) in body.events.iter().enumerate() {
        let Some(milestone) = milestone(event) else { continue };
        let origin = Origin {
            stream: &stream,
            version: commit.version.number(),
            index,
            occurred_at: &body.at,
            correlation_id: body.correlation.as_deref(),
            traceparent: body.traceparent.as_deref(),
        };
        milestones.push(Envelope::new(&milestone, &origin).map_err(|_| MilestoneError::Malformed)?);
    }
    Ok(milestones)
}

fn of_customer(customer: CustomerId, event: &CustomerEvent) -> Option<Milestone> {
    match event {
        CustomerEvent::Activated {} => {
            Some(Milestone::CustomerActivatedV1(CustomerActivatedV1 { customer_id: *customer.as_uuid() }))
        }
        CustomerEvent::ErasureRequested { .. } => {
            let milestone = CustomerErasureRequestedV1 { customer_id: *customer.as_uuid() };
            Some(Milestone::CustomerErasureRequestedV1(milestone))
        }
        CustomerEvent::SignedUp { .. }
        | CustomerEvent::Applied { .. }
        | CustomerEvent::ApplicationEnded { .. }
        | CustomerEvent::KeyDestroyed { .. } => None,
    }
}

fn of_application(customer: CustomerId, event: &ApplicationEvent) -> Option<Milestone> {
    let customer_id = *customer.as_uuid();
    match event {
        ApplicationEvent::Submitted { application, .. } => {
            let application_id = *application.as_uuid();
            Some(Milestone::ApplicationSubmittedV1(ApplicationSubmittedV1 { customer_id, application_id }))
        }
        ApplicationEvent::Approved { application, .. } => {
            let application_id = *application.as_uuid();
            Some(Milestone::ApplicationApprovedV1(ApplicationApprovedV1 { customer_id, application_id }))
        }
        ApplicationEvent::Declined { application, .. } | ApplicationEvent::Expired { application, .. } => {
            let application_id = *application.as_uuid();
            Some(Milestone::ApplicationRefusedV1(ApplicationRefusedV1 { customer_id, application_id }))
        }
        ApplicationEvent::Completed { application, .. } => {
            let application_id = *application.as_uuid();
            Some(Milestone::CustomerOnboardedV1(CustomerOnboardedV1 { customer_id, application_id }))
        }
        ApplicationEvent::InformationProvided { application, question, answer, .. } => {
            Some(Milestone::InformationProvidedV1(InformationProvidedV1 {
                customer_id,
                application_id: *application.as_uuid(),
                question: question.to_string(),
                answer: answer.to_string(),
            }))
        }
        ApplicationEvent::ApplicantCreated { .. }
        | ApplicationEvent::RunStarted { .. }
        | ApplicationEvent::ReviewStarted { .. }
        | ApplicationEvent::IdentityDecided { .. }
        | ApplicationEvent::IdentityContradicted { .. }
        | ApplicationEvent::ComplianceReviewBegan { .. }
        | ApplicationEvent::InformationRequested { .. }
        | ApplicationEvent::ReviewDecided { .. }
        | ApplicationEvent::AccountsOpened { .. }
        | ApplicationEvent::InstructionsReady { .. }
        | ApplicationEvent::Welcomed { .. }
        | ApplicationEvent::WelcomeUndeliverable { .. } => None,
    }
}

fn of_holder(customer: CustomerId, event: &HolderEvent) -> Milestone {
    let customer_id = *customer.as_uuid();
    match event {
        HolderEvent::AccountsOpened {} => Milestone::AccountsOpenedV1(AccountsOpenedV1 { customer_id }),
        HolderEvent::InstructionsReady { .. } => {
            Milestone::DepositInstructionsReadyV1(DepositInstructionsReadyV1 { customer_id })
        }
    }
}

fn of_case(case: CaseId, event: &CaseEvent) -> Option<Milestone> {
    let case_id = *case.as_uuid();
    match event {
        CaseEvent::InformationRequested { customer, application, question, .. } => {
            Some(Milestone::InformationRequestedV1(InformationRequestedV1 {
                case_id,
                customer_id: *customer.as_uuid(),
                application_id: *application.as_uuid(),
                question: question.to_string(),
            }))
        }
        CaseEvent::Decided { customer, application, decision, .. } => {
            Some(Milestone::ReviewDecidedV1(ReviewDecidedV1 {
                case_id,
                customer_id: *customer.as_uuid(),
                application_id: *application.as_uuid(),
                decision: told(*decision),
            }))
        }
        CaseEvent::MonitoringOpened { customer, freeze, .. } => {
            Some(Milestone::CustomerFreezeOrderedV1(CustomerFreezeOrderedV1 {
                case_id,
                customer_id: *customer.as_uuid(),
                side: match (*freeze)? {
                    FreezeSide::Debits => FrozenSide::Debits,
                    FreezeSide::Credits => FrozenSide::Credits,
                    FreezeSide::Both => FrozenSide::Both,
                },
            }))
        }
        CaseEvent::MonitoringDecided { customer, decision, .. } => {
            Some(Milestone::MonitoringDecidedV1(MonitoringDecidedV1 {
                case_id,
                customer_id: *customer.as_uuid(),
                decision: told(*decision),
            }))
        }
        CaseEvent::Opened { .. }
        | CaseEvent::Assigned { .. }
        | CaseEvent::NoteAdded { .. }
        | CaseEvent::InformationReceived { .. }
        | CaseEvent::OpinionGiven { .. }
        | CaseEvent::Escalated { .. }
        | CaseEvent::Withdrawn { .. } => None,
    }
}

const fn told(decision: CaseDecision) -> ReviewDecision {
    match decision {
        CaseDecision::Approved => ReviewDecision::Approved,
        CaseDecision::Declined => ReviewDecision::Declined,
    }
}
