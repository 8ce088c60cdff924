//! The ledger context: assets, accounts with their entries, operations, and how to pay in.

use app::views::{AccountView, AtVersion, EntryView, Page};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    ids::{AccountId, CustomerId},
    ledger::account::Account as AccountStream,
};
use money::{Asset, AssetKind as MoneyKind};

use crate::{
    answer::bank,
    connection::{Connection, connection, list_error, page_request, unknown_cursor},
    errors::ApiError,
    fresh::{Found, at_least},
    instructions::DepositInstructions,
    limits,
    node::NodeId,
    operations::Operation,
    scalars::{AssetCode, DateTime, MoneyValue},
};

/// Where an asset is held.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssetKind {
    /// A currency that a state issues, held at a bank.
    Fiat,
    /// A token or coin on a chain, held at a custodian.
    Crypto,
}

/// Something that an account can hold.
#[derive(SimpleObject)]
struct AssetInfo {
    /// What amounts name it by.
    code: AssetCode,
    /// How many decimals an amount of it has.
    decimals: u8,
    /// Where it is held.
    kind: AssetKind,
}

impl From<Asset> for AssetInfo {
    fn from(asset: Asset) -> Self {
        let kind = match asset.kind() {
            MoneyKind::Fiat => AssetKind::Fiat,
            MoneyKind::Crypto => AssetKind::Crypto,
        };
        Self { code: AssetCode(asset), decimals: asset.decimals(), kind }
    }
}

#[derive(Default)]
pub(crate) struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// Everything that an account can hold. Needs no token.
    async fn assets(&self) -> Vec<AssetInfo> {
        Asset::ALL.map(AssetInfo::from).into()
    }
}

/// What the ledger context knows of the viewer.
pub(crate) struct ViewerLedger {
    pub(crate) customer: CustomerId,
}

#[Object]
impl ViewerLedger {
    /// The viewer's accounts, one an asset.
    #[graphql(complexity = "limits::READ + limits::asked_accounts(first) * child_complexity")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many: 1 to 100.", default = 20)] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Account>, ApiError> {
        let request = page_request(first, after)?;
        let after = request.after.as_deref().map(|cursor| account_of_cursor(cursor).ok_or_else(unknown_cursor));
        let after = after.transpose()?;
        let mut accounts = bank(ctx)?.ledger.accounts(self.customer).await?;
        accounts.sort_by_key(|account| account.view.id.asset);
        accounts.retain(|account| after.is_none_or(|asset| account.view.id.asset > asset));
        let has_next = accounts.len() > usize::from(request.first);
        accounts.truncate(usize::from(request.first));
        let items = accounts.into_iter().map(|account| (cursor_of_account(account.view.id.asset), account)).collect();
        Ok(connection(&request, Page { items, has_next }, Account::projected))
    }

    /// The viewer's account in one asset. Null while it is not open.
    #[graphql(complexity = "limits::read_at_least(at_least_version) + child_complexity")]
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it holds.")] asset: AssetCode,
        #[graphql(desc = "Answer this version or a newer one, such as a mutation answered.")] at_least_version: Option<
            u32,
        >,
    ) -> Option<Result<Account, ApiError>> {
        find_account(ctx, &AccountId::new(self.customer, asset.0), at_least_version).await.transpose()
    }

    /// Where to pay in, and what to quote.
    ///
    /// Fails with `NOT_SUPPORTED` for an asset that cannot be paid in this way, and with `ACCOUNT_NOT_READY` and `retryable`
    /// while the account is being opened.
    #[graphql(complexity = "limits::READ + child_complexity")]
    async fn deposit_instructions(&self, ctx: &Context<'_>, asset: AssetCode) -> Result<DepositInstructions, ApiError> {
        DepositInstructions::read(bank(ctx)?, AccountId::new(self.customer, asset.0)).await
    }

    /// What happened to the viewer's money, newest first.
    #[graphql(complexity = "limits::READ + limits::asked(first) * child_complexity")]
    async fn operations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many: 1 to 100.", default = 20)] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Operation>, ApiError> {
        let request = page_request(first, after)?;
        let page = bank(ctx)?.ledger.operations(self.customer, &request).await.map_err(list_error)?;
        Ok(connection(&request, page, Operation::from))
    }
}

