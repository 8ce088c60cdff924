//! The customers' GraphQL endpoint.

mod pool;

use std::sync::Arc;

use app::{ports::Clock, streams::Streams};
use aws::{DynamoEventStore, DynamoPauses, DynamoSignUps, DynamoViews, KmsVault, SdkClock};
use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use graph::{Bank, BankDetails, Graph};
use graph_edge::{Edge, Tokens};
use lambda_kit::{Env, Function, FunctionError, jwks::KeyRing};

use pool::Pool;

/// See the module.
pub const FUNCTION: Function =
    Function { name: "graphql", init: |config, env| Box::pin(async move { Ok(edge(&config, &env)?.into_handler()) }) };

fn edge(config: &SdkConfig, env: &Env) -> Result<Edge, FunctionError> {
    let dynamodb = Client::new(config);
    let clock: Arc<dyn Clock> = Arc::new(SdkClock::new(config));
    let views = |table: &str| DynamoViews::new(dynamodb.clone(), table);
    let streams = |table: &str| {
        let store = DynamoEventStore::new(dynamodb.clone(), table);
        Streams::new(Arc::new(store), Arc::clone(&clock))
    };
    let ledger = Arc::new(views(env.get("LEDGER_PROJECTIONS_TABLE")?));
    let vault = KmsVault::new(
        dynamodb.clone(),
        aws_sdk_kms::Client::new(config),
        env.get("VAULT_TABLE")?,
        env.get("VAULT_KEYS_TABLE")?,
        env.get("VAULT_KEY_ID")?,
    );
    let pauses = Arc::new(DynamoPauses::new(dynamodb.clone(), env.get("PAUSES_TABLE")?, Arc::clone(&clock)));
    let issuer = env.get("USER_POOL_ISSUER")?;
    let graph = Graph::new(Bank {
        identity: Arc::new(views(env.get("IDENTITY_PROJECTIONS_TABLE")?)),
        onboarding: Arc::new(views(env.get("ONBOARDING_PROJECTIONS_TABLE")?)),
        ledger: Arc::clone(&ledger) as _,
        savings: ledger,
        identity_streams: streams(env.get("IDENTITY_EVENTS_TABLE")?),
        onboarding_streams: streams(env.get("ONBOARDING_EVENTS_TABLE")?),
        ledger_streams: streams(env.get("LEDGER_EVENTS_TABLE")?),
        vault: Arc::new(vault),
        pool: Arc::new(Pool::connect(config, issuer)?),
        sign_ups: Arc::new(DynamoSignUps::new(dynamodb.clone(), env.get("SIGN_UPS_TABLE")?)),
        sdk_tokens: Arc::clone(&pauses) as _,
        questions: pauses,
        clock: Arc::clone(&clock),
        instructions: BankDetails {
            account_name: env.get("BANK_ACCOUNT_NAME")?.to_owned(),
            sort_code: env.get("BANK_SORT_CODE")?.to_owned(),
            account_number: env.get("BANK_ACCOUNT_NUMBER")?.to_owned(),
            iban: env.get("BANK_IBAN")?.to_owned(),
            bic: env.get("BANK_BIC")?.to_owned(),
        },
    });
    let keys = KeyRing::connect(config, issuer, Arc::clone(&clock))?;
    Ok(Edge::new("/graphql", graph, Tokens::new(issuer, env.get("USER_POOL_CLIENT_ID")?, keys, clock)))
}

#[cfg(test)]
mod tests;
