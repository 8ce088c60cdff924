use std::fmt;
use std::str::FromStr;

use crate::ids::{IdError, stored_as_text};

/// Long enough for every id that the provider writes, short enough for an event.
const LENGTH_MAX: usize = 128;

/// Ids that the provider made: letters, digits and a few signs, none of which can be part of a sentence.
macro_rules! provider_ids {
    ($($(#[$doc:meta])+ $name:ident, $expected:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The provider's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_plain(text) { Ok(Self(text.to_owned())) } else { Err(IdError::new($expected)) }
            }
        }
    )+};
}

provider_ids! {
    /// A listed person, by the screening provider's id of them: `NK-2FpVVpzDGT2dgLD1ANUJvU`, `Q7747`.
    EntityId, "entity id";
    /// A list, by the screening provider's id of it: `us_ofac_sdn`.
    ListId, "list id";
    /// How its lists stand, as the screening provider writes it: `20261121063012-nwd`.
    IndexVersion, "index version";
}

fn is_plain(text: &str) -> bool {
    (1..=LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'))
}

stored_as_text!(EntityId, ListId, IndexVersion);
