//! What lists of sanctioned, exposed and criminal people say about somebody who applies, and the risk that follows; and what they
//! say about a customer ever after.
//!
//! The first answer to a check stands, and so does the first assessment. Of listed people only the provider's ids are kept, never
//! names: whoever has to compare them looks them up there.

mod ids;
mod monitoring;
mod policy;
mod state;

use serde::{Deserialize, Serialize};

pub use ids::{EntityId, IndexVersion, ListId};
pub use monitoring::{Hit, Monitoring, Round};
pub use policy::{DECLINE_FROM, REVIEW_FROM, SCORE_CHANGES_BY, TWO_PEOPLE_FROM, UNSCORED, freeze_for, risk_of};
pub use state::{Found, Risk, ScreeningState, Subject};

use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{ApplicationId, CaseId, CustomerId, VaultRef};
use crate::moment::Moment;

/// How many matches of one check are kept: the best. Whoever is that common a name is looked at by a person anyway.
pub const MATCHES_MAX: usize = 10;

/// How many lists of one match are kept.
pub const LISTS_MAX: usize = 20;

/// What was found about one customer. Streams `screening#<customer>`.
#[derive(Debug)]
pub struct Screening;

/// What somebody who applies is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Check {
    /// Lists of sanctioned people.
    #[serde(rename = "sanctions")]
    Sanctions,
    /// Politically exposed people, those close to them included.
    #[serde(rename = "pep")]
    Pep,
    /// People known for fraud and other crimes.
    #[serde(rename = "fraud")]
    Fraud,
}

impl Check {
    /// Every check that there is. A risk is assessed once all of them are there.
    pub const ALL: [Self; 3] = [Self::Sanctions, Self::Pep, Self::Fraud];

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sanctions => "sanctions",
            Self::Pep => "pep",
            Self::Fraud => "fraud",
        }
    }
}

/// Somebody on a list who may be the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Who, by the provider's id of them.
    pub entity: EntityId,
    /// How alike they are, in percent.
    pub score: u8,
    /// The lists that they are on, by the provider's ids of those.
    pub lists: Vec<ListId>,
}

/// What policy makes of a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RiskVerdict {
    /// Nobody needs to look at it.
    #[serde(rename = "approve")]
    Approve,
    /// A person decides.
    #[serde(rename = "review")]
    Review,
    /// The bank does not take such a risk.
    #[serde(rename = "decline")]
    Decline,
}

/// What happened to the screening of one customer.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ScreeningEvent {
    /// The provider answered a check.
    #[serde(rename = "screening.check-completed.v1")]
    CheckCompleted {
        /// The application that it was made for.
        application: ApplicationId,
        /// Which check.
        check: Check,
        /// Who may be the person, the most alike first. Nobody: the check is clear.
        matches: Vec<Match>,
        /// When.
        at: Moment,
    },
    /// All checks were there, and policy made a risk of them.
    #[serde(rename = "screening.risk-assessed.v1")]
    RiskAssessed {
        /// The application.
        application: ApplicationId,
        /// From 0 to 100.
        score: u8,
        /// What policy makes of it.
        verdict: RiskVerdict,
        /// When.
        at: Moment,
    },
    /// Where the vault keeps what they wrote into an application: who is looked for again, should they become a customer.
    #[serde(rename = "screening.subject-noted.v1")]
    SubjectNoted {
        /// The application.
        application: ApplicationId,
        /// Where the vault keeps it.
        content: VaultRef,
    },
    /// They are a customer, and are looked for from now on.
    #[serde(rename = "screening.monitoring-began.v1")]
    MonitoringBegan {
        /// The application that made them one.
        application: ApplicationId,
        /// Where the vault keeps who is looked for.
        content: VaultRef,
        /// When.
        at: Moment,
    },
    /// They were looked for again.
    #[serde(rename = "screening.rescreened.v1")]
    Rescreened {
        /// In which round; none, where the identity provider's monitor told us.
        round: Option<Round>,
        /// Who may be the person, is over policy, and was not known before or has changed.
        hits: Vec<Hit>,
        /// The case about them.
        case: Option<CaseId>,
        /// When.
        at: Moment,
    },
    /// They are to be forgotten, and nobody looks for them any more.
    #[serde(rename = "screening.monitoring-ended.v1")]
    MonitoringEnded {
        /// When.
        at: Moment,
    },
}

/// What may be asked of the stream of a customer's screening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScreeningCommand {
    /// The provider answered a check.
    CompleteCheck {
        /// The application that it was made for.
        application: ApplicationId,
        /// Which check.
        check: Check,
        /// Who may be the person.
        matches: Vec<Match>,
    },
    /// Make a risk of what was found.
    AssessRisk {
        /// The application.
        application: ApplicationId,
    },
    /// Note where the vault keeps who is looked for.
    NoteSubject {
        /// The application.
        application: ApplicationId,
        /// Where the vault keeps it.
        content: VaultRef,
    },
    /// Look for them from now on: they are a customer.
    BeginMonitoring {
        /// The application that made them one.
        application: ApplicationId,
    },
    /// They were looked for again.
    Rescreen {
        /// Who.
        customer: CustomerId,
        /// In which round; none, where the identity provider's monitor told us.
        round: Option<Round>,
        /// Everybody who may be the person, by the check that found them.
        found: Vec<(Check, Vec<Match>)>,
    },
    /// Look for them no more: they are to be forgotten.
    EndMonitoring,
}

