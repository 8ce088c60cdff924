//! Which rounds of screening all customers were begun: one a day, and one more whenever the lists have changed.

use serde::{Deserialize, Serialize};

use super::screening::Round;
use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::moment::Moment;

/// The rounds over one provider's lists. Streams `watch#<provider>`.
#[derive(Debug)]
pub struct ListWatch;

/// What happened to the rounds.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ListWatchEvent {
    /// Everybody is looked for again.
    #[serde(rename = "watch.round-started.v1")]
    RoundStarted {
        /// Which round.
        round: Round,
        /// When.
        at: Moment,
    },
}

/// The last round that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListWatchState(pub Option<Round>);

impl ListWatchState {
    /// Whether this round is to be begun.
    #[must_use]
    pub fn is_due(&self, round: &Round) -> bool {
        self.0.as_ref().is_none_or(|last| !round.is_over(last))
    }
}

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartRound(pub Round);

/// There is no reason to say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListWatchError {}

impl Classify for ListWatchError {
    fn class(&self) -> Class {
        match *self {}
    }

    fn code(&self) -> &'static str {
        match *self {}
    }
}

impl Aggregate for ListWatch {
    const KIND: &'static str = "watch";
    const STATE_VERSION: u32 = 1;

    type State = ListWatchState;
    type Event = ListWatchEvent;

    fn evolve(_: ListWatchState, event: &ListWatchEvent) -> ListWatchState {
        match event {
            ListWatchEvent::RoundStarted { round, .. } => ListWatchState(Some(round.clone())),
        }
    }
}

impl Decider for ListWatch {
    type Command = (StartRound, Moment);
    type Error = ListWatchError;

    fn decide(
        state: &ListWatchState,
        (StartRound(round), at): &(StartRound, Moment),
    ) -> Result<Vec<ListWatchEvent>, ListWatchError> {
        let started = || ListWatchEvent::RoundStarted { round: round.clone(), at: *at };
        Ok(state.is_due(round).then(started).into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn round(day: &str, index: &str) -> Round {
        Round { day: day.parse().unwrap(), index: index.parse().unwrap() }
    }

    fn start(day: &str, index: &str) -> (StartRound, Moment) {
        (StartRound(round(day, index)), "2026-11-21T00:25:00.000Z".parse().unwrap())
    }

    fn started(day: &str, index: &str) -> ListWatchEvent {
        ListWatchEvent::RoundStarted { round: round(day, index), at: "2026-11-21T00:25:00.000Z".parse().unwrap() }
    }

    #[test]
    fn a_day_has_a_round_and_another_for_each_change_of_the_lists() {
        let before = [started("2026-11-21", "a")];
        given::<ListWatch>([])
            .when(start("2026-11-21", "a"))
            .then([started("2026-11-21", "a")])
            .and_repeating_stays_quiet();
        given::<ListWatch>(before.clone()).when(start("2026-11-21", "b")).then([started("2026-11-21", "b")]);
        given::<ListWatch>(before.clone()).when(start("2026-11-22", "a")).then([started("2026-11-22", "a")]);
        given::<ListWatch>(before).when(start("2026-11-20", "b")).stays_quiet();
    }
}
