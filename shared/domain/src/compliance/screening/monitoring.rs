use money::BusinessDate;
use serde::{Deserialize, Serialize};

use super::policy::{SCORE_CHANGES_BY, best_of, is_over};
use super::{Check, EntityId, IndexVersion, ListId, Match, ScreeningError, ScreeningEvent, Subject};
use crate::ids::{CaseId, CustomerId, VaultRef};
use crate::moment::Moment;

/// One time that all customers are looked for: once a day, and once more where the lists have changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Its day.
    #[serde(rename = "d")]
    pub day: BusinessDate,
    /// How the lists stood when it began.
    #[serde(rename = "x")]
    pub index: IndexVersion,
}

impl Round {
    /// Whether there is nothing to do in this round once `last` was done. Of two rounds of one day nobody knows the order.
    #[must_use]
    pub fn is_over(&self, last: &Self) -> bool {
        self == last || self.day < last.day
    }
}

/// Somebody on a list who may be a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Which check found them.
    #[serde(rename = "c")]
    pub check: Check,
    /// Who, by the provider's id of them.
    #[serde(rename = "e")]
    pub entity: EntityId,
    /// How alike they are, in percent.
    #[serde(rename = "s")]
    pub score: u8,
    /// The lists that they are on, by the provider's ids of those.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ListId>,
}

impl Hit {
    fn of(check: Check, found: &Match) -> Self {
        Self { check, entity: found.entity.clone(), score: found.score, lists: found.lists.clone() }
    }

    /// Whether it is the same person, found by the same check.
    fn is_about(&self, other: &Self) -> bool {
        self.check == other.check && self.entity == other.entity
    }

    /// Whether whoever decided about `before` decided about this as well.
    fn is_settled_by(&self, before: &Self) -> bool {
        is_over(before.check, before.score)
            && self.score < before.score.saturating_add(SCORE_CHANGES_BY)
            && self.lists.iter().all(|list| before.lists.contains(list))
    }
}

/// What is known of a customer who is looked for ever after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitoring {
    /// Where the vault keeps who is looked for.
    #[serde(rename = "v")]
    pub content: VaultRef,
    /// The last round in which they were.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// Who was found and decided about, or has a case.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Hit>,
    /// How many cases there were.
    #[serde(rename = "n")]
    pub cases: u32,
}

impl Monitoring {
    /// What was found of somebody when they applied: they were let in with it.
    pub(super) fn known_of(subject: &Subject) -> Vec<Hit> {
        let found = subject.checks.iter().flat_map(|(check, found)| found.matches.iter().map(|it| Hit::of(*check, it)));
        found.collect()
    }

    /// What it means that this was found.
    pub(super) fn rescreened(
        &self,
        customer: CustomerId,
        round: Option<&Round>,
        found: &[(Check, Vec<Match>)],
        at: Moment,
    ) -> Result<Vec<ScreeningEvent>, ScreeningError> {
        if round.zip(self.round.as_ref()).is_some_and(|(asked, last)| asked.is_over(last)) {
            return Ok(vec![]);
        }
        let mut hits = Vec::new();
        for (check, matches) in found {
            hits.extend(best_of(matches)?.iter().map(|it| Hit::of(*check, it)));
        }
        let is_known = |hit: &Hit| self.known.iter().any(|known| known.is_about(hit) && hit.is_settled_by(known));
        hits.retain(|hit| is_over(hit.check, hit.score) && !is_known(hit));
        if hits.is_empty() && round.is_none() {
            return Ok(vec![]);
        }
        let case = (!hits.is_empty()).then(|| CaseId::of_monitoring(customer, self.cases));
        Ok(vec![ScreeningEvent::Rescreened { round: round.cloned(), hits, case, at }])
    }

    /// With one more round, or one more piece of news.
    pub(super) fn after(mut self, round: Option<&Round>, hits: &[Hit], case: Option<CaseId>) -> Self {
        if let Some(round) = round {
            self.round = Some(round.clone());
        }
        for hit in hits {
            self.known.retain(|known| !known.is_about(hit));
            self.known.push(hit.clone());
        }
        self.cases = self.cases.saturating_add(u32::from(case.is_some()));
        self
    }
}
