//! Books deposits at the custodian whose webhooks were verified and stored.
//!
//! The webhook only says which transaction there is news of; what is booked is what the custodian answers when it is asked.
//! Redelivery is safe: the transaction's id is the operation's id, and an operation happens once.

mod verdict;

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::{Booking, CryptoDeposit, LedgerError, fail_crypto_deposit, note_crypto_deposit, settle_crypto_deposit},
    ports::{Clock, Custodian, CustodyTransaction, Objects, PortError, Vault},
    streams::Streams,
};
use aws::{DynamoEventStore, KmsSigner, KmsVault, S3Objects, SdkClock};
use contracts::jobs::SettleCryptoDeposit;
use domain::{
    error::{Class, Classify},
    ids::{IdError, OperationId},
    ledger::deposit::Direction,
};
use lambda_kit::{Env, Function, FunctionError, outbound, sqs};
use money::Money;
use providers::fireblocks::{Event, Fireblocks, Webhook, WebhookError};
use secrecy::SecretString;

use verdict::{Verdict, verdict};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "settle-crypto-deposit",
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

/// Owner of the operations whose ids the custodian chose.
const OWNER: &str = "fireblocks";

struct Work {
    streams: Streams,
    vault: Arc<dyn Vault>,
    webhooks: Arc<dyn Objects>,
    custodian: Arc<dyn Custodian>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let kms = aws_sdk_kms::Client::new(config);
        let clock: Arc<dyn Clock> = Arc::new(SdkClock::new(config));
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let vault = KmsVault::new(
            dynamodb,
            kms.clone(),
            env.get("VAULT_TABLE")?,
            env.get("VAULT_KEYS_TABLE")?,
            env.get("VAULT_KEY_ID")?,
        );
        let custodian = Fireblocks::try_new(
            outbound::client(config),
            env.get("FIREBLOCKS_API_URL")?,
            SecretString::from(env.get("FIREBLOCKS_API_KEY")?),
            Arc::new(KmsSigner::new(kms, env.get("CUSTODIAN_KEY_ID")?)),
            Arc::clone(&clock),
        )
        .map_err(|error| FunctionError::new("Configuration", error))?;
        Ok(Self {
            streams: Streams::new(Arc::new(store), clock),
            vault: Arc::new(vault),
            webhooks: Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?)),
            custodian: Arc::new(custodian),
        })
    }

    async fn settle(&self, message: sqs::Message) -> Result<(), SettleError> {
        let job: SettleCryptoDeposit = serde_json::from_str(&message.body).map_err(|_| SettleError::Malformed)?;
        let raw = self.webhooks.get(&job.object).await?;
        let id = match Webhook::parse(&raw)?.event {
            Event::Transaction { id } => id,
            Event::Unneeded { .. } => return Ok(()),
            Event::Unknown { .. } => return Err(SettleError::UnknownKind),
        };
        let transaction = self.custodian.transaction(id).await.map_err(SettleError::Custodian)?;
        let cause = Cause::by(Actor::Provider(OWNER)).because_of(job.object).correlated(Some(job.correlation_id));
        let status = transaction.status;
        let booking = match verdict(&transaction) {
            Verdict::Nothing(reason) => {
                tracing::info!(transaction = %id, reason, "nothing to book");
                return Ok(());
            }
            Verdict::UnknownAsset => return Err(SettleError::UnknownAsset),
            Verdict::Note(amount) => self.note(transaction, amount, &cause).await?,
            Verdict::Wait(amount) => {
                self.note(transaction, amount, &cause).await?;
                return Err(SettleError::TooFewConfirmations);
            }
            Verdict::Settle(amount) => {
                let deposit = deposit(transaction, amount)?;
                settle_crypto_deposit(&self.streams, &self.vault, &deposit, &cause).await?
            }
            Verdict::Fail(amount) => fail_crypto_deposit(&self.streams, &deposit(transaction, amount)?, &cause).await?,
        };
        match booking {
            Booking::Booked(_) => tracing::info!(transaction = %id, status = ?status, "booked"),
            Booking::Repeated(_) => {
                tracing::info!(transaction = %id, status = ?status, "booked before, or not to be booked")
            }
        }
        Ok(())
    }

    async fn note(
        &self,
        transaction: CustodyTransaction,
        amount: Money,
        cause: &Cause,
    ) -> Result<Booking, SettleError> {
        let deposit = deposit(transaction, amount)?;
        Ok(note_crypto_deposit(&self.streams, &self.vault, &deposit, cause).await?)
    }
}

fn deposit(transaction: CustodyTransaction, amount: Money) -> Result<CryptoDeposit, IdError> {
    Ok(CryptoDeposit {
        operation: OperationId::new(OWNER.parse()?, transaction.id),
        amount,
        direction: Direction::Credit,
        address: transaction.address,
        origin: transaction.origin,
    })
}

#[derive(Debug, thiserror::Error)]
enum SettleError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("the stored webhook is of a kind that nobody here knows")]
    UnknownKind,
    #[error("an asset has come that this bank does not keep")]
    UnknownAsset,
    #[error("the custodian calls it completed before it is confirmed often enough")]
    TooFewConfirmations,
    #[error("the stored webhook cannot be read")]
    Webhook(#[from] WebhookError),
    #[error("the operation's id cannot be built")]
    Id(#[from] IdError),
    #[error("the custodian did not tell of the transaction")]
    Custodian(#[source] PortError),
    #[error("the stored webhook cannot be fetched")]
    Port(#[from] PortError),
    #[error("the deposit was not booked")]
    Ledger(#[from] LedgerError),
}

impl Classify for SettleError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed | Self::UnknownKind | Self::UnknownAsset => Class::Invalid,
            Self::TooFewConfirmations => Class::Transient,
            Self::Webhook(error) => error.class(),
            Self::Id(error) => error.class(),
            // It has just said that there is one.
            Self::Custodian(PortError::Missing { .. }) => Class::Transient,
            // That it will not answer is no answer about the money.
            Self::Custodian(PortError::Refused { .. }) => Class::Bug,
            Self::Custodian(error) | Self::Port(error) => error.class(),
            Self::Ledger(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::UnknownKind => "WEBHOOK_UNKNOWN_KIND",
            Self::UnknownAsset => "CUSTODY_ASSET_UNKNOWN",
            Self::TooFewConfirmations => "CUSTODY_TOO_FEW_CONFIRMATIONS",
            Self::Webhook(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Custodian(PortError::Missing { .. }) => "CUSTODY_TRANSACTION_MISSING",
            Self::Custodian(error) | Self::Port(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_custodian_is_never_taken_for_an_outcome() {
        let attempted = "read a custody transaction";
        let refused = SettleError::Custodian(PortError::Refused { attempted, reason: "status 400".into() });
        assert_eq!(refused.class(), Class::Bug);
        assert_eq!(SettleError::Custodian(PortError::Missing { attempted }).class(), Class::Transient);
    }
}
