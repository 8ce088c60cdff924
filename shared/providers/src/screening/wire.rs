//! The documented fields, named as the provider names them. Only what is used is read: of a listed person no more than the id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The one query of a request. Answers are told apart by it, and it says nothing about anybody.
pub(super) const QUERY: &str = "person";

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub(super) queries: Queries<'a>,
}

#[derive(Serialize)]
pub(super) struct Queries<'a> {
    pub(super) person: Example<'a>,
}

/// Somebody as the lists would have them. It borrows, so that personal data lives no longer than the request.
#[derive(Serialize)]
pub(super) struct Example<'a> {
    pub(super) schema: &'static str,
    pub(super) properties: Properties<'a>,
}

/// Every property has a list of values.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Properties<'a> {
    pub(super) name: [&'a str; 1],
    pub(super) first_name: [&'a str; 1],
    pub(super) last_name: [&'a str; 1],
    pub(super) birth_date: [&'a str; 1],
    pub(super) nationality: [&'a str; 1],
}

#[derive(Deserialize)]
pub(super) struct Answer<'a> {
    #[serde(borrow)]
    pub(super) responses: BTreeMap<String, Matches<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Matches<'a> {
    pub(super) status: u16,
    #[serde(borrow)]
    pub(super) results: Vec<Scored<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Scored<'a> {
    pub(super) id: String,
    pub(super) datasets: Vec<String>,
    /// From 0 to 1, as the text that it was sent as.
    #[serde(borrow)]
    pub(super) score: &'a RawValue,
}

/// What the provider has, and how it stands.
#[derive(Deserialize)]
pub(super) struct Catalog {
    pub(super) datasets: Vec<Dataset>,
}

#[derive(Deserialize)]
pub(super) struct Dataset {
    pub(super) name: String,
    /// None before the provider has indexed it.
    #[serde(default)]
    pub(super) index_version: Option<String>,
}
