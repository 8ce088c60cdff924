//! Queries of the ledger context: accounts and operations.

use app::{
    ports::PortError,
    projection::{
        accounts::{self, ACCOUNT_PREFIX, account_key, controls_key, entries_prefix, holder_key, partition},
        operations::{self, LIST_PREFIX, SUSPENDED, SUSPENDED_PREFIX, internal_key},
    },
    views::{
        AccountView, AtVersion, ControlsView, EntryView, HolderView, LedgerViews, OperationView, Page, PageRequest,
        SuspendedView,
    },
};
use async_trait::async_trait;
use domain::ids::{AccountId, CustomerId};
use money::{Asset, Money};

use super::{CORRUPT, DynamoViews, at_version};

impl DynamoViews {
    /// Every account there is. For the trial balance.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn all_accounts(&self) -> Result<Vec<AtVersion<AccountView>>, PortError> {
        self.all(ACCOUNT_PREFIX).await
    }
}

#[async_trait]
impl LedgerViews for DynamoViews {
    async fn account(&self, id: &AccountId) -> Result<Option<AtVersion<AccountView>>, PortError> {
        self.row(accounts::NAME, &account_key(id)).await?.as_ref().map(at_version).transpose()
    }

    async fn accounts(&self, customer: CustomerId) -> Result<Vec<AtVersion<AccountView>>, PortError> {
        self.few(accounts::NAME, &partition(customer), ACCOUNT_PREFIX).await
    }

    async fn entries(&self, account: &AccountId, page: &PageRequest) -> Result<Page<EntryView>, PortError> {
        self.list(accounts::NAME, &partition(account.customer), &entries_prefix(account), page).await
    }

    async fn holder(&self, customer: CustomerId) -> Result<Option<AtVersion<HolderView>>, PortError> {
        self.row(accounts::NAME, &holder_key(customer)).await?.as_ref().map(at_version).transpose()
    }

    async fn controls(&self, customer: CustomerId) -> Result<Option<AtVersion<ControlsView>>, PortError> {
        self.row(accounts::NAME, &controls_key(customer)).await?.as_ref().map(at_version).transpose()
    }

    async fn operations(&self, customer: CustomerId, page: &PageRequest) -> Result<Page<OperationView>, PortError> {
        self.list(operations::NAME, &partition(customer), LIST_PREFIX, page).await
    }

    async fn suspended(&self, page: &PageRequest) -> Result<Page<SuspendedView>, PortError> {
        self.list(operations::NAME, SUSPENDED, SUSPENDED_PREFIX, page).await
    }

    async fn internal(&self, code: &str, asset: Asset) -> Result<Money, PortError> {
        let Some(item) = self.row(operations::NAME, &internal_key(code, asset)).await? else {
            return Ok(Money::zero(asset));
        };
        let units = item.get("n").and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok()).ok_or(CORRUPT)?;
        Ok(Money::new(asset, units))
    }
}
