//! `customer` streams -> one row a customer, and one in the list of what is to be erased.

use domain::{
    aggregate::Aggregate as _,
    identity::customer::Customer,
    ids::{CustomerId, StreamId},
};
use money::BusinessDate;

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

/// The partition that lists those who have a key that is to be destroyed.
pub const DUE: &str = "erasures#due";

/// What comes after the rows of everything that is due on a day or before. Days sort as their text does, and `$` follows on `#`.
#[must_use]
pub fn due_until(day: BusinessDate) -> String {
    format!("{day}$")
}

fn due_key(view: &CustomerView) -> Option<RowKey> {
    view.erase_on.map(|day| RowKey::new(DUE, format!("{day}#{}", view.id)))
}

impl Projection for Customers {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        let is_view = key.sk == "view" && key.pk.split_once('#').is_some_and(|(kind, _)| kind == Customer::KIND);
        is_view || key.pk == DUE
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        CustomerId::try_from(stream).ok().map(customer_key)
    }

    fn folding(&self, _: &StreamId) -> Option<Box<dyn Folding>> {
        Some(folding::<Customer>())
    }

    fn change(&self, commit: &Commit, before: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        let state = super::state_of::<Customer>(commit)?;
        let id = CustomerId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        let view = CustomerView::of(id, &state);
        let before: Option<CustomerView> = before.map(super::shown).transpose()?;
        let (now, then) = (due_key(&view), before.as_ref().and_then(due_key));
        let mut rows = Vec::new();
        if now != then {
            rows.extend(then.map(RowChange::Remove));
            if let Some(key) = now {
                rows.push(RowChange::Put(key, super::document(&id)?));
            }
        }
        Ok((super::document(&view)?, rows))
    }
}
