//! The ledger context: what can be saved in, what a customer saves, and what it earns.

use app::views::{AtVersion, SAVED_DAYS_MAX, SavedView, SavingsView};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    ids::{CustomerId, PositionId},
    ledger::{
        earned::Earned as Sum,
        product::{self, Product},
        savings::{AccrualDay as Day, PayoutDestination as Destination, Position, Reading, Savings, explain},
    },
};
use money::{Asset, BusinessDate};

use crate::{
    answer::bank,
    errors::ApiError,
    fresh::{Found, at_least},
    limits,
    node::NodeId,
    scalars::{AssetCode, Date, Decimal, MoneyValue},
};

/// A day of the week.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "time::Weekday")]
pub(crate) enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A yearly rate, and from when on it is earned.
#[derive(SimpleObject)]
struct SavingsRate {
    /// The first day that earns it.
    from: Date,
    /// What a whole year of 365 days earns, as a share of one: `"0.12"` is 12 %.
    yearly_rate: Decimal,
}

/// Something that can be saved in.
#[derive(SimpleObject)]
pub(crate) struct SavingsProduct {
    /// Its name.
    id: ID,
    /// What is saved.
    asset: AssetCode,
    /// What today earns, as the share of one that a whole year of 365 days would: `"0.12"` is 12 %.
    yearly_rate: Decimal,
    /// Every rate that there was, is, or is known to come, oldest first.
    rates: Vec<SavingsRate>,
    /// On what day of the week the week before it is paid.
    payout_weekday: Weekday,
}

impl SavingsProduct {
    fn of(product: &Product, today: BusinessDate) -> Self {
        let steps = product.rates.steps().iter();
        Self {
            id: ID(product.id.to_string()),
            asset: AssetCode(product.asset),
            yearly_rate: Decimal(product.rates.rate_on(today).to_string()),
            rates: steps
                .map(|step| SavingsRate { from: Date(step.from), yearly_rate: Decimal(step.yearly.to_string()) })
                .collect(),
            payout_weekday: product.payout_weekday().into(),
        }
    }
}

#[derive(Default)]
pub(crate) struct SavingsQuery;

#[Object]
impl SavingsQuery {
    /// Everything that can be saved in. Needs no token.
    async fn savings_products(&self, ctx: &Context<'_>) -> Result<Vec<SavingsProduct>, ApiError> {
        let today = BusinessDate::of(bank(ctx)?.clock.now());
        Ok(product::catalogue().iter().map(|product| SavingsProduct::of(product, today)).collect())
    }
}

/// What the viewer saves.
pub(crate) struct ViewerSavings {
    pub(crate) customer: CustomerId,
}

#[Object]
impl ViewerSavings {
    /// Everything that the viewer saves, one position a product that something was ever saved in.
    #[graphql(complexity = "limits::READ + limits::products() * child_complexity")]
    async fn savings(&self, ctx: &Context<'_>) -> Result<Vec<SavingsPosition>, ApiError> {
        let bank = bank(ctx)?;
        let positions = bank.savings.positions(self.customer).await?.into_iter();
        positions.map(|row| SavingsPosition::read(row, Found::Projected, bank.clock.now())).collect()
    }

    /// What the viewer saves in one product. Null while nothing was ever saved in it.
    #[graphql(complexity = "limits::read_at_least(at_least_version) + child_complexity")]
    async fn savings_position(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the product, such as `usdc-savings`.")] product_id: ID,
        #[graphql(desc = "Answer this version or a newer one, such as a mutation answered.")] at_least_version: Option<
            u32,
        >,
    ) -> Option<Result<SavingsPosition, ApiError>> {
        let id = PositionId::new(self.customer, product_id.parse().ok()?);
        find_position(ctx, &id, at_least_version).await.transpose()
    }
}

/// One position.
pub(crate) async fn find_position(
    ctx: &Context<'_>,
    id: &PositionId,
    at_least_version: Option<u32>,
) -> Result<Option<SavingsPosition>, ApiError> {
    let bank = bank(ctx)?;
    let row = bank.savings.position(id).await?;
    let streams = &bank.ledger_streams;
    let found = at_least::<Savings, _>(streams, id.into(), row, at_least_version, SavingsView::of).await?;
    found.map(|(row, found)| SavingsPosition::read(row, found, bank.clock.now())).transpose()
}

/// Where interest goes when it is paid.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Destination")]
pub(crate) enum PayoutDestination {
    /// Into the position, where it earns as well.
    Reinvest,
    /// Into the account of the same asset.
    Account,
}

