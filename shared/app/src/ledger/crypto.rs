//! Deposits on a chain: announced while they are confirmed, and booked once they are final.

use std::sync::Arc;

use domain::{
    ids::{AccountId, ChainAddress, CryptoAddress, Fingerprint, OperationId, StreamId},
    ledger::{
        account::AccountCommand,
        address::AddressClaim,
        custody::minimum,
        deposit::{DepositTarget, Direction, Settlement, SuspenseReason},
        operation::{self, Operation, OperationCommand, OperationState},
    },
};
use money::Money;
use secrecy::SecretString;

use super::{Booking, LedgerError, change_account, controls::Destination, payer_reference};
use crate::{
    commit::Cause,
    ports::{PortError, Vault},
    store::StoreError,
    streams::{Loaded, Streams, Unit},
};

/// A transaction at the custodian, as the custodian itself tells it.
#[derive(Debug)]
pub struct CryptoDeposit {
    /// The custodian's own id of it; the operation's id follows from it, so it is booked once.
    pub operation: OperationId,
    /// How much, always positive.
    pub amount: Money,
    /// Into or out of what the custodian keeps for the bank.
    pub direction: Direction,
    /// Where it was sent to.
    pub address: String,
    /// Where it came from, for the vault.
    pub origin: SecretString,
}

impl CryptoDeposit {
    fn claim(&self) -> Option<CryptoAddress> {
        CryptoAddress::of(self.amount.asset(), &self.address.parse::<ChainAddress>().ok()?).ok()
    }

    /// What must be the same whenever the custodian tells us of the same transaction.
    fn fingerprint(&self) -> Fingerprint {
        let direction = match self.direction {
            Direction::Credit => "credit",
            Direction::Debit => "debit",
        };
        let address = self.claim().map_or_else(|| self.address.clone(), |claim| claim.to_string());
        Fingerprint::of(format!("chain|{}|{direction}|{address}", self.amount).as_bytes())
    }
}

/// Where the money goes, and what says so.
struct Route {
    destination: Destination,
    claim: Option<Loaded<AddressClaim>>,
}

impl Route {
    /// Lets a unit depend on what says so.
    fn is_read(&self, unit: &mut Unit) {
        if let Some(claim) = &self.claim {
            unit.unchanged(claim); // Whose the address is decided where the money goes.
        }
        self.destination.is_read(unit);
    }
}

async fn route(streams: &Streams, deposit: &CryptoDeposit) -> Result<Route, StoreError> {
    let suspense = |reason| DepositTarget::Suspense(reason);
    if deposit.direction == Direction::Debit {
        let destination = Destination::of(streams, suspense(SuspenseReason::UnexpectedDebit)).await?;
        return Ok(Route { destination, claim: None }); // We never asked for one.
    }
    let Some(claim) = deposit.claim() else {
        let destination = Destination::of(streams, suspense(SuspenseReason::UnknownAddress)).await?;
        return Ok(Route { destination, claim: None });
    };
    let claim = streams.load::<AddressClaim>(StreamId::from(&claim)).await?;
    let asset = deposit.amount.asset();
    let target = match claim.state.owner() {
        None => suspense(SuspenseReason::UnknownAddress),
        Some(account) if account.asset != asset => suspense(SuspenseReason::WrongAsset),
        Some(_) if deposit.amount.units() < minimum(asset).units() => suspense(SuspenseReason::BelowMinimum),
        Some(account) => DepositTarget::Account(account.clone()),
    };
    Ok(Route { destination: Destination::of(streams, target).await?, claim: Some(claim) })
}

/// Shows a customer that a deposit is on its way. Money that would go to suspense is not announced to anyone.
///
/// # Errors
/// See [`LedgerError`]: `OPERATION_REUSED` if the custodian says something else under an id that is known.
pub async fn note_crypto_deposit(
    streams: &Streams,
    vault: &Arc<dyn Vault>,
    deposit: &CryptoDeposit,
    cause: &Cause,
) -> Result<Booking, LedgerError> {
    streams
        .retrying(|| async {
            let noted = streams.load::<Operation>(StreamId::from(&deposit.operation)).await?;
            let route = route(streams, deposit).await?;
            let DepositTarget::Account(account) = &route.destination.target else {
                return Ok(Booking::Repeated(noted.state));
            };
            let payer = payer_reference(route.destination.owner, &deposit.operation)?;
            let command = OperationCommand::Detect {
                operation: deposit.operation.clone(),
                fingerprint: deposit.fingerprint(),
                account: account.clone(),
                amount: deposit.amount,
                payer: payer.clone(),
            };
            let events = operation::decide(&noted.state, &command)?;
            if events.is_empty() {
                return Ok(Booking::Repeated(noted.state));
            }
            match vault.keep(&payer, &deposit.origin).await {
                // It will go to suspense.
                Err(PortError::Erased { .. }) => return Ok(Booking::Repeated(noted.state)),
                kept => kept?,
            }
            let mut unit = streams.unit(cause);
            route.is_read(&mut unit);
            let noted = unit.commit(noted, events)?;
            let raise = AccountCommand::RaisePending { operation: deposit.operation.clone(), amount: deposit.amount };
            change_account(streams, &mut unit, account, &[raise]).await?;
            streams.append(unit).await?;
            Ok(Booking::Booked(noted.state))
        })
        .await
}

