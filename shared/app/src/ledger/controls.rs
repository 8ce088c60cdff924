//! Freezing customers, and lifting it.

use std::sync::Arc;

use domain::{
    compliance::case::check_text,
    freeze::FreezeSide,
    ids::{CaseId, ControlledId, CustomerId, FreezeId, OperationId, RetentionClass, StaffId, StreamId, VaultRef},
    ledger::{
        controls::{Controls, ControlsCommand, ControlsError, Ground, decide},
        deposit::{DepositTarget, SuspenseReason},
    },
    moment::Moment,
};
use secrecy::SecretString;

use super::{LedgerError, digits_of, suspense::begin_to_wait};
use crate::{
    commit::Cause,
    ports::Vault,
    store::StoreError,
    streams::{Loaded, Streams, Unit},
};

/// Freezes, as staff order and lift them. Every reason lies in the vault before anything points at it.
#[derive(Clone)]
pub struct Freezes {
    /// The ledger's streams.
    pub streams: Streams,
    /// Where the reasons go.
    pub vault: Arc<dyn Vault>,
}

/// What staff say about a freeze.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Whose money it is.
    pub customer: CustomerId,
    /// The freeze, by the id that whoever ordered it picked.
    pub freeze: FreezeId,
    /// Who says it.
    pub by: StaffId,
    /// Why.
    pub reason: &'a SecretString,
}

impl Freezes {
    /// Lets no money of a customer move, under an id that whoever asks picks.
    ///
    /// # Errors
    /// See [`LedgerError`]. The same again is safe; another freeze under the same id is refused.
    pub async fn freeze(
        &self,
        said: Said<'_>,
        side: FreezeSide,
        cause: &Cause,
    ) -> Result<Loaded<Controls>, LedgerError> {
        let Said { customer, freeze, by, .. } = said;
        let command = |reason| ControlsCommand::Freeze { customer, freeze, side, ground: Ground::Staff { by, reason } };
        self.write("freeze", said, command, cause).await
    }

    /// Lifts a freeze of staff. What else freezes the customer stays.
    ///
    /// # Errors
    /// See [`LedgerError`]: `FREEZE_BY_POLICY` for one that only its case lifts. Asking again is safe.
    pub async fn unfreeze(&self, said: Said<'_>, cause: &Cause) -> Result<Loaded<Controls>, LedgerError> {
        let Said { customer, freeze, by, .. } = said;
        let command = |reason| ControlsCommand::Unfreeze { customer, freeze, by, reason };
        self.write("unfreeze", said, command, cause).await
    }

    /// Keeps a reason and records what it is for. What is refused, or was said before, is not kept.
    async fn write(
        &self,
        kind: &'static str,
        Said { customer, freeze, reason, .. }: Said<'_>,
        command: impl Fn(VaultRef) -> ControlsCommand,
        cause: &Cause,
    ) -> Result<Loaded<Controls>, LedgerError> {
        check_text(reason)?;
        let fingerprint = self.vault.fingerprint(customer, RetentionClass::Case, reason).await?;
        let reference = VaultRef::of_customer(customer, &format!("{kind}-{freeze}-{}", digits_of(fingerprint)))?;
        let command = command(reference.clone());
        self.streams
            .retrying(|| async {
                let loaded = load(&self.streams, customer).await?;
                let mut unit = self.streams.unit(cause);
                let events = decide(&loaded.state, &command, Moment::of(unit.at()))?;
                if events.is_empty() {
                    return Ok(loaded);
                }
                self.vault.keep(&reference, reason).await?;
                let after = unit.commit(loaded, events)?;
                self.streams.append(unit).await?;
                Ok(after)
            })
            .await
    }
}

/// Freezes a customer as a case of compliance orders it. If that was lifted before it comes here, nothing is frozen.
///
/// # Errors
/// See [`LedgerError`]. Ordering it again is safe.
pub async fn order_freeze(
    streams: &Streams,
    customer: CustomerId,
    case: CaseId,
    side: FreezeSide,
    cause: &Cause,
) -> Result<(), LedgerError> {
    let (freeze, ground) = (FreezeId::of_case(case), Ground::Policy { case });
    ask(streams, customer, &ControlsCommand::Freeze { customer, freeze, side, ground }, cause).await
}

