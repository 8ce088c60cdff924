//! The GraphQL endpoint of people who work here: reviews, what is kept about customers, and workflows that are parked.

use std::sync::Arc;

use app::{
    compliance::Cases,
    erasure::Erasures,
    ledger::{Freezes, Suspense},
    onboarding::{Operations, WORKFLOW},
    ports::{Clock, Vault},
    reveal::Reveals,
    streams::Streams,
};
use aws::{
    DynamoEventStore, DynamoPauses, DynamoPermits, DynamoViews, KmsVault, Place, SdkClock, SfnExecutions, SfnWorkflows,
};
use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use graph::{Graph, Office};
use graph_edge::{Edge, Tokens};
use lambda_kit::{Env, Function, FunctionError, jwks::KeyRing};

const NAME: &str = "graphql-backoffice";

/// See the module.
pub const FUNCTION: Function =
    Function { name: NAME, init: |config, env| Box::pin(async move { Ok(edge(&config, &env)?.into_handler()) }) };

fn edge(config: &SdkConfig, env: &Env) -> Result<Edge, FunctionError> {
    let dynamodb = Client::new(config);
    let clock: Arc<dyn Clock> = Arc::new(SdkClock::new(config));
    let views = |table: &str| Arc::new(DynamoViews::new(dynamodb.clone(), table));
    let streams = |table: &str| {
        let store = DynamoEventStore::new(dynamodb.clone(), table);
        Streams::new(Arc::new(store), Arc::clone(&clock))
    };
    let vault: Arc<dyn Vault> = Arc::new(KmsVault::new(
        dynamodb.clone(),
        aws_sdk_kms::Client::new(config),
        env.get("VAULT_TABLE")?,
        env.get("VAULT_KEYS_TABLE")?,
        env.get("VAULT_KEY_ID")?,
    ));
    let compliance = streams(env.get("COMPLIANCE_EVENTS_TABLE")?);
    let onboarding = streams(env.get("ONBOARDING_EVENTS_TABLE")?);
    let ledger = streams(env.get("LEDGER_EVENTS_TABLE")?);
    let erasures = Erasures {
        identity: streams(env.get("IDENTITY_EVENTS_TABLE")?),
        onboarding: onboarding.clone(),
        compliance: compliance.clone(),
        ledger: ledger.clone(),
        vault: Arc::clone(&vault),
    };
    let sfn = aws_sdk_sfn::Client::new(config);
    let place = Place {
        table: env.get("LIMITS_TABLE")?,
        workflow: WORKFLOW,
        state_machine: env.get("STATE_MACHINE_ARN")?,
        permits_max: env.number("ONBOARDING_PERMITS")?,
        who: NAME,
    };
    let operations = Operations {
        permits: Arc::new(DynamoPermits::new(config, place)),
        streams: onboarding.clone(),
        executions: Arc::new(SfnExecutions::new(sfn.clone(), env.get("STATE_MACHINE_ARN")?)),
        pauses: Arc::new(DynamoPauses::new(dynamodb.clone(), env.get("PAUSES_TABLE")?, Arc::clone(&clock))),
        workflows: Arc::new(SfnWorkflows::answering(sfn)),
    };
    let graph = Graph::of_back_office(Office {
        compliance: views(env.get("COMPLIANCE_PROJECTIONS_TABLE")?),
        identity: views(env.get("IDENTITY_PROJECTIONS_TABLE")?),
        ledger: views(env.get("LEDGER_PROJECTIONS_TABLE")?),
        onboarding: views(env.get("ONBOARDING_PROJECTIONS_TABLE")?),
        cases: Cases { streams: compliance.clone(), vault: Arc::clone(&vault) },
        freezes: Freezes { streams: ledger.clone(), vault: Arc::clone(&vault) },
        suspense: Suspense { streams: ledger.clone(), vault: Arc::clone(&vault) },
        erasures,
        reveals: Reveals { compliance, onboarding, ledger, vault },
        operations,
    });
    let issuer = env.get("USER_POOL_ISSUER")?;
    let keys = KeyRing::connect(config, issuer, Arc::clone(&clock))?;
    let tokens = Tokens::new(issuer, env.get("USER_POOL_CLIENT_ID")?, keys, clock);
    Ok(Edge::new("/backoffice/graphql", graph, tokens))
}

#[cfg(test)]
mod tests;
