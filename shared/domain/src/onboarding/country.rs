//! Where the bank takes customers.

/// A country that the bank knows how to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2: what people type.
    pub alpha2: &'static str,
    /// ISO 3166-1 alpha-3: what the identity provider takes.
    pub alpha3: &'static str,
}

/// The United Kingdom and the members of the euro area, since those are the currencies that can be paid in.
pub const SUPPORTED: [Country; 22] = [
    country("AT", "AUT"),
    country("BE", "BEL"),
    country("BG", "BGR"),
    country("CY", "CYP"),
    country("DE", "DEU"),
    country("EE", "EST"),
    country("ES", "ESP"),
    country("FI", "FIN"),
    country("FR", "FRA"),
    country("GB", "GBR"),
    country("GR", "GRC"),
    country("HR", "HRV"),
    country("IE", "IRL"),
    country("IT", "ITA"),
    country("LT", "LTU"),
    country("LU", "LUX"),
    country("LV", "LVA"),
    country("MT", "MLT"),
    country("NL", "NLD"),
    country("PT", "PRT"),
    country("SI", "SVN"),
    country("SK", "SVK"),
];

const fn country(alpha2: &'static str, alpha3: &'static str) -> Country {
    Country { alpha2, alpha3 }
}

/// The supported country with this alpha-2 code.
#[must_use]
pub fn find(alpha2: &str) -> Option<Country> {
    SUPPORTED.into_iter().find(|country| country.alpha2 == alpha2)
}
