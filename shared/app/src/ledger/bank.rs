//! Payments at the bank's own bank.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    ids::{DepositReference, Fingerprint, OperationId, StreamId, VaultRef},
    ledger::{
        account::AccountCommand,
        deposit::{DepositTarget, Direction, Settlement, SuspenseReason},
        operation::{self, Operation, OperationCommand},
        reference::{DepositReferenceClaim, DepositReferenceClaimState},
    },
};
use futures::future::try_join_all;
use money::Money;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Booking, LedgerError, change_account, controls::Destination, payer_reference};
use crate::{
    commit::Cause,
    ports::{PortError, Vault},
    streams::{Loaded, Streams},
};

/// How much of what a payer wrote is looked up: a text may hold more that looks like a reference.
const CANDIDATES_MAX: usize = 3;

/// Where the vault keeps what the payer of money without an owner wrote.
pub(crate) const REMITTANCE_SLOT: &str = "remittance";

/// What made money move at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Somebody pays.
    Payment,
    /// A payment of ours comes back.
    Return,
}

/// Money that moved at the bank, as its verified message says.
#[derive(Debug)]
pub struct BankPayment {
    /// The bank's own id of it; the operation's id follows from it, so it is booked once.
    pub operation: OperationId,
    /// How much, always positive.
    pub amount: Money,
    /// Into or out of the bank's account.
    pub direction: Direction,
    /// Whether somebody pays, or gives back what we had paid.
    pub nature: Nature,
    /// What the payer wrote. People write names into it.
    pub remittance: SecretString,
    /// Names and account details, for the vault.
    pub payer: SecretString,
}

/// Books a payment: onto the account that its reference names or, if it names none, into suspense. Never lost, never twice.
///
/// # Errors
/// See [`LedgerError`]: [`OperationError::DifferentRequest`] if the bank says something else under an id that is booked.
pub async fn settle_deposit(
    streams: &Streams,
    vault: &Arc<dyn Vault>,
    payment: &BankPayment,
    cause: &Cause,
) -> Result<Booking, LedgerError> {
    let mut quoted = DepositReference::candidates_in(payment.remittance.expose_secret());
    // People write a reference twice, and a transaction may name no item twice.
    let mut seen = BTreeSet::new();
    quoted.retain(|reference| seen.insert(reference.clone()));
    quoted.truncate(CANDIDATES_MAX);
    let quoted = &quoted;
    streams
        .retrying(|| async {
            let booked = streams.load::<Operation>(StreamId::from(&payment.operation)).await?;
            let claims = try_join_all(
                quoted.iter().map(|reference| streams.load::<DepositReferenceClaim>(StreamId::from(reference))),
            )
            .await?;
            let mut destination = Destination::of(streams, target_of(payment, &claims)).await?;
            loop {
                let payer = payer_reference(destination.owner, &payment.operation)?;
                let command = OperationCommand::Settle(Settlement {
                    operation: payment.operation.clone(),
                    fingerprint: fingerprint(payment, quoted),
                    amount: payment.amount,
                    direction: payment.direction,
                    payer: payer.clone(),
                    target: destination.target.clone(),
                });
                let events = operation::decide(&booked.state, &command)?;
                if events.is_empty() {
                    return Ok(Booking::Repeated(booked.state));
                }
                match vault.keep(&payer, &payment.payer).await {
                    Err(PortError::Erased { .. }) if destination.owner.is_some() => {
                        // Whose the account was is forgotten, and nothing about them is kept any more.
                        destination = Destination::of_nobody(SuspenseReason::UnknownReference);
                        continue;
                    }
                    kept => kept?,
                }
                if destination.owner.is_none() && !payment.remittance.expose_secret().is_empty() {
                    // Whoever looks for the owner has little else to go by.
                    let reference = VaultRef::of_operation(&payment.operation, REMITTANCE_SLOT)?;
                    vault.keep(&reference, &payment.remittance).await?;
                }
                let mut unit = streams.unit(cause);
                for claim in &claims {
                    unit.unchanged(claim); // Who owns the reference decided where the money goes.
                }
                destination.is_read(&mut unit);
                destination.waits(streams, &mut unit, &payment.operation).await?;
                let booked = unit.commit(booked, events)?;
                if let DepositTarget::Account(id) = destination.target {
                    let credit =
                        AccountCommand::Credit { operation: payment.operation.clone(), amount: payment.amount };
                    change_account(streams, &mut unit, &id, &[credit]).await?;
                }
                streams.append(unit).await?;
                return Ok(Booking::Booked(booked.state));
            }
        })
        .await
}

/// Where the money belongs.
fn target_of(payment: &BankPayment, claims: &[Loaded<DepositReferenceClaim>]) -> DepositTarget {
    if payment.direction == Direction::Debit {
        return DepositTarget::Suspense(SuspenseReason::UnexpectedDebit); // We never asked for one.
    }
    if payment.nature == Nature::Return {
        return DepositTarget::Suspense(SuspenseReason::UnexpectedReturn); // We never sent one that could come back.
    }
    let owner = claims.iter().find_map(|claim| match &claim.state {
        DepositReferenceClaimState::Claimed { account } => Some(account),
        DepositReferenceClaimState::Free => None,
    });
    match owner {
        None => DepositTarget::Suspense(SuspenseReason::UnknownReference),
        Some(account) if account.asset != payment.amount.asset() => DepositTarget::Suspense(SuspenseReason::WrongAsset),
        Some(account) => DepositTarget::Account(account.clone()),
    }
}

/// What must be the same when the bank tells us of the same payment again.
fn fingerprint(payment: &BankPayment, quoted: &[DepositReference]) -> Fingerprint {
    let direction = match payment.direction {
        Direction::Credit => "credit",
        Direction::Debit => "debit",
    };
    let quoted: Vec<_> = quoted.iter().map(DepositReference::as_str).collect();
    Fingerprint::of(format!("{}|{direction}|{}", payment.amount, quoted.join(",")).as_bytes())
}