/// Why the stream of a customer's screening says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScreeningError {
    /// A check has no answer yet: the workflow asks too early.
    #[error("not every check has an answer")]
    ChecksMissing,
    /// Somebody is to be looked for who was never screened.
    #[error("nobody knows who is to be looked for")]
    SubjectUnknown,
    /// A match is said to be more than the same.
    #[error("a match has a score of more than a hundred percent")]
    ScoreTooHigh,
}

impl Classify for ScreeningError {
    fn class(&self) -> Class {
        match self {
            Self::ChecksMissing | Self::SubjectUnknown | Self::ScoreTooHigh => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ChecksMissing => "RISK_CHECKS_MISSING",
            Self::SubjectUnknown => "SCREENING_SUBJECT_UNKNOWN",
            Self::ScoreTooHigh => "SCREENING_SCORE_TOO_HIGH",
        }
    }
}

/// What happens to a customer's screening because of a command.
///
/// # Errors
///
/// See [`ScreeningError`].
pub fn decide(
    state: &ScreeningState,
    command: &ScreeningCommand,
    at: Moment,
) -> Result<Vec<ScreeningEvent>, ScreeningError> {
    match command {
        ScreeningCommand::CompleteCheck { application, check, matches } => {
            let subject = state.find(*application);
            if subject.is_some_and(|it| it.checks.contains_key(check)) {
                return Ok(vec![]); // Lists change from day to day. The first answer stands.
            }
            let matches = policy::best_of(matches)?;
            Ok(vec![ScreeningEvent::CheckCompleted { application: *application, check: *check, matches, at }])
        }
        ScreeningCommand::AssessRisk { application } => {
            let subject = state.find(*application).ok_or(ScreeningError::ChecksMissing)?;
            if subject.risk.is_some() {
                return Ok(vec![]);
            }
            if !Check::ALL.iter().all(|check| subject.checks.contains_key(check)) {
                return Err(ScreeningError::ChecksMissing);
            }
            let (score, verdict) = policy::assess(subject);
            Ok(vec![ScreeningEvent::RiskAssessed { application: *application, score, verdict, at }])
        }
        ScreeningCommand::NoteSubject { application, content } => {
            let is_noted = state.find(*application).is_some_and(|it| it.content.is_some());
            let noted = || ScreeningEvent::SubjectNoted { application: *application, content: content.clone() };
            Ok((!is_noted).then(noted).into_iter().collect())
        }
        ScreeningCommand::BeginMonitoring { application } => {
            if state.monitoring.is_some() || state.ended.is_some() {
                return Ok(vec![]); // Who is to be forgotten stays so, even if the approval is heard of afterwards.
            }
            let content = state.find(*application).and_then(|it| it.content.clone());
            let content = content.ok_or(ScreeningError::SubjectUnknown)?;
            Ok(vec![ScreeningEvent::MonitoringBegan { application: *application, content, at }])
        }
        ScreeningCommand::Rescreen { customer, round, found } => {
            // Whoever is no customer is not monitored, however the news of them came here.
            let Some(monitoring) = &state.monitoring else { return Ok(vec![]) };
            monitoring.rescreened(*customer, round.as_ref(), found, at)
        }
        ScreeningCommand::EndMonitoring => {
            // Also of somebody who is not looked for yet: that may be about to begin.
            let ended = ScreeningEvent::MonitoringEnded { at };
            Ok(state.ended.is_none().then_some(ended).into_iter().collect())
        }
    }
}

/// The screening after one more event.
#[must_use]
pub fn evolve(state: ScreeningState, event: &ScreeningEvent) -> ScreeningState {
    match event {
        ScreeningEvent::CheckCompleted { application, check, matches, at } => {
            let found = Found { matches: matches.clone(), at: *at };
            state.with(*application, |it| {
                it.checks.insert(*check, found);
            })
        }
        ScreeningEvent::RiskAssessed { application, score, verdict, at } => {
            let risk = Risk { score: *score, verdict: *verdict, at: *at };
            state.with(*application, |it| it.risk = Some(risk))
        }
        ScreeningEvent::SubjectNoted { application, content } => {
            state.with(*application, |it| it.content = Some(content.clone()))
        }
        ScreeningEvent::MonitoringBegan { application, content, .. } => state.monitored(*application, content),
        ScreeningEvent::Rescreened { round, hits, case, .. } => {
            let Some(monitoring) = state.monitoring else { return state };
            let monitoring = monitoring.after(round.as_ref(), hits, *case);
            ScreeningState { monitoring: Some(monitoring), ..state }
        }
        ScreeningEvent::MonitoringEnded { at } => ScreeningState { monitoring: None, ended: Some(*at), ..state },
    }
}

impl Aggregate for Screening {
    const KIND: &'static str = "screening";
    const STATE_VERSION: u32 = 3;

    type State = ScreeningState;
    type Event = ScreeningEvent;

    fn evolve(state: ScreeningState, event: &ScreeningEvent) -> ScreeningState {
        evolve(state, event)
    }
}

impl Decider for Screening {
    type Command = (ScreeningCommand, Moment);
    type Error = ScreeningError;

    fn decide(
        state: &ScreeningState,
        (command, at): &(ScreeningCommand, Moment),
    ) -> Result<Vec<ScreeningEvent>, ScreeningError> {
        decide(state, command, *at)
    }
}

#[cfg(test)]
#[path = "screening/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "screening/monitoring_tests.rs"]
mod monitoring_tests;
