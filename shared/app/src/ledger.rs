//! The ledger context: accounts and the operations that move money.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    error::{Class, Classify},
    ids::{AccountId, CustomerId, DepositReference, Fingerprint, IdError, OperationId, StreamId, VaultRef},
    ledger::{
        account::{self, Account, AccountCommand, AccountError},
        deposit::{
            self, DepositTarget, Direction, Operation, OperationCommand, OperationError, OperationState, SuspenseReason,
        },
        reference::{
            self, DepositReferenceClaim, DepositReferenceClaimCommand, DepositReferenceClaimError,
            DepositReferenceClaimState,
        },
    },
};
use futures::future::try_join_all;
use money::{Asset, AssetKind, Money};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    commit::Cause,
    ports::{PortError, Vault},
    store::StoreError,
    streams::{Loaded, Streams, Unit},
};

/// How many references are tried for an account before giving up: each is one in 2^45 to be taken.
const REFERENCE_SALTS_MAX: u32 = 4;
/// How much of what a payer wrote is looked up: a text may hold more that looks like a reference.
const CANDIDATES_MAX: usize = 3;

/// Why the ledger did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The account refused.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The operation refused.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// The reference is someone else's.
    #[error(transparent)]
    Claim(#[from] DepositReferenceClaimError),
    /// A vault reference could not be built.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for LedgerError {
    fn class(&self) -> Class {
        match self {
            Self::Account(error) => error.class(),
            Self::Operation(error) => error.class(),
            Self::Claim(error) => error.class(),
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Account(error) => error.code(),
            Self::Operation(error) => error.code(),
            Self::Claim(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// Opens an account in every asset for a customer, all in one transaction; accounts that the bank's own account feeds get
/// a reference for payers to quote. Accounts that are open stay as they are.
///
/// # Errors
/// See [`LedgerError`]. Running it again is safe.
pub async fn open_accounts(streams: &Streams, customer: CustomerId, cause: &Cause) -> Result<(), LedgerError> {
    streams
        .retrying(|| async {
            let accounts = try_join_all(Asset::ALL.iter().map(|asset| async move {
                let id = AccountId { customer, asset: *asset };
                Ok::<_, StoreError>((id.clone(), streams.load::<Account>(StreamId::from(&id)).await?))
            }))
            .await?;
            let mut unit = streams.unit(cause);
            for (id, loaded) in accounts {
                if loaded.version.is_none() {
                    open_account(streams, &mut unit, id, loaded).await?;
                }
            }
            Ok(streams.append(unit).await?)
        })
        .await
}

async fn open_account(
    streams: &Streams,
    unit: &mut Unit,
    id: AccountId,
    loaded: Loaded<Account>,
) -> Result<(), LedgerError> {
    let reference = match id.asset.kind() {
        AssetKind::Fiat => Some(claim_reference(streams, unit, &id).await?),
        AssetKind::Crypto => None,
    };
    let events = account::decide(&loaded.state, &AccountCommand::Open { id, reference })?;
    unit.commit(loaded, events)?;
    Ok(())
}

/// Claims the first free reference of an account, in the same transaction that opens it.
async fn claim_reference(streams: &Streams, unit: &mut Unit, id: &AccountId) -> Result<DepositReference, LedgerError> {
    let mut taken = DepositReferenceClaimError::Taken;
    let claim = DepositReferenceClaimCommand::Claim { account: id.clone() };
    for salt in 0..REFERENCE_SALTS_MAX {
        let candidate = DepositReference::derive(id, salt);
        let loaded = streams.load::<DepositReferenceClaim>(StreamId::from(&candidate)).await?;
        match reference::decide(&loaded.state, &claim) {
            Ok(events) => {
                unit.commit(loaded, events)?;
                return Ok(candidate);
            }
            Err(error) => taken = error,
        }
    }
    Err(taken.into())
}

/// What made money move at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Somebody pays.
    Payment,
    /// A payment of ours comes back.
    Return,
}

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Booking {
    /// It was booked now.
    Booked(OperationState),
    /// It had been booked before.
    Repeated(OperationState),
}

impl Booking {
    /// The operation, whenever it was booked.
    #[must_use]
    pub fn into_state(self) -> OperationState {
        match self {
            Self::Booked(state) | Self::Repeated(state) => state,
        }
    }
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
            let operation = streams.load::<Operation>(StreamId::from(&payment.operation)).await?;
            let claims = try_join_all(
                quoted.iter().map(|reference| streams.load::<DepositReferenceClaim>(StreamId::from(reference))),
            )
            .await?;
            let target = target_of(payment, &claims);
            let payer = payer_reference(&target, payment)?;
            let command = OperationCommand::Settle {
                operation: payment.operation.clone(),
                fingerprint: fingerprint(payment, quoted),
                amount: payment.amount,
                direction: payment.direction,
                payer: payer.clone(),
                target: target.clone(),
            };
            let events = deposit::decide(&operation.state, &command)?;
            if events.is_empty() {
                return Ok(Booking::Repeated(operation.state));
            }
            vault.keep(&payer, &payment.payer).await?;
            let mut unit = streams.unit(cause);
            for claim in &claims {
                unit.unchanged(claim); // Who owns the reference decided where the money goes.
            }
            let booked = unit.commit(operation, events)?;
            if let DepositTarget::Account(id) = target {
                let account = streams.load::<Account>(StreamId::from(&id)).await?;
                let credit = AccountCommand::Credit { operation: payment.operation.clone(), amount: payment.amount };
                let events = account::decide(&account.state, &credit)?;
                unit.commit(account, events)?;
            }
            streams.append(unit).await?;
            Ok(Booking::Booked(booked.state))
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

/// The payer's details are kept under the key of whose money it is; money without an owner has a key of its own.
fn payer_reference(target: &DepositTarget, payment: &BankPayment) -> Result<VaultRef, IdError> {
    match target {
        DepositTarget::Account(account) => {
            VaultRef::of_customer(account.customer, &format!("payer-{}", payment.operation.id))
        }
        DepositTarget::Suspense(_) => VaultRef::of_operation(&payment.operation, "payer"),
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