/// What was earned, exactly: a fraction of the asset's smallest unit.
#[derive(SimpleObject)]
pub(crate) struct Earned {
    /// Smallest units times basis points times days: an integer, as text.
    numerator: String,
    /// What the numerator is divided by: 10,000 basis points times 365 days.
    denominator: i32,
    /// The same as an amount, rounded down to the asset's decimals.
    display: Decimal,
}

impl Earned {
    fn of(sum: Sum, asset: Asset) -> Self {
        const DENOMINATOR: i32 = 3_650_000;
        Self {
            numerator: sum.numerator().to_string(),
            denominator: DENOMINATOR,
            display: Decimal(sum.whole_units(asset).0.to_decimal_string()),
        }
    }
}

/// A day that is over, and what it earned.
#[derive(SimpleObject)]
struct AccrualDay {
    /// The day.
    date: Date,
    /// What was saved at its end.
    balance: MoneyValue,
    /// The yearly rate that it earned.
    rate: Decimal,
    /// What it earned: balance times rate, for one of 365 days.
    earned: Earned,
}

impl From<Day> for AccrualDay {
    fn from(day: Day) -> Self {
        Self {
            date: Date(day.date),
            balance: day.balance.into(),
            rate: Decimal(day.rate.to_string()),
            earned: Earned::of(day.earned, day.balance.asset()),
        }
    }
}

/// What a customer saves in one product.
pub(crate) struct SavingsPosition {
    position: Position,
    version: u32,
    found: Found,
    product: &'static Product,
    today: BusinessDate,
    reading: Reading,
}

impl SavingsPosition {
    /// A position as it stands now.
    pub(crate) fn read(row: AtVersion<SavingsView>, found: Found, now: time::OffsetDateTime) -> Result<Self, ApiError> {
        let AtVersion { view: SavingsView { position }, version } = row;
        let product = product::find(&position.id.product)?;
        let today = BusinessDate::of(now);
        // Around midnight the last writer's clock may have been a moment ahead of ours.
        let reading = position.read(today.max(position.accrued_to), &product.rates)?;
        Ok(Self { position, version, found, product, today, reading })
    }
}

/// What a customer saves in one product.
#[Object]
impl SavingsPosition {
    /// The same for as long as the position exists.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Position(self.position.id.clone()).into()
    }

    /// What it is saved in.
    async fn product(&self) -> SavingsProduct {
        SavingsProduct::of(self.product, self.today)
    }

    /// What is saved, reinvested interest included.
    async fn principal(&self) -> MoneyValue {
        self.reading.principal.into()
    }

    /// What was earned and is not paid yet, on every day that is over.
    async fn earned(&self) -> Earned {
        Earned::of(self.reading.earned, self.product.asset)
    }

    /// The part of `earned` that payouts left over because it was less than the asset's smallest unit.
    async fn carried(&self) -> Earned {
        Earned::of(self.reading.carried, self.product.asset)
    }

    /// All interest that was ever paid.
    async fn paid_to_date(&self) -> MoneyValue {
        self.reading.paid_to_date.into()
    }

    /// The day of the next payout.
    async fn next_payout(&self) -> Date {
        Date(self.reading.next_payout)
    }

    /// Where interest goes when it is paid.
    async fn payout_destination(&self) -> PayoutDestination {
        self.position.to.into()
    }

    /// What each of these days earned, oldest first, and of what: enough to recompute every payout. Days before the first
    /// deposit, and days that are not over, are left out.
    ///
    /// Fails with `CONFLICT` and `retryable` for a moment after a change, if the position was asked for at that version.
    #[graphql(complexity = "limits::READ + limits::asked_days(&from, &to) * child_complexity")]
    async fn days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day; at most 366 days in all.")] to: Date,
    ) -> Result<Vec<AccrualDay>, ApiError> {
        let (from, to) = (from.0, to.0);
        if !(0..i64::from(SAVED_DAYS_MAX)).contains(&from.days_until(to)) {
            return Err(ApiError::bad_input(format!(
                "`to` is from `from` on, and at most {SAVED_DAYS_MAX} days in all"
            )));
        }
        self.found.has_lists()?;
        let changes = bank(ctx)?.savings.saved(&self.position.id, from, to).await?;
        let changes: Vec<_> = changes.into_iter().map(|SavedView { date, balance }| (date, balance)).collect();
        let days = explain(&changes, &self.product.rates, from..to.next().min(self.today))?;
        Ok(days.into_iter().map(AccrualDay::from).collect())
    }

    /// The version of the position that this shows. It grows with every change, and not with what is earned.
    async fn version(&self) -> u32 {
        self.version
    }
}
