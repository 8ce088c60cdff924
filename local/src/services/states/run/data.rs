//! What a state sees of the data, and what it makes of it.

use serde_json::{Map, Value, json};

use crate::services::states::{definition::State, faults, path::Path, tasks::TaskFault};

/// The most that a state takes, gives or asks for, as JSON.
pub(in crate::services::states) const BYTES_MAX: usize = 262_144;

/// What the state sees.
pub(super) fn input(state: &State, raw: &Value, context: &Value) -> Result<Value, TaskFault> {
    part("InputPath", state.input_path.as_ref(), raw, context)
}

/// What the state works with: its template filled, or what it sees.
pub(super) fn parameters(state: &State, input: &Value, context: &Value) -> Result<Value, TaskFault> {
    match &state.parameters {
        None => Ok(input.clone()),
        Some(template) => within_limit(template.fill(input, context).map_err(|path| not_filled("Parameters", &path))?),
    }
}

/// What goes on: the result, selected, put into the data that came in, and of that the part that the state lets through.
pub(super) fn output(state: &State, raw: &Value, result: Value, context: &Value) -> Result<Value, TaskFault> {
    let result = within_limit(result)?;
    let result = match &state.result_selector {
        None => result,
        Some(template) => template.fill(&result, context).map_err(|path| not_filled("ResultSelector", &path))?,
    };
    let placed = place(state.result_path.as_ref(), raw, result)?;
    handed_on(state, &placed, context)
}

/// Of the data the part that the state lets through.
pub(super) fn handed_on(state: &State, data: &Value, context: &Value) -> Result<Value, TaskFault> {
    within_limit(part("OutputPath", state.output_path.as_ref(), data, context)?)
}

/// What a catcher hands on.
pub(super) fn caught(result_path: Option<&Path>, raw: &Value, fault: &TaskFault) -> Result<Value, TaskFault> {
    within_limit(place(result_path, raw, json!({ "Error": fault.error, "Cause": fault.cause }))?)
}

/// Nothing larger than this goes from state to state.
pub(super) fn within_limit(value: Value) -> Result<Value, TaskFault> {
    if value.to_string().len() > BYTES_MAX {
        let cause = format!("The state's data is larger than {BYTES_MAX} bytes.");
        return Err(TaskFault::new(faults::DATA_LIMIT_EXCEEDED, cause));
    }
    Ok(value)
}

fn part(field: &str, path: Option<&Path>, data: &Value, context: &Value) -> Result<Value, TaskFault> {
    match path {
        None => Ok(Value::Object(Map::new())),
        Some(path) => path
            .find(data, context)
            .cloned()
            .ok_or_else(|| TaskFault::runtime(format!("Invalid path '{path}' in {field}: nothing is there."))),
    }
}

fn place(path: Option<&Path>, raw: &Value, value: Value) -> Result<Value, TaskFault> {
    match path {
        None => Ok(raw.clone()),
        Some(path) => path.place(raw.clone(), value).ok_or_else(|| {
            let cause = format!("Unable to apply ResultPath '{path}': something on its way is not an object.");
            TaskFault::new(faults::RESULT_PATH_MATCH_FAILURE, cause)
        }),
    }
}

fn not_filled(field: &str, path: &Path) -> TaskFault {
    let cause = format!("The path '{path}' in {field} leads to nothing.");
    TaskFault::new(faults::PARAMETER_PATH_FAILURE, cause)
}
