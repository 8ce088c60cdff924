use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Check, Match, RiskVerdict};
use crate::ids::ApplicationId;
use crate::moment::Moment;

/// What the events of one customer's screening add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScreeningState {
    /// What was found for each application, oldest first.
    pub subjects: Vec<Subject>,
}

impl ScreeningState {
    /// What was found for this application.
    #[must_use]
    pub fn find(&self, application: ApplicationId) -> Option<&Subject> {
        self.subjects.iter().find(|it| it.application == application)
    }

    /// With a change to what was found for this application, which is new at first.
    pub(super) fn with(mut self, application: ApplicationId, change: impl FnOnce(&mut Subject)) -> Self {
        if let Some(known) = self.subjects.iter_mut().find(|it| it.application == application) {
            change(known);
        } else {
            let mut subject = Subject { application, checks: BTreeMap::new(), risk: None };
            change(&mut subject);
            self.subjects.push(subject);
        }
        self
    }
}

/// Somebody as one application of theirs has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The application.
    #[serde(rename = "i")]
    pub application: ApplicationId,
    /// What was found, by the check that found it.
    #[serde(rename = "c")]
    pub checks: BTreeMap<Check, Found>,
    /// What policy made of it, once all checks were there.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

/// The answer to a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Who may be the person, the most alike first. Nobody: the check is clear.
    #[serde(rename = "m")]
    pub matches: Vec<Match>,
    /// When it was given.
    #[serde(rename = "at")]
    pub at: Moment,
}

/// How risky it would be to take the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// From 0 to 100.
    #[serde(rename = "s")]
    pub score: u8,
    /// What policy makes of it.
    #[serde(rename = "v")]
    pub verdict: RiskVerdict,
    /// When it was assessed.
    #[serde(rename = "at")]
    pub at: Moment,
}