/// Books a deposit that is final: onto the account whose address it was sent to or, if it is nobody's or too little, into
/// suspense. Never lost, never twice. What was announced is so no longer.
///
/// # Errors
/// See [`LedgerError`]: `OPERATION_REUSED` if the custodian says something else under an id that is known.
pub async fn settle_crypto_deposit(
    streams: &Streams,
    vault: &Arc<dyn Vault>,
    deposit: &CryptoDeposit,
    cause: &Cause,
) -> Result<Booking, LedgerError> {
    streams
        .retrying(|| async {
            let booked = streams.load::<Operation>(StreamId::from(&deposit.operation)).await?;
            let mut route = route(streams, deposit).await?;
            loop {
                let payer = payer_reference(route.destination.owner, &deposit.operation)?;
                let command = OperationCommand::Settle(Settlement {
                    operation: deposit.operation.clone(),
                    fingerprint: deposit.fingerprint(),
                    amount: deposit.amount,
                    direction: deposit.direction,
                    payer: payer.clone(),
                    target: route.destination.target.clone(),
                });
                let events = operation::decide(&booked.state, &command)?;
                if events.is_empty() {
                    return Ok(Booking::Repeated(booked.state));
                }
                match vault.keep(&payer, &deposit.origin).await {
                    Err(PortError::Erased { .. }) if route.destination.owner.is_some() => {
                        // Whose the address was is forgotten, and nothing about them is kept any more.
                        route.destination = Destination::of_nobody(SuspenseReason::UnknownAddress);
                        continue;
                    }
                    kept => kept?,
                }
                let mut unit = streams.unit(cause);
                route.is_read(&mut unit);
                route.destination.waits(streams, &mut unit, &deposit.operation).await?;
                let mut changes = released(&booked.state, &deposit.operation);
                if let DepositTarget::Account(account) = route.destination.target {
                    let credit =
                        AccountCommand::Credit { operation: deposit.operation.clone(), amount: deposit.amount };
                    match changes.iter_mut().find(|(known, _)| *known == account) {
                        Some((_, commands)) => commands.push(credit), // An account has one commit in a transaction.
                        None => changes.push((account, vec![credit])),
                    }
                }
                let booked = unit.commit(booked, events)?;
                for (account, commands) in &changes {
                    change_account(streams, &mut unit, account, commands).await?;
                }
                streams.append(unit).await?;
                return Ok(Booking::Booked(booked.state));
            }
        })
        .await
}

/// Notes that a deposit will never come. What was announced is so no longer; where nothing was, nothing is written.
///
/// # Errors
/// See [`LedgerError`]: a deposit that is on the books as final is refused, and somebody has to ask the custodian.
pub async fn fail_crypto_deposit(
    streams: &Streams,
    deposit: &CryptoDeposit,
    cause: &Cause,
) -> Result<Booking, LedgerError> {
    let command = OperationCommand::Fail { operation: deposit.operation.clone(), fingerprint: deposit.fingerprint() };
    streams
        .retrying(|| async {
            let failed = streams.load::<Operation>(StreamId::from(&deposit.operation)).await?;
            let events = operation::decide(&failed.state, &command)?;
            if events.is_empty() {
                return Ok(Booking::Repeated(failed.state));
            }
            let mut unit = streams.unit(cause);
            let changes = released(&failed.state, &deposit.operation);
            let failed = unit.commit(failed, events)?;
            for (account, commands) in &changes {
                change_account(streams, &mut unit, account, commands).await?;
            }
            streams.append(unit).await?;
            Ok(Booking::Booked(failed.state))
        })
        .await
}

/// What an announced deposit takes back from its account when it comes to an end.
fn released(state: &OperationState, operation: &OperationId) -> Vec<(AccountId, Vec<AccountCommand>)> {
    match state {
        OperationState::Pending { account, amount, .. } => {
            let release = AccountCommand::ReleasePending { operation: operation.clone(), amount: *amount };
            vec![(account.clone(), vec![release])]
        }
        OperationState::None
        | OperationState::Settled { .. }
        | OperationState::Suspended { .. }
        | OperationState::Released { .. }
        | OperationState::Failed { .. }
        | OperationState::Moved { .. } => Vec::new(),
    }
}
