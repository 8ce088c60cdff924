use std::fmt;
use std::str::FromStr;

use money::{Asset, AssetKind};

use super::IdError;

/// An address on a chain, as the custodian writes it. Customers are shown this spelling, as its case may be a checksum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainAddress(String);

impl ChainAddress {
    const LENGTH_MAX: usize = 100;

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChainAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ChainAddress {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_plain && (1..=Self::LENGTH_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::new("chain address"))
        }
    }
}

/// Where one asset can be sent to: `ETH#0x52908400098527886e0f7030069857d2e4169ee7`.
///
/// Two spellings of one address are one id: where case means nothing, or is no more than a checksum, it is lower.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CryptoAddress {
    asset: Asset,
    address: ChainAddress,
}

impl CryptoAddress {
    /// The id of this address for this asset.
    ///
    /// # Errors
    ///
    /// The asset is on no chain.
    pub fn of(asset: Asset, address: &ChainAddress) -> Result<Self, IdError> {
        match asset.kind() {
            AssetKind::Crypto => Ok(Self { asset, address: ChainAddress(canonical(&address.0)) }),
            AssetKind::Fiat => Err(IdError::new("crypto address")),
        }
    }

    /// What may be sent there.
    #[must_use]
    pub const fn asset(&self) -> Asset {
        self.asset
    }

    /// The address in the one spelling that ids have.
    #[must_use]
    pub const fn address(&self) -> &ChainAddress {
        &self.address
    }
}

impl fmt::Display for CryptoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.asset, self.address)
    }
}

impl FromStr for CryptoAddress {
    type Err = IdError;

    /// Reads the stored form only: an id has one text.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let invalid = IdError::new("crypto address");
        let (asset, address) = text.split_once('#').ok_or(invalid)?;
        let asset = asset.parse().map_err(|_| invalid)?;
        let id = Self::of(asset, &address.parse().map_err(|_| invalid)?)?;
        if id.address.0 == address { Ok(id) } else { Err(invalid) }
    }
}

/// Hexadecimal and bech32 addresses are the same in either case; base 58 ones are not.
fn canonical(address: &str) -> String {
    const CASELESS: [&str; 4] = ["0x", "bc1", "tb1", "bcrt1"];
    let lower = address.to_ascii_lowercase();
    if CASELESS.iter().any(|prefix| lower.starts_with(prefix)) { lower } else { address.to_owned() }
}

/// A customer's vault account at the custodian, by the custodian's own id of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustodyAccountId(String);

impl CustodyAccountId {
    const LENGTH_MAX: usize = 64;

    /// The custodian's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustodyAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for CustodyAccountId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if is_plain && (1..=Self::LENGTH_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::new("custody account id"))
        }
    }
}
