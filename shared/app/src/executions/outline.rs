//! A state machine's definition, as far as people look at it.

use serde_json::{Map, Value};

use super::WaitReason;

/// What of a definition says how states follow each other. What states are given names queues and functions, which is nobody's
/// business here.
const SHOWN: [&str; 12] = [
    "Comment",
    "StartAt",
    "States",
    "Type",
    "Next",
    "Default",
    "Choices",
    "Catch",
    "ErrorEquals",
    "Branches",
    "End",
    "Error",
];

/// A definition that could be read.
pub(super) struct Outline(Value);

impl Outline {
    pub(super) fn read(definition: &str) -> Option<Self> {
        let definition: Value = serde_json::from_str(definition).ok()?;
        definition.get("States").is_some().then_some(Self(definition))
    }

    /// What a state waits for while the execution is in it; `None` if it does not wait.
    pub(super) fn wait_of(&self, name: &str) -> Option<WaitReason> {
        let state = state(&self.0, name)?;
        let resource = state.get("Resource")?.as_str()?;
        let service = resource.strip_suffix(".waitForTaskToken")?;
        if service.contains(":sqs:") {
            return Some(WaitReason::Provider);
        }
        match state.pointer("/Parameters/Payload/awaited")?.as_str()? {
            "identity" => Some(WaitReason::Identity),
            "review" => Some(WaitReason::Review),
            "accounts" => Some(WaitReason::Accounts),
            "instructions" => Some(WaitReason::Instructions),
            "operator" => Some(WaitReason::Operator),
            _ => None,
        }
    }

    /// The states and the ways between them.
    pub(super) fn shown(self) -> Value {
        machine(self.0)
    }
}

/// Whether a state goes on when it fails by an error of this name, not counting what catches every error.
pub(super) fn catches(definition: &Value, name: &str, error: &str) -> bool {
    let catchers = state(definition, name).and_then(|it| it.get("Catch")).and_then(Value::as_array);
    let names = catchers.into_iter().flatten().filter_map(|it| it.get("ErrorEquals")?.as_array());
    names.flatten().any(|it| it == error)
}

/// A state by its name, which is one machine's even where branches have machines of their own.
fn state<'a>(machine: &'a Value, name: &str) -> Option<&'a Value> {
    let states = machine.get("States")?.as_object()?;
    states.get(name).or_else(|| {
        let branches = states.values().filter_map(|it| it.get("Branches")?.as_array()).flatten();
        branches.into_iter().find_map(|branch| state(branch, name))
    })
}

fn machine(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().filter_map(member).collect::<Map<_, _>>()),
        Value::Array(items) => Value::Array(items.into_iter().map(machine).collect()),
        other => other,
    }
}

fn member((name, value): (String, Value)) -> Option<(String, Value)> {
    if !SHOWN.contains(&name.as_str()) {
        return None;
    }
    let shown = match (name.as_str(), value) {
        // Its members are states' names.
        ("States", Value::Object(states)) => {
            Value::Object(states.into_iter().map(|(name, state)| (name, machine(state))).collect())
        }
        (_, value) => machine(value),
    };
    Some((name, shown))
}
