//! The GraphQL schema: a module a context, and what they share.
//!
//! It must not know HTTP, tokens or AWS. Resolvers hold no rules: they ask views, or run one use case of `app`.

mod answer;
mod auth;
mod backoffice;
mod connection;
mod documents;
mod errors;
mod fresh;
mod identity;
mod information;
mod instructions;
mod ledger;
mod limits;
mod node;
mod onboarding;
mod operations;
mod personal;
mod saving;
mod savings;
mod scalars;
mod steps;
mod viewer;

use std::sync::Arc;

use app::{
    ports::{Clock, IdentityPool, Questions, SdkTokens, SignUps, Vault},
    streams::Streams,
    views::{IdentityViews, LedgerViews, OnboardingViews, SavingsViews},
};
use async_graphql::{EmptySubscription, MergedObject, ObjectType, Schema, SchemaBuilder};

pub use answer::{Answer, Ask, Graph, Methods, Outcome};
pub use async_graphql::{Request, Variables};
pub use auth::{AccessToken, Caller, PUBLIC_FIELDS};
pub use backoffice::{Group, Office};
pub use errors::ApiError;

/// What resolvers reach: the read models, and the streams that mutations write.
#[derive(Clone)]
pub struct Bank {
    /// The identity context's read models.
    pub identity: Arc<dyn IdentityViews>,
    /// The onboarding context's read models.
    pub onboarding: Arc<dyn OnboardingViews>,
    /// The ledger context's read models.
    pub ledger: Arc<dyn LedgerViews>,
    /// The ledger context's read models of savings.
    pub savings: Arc<dyn SavingsViews>,
    /// The identity context's streams.
    pub identity_streams: Streams,
    /// The onboarding context's streams.
    pub onboarding_streams: Streams,
    /// The ledger context's streams.
    pub ledger_streams: Streams,
    /// The home of personal data. Here it is only written.
    pub vault: Arc<dyn Vault>,
    /// Where people sign up.
    pub pool: Arc<dyn IdentityPool>,
    /// Sign-ups that wait for their activation.
    pub sign_ups: Arc<dyn SignUps>,
    /// What lets an app talk to the identity provider.
    pub sdk_tokens: Arc<dyn SdkTokens>,
    /// What customers are asked.
    pub questions: Arc<dyn Questions>,
    /// The bank's clock.
    pub clock: Arc<dyn Clock>,
    /// Where the bank itself receives payments.
    pub instructions: BankDetails,
}

/// The bank's own account, as payers need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankDetails {
    /// The account's holder.
    pub account_name: String,
    /// Six digits.
    pub sort_code: String,
    /// Eight digits.
    pub account_number: String,
    /// Without blanks.
    pub iban: String,
    /// The bank's own code.
    pub bic: String,
}

/// What can be asked.
#[derive(MergedObject, Default)]
struct Query(viewer::ViewerQuery, node::NodeQuery, ledger::LedgerQuery, savings::SavingsQuery);

/// What can be done.
#[derive(MergedObject, Default)]
struct Mutation(
    identity::IdentityMutation,
    onboarding::OnboardingMutation,
    information::InformationMutation,
    saving::SavingsMutation,
);

fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    limited(Schema::build(Query::default(), Mutation::default(), EmptySubscription))
}

fn limited<Q, M>(builder: SchemaBuilder<Q, M, EmptySubscription>) -> SchemaBuilder<Q, M, EmptySubscription> {
    builder
        .limit_depth(limits::DEPTH_MAX)
        .limit_complexity(limits::COMPLEXITY_MAX)
        .limit_directives(limits::DIRECTIVES_MAX)
}

/// The customers' schema as text, as it is committed.
#[must_use]
pub fn sdl() -> String {
    text_of(schema())
}

/// The schema of people who work here as text, as it is committed.
#[must_use]
pub fn back_office_sdl() -> String {
    text_of(backoffice::schema())
}

fn text_of<Q: ObjectType + 'static, M: ObjectType + 'static>(schema: SchemaBuilder<Q, M, EmptySubscription>) -> String {
    let options = async_graphql::SDLExportOptions::new().prefer_single_line_descriptions().use_space_ident();
    let text = schema.finish().sdl_with_options(options);
    text.trim().lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

#[cfg(test)]
mod tests;
