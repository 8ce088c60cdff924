//! What the definition itself says: its tasks, and the way on from each that fails.

use serde_json::Value;

/// A task of a state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    /// The state's name, which is one machine's even where branches have machines of their own.
    pub name: String,
    /// Whether what fails here by a refusal has a way of its own, rather than the one of everything that fails.
    pub refuses: bool,
    /// Where everything else that fails goes.
    pub caught_by: Option<String>,
    /// Whether it is where an execution is parked.
    pub is_parking: bool,
}

/// Every task, branches included, in the order of the definition.
pub(super) fn tasks(definition: &Value) -> Vec<Task> {
    let mut found = Vec::new();
    collect(definition, &mut found);
    found
}

fn collect(machine: &Value, found: &mut Vec<Task>) {
    for (name, state) in machine["States"].as_object().into_iter().flatten() {
        if state["Type"] == "Task" {
            found.push(Task {
                name: name.clone(),
                refuses: next(state, "Rejected").is_some(),
                caught_by: next(state, "States.ALL"),
                is_parking: state["Parameters"]["Payload"]["awaited"] == "operator",
            });
        }
        state["Branches"].as_array().into_iter().flatten().for_each(|branch| collect(branch, found));
    }
}

fn next(state: &Value, error: &str) -> Option<String> {
    let catchers = state["Catch"].as_array().into_iter().flatten();
    let mut matching =
        catchers.filter(|it| it["ErrorEquals"].as_array().into_iter().flatten().any(|name| name == error));
    matching.find_map(|it| Some(it["Next"].as_str()?.to_owned()))
}

/// The tasks whose failure by an error of this name leads here.
pub(super) fn led_here_by(definition: &Value, here: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    leads(definition, here, &mut found);
    found
}

fn leads(machine: &Value, here: &str, found: &mut Vec<(String, String)>) {
    for (name, state) in machine["States"].as_object().into_iter().flatten() {
        let branches = || state["Branches"].as_array().into_iter().flatten();
        for catcher in state["Catch"].as_array().into_iter().flatten().filter(|it| it["Next"] == here) {
            for error in catcher["ErrorEquals"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if state["Type"] == "Task" && error != "States.Timeout" {
                    // What catches everything is shown by an error that nothing else catches.
                    let error = if error == "States.ALL" { super::FOR_GOOD } else { error };
                    found.push((name.clone(), error.to_owned()));
                }
                // Branches together fail by what one of them fails by.
                let caught = |fails: &str| fails == error || (error == "States.ALL" && next(state, fails).is_none());
                for (branch, (last, _)) in branches().flat_map(|it| failing(it, &caught).map(move |last| (it, last))) {
                    leads(branch, last, found);
                }
            }
        }
        branches().for_each(|branch| leads(branch, here, found));
    }
}

/// The states in which a machine fails by such an error.
fn failing<'a>(machine: &'a Value, caught: &dyn Fn(&str) -> bool) -> std::vec::IntoIter<(&'a str, &'a str)> {
    let states = machine["States"].as_object().into_iter().flatten();
    let fails = states.filter_map(|(name, state)| Some((name.as_str(), state.get("Error")?.as_str()?)));
    fails.filter(|(_, error)| caught(error)).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_read_from_the_definition_and_none_is_forgotten() {
        let definition: Value = serde_json::from_str(crate::breaking::DEFINITION).unwrap();
        let tasks = tasks(&definition);
        let written = crate::breaking::DEFINITION.matches("\"Type\": \"Task\"").count();
        assert_eq!(tasks.len(), written);
        let create = tasks.iter().find(|it| it.name == "CreateRun").unwrap();
        assert!(create.refuses && !create.is_parking);
        assert_eq!(create.caught_by.as_deref(), Some("ParkAtCreateRun"));
        assert!(tasks.iter().any(|it| it.name == "ParkAtScreenPep" && it.is_parking));
        let to_withdraw: Vec<_> = led_here_by(&definition, "WithdrawCase").into_iter().map(|(name, _)| name).collect();
        assert!(to_withdraw.contains(&"OpenCase".to_owned()) && to_withdraw.contains(&"AwaitReview".to_owned()));
    }
}
