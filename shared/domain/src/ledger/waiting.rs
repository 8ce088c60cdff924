//! What waits in suspense for one customer until money may come in for them again, in the order in which it came.
//!
//! The stream itself is the list, so its state stays small however much waits: whoever wants to know reads the events from
//! [`WaitingState::first`] on. Each of its commits has one event.

use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{OperationId, Version};

/// What waits for one customer. Streams `waiting#<customer>`.
#[derive(Debug)]
pub struct Waiting;

/// What happened to what waits for one customer.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum WaitingEvent {
    /// A deposit went into suspense instead of onto the account.
    #[serde(rename = "waiting.began.v1")]
    Began {
        /// Which deposit.
        operation: OperationId,
    },
    /// It is on the account.
    #[serde(rename = "waiting.ended.v1")]
    Ended {
        /// Which deposit.
        operation: OperationId,
    },
}

/// What the events of one customer's stream add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WaitingState {
    /// How many deposits wait.
    #[serde(rename = "n")]
    count: u32,
    /// Where the first event is that anybody still has to read.
    #[serde(rename = "f")]
    first: u32,
    /// Where the next event will be.
    #[serde(rename = "x")]
    next: u32,
}

impl WaitingState {
    /// Whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// From where on the stream says what waits.
    #[must_use]
    pub const fn first(&self) -> Version {
        Version::new(self.first)
    }
}

/// What may be asked of what waits for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitingCommand {
    /// Let a deposit wait.
    Begin {
        /// Which deposit.
        operation: OperationId,
    },
    /// It waits no longer.
    End {
        /// Which deposit.
        operation: OperationId,
    },
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WaitingError {
    /// Nothing waits, so nothing ends. Somebody else was faster: the deposit's stream was read while it waited, and this one after
    /// it came out. Whoever reads both again sees that.
    #[error("nothing waits for this customer")]
    NothingWaits,
}

impl Classify for WaitingError {
    fn class(&self) -> Class {
        match self {
            Self::NothingWaits => Class::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NothingWaits => "NOTHING_WAITS",
        }
    }
}

/// What happens to what waits because of a command. That each deposit begins and ends once is decided in its own stream, which is
/// written in the same transaction.
///
/// # Errors
///
/// See [`WaitingError`].
pub fn decide(state: &WaitingState, command: &WaitingCommand) -> Result<Vec<WaitingEvent>, WaitingError> {
    match command {
        WaitingCommand::Begin { operation } => Ok(vec![WaitingEvent::Began { operation: operation.clone() }]),
        WaitingCommand::End { .. } if state.is_empty() => Err(WaitingError::NothingWaits),
        WaitingCommand::End { operation } => Ok(vec![WaitingEvent::Ended { operation: operation.clone() }]),
    }
}

/// What waits after one more event.
#[must_use]
pub fn evolve(state: WaitingState, event: &WaitingEvent) -> WaitingState {
    let next = state.next.saturating_add(1);
    match event {
        WaitingEvent::Began { .. } => WaitingState { count: state.count.saturating_add(1), next, ..state },
        WaitingEvent::Ended { .. } => {
            let count = state.count.saturating_sub(1);
            WaitingState { count, first: if count == 0 { next } else { state.first }, next }
        }
    }
}

impl Aggregate for Waiting {
    const KIND: &'static str = "waiting";
    const STATE_VERSION: u32 = 1;

    type State = WaitingState;
    type Event = WaitingEvent;

    fn evolve(state: WaitingState, event: &WaitingEvent) -> WaitingState {
        evolve(state, event)
    }
}

impl Decider for Waiting {
    type Command = WaitingCommand;
    type Error = WaitingError;

    fn decide(state: &WaitingState, command: &WaitingCommand) -> Result<Vec<WaitingEvent>, WaitingError> {
        decide(state, command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::fold;
    use crate::testing::{given, operation, survives_storage};

    fn began(number: u128) -> WaitingEvent {
        WaitingEvent::Began { operation: operation(number) }
    }

    fn ended(number: u128) -> WaitingEvent {
        WaitingEvent::Ended { operation: operation(number) }
    }

    #[test]
    fn what_began_to_wait_ends() {
        given::<Waiting>([]).when(WaitingCommand::Begin { operation: operation(1) }).then([began(1)]);
        given::<Waiting>([began(1)]).when(WaitingCommand::End { operation: operation(1) }).then([ended(1)]);
    }

    #[test]
    fn nothing_ends_that_did_not_begin() {
        let end = || WaitingCommand::End { operation: operation(1) };
        given::<Waiting>([]).when(end()).refuses(WaitingError::NothingWaits);
        given::<Waiting>([began(1), ended(1)]).when(end()).refuses(WaitingError::NothingWaits);
    }

    #[test]
    fn what_was_read_to_the_end_is_not_read_again() {
        let after = |events: &[WaitingEvent]| {
            let state = fold::<Waiting>(events);
            assert!(survives_storage(&state));
            (state.is_empty(), state.first().number())
        };
        assert_eq!(after(&[]), (true, 0));
        assert_eq!(after(&[began(1), began(2), ended(1)]), (false, 0));
        assert_eq!(after(&[began(1), began(2), ended(1), ended(2)]), (true, 4));
        assert_eq!(after(&[began(1), ended(1), began(2)]), (false, 2));
    }
}
