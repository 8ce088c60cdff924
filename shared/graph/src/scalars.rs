//! Values that GraphQL has no type of its own for, and money.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use money::{Asset, Money};

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
