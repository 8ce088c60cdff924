//! One request in, one answer out.

use async_graphql::{
    Context, Request, Response, ServerError,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationType},
    },
};
use serde_json::{Value, json};

use crate::{
    Bank, BankSchema,
    auth::Caller,
    documents::Documents,
    errors::{ApiError, finish},
    schema,
};

/// The schema over a bank.
pub struct Graph {
    schema: BankSchema,
    documents: Documents,
}

/// Who sent a request, and how it may be recognised.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The customer, if a token came with it.
    pub caller: Option<Caller>,
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
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// How far it came.
    pub outcome: Outcome,
    /// The response after the GraphQL specification: without `data` where nothing was executed.
    pub body: Value,
}

impl Graph {
    /// The schema over a bank.
    #[must_use]
    pub fn new(bank: Bank) -> Self {
        Self { schema: schema().data(bank).finish(), documents: Documents::default() }
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
        if ask.methods == Methods::Queries && !is_query(&document, request.operation_name.as_deref()) {
            let error = ApiError::bad_input("only queries are answered here; send this with POST");
            return refusal(Outcome::MutationRefused, vec![error.into_server_error()], &ask.correlation_id);
        }
        let text = if known { None } else { Some((request.query.clone(), document.clone())) };
        request.set_parsed_query(document);
        if let Some(caller) = ask.caller {
            request = request.data(caller);
        }
        let correlation = ask.correlation_id;
        request = request.data(RequestIds { request: ask.request_id, correlation: correlation.clone() });

        let response = self.schema.execute(request).await;
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

/// A response to a request of which nothing was executed.
fn refusal(outcome: Outcome, mut errors: Vec<ServerError>, correlation_id: &str) -> Answer {
    for error in &mut errors {
        finish(error, correlation_id);
    }
    Answer { outcome, body: json!({ "errors": errors }) }
}

fn executed(response: Response, correlation_id: &str) -> Answer {
    let mut errors = response.errors;
    for error in &mut errors {
        finish(error, correlation_id);
    }
    let data = response.data.into_json().unwrap_or_default();
    if errors.is_empty() {
        Answer { outcome: Outcome::Complete, body: json!({ "data": data }) }
    } else {
        Answer { outcome: Outcome::Partial, body: json!({ "data": data, "errors": errors }) }
    }
}

/// Whether the operation that would be executed only asks. One that cannot be told is refused later anyway.
fn is_query(document: &ExecutableDocument, name: Option<&str>) -> bool {
    let is_query = |ty: OperationType| ty == OperationType::Query;
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => is_query(operation.node.ty),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).is_none_or(|operation| is_query(operation.node.ty))
        }
        (DocumentOperations::Multiple(operations), None) => {
            operations.values().all(|operation| is_query(operation.node.ty))
        }
    }
}

/// What resolvers reach.
pub(crate) fn bank<'a>(ctx: &Context<'a>) -> Result<&'a Bank, ApiError> {
    ctx.data_opt().ok_or_else(|| ApiError::internal(&"a schema without a bank"))
}
