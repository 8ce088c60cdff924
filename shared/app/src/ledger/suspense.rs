//! What waits in suspense, and how it comes out: by itself, once its owner may receive money again, or to whom somebody names.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    compliance::case::check_text,
    ids::{AwaitedId, CustomerId, OperationId, RetentionClass, StaffId, StreamId, VaultRef},
    ledger::{
        account::AccountCommand,
        controls::ControlsError,
        operation::{self, Operation, OperationCommand, OperationEvent},
        release::{Release, ReleaseGround},
        waiting::{self, Waiting, WaitingCommand, WaitingEvent},
    },
};
use secrecy::SecretString;

use super::{Booking, LedgerError, change_account, controls, digits_of};
use crate::{
    commit::Cause,
    ports::Vault,
    store::StoreError,
    streams::{Streams, Unit, each},
};

/// How much of what waits is released at once: what takes longer than one invocation is done in several.
pub const RELEASES_MAX: usize = 100;

/// How far the release of what waits for a customer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing waits any more, or nothing may come in for them: another lift will look again.
    Done {
        /// How much was released now.
        released: usize,
    },
    /// More waits.
    More {
        /// How much was released now.
        released: usize,
    },
}

/// Credits a customer with what waits for them, oldest first, if money may come in for them.
///
/// Whether they are frozen is decided with every booking: a deposit that goes into suspense depends on the freeze that sent it there, and
/// its release on there being none. So what began to wait before a lift is in the stream by the time the lift can be read.
///
/// # Errors
/// See [`LedgerError`]. Running it again is safe: what was released is so once.
pub async fn release_waiting(streams: &Streams, customer: CustomerId, cause: &Cause) -> Result<Progress, LedgerError> {
    let waiting = list(streams, customer).await?;
    let mut released = 0;
    for operation in waiting.iter().take(RELEASES_MAX) {
        let release = Release { operation: operation.clone(), customer, ground: ReleaseGround::Unfrozen };
        match book(streams, &release, None, cause).await {
            Ok(Booking::Booked(_)) => released += 1,
            Ok(Booking::Repeated(_)) => {}
            Err(LedgerError::Controls(ControlsError::Frozen)) => return Ok(Progress::Done { released }),
            Err(error) => return Err(error),
        }
    }
    Ok(if waiting.len() > RELEASES_MAX { Progress::More { released } } else { Progress::Done { released } })
}

/// What waits for a customer, oldest first.
async fn list(streams: &Streams, customer: CustomerId) -> Result<Vec<OperationId>, StoreError> {
    let stream = StreamId::from(AwaitedId(customer));
    let loaded = streams.load::<Waiting>(stream.clone()).await?;
    let Some(last) = loaded.version.filter(|_| !loaded.state.is_empty()) else { return Ok(vec![]) };
    let (mut began, mut ended) = (Vec::new(), BTreeSet::new());
    each(streams.store().as_ref(), &stream, loaded.state.first()..last.next(), |commit| {
        for event in commit.body::<Waiting>()?.events {
            match event {
                WaitingEvent::Began { operation } => began.push(operation),
                WaitingEvent::Ended { operation } => drop(ended.insert(operation)),
            }
        }
        Ok(())
    })
    .await?;
    began.retain(|operation| !ended.contains(operation));
    Ok(began)
}

/// Adds to a unit that a deposit begins to wait for a customer.
pub(super) async fn begin_to_wait(
    streams: &Streams,
    unit: &mut Unit,
    customer: CustomerId,
    operation: &OperationId,
) -> Result<(), LedgerError> {
    change(streams, unit, customer, &WaitingCommand::Begin { operation: operation.clone() }).await
}

async fn change(
    streams: &Streams,
    unit: &mut Unit,
    customer: CustomerId,
    command: &WaitingCommand,
) -> Result<(), LedgerError> {
    let loaded = streams.load::<Waiting>(AwaitedId(customer).into()).await?;
    let events = waiting::decide(&loaded.state, command)?;
    unit.commit(loaded, events)?;
    Ok(())
}

/// A reason, and where it goes.
type Kept<'a> = (&'a Arc<dyn Vault>, &'a VaultRef, &'a SecretString);

/// Books a release, unless it was booked before. What is refused, or was booked before, leaves nothing in the vault.
async fn book(
    streams: &Streams,
    release: &Release,
    reason: Option<Kept<'_>>,
    cause: &Cause,
) -> Result<Booking, LedgerError> {
    let command = OperationCommand::Release(release.clone());
    streams
        .retrying(|| async {
            let booked = streams.load::<Operation>(StreamId::from(&release.operation)).await?;
            let events = operation::decide(&booked.state, &command)?;
            let Some(OperationEvent::DepositReleased { account, amount, .. }) = events.first() else {
                return Ok(Booking::Repeated(booked.state));
            };
            let (account, amount) = (account.clone(), *amount);
            let controls = controls::load(streams, release.customer).await?;
            if controls.state.stops_credits() {
                return Err(ControlsError::Frozen.into());
            }
            let mut unit = streams.unit(cause);
            unit.unchanged(&controls);
            let booked = unit.commit(booked, events)?;
            let is_listed = match release.ground {
                ReleaseGround::Unfrozen => true,
                // Staff see to what nobody listed, and to what was listed and got stuck.
                ReleaseGround::Staff { .. } => list(streams, release.customer).await?.contains(&release.operation),
            };
            if is_listed {
                let end = WaitingCommand::End { operation: release.operation.clone() };
                change(streams, &mut unit, release.customer, &end).await?;
            }
            let credit = AccountCommand::Credit { operation: release.operation.clone(), amount };
            change_account(streams, &mut unit, &account, &[credit]).await?;
            if let Some((vault, reference, reason)) = reason {
                vault.keep(reference, reason).await?;
            }
            streams.append(unit).await?;
            Ok(Booking::Booked(booked.state))
        })
        .await
}

/// Suspense, as staff empty it. Every reason lies in the vault before anything points at it.
#[derive(Clone)]
pub struct Suspense {
    /// The ledger's streams.
    pub streams: Streams,
    /// Where the reasons go.
    pub vault: Arc<dyn Vault>,
}

/// Whose money somebody says it is.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The deposit.
    pub operation: &'a OperationId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Who says so.
    pub by: StaffId,
    /// Why.
    pub reason: &'a SecretString,
}

impl Suspense {
    /// Credits a customer with a deposit that waits in suspense because nobody knew whose it is, or because they were frozen.
    ///
    /// # Errors
    /// See [`LedgerError`]: `SUSPENSE_UNKNOWN`, `SUSPENSE_RELEASED`, `SUSPENSE_NOT_OWED`, `SUSPENSE_WAITS_FOR_OWNER`, `SUSPENSE_OWN`,
    /// `ACCOUNT_NOT_OPEN` and `CUSTOMER_FROZEN`. Releasing it to the same customer again is safe.
    pub async fn release(&self, found: Found<'_>, cause: &Cause) -> Result<Booking, LedgerError> {
        let Found { operation, customer, by, reason } = found;
        check_text(reason)?;
        let fingerprint = self.vault.fingerprint(customer, RetentionClass::Case, reason).await?;
        let slot = format!("release-{}-{}", operation.id, digits_of(fingerprint));
        let reference = VaultRef::of_customer(customer, &slot)?;
        let ground = ReleaseGround::Staff { by, reason: reference.clone() };
        let release = Release { operation: operation.clone(), customer, ground };
        book(&self.streams, &release, Some((&self.vault, &reference, reason)), cause).await
    }
}
