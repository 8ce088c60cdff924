use domain::error::{Class, Classify};

/// Why a webhook cannot be used, although its signature may be good.
///
/// It names the part and never repeats what stood there: that may be somebody's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// A payment of nothing, or of less.
    #[error("the amount is not positive")]
    AmountNotPositive,
    /// More decimals than the currency has: nothing is rounded here.
    #[error("the amount has more decimals than its currency")]
    AmountOverPrecise,
    /// A currency that the bank does not hold.
    #[error("the currency is unknown")]
    UnknownCurrency,
    /// Not the documented shape.
    #[error("{part} is malformed")]
    Malformed {
        /// The part as the documentation names it.
        part: &'static str,
    },
    /// A known type in a version whose fields may mean something else.
    #[error("version {version} of {kind} is not supported")]
    UnsupportedVersion {
        /// The webhook's type.
        kind: &'static str,
        /// The version that came.
        version: u32,
    },
}

impl Classify for WebhookError {
    fn class(&self) -> Class {
        Class::Invalid // Sending the same bytes again cannot help.
    }

    fn code(&self) -> &'static str {
        match self {
            Self::AmountNotPositive => "AMOUNT_NOT_POSITIVE",
            Self::AmountOverPrecise => "AMOUNT_OVER_PRECISE",
            Self::UnknownCurrency => "UNKNOWN_CURRENCY",
            Self::Malformed { .. } => "MALFORMED",
            Self::UnsupportedVersion { .. } => "UNSUPPORTED_VERSION",
        }
    }
}