/// Lifts what a case of compliance had ordered, as was decided there.
///
/// # Errors
/// See [`LedgerError`]. Asking again is safe.
pub async fn lift_freeze(
    streams: &Streams,
    customer: CustomerId,
    case: CaseId,
    cause: &Cause,
) -> Result<(), LedgerError> {
    ask(streams, customer, &ControlsCommand::LiftPolicy { case }, cause).await
}

/// Notes that compliance decided to part from a customer. What is frozen stays so.
///
/// # Errors
/// See [`LedgerError`]. Asking again is safe.
pub async fn order_closure(
    streams: &Streams,
    customer: CustomerId,
    case: CaseId,
    cause: &Cause,
) -> Result<(), LedgerError> {
    ask(streams, customer, &ControlsCommand::OrderClosure { case }, cause).await
}

async fn ask(
    streams: &Streams,
    customer: CustomerId,
    command: &ControlsCommand,
    cause: &Cause,
) -> Result<(), LedgerError> {
    let (stream, at) = (StreamId::from(ControlledId(customer)), Moment::of(streams.now()));
    let decided = |state: &_| Ok::<_, LedgerError>(decide(state, command, at)?);
    streams.dispatch::<Controls, LedgerError>(&stream, cause, decided).await?;
    Ok(())
}

/// What is forbidden to a customer.
pub(super) async fn load(streams: &Streams, customer: CustomerId) -> Result<Loaded<Controls>, StoreError> {
    streams.load::<Controls>(StreamId::from(ControlledId(customer))).await
}

/// Lets a move that a customer asks for depend on nobody freezing them meanwhile.
pub(super) async fn check_debits(streams: &Streams, unit: &mut Unit, customer: CustomerId) -> Result<(), LedgerError> {
    let controls = load(streams, customer).await?;
    controls.state.check_debits().map_err(|error: ControlsError| LedgerError::from(error))?;
    unit.unchanged(&controls);
    Ok(())
}

/// Where money that came in goes, once it is known for whom it is.
pub(super) struct Destination {
    /// Onto the account; into suspense, if nothing may come in for whoever it is for.
    pub(super) target: DepositTarget,
    /// For whom it is, wherever it goes.
    pub(super) owner: Option<CustomerId>,
    /// What says so.
    pub(super) controls: Option<Loaded<Controls>>,
}

impl Destination {
    /// Money that is nobody's waits in suspense.
    pub(super) const fn of_nobody(why: SuspenseReason) -> Self {
        Self { target: DepositTarget::Suspense(why), owner: None, controls: None }
    }

    /// Money for a customer whose account is not to be paid into is never sent away: it waits in suspense.
    pub(super) async fn of(streams: &Streams, target: DepositTarget) -> Result<Self, StoreError> {
        let DepositTarget::Account(account) = &target else {
            return Ok(Self { target, owner: None, controls: None });
        };
        let owner = account.customer;
        let controls = load(streams, owner).await?;
        let is_stopped = controls.state.stops_credits();
        let target = if is_stopped { DepositTarget::Suspense(SuspenseReason::CustomerFrozen) } else { target };
        Ok(Self { target, owner: Some(owner), controls: Some(controls) })
    }

    /// Lets a unit depend on what said so.
    pub(super) fn is_read(&self, unit: &mut Unit) {
        if let Some(controls) = &self.controls {
            unit.unchanged(controls);
        }
    }

    /// Lets what is for somebody frozen wait for them, so that whoever lifts the freeze finds it.
    pub(super) async fn waits(
        &self,
        streams: &Streams,
        unit: &mut Unit,
        operation: &OperationId,
    ) -> Result<(), LedgerError> {
        match (&self.target, self.owner) {
            (DepositTarget::Suspense(SuspenseReason::CustomerFrozen), Some(owner)) => {
                begin_to_wait(streams, unit, owner, operation).await
            }
            (DepositTarget::Suspense(_) | DepositTarget::Account(_), _) => Ok(()),
        }
    }
}
