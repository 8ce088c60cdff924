//! Values that GraphQL has no type of its own for, and money.

use async_graphql::{InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use domain::error::Classify as _;
use money::{Asset, BusinessDate, Money};

use crate::errors::ApiError;

pub(crate) struct Decimal(pub(crate) String);

/// An exact decimal number as text, such as `"1000.00"`; never a floating-point number.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

pub(crate) struct DateTime(pub(crate) String);

/// A moment after RFC 3339, in UTC, such as `"2026-01-31T09:30:00.000Z"`.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Date(pub(crate) BusinessDate);

/// A day, such as `"2026-01-31"`. The bank's days begin and end at 00:00 UTC.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(day) => day.parse().map(Self).map_err(|_| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(day) if day.parse::<BusinessDate>().is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

#[derive(Clone, Copy)]
pub(crate) struct AssetCode(pub(crate) Asset);

/// What an amount is counted in, such as `"GBP"`. `Query.assets` lists the codes that there are; more may come.
#[Scalar]
impl ScalarType for AssetCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(code) => code.parse().map(Self).map_err(|_| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(code) if code.parse::<Asset>().is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

/// An exact amount of one asset.
#[derive(SimpleObject)]
#[graphql(name = "Money")]
pub(crate) struct MoneyValue {
    /// What is counted.
    asset: AssetCode,
    /// How much of it, with all of the asset's decimals.
    amount: Decimal,
}

impl From<Money> for MoneyValue {
    fn from(money: Money) -> Self {
        Self { asset: AssetCode(money.asset()), amount: Decimal(money.to_decimal_string()) }
    }
}

/// An exact amount of one asset.
#[derive(InputObject)]
pub(crate) struct MoneyInput {
    /// What is counted.
    asset: AssetCode,
    /// How much of it, with no more decimals than the asset has.
    amount: Decimal,
}

impl MoneyInput {
    /// The amount, if it is one.
    pub(crate) fn read(&self) -> Result<Money, ApiError> {
        Money::parse(self.asset.0, &self.amount.0).map_err(|error| ApiError::refused(error.code(), error.to_string()))
    }
}
