//! Each function has a sample of the event that it gets, under `events/samples`, from a source that the template gives it.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use super::plan;
use crate::template::EventSource;

/// Its sample cannot be a file: the bank's signature needs a key, and keys are made when they are first used.
const SIGNED_AT_RUN_TIME: &str = "clearbank-webhook";

fn sample(function: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/samples").join(format!("{function}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn source(event: &EventSource) -> Option<&str> {
    match event {
        EventSource::Sqs { queue_arn: arn, .. } | EventSource::Stream { stream_arn: arn, .. } => Some(arn),
        EventSource::Http { .. } => None,
    }
}

#[test]
fn every_function_has_a_sample_from_its_own_source() {
    let plan = plan();
    for function in plan.functions.iter().filter(|function| function.name != SIGNED_AT_RUN_TIME) {
        let sample = sample(&function.name);
        let pool = &plan.user_pools[0];
        // Functions of one folder share one sample, from any of their sources.
        let shared = plan.functions.iter().filter(|other| other.name == function.name).flat_map(|it| &it.events);
        let sources: BTreeSet<&str> = shared.filter_map(source).collect();
        for record in sample["Records"].as_array().into_iter().flatten() {
            let from = record["eventSourceARN"].as_str().unwrap();
            assert!(sources.contains(from), "{}: {from} is none of {sources:?}", function.name);
        }
        assert_eq!(sample["Records"].is_array(), !sources.is_empty(), "{}", function.name);
        if function.events.iter().any(|event| matches!(event, EventSource::Http { .. })) {
            assert_eq!(sample["version"], "2.0", "{}", function.name);
        }
        if let Some(route) = sample["routeKey"].as_str() {
            let known = plan.api.routes.iter().find(|it| format!("{} {}", it.method, it.path) == route).unwrap();
            assert_eq!(known.function, function.logical_id);
        }
        let triggers =
            [(&pool.pre_sign_up, "PreSignUp_SignUp"), (&pool.post_confirmation, "PostConfirmation_ConfirmSignUp")];
        for (_, source) in triggers.into_iter().filter(|(trigger, _)| trigger.as_ref() == Some(&function.logical_id)) {
            assert_eq!(sample["triggerSource"], source);
            assert_eq!(sample["userPoolId"], pool.id.as_str());
            assert_eq!(sample["callerContext"]["clientId"], pool.clients[0].id.as_str());
        }
    }
}
