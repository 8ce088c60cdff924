use crate::Asset;

/// What can go wrong with an amount.
///
/// No variant repeats the text that was refused: it may come from a stranger's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two amounts of different assets cannot be added or subtracted.
    #[error("{left} and {right} are different assets")]
    AssetMismatch {
        /// The asset of the amount on the left.
        left: Asset,
        /// The asset of the amount on the right.
        right: Asset,
    },
    /// The result does not fit.
    #[error("the amount is too large")]
    Overflow,
    /// The text has more decimals than the asset has. It is refused even where they are zeros: nothing is dropped.
    #[error("{text_decimals} decimals are too many for {asset}")]
    OverPrecise {
        /// The asset that the text was read for.
        asset: Asset,
        /// How many decimals were written.
        text_decimals: usize,
    },
    /// The text is not a plain decimal number.
    #[error("not a plain decimal number")]
    NotANumber,
    /// The text names no asset that is known here.
    #[error("not a known asset")]
    UnknownAsset,
}
