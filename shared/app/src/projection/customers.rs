//! `customer` streams -> one row a customer.

use domain::{
    aggregate::Aggregate as _,
    identity::customer::Customer,
    ids::{CustomerId, StreamId},
};

use super::{Folding, Projection, RowChange, RowKey, folding};
use crate::{commit::Commit, store::StoreError, views::CustomerView};

/// Shows customers to themselves.
#[derive(Debug, Clone, Copy)]
pub struct Customers;

/// What it is called.
pub const NAME: &str = "customers";

/// Where a customer's row is.
#[must_use]
pub fn customer_key(id: CustomerId) -> RowKey {
    RowKey::new(StreamId::from(id).to_string(), "view")
}

impl Projection for Customers {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        key.sk == "view" && key.pk.split_once('#').is_some_and(|(kind, _)| kind == Customer::KIND)
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        CustomerId::try_from(stream).ok().map(customer_key)
    }

    fn folding(&self, _: &StreamId) -> Option<Box<dyn Folding>> {
        Some(folding::<Customer>())
    }

    fn change(&self, commit: &Commit, _: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        let state = super::state_of::<Customer>(commit)?;
        let id = CustomerId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        let view = CustomerView { id, status: state.status };
        Ok((super::document(&view)?, Vec::new()))
    }
}
