//! What the bank forbids a customer for a while: what spans all of their accounts.
//!
//! Several grounds may freeze at once, and each is lifted by itself: whoever lifts one leaves the others as they are. Whoever moves
//! money reads this stream and makes the move depend on it, so that a freeze beats the move that did not see it.

use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::freeze::FreezeSide;
use crate::ids::{CaseId, CustomerId, FreezeId, StaffId, VaultRef};
use crate::moment::Moment;

/// How many freezes of staff one customer's stream takes. Those of policy have no limit: they are never refused.
pub const STAFF_FREEZES_MAX: usize = 50;

/// What is forbidden to one customer. Streams `controls#<customer>`.
#[derive(Debug)]
pub struct Controls;

/// Why money does not move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ground {
    /// Compliance has a case about it, and only what is decided there lifts it.
    #[serde(rename = "policy")]
    Policy {
        /// The case.
        #[serde(rename = "c")]
        case: CaseId,
    },
    /// Somebody who works here said so.
    #[serde(rename = "staff")]
    Staff {
        /// Who.
        #[serde(rename = "b")]
        by: StaffId,
        /// Where the vault keeps why.
        #[serde(rename = "r")]
        reason: VaultRef,
    },
}

/// What happened to one customer's controls.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ControlsEvent {
    /// Money does not move.
    #[serde(rename = "controls.frozen.v1")]
    Frozen {
        /// Which freeze.
        freeze: FreezeId,
        /// Which way it does not move.
        side: FreezeSide,
        /// Why.
        ground: Ground,
        /// When.
        at: Moment,
    },
    /// One ground is gone. One that was not there yet will freeze nothing any more.
    #[serde(rename = "controls.unfrozen.v1")]
    Unfrozen {
        /// Which freeze.
        freeze: FreezeId,
        /// Why not any longer.
        ground: Ground,
        /// When.
        at: Moment,
    },
    /// The bank wants to part from the customer: what is frozen stays so.
    #[serde(rename = "controls.closure-ordered.v1")]
    ClosureOrdered {
        /// The case in which that was decided.
        case: CaseId,
        /// When.
        at: Moment,
    },
}

/// A freeze, in force or lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Which.
    #[serde(rename = "i")]
    pub id: FreezeId,
    /// Which way money does not move.
    #[serde(rename = "s")]
    pub side: FreezeSide,
    /// Why.
    #[serde(rename = "g")]
    pub ground: Ground,
    /// Since when.
    #[serde(rename = "at")]
    pub at: Moment,
    /// When it was lifted.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<Moment>,
    /// Why it was lifted.
    #[serde(rename = "lg", default, skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<Ground>,
}

/// What the events of one customer's controls add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ControlsState {
    /// Every freeze there was, oldest first.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Freeze>,
    /// Those that were lifted before they came.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub lifted_early: Vec<FreezeId>,
    /// The case in which it was decided to part from the customer.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<CaseId>,
}

impl ControlsState {
    /// What freezes now.
    pub fn in_force(&self) -> impl Iterator<Item = &Freeze> {
        self.freezes.iter().filter(|it| it.lifted_at.is_none())
    }

    /// Which way money does not move now, if it is any.
    #[must_use]
    pub fn side(&self) -> Option<FreezeSide> {
        self.in_force().map(|it| it.side).reduce(FreezeSide::and)
    }

    /// Whether the customer may move money.
    ///
    /// # Errors
    /// [`ControlsError::Frozen`].
    pub fn check_debits(&self) -> Result<(), ControlsError> {
        if self.side().is_some_and(FreezeSide::stops_debits) { Err(ControlsError::Frozen) } else { Ok(()) }
    }

    /// Whether nothing may come in for the customer.
    #[must_use]
    pub fn stops_credits(&self) -> bool {
        self.side().is_some_and(FreezeSide::stops_credits)
    }

    fn find(&self, id: FreezeId) -> Option<&Freeze> {
        self.freezes.iter().find(|it| it.id == id)
    }
}

/// What may be asked of a customer's controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlsCommand {
    /// Let no money move.
    Freeze {
        /// Whose.
        customer: CustomerId,
        /// Which freeze.
        freeze: FreezeId,
        /// Which way.
        side: FreezeSide,
        /// Why.
        ground: Ground,
    },
    /// Lift a freeze of staff.
    Unfreeze {
        /// Whose.
        customer: CustomerId,
        /// Which freeze.
        freeze: FreezeId,
        /// Who says so.
        by: StaffId,
        /// Where the vault keeps why.
        reason: VaultRef,
    },
    /// Lift the freeze of a case, as was decided there.
    LiftPolicy {
        /// The case.
        case: CaseId,
    },
    /// Note that the bank wants to part from the customer.
    OrderClosure {
        /// The case in which that was decided.
        case: CaseId,
    },
}

/// Why a customer's controls say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ControlsError {
    /// The customer may not move money now.
    #[error("the customer is frozen")]
    Frozen,
    /// Another freeze has this id.
    #[error("this id was used for another freeze")]
    Reused,
    /// There is no such freeze.
    #[error("there is no such freeze")]
    Unknown,
    /// Only what is decided in its case lifts it.
    #[error("this freeze is lifted by what is decided in its review")]
    ByPolicy,
    /// Whoever works here and is the customer keeps out of it.
    #[error("nobody freezes or unfreezes themselves")]
    Own,
    /// Nobody freezes anybody that often.
    #[error("the customer takes no more freezes")]
    Full,
}

