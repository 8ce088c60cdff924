//! How to pay in.

use async_graphql::SimpleObject;
use domain::{
    ids::AccountId,
    ledger::custody::{confirmations, minimum},
};
use money::{Asset, AssetKind};

use crate::{
    Bank,
    errors::ApiError,
    scalars::{AssetCode, MoneyValue},
};

/// Where money is sent: to the bank's own account, with what is quoted so that it finds its account; or to an address on a chain.
#[derive(SimpleObject)]
pub(crate) struct DepositInstructions {
    /// What can be paid in this way.
    asset: AssetCode,
    /// To whom a payment is addressed; for pounds and euros.
    account_name: Option<String>,
    /// Six digits; for pounds.
    sort_code: Option<String>,
    /// Eight digits; for pounds.
    account_number: Option<String>,
    /// For euros.
    iban: Option<String>,
    /// The code of the bank at which the IBAN is; for euros.
    bic: Option<String>,
    /// What the payer must quote, for pounds and euros. It belongs to this account alone.
    reference: Option<String>,
    /// The address on the asset's chain; for crypto. It belongs to this account alone.
    address: Option<String>,
    /// The least that may be sent at once; for crypto. Less than that waits for a person at the bank.
    minimum: Option<MoneyValue>,
    /// How many blocks have to confirm a deposit before it is on the account; for crypto.
    confirmations: Option<u32>,
}

impl DepositInstructions {
    /// Reads what the account's payers need.
    pub(crate) async fn read(bank: &Bank, account: AccountId) -> Result<Self, ApiError> {
        match account.asset.kind() {
            AssetKind::Fiat => Self::by_bank(bank, account).await,
            AssetKind::Crypto => Self::by_chain(bank, account).await,
        }
    }

    const fn none(asset: Asset) -> Self {
        Self {
            asset: AssetCode(asset),
            account_name: None,
            sort_code: None,
            account_number: None,
            iban: None,
            bic: None,
            reference: None,
            address: None,
            minimum: None,
            confirmations: None,
        }
    }

    async fn by_bank(bank: &Bank, account: AccountId) -> Result<Self, ApiError> {
        let asset = account.asset;
        let view = bank.ledger.account(&account).await?.ok_or_else(not_ready)?;
        let reference = view
            .view
            .reference
            .ok_or_else(|| ApiError::refused("NOT_SUPPORTED", format!("{asset} cannot be paid in yet")))?;
        let details = &bank.instructions;
        let mut instructions = Self {
            account_name: Some(details.account_name.clone()),
            reference: Some(reference.to_string()),
            ..Self::none(asset)
        };
        match asset {
            Asset::Gbp => {
                instructions.sort_code = Some(details.sort_code.clone());
                instructions.account_number = Some(details.account_number.clone());
            }
            Asset::Eur => {
                instructions.iban = Some(details.iban.clone());
                instructions.bic = Some(details.bic.clone());
            }
            Asset::Usdc | Asset::Btc | Asset::Eth => {} // By chain.
        }
        Ok(instructions)
    }

    async fn by_chain(bank: &Bank, account: AccountId) -> Result<Self, ApiError> {
        let holder = bank.ledger.holder(account.customer).await?;
        let address = holder.and_then(|holder| holder.view.addresses.get(&account.asset).cloned());
        Ok(Self {
            address: Some(address.ok_or_else(not_ready)?.to_string()),
            minimum: Some(minimum(account.asset).into()),
            confirmations: Some(confirmations(account.asset)),
            ..Self::none(account.asset)
        })
    }
}

fn not_ready() -> ApiError {
    ApiError::not_yet("ACCOUNT_NOT_READY", "the account is being opened; try again in a moment")
}
