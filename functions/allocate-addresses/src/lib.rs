//! Has the custodian make a vault account and its wallets for a customer whose accounts are open.
//!
//! Redelivery is safe: the custodian is asked for what is there before anything is made, and addresses that were given out stay.

use std::{collections::BTreeMap, sync::Arc};

use app::{
    commit::{Actor, Cause},
    ledger::{LedgerError, claim_addresses},
    ports::{Clock, Custodian, PortError},
    projection::{ProjectionError, commit_of},
    store::StoreError,
    streams::Streams,
};
use aws::{DynamoEventStore, KmsSigner, SdkClock};
use contracts::commits::CommitMessage;
use domain::{
    error::{Class, Classify},
    ids::{ChainAddress, CustodyAccountId, CustomerId, HolderId, IdError},
    ledger::holder::{Holder, HolderState},
};
use lambda_kit::{Env, Function, FunctionError, outbound, sqs};
use money::{Asset, AssetKind};
use providers::fireblocks::Fireblocks;
use secrecy::SecretString;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "allocate-addresses",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.allocate(message).await }
            })
        })
    },
};

struct Work {
    streams: Streams,
    custodian: Arc<dyn Custodian>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let clock: Arc<dyn Clock> = Arc::new(SdkClock::new(config));
        let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(config), env.get("EVENTS_TABLE")?);
        let custodian = Fireblocks::try_new(
            outbound::client(config),
            env.get("FIREBLOCKS_API_URL")?,
            SecretString::from(env.get("FIREBLOCKS_API_KEY")?),
            Arc::new(KmsSigner::new(aws_sdk_kms::Client::new(config), env.get("CUSTODIAN_KEY_ID")?)),
            Arc::clone(&clock),
        )
        .map_err(|error| FunctionError::new("Configuration", error))?;
        Ok(Self { streams: Streams::new(Arc::new(store), clock), custodian: Arc::new(custodian) })
    }

    async fn allocate(&self, message: sqs::Message) -> Result<(), AllocateError> {
        let message: CommitMessage = serde_json::from_str(&message.body).map_err(|_| AllocateError::Malformed)?;
        let commit = commit_of(message)?;
        let HolderId(customer) = HolderId::try_from(&commit.stream)?;
        let correlation = commit.names()?.correlation;
        let cause = Cause::by(Actor::System("allocate-addresses"))
            .because_of(format!("{}@{}", commit.stream, commit.version.0))
            .correlated(correlation);
        let holder = self.streams.load::<Holder>(HolderId(customer).into()).await?;
        if matches!(holder.state, HolderState::Ready { .. }) {
            return Ok(()); // A redelivery: the custodian need not be asked again.
        }
        let (vault_account, addresses) = self.ask(customer).await?;
        claim_addresses(&self.streams, customer, &vault_account, &addresses, &cause).await?;
        tracing::info!(%customer, vault_account = %vault_account, "addresses allocated");
        Ok(())
    }

    async fn ask(
        &self,
        customer: CustomerId,
    ) -> Result<(CustodyAccountId, BTreeMap<Asset, ChainAddress>), AllocateError> {
        let vault_account = self.custodian.vault_account(customer).await.map_err(AllocateError::Custodian)?;
        let mut addresses = BTreeMap::new();
        // One after the other: a wallet of a token may share, or first make, its chain's own.
        for asset in Asset::ALL.into_iter().filter(|asset| asset.kind() == AssetKind::Crypto) {
            let made = self.custodian.deposit_address(&vault_account, asset).await.map_err(AllocateError::Custodian)?;
            addresses.insert(made.asset, made.address.parse()?);
        }
        Ok((vault_account.parse()?, addresses))
    }
}

#[derive(Debug, thiserror::Error)]
enum AllocateError {
    #[error("the message is no commit")]
    Malformed,
    #[error("the message's commit cannot be read")]
    Commit(#[from] ProjectionError),
    #[error("an id or an address is none")]
    Id(#[from] IdError),
    #[error("the custodian did not give what was asked for")]
    Custodian(#[source] PortError),
    #[error("the event store failed")]
    Store(#[from] StoreError),
    #[error("the addresses were not claimed")]
    Ledger(#[from] LedgerError),
}

impl Classify for AllocateError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Commit(error) => error.class(),
            Self::Id(error) => error.class(),
            // Somebody waits for addresses: a no of the custodian's is for a person, and not an outcome.
            Self::Custodian(PortError::Refused { .. }) => Class::Bug,
            Self::Custodian(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Ledger(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "COMMIT_MALFORMED",
            Self::Commit(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Custodian(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_custodian_is_never_taken_for_an_outcome() {
        let refused = PortError::Refused { attempted: "create a wallet", reason: "status 400".into() };
        assert_eq!(AllocateError::Custodian(refused).class(), Class::Bug);
    }
}