impl Classify for ControlsError {
    fn class(&self) -> Class {
        match self {
            Self::Frozen | Self::ByPolicy | Self::Own | Self::Full => Class::Rejected,
            Self::Reused | Self::Unknown => Class::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Frozen => "CUSTOMER_FROZEN",
            Self::Reused => "FREEZE_REUSED",
            Self::Unknown => "FREEZE_UNKNOWN",
            Self::ByPolicy => "FREEZE_BY_POLICY",
            Self::Own => "FREEZE_OWN",
            Self::Full => "FREEZES_FULL",
        }
    }
}

/// What happens to a customer's controls because of a command.
///
/// # Errors
///
/// See [`ControlsError`].
pub fn decide(
    state: &ControlsState,
    command: &ControlsCommand,
    at: Moment,
) -> Result<Vec<ControlsEvent>, ControlsError> {
    match command {
        ControlsCommand::Freeze { customer, freeze, side, ground } => {
            if let Ground::Staff { by, .. } = ground {
                not_oneself(*customer, *by)?;
            }
            if let Some(known) = state.find(*freeze) {
                // A late repeat of a freeze that was lifted meanwhile freezes nothing.
                let is_same = known.side == *side && known.ground == *ground;
                return if is_same { Ok(vec![]) } else { Err(ControlsError::Reused) };
            }
            if state.lifted_early.contains(freeze) {
                return Ok(vec![]);
            }
            if is_of_staff(ground)
                && state.freezes.iter().filter(|it| is_of_staff(&it.ground)).count() >= STAFF_FREEZES_MAX
            {
                return Err(ControlsError::Full);
            }
            Ok(vec![ControlsEvent::Frozen { freeze: *freeze, side: *side, ground: ground.clone(), at }])
        }
        ControlsCommand::Unfreeze { customer, freeze, by, reason } => {
            not_oneself(*customer, *by)?;
            let known = state.find(*freeze).ok_or(ControlsError::Unknown)?;
            if !is_of_staff(&known.ground) {
                return Err(ControlsError::ByPolicy);
            }
            if known.lifted_at.is_some() {
                return Ok(vec![]);
            }
            let ground = Ground::Staff { by: *by, reason: reason.clone() };
            Ok(vec![ControlsEvent::Unfrozen { freeze: *freeze, ground, at }])
        }
        ControlsCommand::LiftPolicy { case } => {
            let freeze = FreezeId::of_case(*case);
            let is_lifted = state.find(freeze).is_some_and(|it| it.lifted_at.is_some());
            if is_lifted || state.lifted_early.contains(&freeze) {
                return Ok(vec![]);
            }
            Ok(vec![ControlsEvent::Unfrozen { freeze, ground: Ground::Policy { case: *case }, at }])
        }
        ControlsCommand::OrderClosure { case } => Ok(state
            .closing
            .is_none()
            .then_some(ControlsEvent::ClosureOrdered { case: *case, at })
            .into_iter()
            .collect()),
    }
}

const fn is_of_staff(ground: &Ground) -> bool {
    match ground {
        Ground::Staff { .. } => true,
        Ground::Policy { .. } => false,
    }
}

/// The pool gives everybody one id, as a customer and as one who works here.
fn not_oneself(customer: CustomerId, staff: StaffId) -> Result<(), ControlsError> {
    if customer.as_uuid() == staff.as_uuid() { Err(ControlsError::Own) } else { Ok(()) }
}

/// The controls after one more event.
#[must_use]
pub fn evolve(mut state: ControlsState, event: &ControlsEvent) -> ControlsState {
    match event {
        ControlsEvent::Frozen { freeze, side, ground, at } => {
            let (id, side, ground, at) = (*freeze, *side, ground.clone(), *at);
            state.freezes.push(Freeze { id, side, ground, at, lifted_at: None, lifted_by: None });
        }
        ControlsEvent::Unfrozen { freeze, ground, at } => match state.freezes.iter_mut().find(|it| it.id == *freeze) {
            Some(known) => (known.lifted_at, known.lifted_by) = (Some(*at), Some(ground.clone())),
            None => state.lifted_early.push(*freeze),
        },
        ControlsEvent::ClosureOrdered { case, .. } => state.closing = Some(*case),
    }
    state
}

impl Aggregate for Controls {
    const KIND: &'static str = "controls";
    const STATE_VERSION: u32 = 2;

    type State = ControlsState;
    type Event = ControlsEvent;

    fn evolve(state: ControlsState, event: &ControlsEvent) -> ControlsState {
        evolve(state, event)
    }
}

impl Decider for Controls {
    type Command = (ControlsCommand, Moment);
    type Error = ControlsError;

    fn decide(
        state: &ControlsState,
        (command, at): &(ControlsCommand, Moment),
    ) -> Result<Vec<ControlsEvent>, ControlsError> {
        decide(state, command, *at)
    }
}

#[cfg(test)]
#[path = "controls_tests.rs"]
mod tests;
