//! Functions with their statements and event sources, and the HTTP API.

use super::{Resource, messaging::known_queue};
use crate::{
    services::{Pattern, arn, sqs::fifo::SUFFIX as FIFO},
    template::{
        error::Log,
        plan::{ApiPlan, EventSource, FunctionPlan, PermissionPlan, Plan, RoutePlan},
        read::Node,
        statement::{self, Holder},
        symbols,
    },
};

// Lambda's own limits and defaults.
const TIMEOUT_DEFAULT_S: u32 = 3;
const TIMEOUT_MAX_S: u32 = 900;
const SQS_BATCH_DEFAULT: u32 = 10;
const SQS_BATCH_MAX: u32 = 10_000;
const FIFO_BATCH_MAX: u32 = 10;
const STREAM_BATCH_DEFAULT: u32 = 100;
const STREAM_BATCH_MAX: u32 = 10_000;
const RETRIES_MAX: u32 = 10_000;

pub(super) fn api(plan: &mut Plan, resources: &[&Resource], log: &Log) {
    if let [resource] = resources {
        plan.api = ApiPlan {
            logical_id: resource.logical_id.clone(),
            id: symbols::api_id(&resource.logical_id),
            routes: Vec::new(),
        };
    }
    for resource in resources.iter().skip(1) {
        log.refuse(format!("Resources.{}", resource.logical_id), "is a second HTTP API: the local front door is one");
    }
}

pub(super) fn function(plan: &mut Plan, resource: &Resource, log: &Log) {
    let node = resource.node(log);
    let function_name = node.get("FunctionName").text();
    let code = node.get("CodeUri").text();
    let name = code.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    if name.is_empty() {
        node.get("CodeUri").refuse("must end in the function's folder");
    }
    let variables = node.get("Environment").get("Variables").entries();
    let statements = node.get("Policies").items().iter().flat_map(|it| statement::read(it, Holder::Role)).collect();
    let mut events = Vec::new();
    for (event_name, event) in node.get("Events").entries() {
        let id = format!("{}/{event_name}", resource.logical_id);
        let properties = event.get("Properties");
        match event.get("Type").text().as_str() {
            "SQS" => events.push(queue_source(plan, id, &properties)),
            "DynamoDB" => events.push(stream_source(plan, id, &properties)),
            _ => {
                let route = route(plan, &resource.logical_id, &properties);
                events.push(EventSource::Http { id, method: route.method.clone(), path: route.path.clone() });
                plan.api.routes.push(route);
            }
        }
    }
    plan.functions.push(FunctionPlan {
        logical_id: resource.logical_id.clone(),
        name,
        arn: arn::function(&function_name),
        function_name,
        env: variables.iter().map(|(key, value)| ((*key).to_owned(), value.text())).collect(),
        timeout_s: node.get("Timeout").number(Some(TIMEOUT_DEFAULT_S), 1..=TIMEOUT_MAX_S),
        statements,
        events,
    });
}

fn queue_source(plan: &Plan, id: String, node: &Node<'_>) -> EventSource {
    let queue_arn = known_queue(plan, &node.get("Queue"));
    let batch_max = if queue_arn.ends_with(FIFO) { FIFO_BATCH_MAX } else { SQS_BATCH_MAX };
    EventSource::Sqs {
        id,
        queue_arn,
        batch_size: node.get("BatchSize").number(Some(SQS_BATCH_DEFAULT), 1..=batch_max),
        report_item_failures: !node.get("FunctionResponseTypes").texts().is_empty(),
    }
}

fn stream_source(plan: &Plan, id: String, node: &Node<'_>) -> EventSource {
    let stream = node.get("Stream");
    let stream_arn = stream.text();
    let table = plan.tables.iter().find(|table| table.stream_arn.as_deref() == Some(stream_arn.as_str()));
    if table.is_none() {
        stream.refuse(format!("{stream_arn:?} is no stream of this template"));
    }
    node.get("StartingPosition").text();
    let failures = node.get("DestinationConfig").get("OnFailure").get("Destination");
    let on_failure_bucket_arn = failures.optional_text();
    if let Some(arn) = &on_failure_bucket_arn
        && !plan.buckets.iter().any(|bucket| bucket.arn == *arn)
    {
        failures.refuse(format!("{arn:?} is no bucket of this template"));
    }
    EventSource::Stream {
        id,
        table: table.map(|table| table.name.clone()).unwrap_or_default(),
        stream_arn,
        batch_size: node.get("BatchSize").number(Some(STREAM_BATCH_DEFAULT), 1..=STREAM_BATCH_MAX),
        report_item_failures: !node.get("FunctionResponseTypes").texts().is_empty(),
        max_retries: node.get("MaximumRetryAttempts").optional_number(0..=RETRIES_MAX),
        bisect: node.get("BisectBatchOnFunctionError").flag(),
        on_failure_bucket_arn,
        filters: node.get("FilterCriteria").get("Filters").items().iter().filter_map(filter).collect(),
    }
}

/// A pattern, written as the JSON text that Lambda takes.
fn filter(node: &Node<'_>) -> Option<serde_json::Value> {
    let pattern = node.get("Pattern");
    let parsed = serde_json::from_str(&pattern.text()).map_err(|error| error.to_string());
    let checked = |value| Pattern::parse(&value).map(|_| value).map_err(|error| error.to_string());
    match parsed.and_then(checked) {
        Ok(value) => Some(value),
        Err(why) => {
            pattern.refuse(format!("is no pattern that is executed here: {why}"));
            None
        }
    }
}

fn route(plan: &Plan, function: &str, node: &Node<'_>) -> RoutePlan {
    let api = node.get("ApiId");
    if api.text() != plan.api.id || plan.api.id.is_empty() {
        api.refuse("is no HTTP API of this template");
    }
    let route =
        RoutePlan { method: node.get("Method").text(), path: node.get("Path").text(), function: function.to_owned() };
    if !route.path.starts_with('/') || route.path.contains(['{', '$']) {
        node.get("Path").refuse("must start with / and have no parameters: only whole paths are routed here");
    }
    if plan.api.routes.iter().any(|known| known.method == route.method && known.path == route.path) {
        node.refuse("another function has this route, too");
    }
    route
}

pub(super) fn permission(plan: &Plan, resource: &Resource, log: &Log) -> PermissionPlan {
    let node = resource.node(log);
    let wanted = node.get("FunctionName").text();
    let function = plan.functions.iter().find(|known| known.arn == wanted || known.function_name == wanted);
    if function.is_none() {
        node.get("FunctionName").refuse(format!("{wanted:?} is no function of this template"));
    }
    node.get("Action").text();
    PermissionPlan {
        logical_id: resource.logical_id.clone(),
        function: function.map(|known| known.logical_id.clone()).unwrap_or_default(),
        principal: node.get("Principal").text(),
        source_arn: node.get("SourceArn").text(),
    }
}
