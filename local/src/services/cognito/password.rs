//! Passwords: what they must have, and how they are kept.

use std::num::NonZeroU32;

use aws_lc_rs::{pbkdf2, rand};

use super::{CognitoError, PasswordPolicy, error::ApiError};

const ALGORITHM: pbkdf2::Algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
/// Some tens of milliseconds: enough for a store that never leaves the laptop.
const ITERATIONS: NonZeroU32 = match NonZeroU32::new(100_000) {
    Some(iterations) => iterations,
    None => NonZeroU32::MIN,
};
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
const PASSWORD_CHARS_MAX: usize = 256;
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ";

#[derive(Clone, PartialEq, Eq)]
pub(super) struct PasswordHash {
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl PasswordHash {
    /// What nobody's password hashes to: comparing with it takes as long as with a real one.
    pub(super) fn of_nobody() -> Self {
        Self { salt: vec![0; SALT_BYTES], hash: vec![0; HASH_BYTES] }
    }
}

/// Off the runtime's threads: hashing is slow on purpose.
pub(super) async fn hash(password: String) -> Result<PasswordHash, CognitoError> {
    tokio::task::spawn_blocking(move || {
        let mut salt = vec![0; SALT_BYTES];
        rand::fill(&mut salt).map_err(|_| CognitoError::Password)?;
        let mut hash = vec![0; HASH_BYTES];
        pbkdf2::derive(ALGORITHM, ITERATIONS, &salt, password.as_bytes(), &mut hash);
        Ok(PasswordHash { salt, hash })
    })
    .await
    .map_err(|_| CognitoError::Password)?
}

/// Compares in constant time.
pub(super) async fn matches(password: String, kept: PasswordHash) -> Result<bool, CognitoError> {
    tokio::task::spawn_blocking(move || {
        pbkdf2::verify(ALGORITHM, ITERATIONS, &kept.salt, password.as_bytes(), &kept.hash).is_ok()
    })
    .await
    .map_err(|_| CognitoError::Password)
}

pub(super) fn check_policy(policy: &PasswordPolicy, password: &str) -> Result<(), ApiError> {
    let has = |wanted: fn(char) -> bool| password.chars().any(wanted);
    let length = password.chars().count();
    let lack = if length < policy.length_min {
        "Password not long enough"
    } else if length > PASSWORD_CHARS_MAX {
        "Password too long"
    } else if policy.uppercase && !has(|letter| letter.is_ascii_uppercase()) {
        "Password must have uppercase characters"
    } else if policy.lowercase && !has(|letter| letter.is_ascii_lowercase()) {
        "Password must have lowercase characters"
    } else if policy.numbers && !has(|letter| letter.is_ascii_digit()) {
        "Password must have numeric characters"
    } else if policy.symbols && !has(|letter| SYMBOLS.contains(letter)) {
        "Password must have symbol characters"
    } else {
        return Ok(());
    };
    Err(ApiError::new("InvalidPasswordException", format!("Password did not conform with policy: {lack}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_of_the_policy_is_named_when_it_is_broken() {
        for (password, lack) in [
            ("Aa1!", "not long enough"),
            ("aaaaaaa1!", "uppercase"),
            ("AAAAAAA1!", "lowercase"),
            ("Aaaaaaaa!", "numeric"),
            ("Aaaaaaaa1", "symbol"),
        ] {
            let error = check_policy(&PasswordPolicy::default(), password).unwrap_err();
            assert!(error.body().to_string().contains(lack), "{password}: {error:?}");
        }
        assert_eq!(check_policy(&PasswordPolicy::default(), "Aaaaaaa1!"), Ok(()));
    }

    #[tokio::test]
    async fn only_the_same_password_matches() {
        let kept = hash("Correct-1".to_owned()).await.unwrap();
        assert!(matches("Correct-1".to_owned(), kept.clone()).await.unwrap());
        assert!(!matches("correct-1".to_owned(), kept.clone()).await.unwrap());
        assert!(hash("Correct-1".to_owned()).await.unwrap().salt != kept.salt);
        assert!(!matches(String::new(), PasswordHash::of_nobody()).await.unwrap());
    }
}
