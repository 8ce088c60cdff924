//! How to pay in.

use async_graphql::SimpleObject;
use domain::ids::AccountId;
use money::Asset;

use crate::{Bank, errors::ApiError, scalars::AssetCode};

/// Where a payer sends money, and what they quote so that it finds its account.
#[derive(SimpleObject)]
pub(crate) struct DepositInstructions {
    /// What can be paid in this way.
    asset: AssetCode,
    /// To whom the payment is addressed.
    account_name: String,
    /// Six digits; for pounds.
    sort_code: Option<String>,
    /// Eight digits; for pounds.
    account_number: Option<String>,
    /// For euros.
    iban: Option<String>,
    /// The code of the bank at which the IBAN is; for euros.
    bic: Option<String>,
    /// What the payer must quote. It belongs to this account alone.
    reference: String,
}

impl DepositInstructions {
    /// Reads what the account's payers need.
    pub(crate) async fn read(bank: &Bank, account: AccountId) -> Result<Self, ApiError> {
        let details = &bank.instructions;
        let (local, international) = match account.asset {
            Asset::Gbp => (Some((details.sort_code.clone(), details.account_number.clone())), None),
            Asset::Eur => (None, Some((details.iban.clone(), details.bic.clone()))),
            Asset::Usdc | Asset::Btc | Asset::Eth => return Err(not_supported(account.asset)),
        };
        let view = bank.ledger.account(&account).await?;
        let view = view.ok_or_else(|| {
            ApiError::not_yet("ACCOUNT_NOT_READY", "the account is being opened; try again in a moment")
        })?;
        let reference = view.view.reference.ok_or_else(|| not_supported(account.asset))?;
        let (sort_code, account_number) = local.unzip();
        let (iban, bic) = international.unzip();
        Ok(Self {
            asset: AssetCode(account.asset),
            account_name: details.account_name.clone(),
            sort_code,
            account_number,
            iban,
            bic,
            reference: reference.to_string(),
        })
    }
}

fn not_supported(asset: Asset) -> ApiError {
    ApiError::refused("NOT_SUPPORTED", format!("{asset} cannot be paid in yet"))
}
