//! The ledger context: accounts, savings, and the operations that move money.

mod bank;
mod controls;
mod crypto;
mod opening;
mod payouts;
mod savings;
mod suspense;

use domain::{
    compliance::case::TextError,
    error::{Class, Classify},
    ids::{AccountId, CustomerId, Fingerprint, IdError, OperationId, StreamId, VaultRef},
    ledger::{
        account::{self, Account, AccountCommand, AccountError},
        address::AddressClaimError,
        controls::ControlsError,
        holder::HolderError,
        operation::{OperationError, OperationState},
        product::ProductError,
        reference::DepositReferenceClaimError,
        savings::SavingsError,
        waiting::WaitingError,
    },
};

pub(crate) use bank::REMITTANCE_SLOT;
pub use bank::{BankPayment, Nature, settle_deposit};
pub use controls::{Freezes, Said, lift_freeze, order_closure, order_freeze};
pub use crypto::{CryptoDeposit, fail_crypto_deposit, note_crypto_deposit, settle_crypto_deposit};
pub use opening::{claim_addresses, open_accounts};
pub use payouts::{PaidWeek, pay_yield_through, start_payouts};
pub use savings::{SavingsMove, SavingsMoved, choose_payout_destination, save_to_savings, take_from_savings};
pub use suspense::{Found, Progress, RELEASES_MAX, Suspense, release_waiting};

use crate::{
    ports::PortError,
    store::StoreError,
    streams::{Loaded, Streams, Unit},
};

/// Why the ledger did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The account refused.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The operation refused.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// The savings position refused.
    #[error(transparent)]
    Savings(#[from] SavingsError),
    /// The savings product is none, or not for this.
    #[error(transparent)]
    Product(#[from] ProductError),
    /// The holder refused.
    #[error(transparent)]
    Holder(#[from] HolderError),
    /// What is forbidden to the customer.
    #[error(transparent)]
    Controls(#[from] ControlsError),
    /// What waits for the customer.
    #[error(transparent)]
    Waiting(#[from] WaitingError),
    /// Nobody may write that.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The reference is someone else's.
    #[error(transparent)]
    Claim(#[from] DepositReferenceClaimError),
    /// The address is someone else's.
    #[error(transparent)]
    Address(#[from] AddressClaimError),
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
            Self::Savings(error) => error.class(),
            Self::Product(error) => error.class(),
            Self::Holder(error) => error.class(),
            Self::Controls(error) => error.class(),
            Self::Waiting(error) => error.class(),
            Self::Text(error) => error.class(),
            Self::Claim(error) => error.class(),
            Self::Address(error) => error.class(),
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Account(error) => error.code(),
            Self::Operation(error) => error.code(),
            Self::Savings(error) => error.code(),
            Self::Product(error) => error.code(),
            Self::Holder(error) => error.code(),
            Self::Controls(error) => error.code(),
            Self::Waiting(error) => error.code(),
            Self::Text(error) => error.code(),
            Self::Claim(error) => error.code(),
            Self::Address(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// What became of something that was asked for once.
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

/// Where the vault keeps who paid: under the key of whose money it is. Money without an owner has a key of its own.
/// So it also tells for whom money is that waits in suspense because its owner is frozen.
fn payer_reference(owner: Option<CustomerId>, operation: &OperationId) -> Result<VaultRef, IdError> {
    match owner {
        Some(customer) => VaultRef::of_customer(customer, &format!("payer-{}", operation.id)),
        None => VaultRef::of_operation(operation, "payer"),
    }
}

/// How much of a fingerprint tells the texts under one id apart in the vault.
const SLOT_HEX_DIGITS: usize = 16;

/// What tells one text from another in the name of its slot: a slot is written once, so another text must not meet the first one's.
fn digits_of(fingerprint: Fingerprint) -> String {
    fingerprint.to_string().chars().take(SLOT_HEX_DIGITS).collect()
}

/// Does one thing after the other to an account, in one commit.
async fn change_account(
    streams: &Streams,
    unit: &mut Unit,
    id: &AccountId,
    commands: &[AccountCommand],
) -> Result<Loaded<Account>, LedgerError> {
    let account = streams.load::<Account>(StreamId::from(id)).await?;
    let (mut state, mut events) = (account.state.clone(), Vec::new());
    for command in commands {
        let decided = account::decide(&state, command)?;
        state = decided.iter().fold(state, account::evolve);
        events.extend(decided);
    }
    Ok(unit.commit(account, events)?)
}

#[cfg(test)]
mod tests;
