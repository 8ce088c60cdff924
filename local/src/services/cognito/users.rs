//! Small facts about users: addresses, codes, times.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time;
use serde::Deserialize;
use simulators::chance;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{CognitoError, error::ApiError, store::Code};

const NAME_CHARS_MAX: usize = 128;
const ATTRIBUTES_MAX: usize = 50;
const ATTRIBUTE_CHARS_MAX: usize = 2_048;
const CODES: u64 = 1_000_000;
const CODE_VALID_MS: i64 = 24 * 60 * 60 * 1_000;

/// The standard attributes that a client may write.
const WRITABLE: [&str; 17] = [
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    name: String,
    value: Option<String>,
}

/// The address under which a user is found: letter case makes no second user.
pub(super) fn email_key(email: &str) -> Result<String, ApiError> {
    let is_address = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
    });
    let is_clean = !email.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    if is_address && is_clean && email.chars().count() <= NAME_CHARS_MAX {
        Ok(email.to_lowercase())
    } else {
        Err(ApiError::invalid_parameter("Username should be an email."))
    }
}

/// A name that somebody types later: whatever it is, it is only looked up.
pub(super) fn lookup_key(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect::<String>().to_lowercase()
}

/// The attributes of a new user, `email` among them.
pub(super) fn attributes(email: &str, given: Vec<Attribute>) -> Result<BTreeMap<String, String>, ApiError> {
    if given.len() > ATTRIBUTES_MAX {
        return Err(ApiError::invalid_parameter("Too many attributes."));
    }
    let mut attributes = BTreeMap::new();
    for Attribute { name, value } in given {
        let value = value.unwrap_or_default();
        if matches!(name.as_str(), "sub" | "email_verified" | "phone_number_verified") {
            return Err(ApiError::not_authorized("A client attempted to write unauthorized attribute"));
        }
        if !WRITABLE.contains(&name.as_str()) {
            let message =
                format!("Attributes did not conform to the schema: {name}: Attribute does not exist in the schema.\n");
            return Err(ApiError::invalid_parameter(message));
        }
        if value.chars().count() > ATTRIBUTE_CHARS_MAX {
            return Err(ApiError::invalid_parameter(format!("{name} is too long.")));
        }
        if name == "email" && value.to_lowercase() != email.to_lowercase() {
            return Err(ApiError::invalid_parameter("The email attribute must be the username."));
        }
        if attributes.insert(name, value).is_some() {
            return Err(ApiError::invalid_parameter("An attribute is given twice."));
        }
    }
    attributes.insert("email".to_owned(), email.to_owned());
    Ok(attributes)
}

/// The same where an administrator writes them, who may say that the address was checked.
pub(super) fn admin_attributes(email: &str, mut given: Vec<Attribute>) -> Result<BTreeMap<String, String>, ApiError> {
    let verified = given.iter().position(|attribute| attribute.name == "email_verified");
    let verified = verified.map(|at| given.swap_remove(at)).and_then(|attribute| attribute.value);
    let is_verified = verified.is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut attributes = attributes(email, given)?;
    attributes.insert("email_verified".to_owned(), is_verified.to_string());
    Ok(attributes)
}

/// Six digits, good for a day.
pub(super) fn new_code(now_ms: i64) -> Result<Code, CognitoError> {
    let mut bytes = [0; 8];
    chance::fill(&mut bytes).map_err(|_| CognitoError::Keys { what: "draw a code" })?;
    let number = u64::from_be_bytes(bytes) % CODES;
    Ok(Code { text: format!("{number:06}"), expires_ms: now_ms.saturating_add(CODE_VALID_MS) })
}

pub(super) fn is_same_code(left: &str, right: &str) -> bool {
    constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}

/// `a***@e***`: as much of an address as the API tells.
pub(super) fn masked(email: &str) -> String {
    let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    format!("{}***@{}***", first(name), first(host))
}

pub(super) fn timestamp(at_ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_is_a_username() {
        for email in ["ada@example.com", "Ada.Lovelace+x@Example.co.uk", "ä@exämple.de"] {
            assert_eq!(email_key(email), Ok(email.to_lowercase()));
        }
        let long = format!("{}@example.com", "a".repeat(128));
        for name in ["", "ada", "@", "ada@", "@example.com", "a@b@c", "a b@c", "a@.c", "a@c.", "a\n@c", long.as_str()] {
            assert!(email_key(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_destination_is_masked() {
        assert_eq!(masked("ada@example.com"), "a***@e***");
    }

    #[test]
    fn a_code_has_six_digits() {
        for _ in 0..100 {
            let code = new_code(0).unwrap().text;
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
    }
}
