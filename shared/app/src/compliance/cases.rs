use std::sync::Arc;

use domain::{
    compliance::{
        case::{Case, CaseCommand, CaseError, Evidence, Opinion, check_text, decide},
        screening::{Screening, Subject},
    },
    ids::{ApplicationId, CaseId, CustomerId, RetentionClass, ScreenedId, StaffId, StreamId, TextId, VaultRef},
    moment::Moment,
};
use secrecy::SecretString;
use uuid::Uuid;

use super::ComplianceError;
use crate::{
    commit::Cause,
    ports::Vault,
    streams::{Loaded, Streams},
    views::ComplianceViews,
};

/// How much of a fingerprint tells the texts under one id apart in the vault.
const SLOT_HEX_DIGITS: usize = 16;

/// How many overdue cases are escalated at once: as many as fit into one call. What is left is due again at the next one.
const OVERDUE_PAGE: u16 = 200;

/// Review cases, as staff work on them. Every text lies in the vault before anything points at it.
#[derive(Clone)]
pub struct Cases {
    /// The context's streams.
    pub streams: Streams,
    /// Where the texts go.
    pub vault: Arc<dyn Vault>,
}

impl Cases {
    /// Lets somebody see to a case.
    ///
    /// # Errors
    /// See [`ComplianceError`]. Asking again is safe.
    pub async fn assign(
        &self,
        case: CaseId,
        by: StaffId,
        to: StaffId,
        cause: &Cause,
    ) -> Result<Loaded<Case>, ComplianceError> {
        ask(&self.streams, case, &CaseCommand::Assign { to, by }, cause).await
    }

    /// Writes something down about a case, under an id that the writer picks.
    ///
    /// # Errors
    /// See [`ComplianceError`]. The same again is safe; another text under the same id is refused.
    pub async fn add_note(
        &self,
        case: CaseId,
        by: StaffId,
        note: Uuid,
        text: &SecretString,
        cause: &Cause,
    ) -> Result<Loaded<Case>, ComplianceError> {
        let id = TextId::new(note);
        let command = |note| CaseCommand::AddNote { id, note, by };
        self.write(case, &slot("note", id), text, command, cause).await
    }

    /// Asks the customer something, under an id that whoever asks picks. Nothing is decided until the answer is there.
    ///
    /// # Errors
    /// See [`ComplianceError`]. The same again is safe; another text under the same id is refused.
    pub async fn request_information(
        &self,
        case: CaseId,
        by: StaffId,
        question: Uuid,
        text: &SecretString,
        cause: &Cause,
    ) -> Result<Loaded<Case>, ComplianceError> {
        let id = TextId::new(question);
        let command = |question| CaseCommand::RequestInformation { id, question, by };
        self.write(case, &slot("question", id), text, command, cause).await
    }

    /// Says what somebody thinks should be decided, and why. Enough people who agree decide.
    ///
    /// # Errors
    /// See [`ComplianceError`]. The same again is safe; another opinion or reason under the same id is refused.
    pub async fn give_opinion(
        &self,
        case: CaseId,
        by: StaffId,
        opinion: Opinion,
        reason: &SecretString,
        reason_id: Uuid,
        cause: &Cause,
    ) -> Result<Loaded<Case>, ComplianceError> {
        let id = TextId::new(reason_id);
        let command = |reason| CaseCommand::GiveOpinion { id, by, verdict: opinion, reason };
        self.write(case, &slot("reason", id), reason, command, cause).await
    }

    /// Keeps a text and records what it says. What is refused, or was written before, is not kept.
    async fn write(
        &self,
        case: CaseId,
        slot: &str,
        text: &SecretString,
        command: impl Fn(VaultRef) -> CaseCommand,
        cause: &Cause,
    ) -> Result<Loaded<Case>, ComplianceError> {
        check_text(text)?;
        self.streams
            .retrying(|| async {
                let loaded = self.streams.load::<Case>(StreamId::from(case)).await?;
                let customer = loaded.state.opened().ok_or(CaseError::Unknown)?.customer;
                let fingerprint = self.vault.fingerprint(customer, RetentionClass::Case, text).await?;
                let digits: String = fingerprint.to_string().chars().take(SLOT_HEX_DIGITS).collect();
                // A slot is written once, so another text under the same id must not meet the first one's.
                let reference = VaultRef::of_customer(customer, &format!("{slot}-{digits}"))?;
                let events = decide(&loaded.state, &command(reference.clone()), Moment::of(self.streams.now()))?;
                if events.is_empty() {
                    return Ok(loaded);
                }
                self.vault.keep(&reference, text).await?;
                let mut unit = self.streams.unit(cause);
                let after = unit.commit(loaded, events)?;
                self.streams.append(unit).await?;
                Ok(after)
            })
            .await
    }
}

