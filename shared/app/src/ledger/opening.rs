//! Accounts, and where they can be paid into.

use std::collections::BTreeMap;

use domain::{
    ids::{AccountId, ChainAddress, CryptoAddress, CustodyAccountId, CustomerId, DepositReference, HolderId, StreamId},
    ledger::{
        account::{self, Account, AccountCommand},
        address::{self, AddressClaim, AddressClaimCommand},
        holder::{self, Holder, HolderCommand},
        reference::{self, DepositReferenceClaim, DepositReferenceClaimCommand, DepositReferenceClaimError},
    },
};
use futures::future::{try_join, try_join_all};
use money::{Asset, AssetKind};

use super::LedgerError;
use crate::{
    commit::Cause,
    store::StoreError,
    streams::{Loaded, Streams, Unit},
};

/// How many references are tried for an account before giving up: each is one in 2^45 to be taken.
const REFERENCE_SALTS_MAX: u32 = 4;

/// Opens an account in every asset for a customer, all in one transaction; accounts that the bank's own account feeds get
/// a reference for payers to quote. Accounts that are open stay as they are. With the last of them it is known that all are.
///
/// # Errors
/// See [`LedgerError`]. Running it again is safe.
pub async fn open_accounts(streams: &Streams, customer: CustomerId, cause: &Cause) -> Result<(), LedgerError> {
    streams
        .retrying(|| async {
            let accounts = try_join_all(Asset::ALL.iter().map(|asset| async move {
                let id = AccountId { customer, asset: *asset };
                Ok::<_, StoreError>((id.clone(), streams.load::<Account>(StreamId::from(&id)).await?))
            }));
            let holder = streams.load::<Holder>(StreamId::from(HolderId(customer)));
            let (accounts, holder) = try_join(accounts, holder).await?;
            let mut unit = streams.unit(cause);
            for (id, loaded) in accounts {
                if loaded.version.is_none() {
                    open_account(streams, &mut unit, id, loaded).await?;
                }
            }
            let events = holder::decide(&holder.state, &HolderCommand::OpenAccounts)?;
            unit.commit(holder, events)?;
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

/// Makes the addresses that the custodian gave for a customer the customer's own, all in one transaction. With the last of
/// them it is known that every account can be paid into.
///
/// # Errors
/// See [`LedgerError`]. Running it again with the same addresses is safe; with other ones it is refused.
pub async fn claim_addresses(
    streams: &Streams,
    customer: CustomerId,
    vault_account: &CustodyAccountId,
    addresses: &BTreeMap<Asset, ChainAddress>,
    cause: &Cause,
) -> Result<(), LedgerError> {
    let command =
        HolderCommand::ReadyInstructions { vault_account: vault_account.clone(), addresses: addresses.clone() };
    streams
        .retrying(|| async {
            let mut unit = streams.unit(cause);
            let holder = streams.load::<Holder>(StreamId::from(HolderId(customer))).await?;
            let events = holder::decide(&holder.state, &command)?;
            unit.commit(holder, events)?;
            for (asset, address) in addresses {
                let claim = CryptoAddress::of(*asset, address)?;
                let loaded = streams.load::<AddressClaim>(StreamId::from(&claim)).await?;
                let account = AccountId::new(customer, *asset);
                let events = address::decide(&loaded.state, &AddressClaimCommand::Claim { account })?;
                unit.commit(loaded, events)?;
            }
            Ok(streams.append(unit).await?)
        })
        .await
}
