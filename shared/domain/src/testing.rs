//! What the tests of all aggregates share: given, when, then; short constructors; and strategies for properties.

use money::{Asset, BusinessDate, Money, Week};
use proptest::prelude::*;
use uuid::Uuid;

use crate::aggregate::{Decider, fold};
use crate::ids::{
    AccountId, ApplicationId, CustomerId, DepositReference, Fingerprint, OperationId, OperationOwner, PositionId,
    VaultRef,
};
use crate::ledger::rates::{Rate, RateSchedule, RateStep};

/// What had happened before.
pub fn given<A: Decider>(events: impl IntoIterator<Item = A::Event>) -> Given<A> {
    Given { state: fold::<A>(&events.into_iter().collect::<Vec<_>>()) }
}

pub struct Given<A: Decider> {
    state: A::State,
}

impl<A: Decider> Given<A> {
    /// What is asked now. Whatever the aggregate answers, a second `decide` answers the same.
    pub fn when(self, command: A::Command) -> Outcome<A> {
        let outcome = A::decide(&self.state, &command);
        assert_eq!(A::decide(&self.state, &command), outcome);
        Outcome { state: self.state, command, outcome }
    }
}

pub struct Outcome<A: Decider> {
    state: A::State,
    command: A::Command,
    outcome: Result<Vec<A::Event>, A::Error>,
}

impl<A: Decider> Outcome<A> {
    pub fn then(self, events: impl IntoIterator<Item = A::Event>) -> Self {
        assert_eq!(self.outcome, Ok(events.into_iter().collect()));
        self
    }

    pub fn stays_quiet(self) {
        self.then([]);
    }

    pub fn refuses(self, error: A::Error) {
        assert_eq!(self.outcome, Err(error));
    }

    /// The same command again, after what it has done, does nothing.
    pub fn and_repeating_stays_quiet(self) {
        let after = self.outcome.expect("accepted").iter().fold(self.state, A::evolve);
        assert_eq!(A::decide(&after, &self.command), Ok(vec![]));
    }
}

/// The state that these events lead to.
pub fn state_after<A: Decider>(events: impl IntoIterator<Item = A::Event>) -> A::State {
    given::<A>(events).state
}

/// Whether a value is the same after it was stored and read.
pub fn survives_storage<T>(value: &T) -> bool
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq,
{
    let text = serde_json::to_string(value).expect("serialises");
    serde_json::from_str::<T>(&text).expect("deserialises") == *value
}

pub fn customer(number: u128) -> CustomerId {
    CustomerId::new(Uuid::from_u128(0x3f2b_8c1e_5a77_4d09_9e10_0000_0000_0000 + number))
}

pub fn application(number: u128) -> ApplicationId {
    ApplicationId::new(Uuid::from_u128(0xa8f2_0c5e_1b34_4c6d_8e7f_0000_0000_0000 + number))
}

pub fn some_application() -> impl Strategy<Value = ApplicationId> {
    (0_u128..3).prop_map(application)
}

pub fn account(number: u128, asset: Asset) -> AccountId {
    AccountId::new(customer(number), asset)
}

pub fn operation(number: u128) -> OperationId {
    let id = Uuid::from_u128(0xd916_2680_7d35_7994_4e38_0000_0000_0000 + number);
    OperationId::new(OperationOwner::try_new("clearbank").expect("valid"), id)
}

pub fn email(number: u128) -> VaultRef {
    VaultRef::of_customer(customer(number), "email").expect("valid")
}

pub fn payer(number: u128) -> VaultRef {
    VaultRef::of_operation(&operation(number), "payer").expect("valid")
}

pub fn gbp(units: i128) -> Money {
    Money::new(Asset::Gbp, units)
}

pub fn eur(units: i128) -> Money {
    Money::new(Asset::Eur, units)
}

pub fn day(text: &str) -> BusinessDate {
    text.parse().expect("a day")
}

pub fn week(text: &str) -> Week {
    text.parse().expect("a week")
}

pub fn position(number: u128) -> PositionId {
    PositionId::new(customer(number), "usdc-savings".parse().expect("valid"))
}

/// Rates in basis points, by their first days.
pub fn schedule(steps: &[(&str, u32)]) -> RateSchedule {
    let step = |(from, basis_points): &(&str, u32)| RateStep {
        from: day(from),
        yearly: Rate::try_from_basis_points(*basis_points).expect("a rate"),
    };
    RateSchedule::try_new(steps.iter().map(step).collect()).expect("a schedule")
}

pub fn any_asset() -> impl Strategy<Value = Asset> {
    proptest::sample::select(Asset::ALL.to_vec())
}

/// Amounts of every size, the extremes included.
pub fn any_money() -> impl Strategy<Value = Money> {
    let units = prop_oneof![-3_i128..=3, -1_000_000_i128..=1_000_000, any::<i128>()];
    (any_asset(), units).prop_map(|(asset, units)| Money::new(asset, units))
}

/// One of a few customers, so that they meet.
pub fn some_customer() -> impl Strategy<Value = CustomerId> {
    (0_u128..3).prop_map(customer)
}

pub fn some_account() -> impl Strategy<Value = AccountId> {
    (some_customer(), any_asset()).prop_map(|(customer, asset)| AccountId::new(customer, asset))
}

pub fn some_position() -> impl Strategy<Value = PositionId> {
    (0_u128..3).prop_map(position)
}

pub fn any_account() -> impl Strategy<Value = AccountId> {
    (any::<u128>(), any_asset()).prop_map(|(id, asset)| AccountId::new(CustomerId::new(Uuid::from_u128(id)), asset))
}

pub fn some_operation() -> impl Strategy<Value = OperationId> {
    (0_u128..3).prop_map(operation)
}

pub fn some_fingerprint() -> impl Strategy<Value = Fingerprint> {
    (0_u8..3).prop_map(|request| Fingerprint::of(&[request]))
}

pub fn some_email() -> impl Strategy<Value = VaultRef> {
    (0_u128..3).prop_map(email)
}

pub fn some_payer() -> impl Strategy<Value = VaultRef> {
    (0_u128..3).prop_map(payer)
}

pub fn any_reference() -> impl Strategy<Value = DepositReference> {
    (any_account(), any::<u32>()).prop_map(|(account, salt)| DepositReference::derive(&account, salt))
}