/// Opens the case of an application, with what its checks found and how its risk was assessed.
///
/// # Errors
/// [`ComplianceError::RiskUnknown`] before it was assessed; see [`ComplianceError`]. Opening it again is safe.
pub async fn open_case(
    streams: &Streams,
    customer: CustomerId,
    application: ApplicationId,
    cause: &Cause,
) -> Result<(), ComplianceError> {
    let stream = &StreamId::from(CaseId::of_application(customer, application));
    streams
        .retrying(|| async {
            let loaded = streams.load::<Case>(stream.clone()).await?;
            if loaded.state.opened().is_some() {
                return Ok(());
            }
            let screening = streams.load::<Screening>(StreamId::from(ScreenedId(customer))).await?;
            let subject = screening.state.find(application).ok_or(ComplianceError::RiskUnknown)?;
            let risk = subject.risk.ok_or(ComplianceError::RiskUnknown)?.score;
            let command = CaseCommand::Open { customer, application, risk, evidence: evidence_of(subject) };
            let mut unit = streams.unit(cause);
            let events = decide(&loaded.state, &command, Moment::of(unit.at()))?;
            unit.commit(loaded, events)?;
            unit.unchanged(&screening);
            Ok(streams.append(unit).await?)
        })
        .await
}

/// Closes the case of an application that ended in another way. One that was never opened, or is closed, stays as it is.
///
/// # Errors
/// See [`ComplianceError`]. Asking again is safe.
pub async fn withdraw_case(
    streams: &Streams,
    customer: CustomerId,
    application: ApplicationId,
    cause: &Cause,
) -> Result<(), ComplianceError> {
    let case = CaseId::of_application(customer, application);
    ask(streams, case, &CaseCommand::Withdraw, cause).await?;
    Ok(())
}

/// Takes the customer's answer to a question of a case.
///
/// # Errors
/// See [`ComplianceError`]. Telling it again is safe.
pub async fn receive_information(
    streams: &Streams,
    case: CaseId,
    question: VaultRef,
    answer: VaultRef,
    cause: &Cause,
) -> Result<(), ComplianceError> {
    ask(streams, case, &CaseCommand::ReceiveInformation { question, answer }, cause).await?;
    Ok(())
}

/// Escalates a case, if it is due.
///
/// # Errors
/// See [`ComplianceError`]. Asking again is safe.
pub async fn escalate_case(streams: &Streams, case: CaseId, cause: &Cause) -> Result<(), ComplianceError> {
    ask(streams, case, &CaseCommand::Escalate, cause).await?;
    Ok(())
}

/// Escalates the cases that are due by a moment, one page of them, and answers how many these were. One that cannot be escalated
/// does not keep the others from it.
///
/// # Errors
/// The first failure, once every other case of the page has had its turn. Asking again is safe.
pub async fn escalate_overdue(
    streams: &Streams,
    views: &dyn ComplianceViews,
    by: Moment,
    cause: &Cause,
) -> Result<usize, ComplianceError> {
    let overdue = views.overdue(by, OVERDUE_PAGE).await?;
    let mut outcome = Ok(overdue.len());
    for case in overdue {
        if let Err(error) = escalate_case(streams, case, cause).await {
            outcome = outcome.and(Err(error));
        }
    }
    outcome
}

/// Runs one command on a case.
async fn ask(
    streams: &Streams,
    case: CaseId,
    command: &CaseCommand,
    cause: &Cause,
) -> Result<Loaded<Case>, ComplianceError> {
    let at = Moment::of(streams.now());
    streams
        .dispatch::<Case, ComplianceError>(&StreamId::from(case), cause, |state| Ok(decide(state, command, at)?))
        .await
}

fn evidence_of(subject: &Subject) -> Vec<Evidence> {
    let found = subject.checks.iter().flat_map(|(check, found)| found.matches.iter().map(|it| (*check, it)));
    found.map(|(check, it)| Evidence { check, entity: it.entity.clone(), score: it.score }).collect()
}

fn slot(kind: &'static str, id: TextId) -> String {
    format!("case-{kind}-{id}")
}
