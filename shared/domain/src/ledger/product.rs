//! What customers can save in. The catalogue is data that is committed: `data/products.json`.

use std::sync::OnceLock;

use money::Asset;
use serde::Deserialize;
use time::Weekday;

use super::rates::RateSchedule;
use crate::error::{Class, Classify};
use crate::ids::ProductId;

/// A savings product: one asset, at rates that are known by their dates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name.
    pub id: ProductId,
    /// What is saved in it.
    pub asset: Asset,
    /// What it earns. A new rate is added with a day that lies ahead; one that has begun is never touched.
    pub rates: RateSchedule,
}

impl Product {
    /// On what day of the week the week before it is paid: weeks end as it begins.
    #[must_use]
    pub const fn payout_weekday(&self) -> Weekday {
        Weekday::Monday
    }

    /// Whether this can be saved in it.
    ///
    /// # Errors
    ///
    /// [`ProductError::WrongAsset`].
    pub fn check_asset(&self, given: Asset) -> Result<(), ProductError> {
        if given == self.asset { Ok(()) } else { Err(ProductError::WrongAsset { held: self.asset, given }) }
    }
}

/// Why nothing can be saved like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// No product has this name.
    #[error("there is no such savings product")]
    Unknown,
    /// The product is in something else.
    #[error("the product is in {held}, not {given}")]
    WrongAsset {
        /// What the product is in.
        held: Asset,
        /// What was to be saved.
        given: Asset,
    },
}

impl Classify for ProductError {
    fn class(&self) -> Class {
        match self {
            Self::Unknown | Self::WrongAsset { .. } => Class::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "PRODUCT_UNKNOWN",
            Self::WrongAsset { .. } => "PRODUCT_WRONG_ASSET",
        }
    }
}

/// Every product there is.
#[must_use]
pub fn catalogue() -> &'static [Product] {
    static CATALOGUE: OnceLock<Vec<Product>> = OnceLock::new();
    // A file that does not read would offer nothing; a test reads this very one.
    CATALOGUE.get_or_init(|| serde_json::from_str(include_str!("../../data/products.json")).unwrap_or_default())
}

/// The product of this name.
///
/// # Errors
///
/// [`ProductError::Unknown`].
pub fn find(id: &ProductId) -> Result<&'static Product, ProductError> {
    catalogue().iter().find(|product| product.id == *id).ok_or(ProductError::Unknown)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use money::AssetKind;

    use super::*;

    fn shown() -> Vec<String> {
        let rates = |product: &Product| {
            let steps = product.rates.steps().iter().map(|step| format!(" {} from {}", step.yearly, step.from));
            steps.collect::<String>()
        };
        catalogue().iter().map(|product| format!("{} {}{}", product.id, product.asset, rates(product))).collect()
    }

    /// Positions are kept by these names and at these rates. Add lines and rates; never take any away.
    #[test]
    fn the_catalogue_is_this() {
        assert_eq!(
            shown(),
            [
                "usdc-savings USDC 0.12 from 2026-01-01",
                "btc-savings BTC 0.06 from 2026-01-01",
                "eth-savings ETH 0.06 from 2026-01-01",
            ]
        );
    }

    #[test]
    fn each_product_has_its_own_name_and_is_in_something_that_the_custodian_keeps() {
        let names: BTreeSet<_> = catalogue().iter().map(|product| &product.id).collect();
        assert_eq!(names.len(), catalogue().len());
        assert!(catalogue().iter().all(|product| product.asset.kind() == AssetKind::Crypto));
    }

    #[test]
    fn a_product_is_found_by_its_name_and_takes_its_own_asset_only() {
        let product = find(&"btc-savings".parse().unwrap()).unwrap();
        assert_eq!(product.check_asset(Asset::Btc), Ok(()));
        let refused = ProductError::WrongAsset { held: Asset::Btc, given: Asset::Eth };
        assert_eq!(product.check_asset(Asset::Eth), Err(refused));
        assert_eq!(find(&"doge-savings".parse().unwrap()), Err(ProductError::Unknown));
    }
}