/// One account. Where it may be null in the schema, its error has to stay within the `Option`, or all of the viewer would fail.
pub(crate) async fn find_account(
    ctx: &Context<'_>,
    id: &AccountId,
    at_least_version: Option<u32>,
) -> Result<Option<Account>, ApiError> {
    let bank = bank(ctx)?;
    let row = bank.ledger.account(id).await?;
    let streams = &bank.ledger_streams;
    let found = at_least::<AccountStream, _>(streams, id.into(), row, at_least_version, AccountView::of).await?;
    Ok(found.map(|(shown, found)| Account { shown, found }))
}

/// There is one account an asset, so the asset is the place in the list.
fn cursor_of_account(asset: Asset) -> String {
    URL_SAFE_NO_PAD.encode(format!("account#{asset}"))
}

fn account_of_cursor(cursor: &str) -> Option<Asset> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix("account#")?.parse().ok()
}

/// An account of a customer, in one asset.
pub(crate) struct Account {
    shown: AtVersion<AccountView>,
    found: Found,
}

impl Account {
    /// As the projection shows it.
    pub(crate) const fn projected(shown: AtVersion<AccountView>) -> Self {
        Self { shown, found: Found::Projected }
    }

    /// As a mutation left it.
    pub(crate) const fn written(shown: AtVersion<AccountView>) -> Self {
        Self { shown, found: Found::Folded }
    }
}

#[Object]
impl Account {
    /// The same for as long as the account exists.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Account(self.shown.view.id.clone()).into()
    }

    /// What it holds.
    async fn asset(&self) -> AssetCode {
        AssetCode(self.shown.view.id.asset)
    }

    /// What the customer may use.
    async fn available(&self) -> MoneyValue {
        self.shown.view.available.into()
    }

    /// Deposits that were seen and are not final.
    async fn pending(&self) -> MoneyValue {
        self.shown.view.pending.into()
    }

    /// Set aside by withdrawals and quotes.
    async fn held(&self) -> MoneyValue {
        self.shown.view.held.into()
    }

    /// The version of the account that this shows. It grows with every change.
    async fn version(&self) -> u32 {
        self.shown.version
    }

    /// The account's statement, newest first.
    ///
    /// Fails with `CONFLICT` and `retryable` for a moment after a change, if the account was asked for at that version.
    #[graphql(complexity = "limits::READ + limits::asked(first) * child_complexity")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many: 1 to 100.", default = 20)] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Entry>, ApiError> {
        let request = page_request(first, after)?;
        self.found.has_lists()?;
        let page = bank(ctx)?.ledger.entries(&self.shown.view.id, &request).await.map_err(list_error)?;
        Ok(connection(&request, page, Entry::from))
    }
}

/// One line of an account's statement.
#[derive(SimpleObject)]
pub(crate) struct Entry {
    /// The operation that it belongs to.
    operation: EntryOperation,
    /// Positive into the account.
    amount: MoneyValue,
    /// What was available afterwards.
    balance_after: MoneyValue,
    /// When it was booked.
    at: DateTime,
}

/// An operation, as a statement names it.
#[derive(SimpleObject)]
struct EntryOperation {
    /// The id of the operation in `Viewer.operations`.
    id: ID,
}

impl From<EntryView> for Entry {
    fn from(view: EntryView) -> Self {
        Self {
            operation: EntryOperation { id: NodeId::Operation(view.operation).into() },
            amount: view.amount.into(),
            balance_after: view.balance_after.into(),
            at: DateTime(view.at),
        }
    }
}
