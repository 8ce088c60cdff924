//! What people write about themselves, on its way into the vault. It prints as a mask, and no error repeats it.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Value, registry::Registry};
use secrecy::SecretString;

use crate::scalars::Date;

/// Text of somebody: `String` in the schema.
#[derive(Debug)]
pub(crate) struct PersonalText(pub(crate) SecretString);

/// A day in somebody's life: `Date` in the schema.
#[derive(Debug)]
pub(crate) struct PersonalDate(pub(crate) SecretString);

/// Stands for `$public` in the schema.
macro_rules! written_as {
    ($($name:ident as $public:ty),+ $(,)?) => {$(
        impl InputType for $name {
            type RawValueType = Self;

            fn type_name() -> Cow<'static, str> {
                <$public as InputType>::type_name()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                <$public as InputType>::create_type_info(registry)
            }

            fn parse(value: Option<Value>) -> InputValueResult<Self> {
                match value {
                    Some(Value::String(text)) => Ok(Self(SecretString::from(text))),
                    // The library's own error would say what it found.
                    _ => Err(InputValueError::custom("not a text")),
                }
            }

            fn to_value(&self) -> Value {
                Value::Null
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }
    )+};
}

written_as!(PersonalText as String, PersonalDate as Date);
