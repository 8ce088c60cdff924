use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Check, Match, Monitoring, RiskVerdict};
use crate::ids::{ApplicationId, VaultRef};
use crate::moment::Moment;

/// What the events of one customer's screening add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScreeningState {
    /// What was found for each application, oldest first.
    #[serde(rename = "s")]
    pub subjects: Vec<Subject>,
    /// What is known of somebody who is a customer.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<Monitoring>,
    /// Since when nobody looks for them any more.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
}

impl ScreeningState {
    /// What was found for this application.
    #[must_use]
    pub fn find(&self, application: ApplicationId) -> Option<&Subject> {
        self.subjects.iter().find(|it| it.application == application)
    }

    /// With what was known of them when they became a customer.
    pub(super) fn monitored(self, application: ApplicationId, content: &VaultRef) -> Self {
        let known = self.find(application).map(Monitoring::known_of).unwrap_or_default();
        let monitoring = Monitoring { content: content.clone(), round: None, known, cases: 0 };
        Self { monitoring: Some(monitoring), ..self }
    }

    /// With a change to what was found for this application, which is new at first.
    pub(super) fn with(mut self, application: ApplicationId, change: impl FnOnce(&mut Subject)) -> Self {
        if let Some(known) = self.subjects.iter_mut().find(|it| it.application == application) {
            change(known);
        } else {
            let mut subject = Subject { application, content: None, checks: BTreeMap::new(), risk: None };
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
    /// Where the vault keeps who is looked for.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub content: Option<VaultRef>,
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
