use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::MoneyError;

/// What an amount is counted in.
///
/// The codes are stored in events. Never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Asset {
    /// Pound sterling, in pence.
    #[serde(rename = "GBP")]
    Gbp,
    /// Euro, in cents.
    #[serde(rename = "EUR")]
    Eur,
    /// USD Coin, in its 6-decimal token units.
    #[serde(rename = "USDC")]
    Usdc,
    /// Bitcoin, in satoshi.
    #[serde(rename = "BTC")]
    Btc,
    /// Ether, in wei.
    #[serde(rename = "ETH")]
    Eth,
}

/// Whether an asset is held at a bank or at a custodian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetKind {
    /// A currency that a state issues, held at a bank.
    Fiat,
    /// A token or coin on a chain, held at a custodian.
    Crypto,
}

impl Asset {
    /// Every asset there is.
    pub const ALL: [Self; 5] = [Self::Gbp, Self::Eur, Self::Usdc, Self::Btc, Self::Eth];

    /// The code that is stored and shown.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gbp => "GBP",
            Self::Eur => "EUR",
            Self::Usdc => "USDC",
            Self::Btc => "BTC",
            Self::Eth => "ETH",
        }
    }

    /// How many decimals one whole unit is divided into.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        match self {
            Self::Gbp | Self::Eur => 2,
            Self::Usdc => 6,
            Self::Btc => 8,
            Self::Eth => 18,
        }
    }

    /// Whether it is held at a bank or at a custodian.
    #[must_use]
    pub const fn kind(self) -> AssetKind {
        match self {
            Self::Gbp | Self::Eur => AssetKind::Fiat,
            Self::Usdc | Self::Btc | Self::Eth => AssetKind::Crypto,
        }
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Asset {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::ALL.into_iter().find(|asset| asset.code() == text).ok_or(MoneyError::UnknownAsset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_is_what_serde_writes() {
        for asset in Asset::ALL {
            assert_eq!(asset.code().parse(), Ok(asset));
            assert_eq!(serde_json::to_string(&asset).unwrap(), format!("\"{asset}\""));
            assert_eq!(serde_json::from_str::<Asset>(&format!("\"{asset}\"")).unwrap(), asset);
        }
    }

    #[test]
    fn each_asset_has_its_own_decimals_and_kind() {
        assert_eq!(Asset::ALL.map(Asset::decimals), [2, 2, 6, 8, 18]);
        use AssetKind::{Crypto, Fiat};
        assert_eq!(Asset::ALL.map(Asset::kind), [Fiat, Fiat, Crypto, Crypto, Crypto]);
    }

    #[test]
    fn an_unknown_code_is_refused() {
        for text in ["", "gbp", "GBP ", "USD", "XYZ"] {
            assert_eq!(text.parse::<Asset>(), Err(MoneyError::UnknownAsset), "{text:?}");
        }
    }
}
