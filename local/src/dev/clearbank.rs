//! Orders to the simulated ClearBank.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use simulators::clearbank::{Bank, BankError, Delivery, Endpoint, Payment};
use uuid::Uuid;

use crate::engine::clock::Clock;

/// The body of `POST /dev/clearbank/payments`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaymentOrder {
    /// What the payer types, usually a deposit reference.
    pub reference: String,
    /// The currency code.
    pub asset: String,
    /// A decimal, as a string or a number. It reaches the webhook as it is written here, nonsense included.
    pub amount: Box<RawValue>,
    /// ClearBank's id, to send the same transaction again with other details.
    pub transaction_id: Option<Uuid>,
    /// Who pays.
    pub payer_name: Option<String>,
    /// Whether the webhook is delivered twice.
    #[serde(default)]
    pub duplicate: bool,
}

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum PaymentRefused {
    /// The order makes no sense.
    #[error("{message}")]
    Order {
        /// What is wrong with it.
        message: String,
    },
    /// The simulator could not do it.
    #[error("the simulator failed")]
    Simulator {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Whoever makes payments to the bank.
#[async_trait::async_trait]
pub trait Payments: Send + Sync {
    /// Makes one, and tells how its webhooks fared. A refused webhook is an outcome, not an error.
    async fn pay(&self, order: PaymentOrder) -> Result<Vec<Delivery>, PaymentRefused>;
}

/// The simulator with its way to the bank's webhook.
#[derive(Clone)]
pub struct ClearBank {
    /// The simulator.
    pub bank: Arc<Bank>,
    /// Where it sends to.
    pub endpoint: Endpoint,
    /// The time that its webhooks carry.
    pub clock: Arc<dyn Clock>,
}

#[async_trait::async_trait]
impl Payments for ClearBank {
    async fn pay(&self, order: PaymentOrder) -> Result<Vec<Delivery>, PaymentRefused> {
        let amount = amount_text(&order.amount)?;
        let mut payment = Payment::credit(&order.asset, &amount, &order.reference);
        if let Some(transaction_id) = order.transaction_id {
            payment.transaction_id = transaction_id;
        }
        if let Some(payer_name) = order.payer_name {
            payment.payer_name = payer_name;
        }
        let first = self.bank.pay(&payment, self.clock.now_ms(), &self.endpoint).await.map_err(refused)?;
        let mut deliveries = vec![first];
        if order.duplicate
            && let Some(id) = deliveries.first().map(|first| first.id)
        {
            deliveries.push(self.bank.redeliver(id, self.clock.now_ms(), &self.endpoint).await.map_err(refused)?);
        }
        Ok(deliveries)
    }
}

/// The digits as they were written: nothing on the way may round them.
fn amount_text(raw: &RawValue) -> Result<String, PaymentRefused> {
    let text = raw.get();
    if text.starts_with('"') {
        serde_json::from_str(text).map_err(|source| PaymentRefused::Simulator { source: source.into() })
    } else {
        Ok(text.to_owned())
    }
}

fn refused(error: BankError) -> PaymentRefused {
    match error {
        BankError::AmountNotANumber => PaymentRefused::Order { message: error.to_string() },
        BankError::TimeOutOfRange
        | BankError::Unknown { .. }
        | BankError::Build { .. }
        | BankError::Unreadable { .. }
        | BankError::Storage { .. }
        | BankError::Key(_) => PaymentRefused::Simulator { source: error.into() },
    }
}
