//! What a deposit on a chain needs before it is a customer's money.

use money::{Asset, Money};

/// The least that is worth booking. What is less waits in suspense, so that nobody can fill a ledger with dust.
#[must_use]
pub const fn minimum(asset: Asset) -> Money {
    let units = match asset {
        Asset::Usdc => 1_000_000,          // 1 USDC
        Asset::Btc => 1_000,               // 0.00001 BTC
        Asset::Eth => 500_000_000_000_000, // 0.0005 ETH
        Asset::Gbp | Asset::Eur => 0,      // On no chain.
    };
    Money::new(asset, units)
}

/// How many blocks have to confirm a transaction, its own included, before nobody expects it to be undone.
#[must_use]
pub const fn confirmations(asset: Asset) -> u32 {
    match asset {
        Asset::Usdc | Asset::Eth => 12,
        Asset::Btc => 3,
        Asset::Gbp | Asset::Eur => 0,
    }
}

#[cfg(test)]
mod tests {
    use money::AssetKind;

    use super::*;

    #[test]
    fn the_least_amounts_are_these() {
        let shown = Asset::ALL.map(|asset| minimum(asset).to_string());
        assert_eq!(shown, ["0.00 GBP", "0.00 EUR", "1.000000 USDC", "0.00001000 BTC", "0.000500000000000000 ETH"]);
    }

    #[test]
    fn whatever_is_on_a_chain_has_to_be_confirmed() {
        for asset in Asset::ALL {
            assert_eq!(confirmations(asset) > 0, asset.kind() == AssetKind::Crypto, "{asset}");
        }
        assert_eq!([Asset::Usdc, Asset::Btc, Asset::Eth].map(confirmations), [12, 3, 12]);
    }
}
