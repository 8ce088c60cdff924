use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{AccountId, IdError};

/// Crockford's base 32: no I, L, O or U, so what people misread still reads as what was meant.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "GR";
const LENGTH: usize = 12;
const PAYLOAD_LENGTH: usize = 9;

/// What a customer writes on a payment so that it finds their account: `GR`, nine characters, one check character.
///
/// The check character is a weighted sum in the field of 32 elements with a different weight for each place. Unlike
/// a sum modulo 32 it finds every single wrong character and also every two that changed places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DepositReference(String);

impl DepositReference {
    /// The reference of an account. Should another account have it already, the next `salt` gives another one.
    #[must_use]
    pub fn derive(account: &AccountId, salt: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"granary deposit reference v1\0");
        hash.update(account.to_string());
        hash.update([0]);
        hash.update(salt.to_be_bytes());
        // Every value below 32 has the same chance, as 256 is a multiple of 32.
        let payload: Vec<u8> = hash.finalize().iter().take(PAYLOAD_LENGTH).map(|byte| byte % 32).collect();
        let symbols = payload.iter().copied().chain(std::iter::once(check_value(&payload)));
        Self(PREFIX.chars().chain(symbols.map(symbol)).collect())
    }

    /// The first reference in what a payer typed.
    ///
    /// Case, blanks and hyphens do not matter, nor does what stands around it, nor I or L for 1 and O for 0.
    #[must_use]
    pub fn find_in(text: &str) -> Option<Self> {
        Self::candidates_in(text).into_iter().next()
    }

    /// Everything in a text that reads as a reference, in its order.
    ///
    /// One in 32 texts that begin like one passes the check by chance, and so may stand before the real one: a Greek
    /// IBAN, or a payer called Gregory. Who can look references up should try them all.
    #[must_use]
    pub fn candidates_in(text: &str) -> Vec<Self> {
        let letters: Vec<char> = text.chars().filter(|letter| !is_skipped(*letter)).map(as_meant).collect();
        letters.windows(LENGTH).filter_map(|window| window.iter().collect::<String>().parse().ok()).collect()
    }

    /// The twelve characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DepositReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for DepositReference {
    type Err = IdError;

    /// Reads the stored form only. What people typed goes through [`DepositReference::find_in`].
    fn from_str(text: &str) -> Result<Self, IdError> {
        let values = text.strip_prefix(PREFIX).and_then(|rest| rest.bytes().map(value_of).collect::<Option<Vec<u8>>>());
        match values.as_deref().and_then(<[u8]>::split_last) {
            Some((check, payload)) if payload.len() == PAYLOAD_LENGTH && *check == check_value(payload) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(IdError::new("deposit reference")),
        }
    }
}

/// Blanks, and every dash that a keyboard or a bank's form may turn a hyphen into.
fn is_skipped(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn as_meant(letter: char) -> char {
    match letter.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    }
}

fn symbol(value: u8) -> char {
    ALPHABET.get(usize::from(value)).copied().map_or('0', char::from)
}

fn value_of(symbol: u8) -> Option<u8> {
    ALPHABET.iter().zip(0..).find_map(|(known, value)| (*known == symbol).then_some(value))
}

/// The weights are the powers of the field's generator, which are all different for up to 31 places.
fn check_value(payload: &[u8]) -> u8 {
    payload.iter().fold(0, |sum, value| times_generator(sum ^ value))
}

/// Multiplies by x in the field of 32 elements, whose polynomial is x⁵ + x² + 1.
fn times_generator(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ 0b10_0101 }
}
