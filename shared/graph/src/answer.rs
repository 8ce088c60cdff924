//! One request in, one answer out.

use std::pin::Pin;

use app::commit::{Actor, Cause};
use async_graphql::{
    Context, EmptySubscription, ObjectType, Request, Response, Schema, ServerError, Value as ConstValue, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};
use serde::Serialize;

use crate::{
    Bank, Office,
    auth::{AccessToken, Caller, caller},
    backoffice,
    documents::Documents,
    errors::{ApiError, finish},
    schema,
};

/// A schema over what its resolvers reach.
pub struct Graph {
    execute: Execute,
    documents: Documents,
}

/// A schema, whichever it is.
type Execute = Box<dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync>;

/// Who sent a request, and how it may be recognised.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whoever sent it, if a token came with it.
    pub caller: Option<Caller>,
    /// That token.
    pub token: Option<AccessToken>,
    /// The id of this request alone.
    pub request_id: String,
    /// What ties together everything that it leads to.
    pub correlation_id: String,
    /// What it may do.
    pub methods: Methods,
}

/// What a request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Methods {
    /// Ask and change.
    All,
    /// Ask only.
    Queries,
}

/// The ids of the running request.
#[derive(Debug, Clone)]
pub(crate) struct RequestIds {
    pub(crate) request: String,
    pub(crate) correlation: String,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Executed, and every field has its value.
    Complete,
    /// Executed; some fields failed.
    Partial,
    /// The document is not GraphQL. Nothing was executed.
    Unparsed,
    /// The document or its variables do not fit the schema, or ask for too much. Nothing was executed.
    Invalid,
    /// It would change something, and may not. Nothing was executed.
    MutationRefused,
}

/// What a request led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How far it came.
    pub outcome: Outcome,
    /// The response after the GraphQL specification, as JSON: without `data` where nothing was executed.
    pub body: String,
}

impl Graph {
    /// The customers' schema.
    #[must_use]
    pub fn new(bank: Bank) -> Self {
        Self::over(schema().data(bank).finish())
    }

    /// The schema of people who work here.
    #[must_use]
    pub fn of_back_office(office: Office) -> Self {
        Self::over(backoffice::schema().data(office).finish())
    }

    fn over<Q: ObjectType + 'static, M: ObjectType + 'static>(schema: Schema<Q, M, EmptySubscription>) -> Self {
        let execute: Execute = Box::new(move |request| {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        });
        Self { execute, documents: Documents::default() }
    }

    /// Answers one request.
    pub async fn answer(&self, mut request: Request, ask: Ask) -> Answer {
        let (document, known) = match self.documents.find(&request.query) {
            Some(document) => (document, true),
            None => match parse_query(&request.query) {
                Ok(document) => (document, false),
                Err(error) => return refusal(Outcome::Unparsed, vec![error.into()], &ask.correlation_id),
            },
        };
        // Without an operation to be told apart, the schema refuses the request below.
        if let Some(operation) = operation_of(&document, request.operation_name.as_deref()) {
            if ask.methods == Methods::Queries && operation.ty != OperationType::Query {
                let error = ApiError::bad_input("only queries are answered here; send this with POST");
                return refusal(Outcome::MutationRefused, vec![error.into_server_error()], &ask.correlation_id);
            }
            // The library would find this only when it comes to the field, and have executed what stands before it.
            if let Some(name) = missing_variable(operation, &request.variables) {
                let error = ApiError::bad_input(format!("the variable ${name} needs a value"));
                return refusal(Outcome::Invalid, vec![error.into_server_error()], &ask.correlation_id);
            }
        }
        let text = if known { None } else { Some((request.query.clone(), document.clone())) };
        request.set_parsed_query(document);
        if let Some(caller) = ask.caller {
            request = request.data(caller);
        }
        if let Some(token) = ask.token {
            request = request.data(token);
        }
        let correlation = ask.correlation_id;
        request = request.data(RequestIds { request: ask.request_id, correlation: correlation.clone() });

        let response = (self.execute)(request).await;
        // A field's error has a path; one without was found before anything was executed.
        if response.errors.iter().any(|error| error.path.is_empty()) {
            return refusal(Outcome::Invalid, response.errors, &correlation);
        }
        if let Some((text, document)) = text {
            self.documents.keep(&text, document);
        }
        executed(response, &correlation)
    }
}

/// A response as it is sent. Its fields stay in the order in which they were asked for.
#[derive(Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<ConstValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
}

/// A response to a request of which nothing was executed.
fn refusal(outcome: Outcome, errors: Vec<ServerError>, correlation_id: &str) -> Answer {
    Answer { outcome, body: body(None, errors, correlation_id) }
}

fn executed(response: Response, correlation_id: &str) -> Answer {
    let outcome = if response.errors.is_empty() { Outcome::Complete } else { Outcome::Partial };
    Answer { outcome, body: body(Some(response.data), response.errors, correlation_id) }
}

/// Writes a response, each error with its code and with the id under which the request is found in the logs.
pub(crate) fn body(data: Option<ConstValue>, mut errors: Vec<ServerError>, correlation_id: &str) -> String {
    for error in &mut errors {
        finish(error, correlation_id);
    }
    // What GraphQL can hold, JSON can; should that ever be wrong, the client still gets a response.
    serde_json::to_string(&Body { data, errors }).unwrap_or_else(|error| {
        tracing::error!(%error, "a response does not serialise");
        r#"{"errors":[{"message":"something went wrong on our side","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
    })
}

/// The operation that would be executed.
fn operation_of<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|it| &it.node),
        (DocumentOperations::Multiple(operations), None) => match operations.len() {
            1 => operations.values().next().map(|it| &it.node),
            _ => None,
        },
    }
}

/// A variable that must have a value and has none.
fn missing_variable<'a>(operation: &'a OperationDefinition, variables: &Variables) -> Option<&'a str> {
    let missing = operation.variable_definitions.iter().find(|definition| {
        let definition = &definition.node;
        let has_value = match variables.get(&definition.name.node) {
            None => definition.default_value.is_some(),
            Some(value) => *value != ConstValue::Null,
        };
        !definition.var_type.node.nullable && !has_value
    });
    missing.map(|definition| definition.node.name.node.as_str())
}

/// What resolvers reach.
pub(crate) fn bank<'a>(ctx: &Context<'a>) -> Result<&'a Bank, ApiError> {
    ctx.data_opt().ok_or_else(|| ApiError::internal(&"a schema without a bank"))
}

/// Where the commands of this request come from.
pub(crate) fn cause(ctx: &Context<'_>) -> Result<Cause, ApiError> {
    cause_by(ctx, Actor::Customer(caller(ctx)?.customer()))
}

/// The same for whom the caller acts as.
pub(crate) fn cause_by(ctx: &Context<'_>, actor: Actor) -> Result<Cause, ApiError> {
    let ids = ctx.data_opt::<RequestIds>().ok_or_else(|| ApiError::internal(&"a request without ids"))?;
    Ok(Cause::by(actor).because_of(ids.request.clone()).correlated(Some(ids.correlation.clone())))
}
