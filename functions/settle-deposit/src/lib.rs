//! Books bank payments whose webhooks were verified and stored.
//!
//! Redelivery is safe: the bank's transaction id is the operation's id, and an operation happens once.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::{BankPayment, Booking, LedgerError, Nature, settle_deposit},
    ports::{Objects, PortError, Vault},
    streams::Streams,
};
use aws::{DynamoEventStore, KmsVault, S3Objects, SdkClock};
use contracts::jobs::SettleDeposit;
use domain::{
    error::{Class, Classify},
    ids::{IdError, OperationId},
    ledger::{deposit, operation::OperationState},
};
use lambda_kit::{Env, Function, FunctionError, sqs};
use providers::clearbank::{Direction, InboundPayment, Webhook, WebhookError};
use secrecy::SecretString;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "settle-deposit",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.settle(message).await }
            })
        })
    },
};

/// Owner of the operations whose ids the bank chose.
const OWNER: &str = "clearbank";

struct Work {
    streams: Streams,
    vault: Arc<dyn Vault>,
    webhooks: Arc<dyn Objects>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let vault = KmsVault::new(
            dynamodb,
            aws_sdk_kms::Client::new(config),
            env.get("VAULT_TABLE")?,
            env.get("VAULT_KEYS_TABLE")?,
            env.get("VAULT_KEY_ID")?,
        );
        Ok(Self {
            streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
            vault: Arc::new(vault),
            webhooks: Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?)),
        })
    }

    async fn settle(&self, message: sqs::Message) -> Result<(), SettleError> {
        let job: SettleDeposit = serde_json::from_str(&message.body).map_err(|_| SettleError::Malformed)?;
        let raw = self.webhooks.get(&job.object).await?;
        let webhook = Webhook::parse(&raw)?;
        let payment = webhook.payment().ok_or(SettleError::NoPayment)?;
        let cause = Cause::by(Actor::Provider("clearbank")).because_of(job.object).correlated(Some(job.correlation_id));
        let operation = OperationId::new(OWNER.parse()?, payment.transaction_id);
        let payment = bank_payment(operation, payment);
        match settle_deposit(&self.streams, &self.vault, &payment, &cause).await? {
            Booking::Booked(OperationState::Settled { account, .. }) => {
                tracing::info!(operation = %payment.operation, %account, "booked");
            }
            Booking::Booked(OperationState::Suspended { reason, .. }) => {
                tracing::info!(operation = %payment.operation, ?reason, "suspended");
            }
            Booking::Booked(
                OperationState::None
                | OperationState::Pending { .. }
                | OperationState::Released { .. }
                | OperationState::Failed { .. }
                | OperationState::Moved { .. },
            )
            | Booking::Repeated(_) => {
                tracing::info!(operation = %payment.operation, "booked before");
            }
        }
        Ok(())
    }
}

fn bank_payment(operation: OperationId, payment: &InboundPayment) -> BankPayment {
    BankPayment {
        operation,
        amount: payment.amount,
        direction: match payment.direction {
            Direction::Credit => deposit::Direction::Credit,
            Direction::Debit => deposit::Direction::Debit,
        },
        nature: if payment.is_return { Nature::Return } else { Nature::Payment },
        payer: payment.payer.to_vault_json(),
        remittance: payment.reference.clone().unwrap_or_else(|| SecretString::from(String::new())),
    }
}

#[derive(Debug, thiserror::Error)]
enum SettleError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("the stored webhook tells of no payment")]
    NoPayment,
    #[error("the stored webhook cannot be read")]
    Webhook(#[from] WebhookError),
    #[error("the operation's id cannot be built")]
    Id(#[from] IdError),
    #[error("the stored webhook cannot be fetched")]
    Port(#[from] PortError),
    #[error("the payment was not booked")]
    Ledger(#[from] LedgerError),
}

impl Classify for SettleError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed | Self::NoPayment => Class::Invalid,
            Self::Webhook(error) => error.class(),
            Self::Id(error) => error.class(),
            Self::Port(error) => error.class(),
            Self::Ledger(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::NoPayment => "WEBHOOK_WITHOUT_PAYMENT",
            Self::Webhook(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Port(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}
