//! Reference paths: one place in the state's data (`$.a.b`) or in the context (`$$.Task.Token`).

use serde_json::{Map, Value};

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    /// The data: `$`.
    Data,
    /// What Step Functions itself knows: `$$`.
    Context,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    text: String,
    root: Root,
    steps: Vec<Step>,
}

/// What the context holds here, as the first two names of a path.
const CONTEXT: [[&str; 2]; 10] = [
    ["Execution", "Id"],
    ["Execution", "Name"],
    ["Execution", "Input"],
    ["Execution", "StartTime"],
    ["State", "Name"],
    ["State", "EnteredTime"],
    ["State", "RetryCount"],
    ["StateMachine", "Id"],
    ["StateMachine", "Name"],
    ["Task", "Token"],
];

const TOKEN: &str = "$$.Task.Token";

impl Path {
    /// The whole data.
    pub fn whole() -> Self {
        Self { text: "$".to_owned(), root: Root::Data, steps: Vec::new() }
    }

    /// Reads a path; an error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("States.") {
            return Err(format!("intrinsic functions are not supported, here {text}"));
        }
        let (root, rest) = match text.strip_prefix("$$") {
            Some(rest) => (Root::Context, rest),
            None => (Root::Data, text.strip_prefix('$').ok_or_else(|| format!("{text} does not begin with $"))?),
        };
        let steps = steps(rest).ok_or_else(|| format!("{text} is not a reference path like $.name.name"))?;
        let path = Self { text: text.to_owned(), root, steps };
        if root == Root::Context && !CONTEXT.iter().any(|known| path.begins_with(known)) {
            return Err(format!("{text} is not in the context"));
        }
        Ok(path)
    }

    /// Whether this is the task's token, which only a waiting task has.
    pub fn is_token(&self) -> bool {
        self.text == TOKEN
    }

    /// Whether a value can be put there: names only, in the data.
    pub fn is_writable(&self) -> bool {
        self.root == Root::Data && self.steps.iter().all(|step| matches!(step, Step::Name(_)))
    }

    /// What is there.
    pub fn find<'a>(&self, data: &'a Value, context: &'a Value) -> Option<&'a Value> {
        let root = match self.root {
            Root::Data => data,
            Root::Context => context,
        };
        self.steps.iter().try_fold(root, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }

    /// The data with `value` there, objects made on the way; `None` when something on the way is no object.
    pub fn place(&self, mut data: Value, value: Value) -> Option<Value> {
        let mut here = &mut data;
        for step in &self.steps {
            let Step::Name(name) = step else { return None };
            here = here.as_object_mut()?.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        }
        *here = value;
        Some(data)
    }

    fn begins_with(&self, names: &[&str; 2]) -> bool {
        names.iter().enumerate().all(|(at, name)| self.steps.get(at) == Some(&Step::Name((*name).to_owned())))
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads `.name` and `[0]`, in any number. Everything that may mean several places is no reference path.
fn steps(mut rest: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let step;
        (step, rest) = match rest.strip_prefix('.') {
            Some(after) => {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, rest) = after.split_at_checked(end)?;
                let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
                if name.is_empty() || !name.chars().all(plain) {
                    return None;
                }
                (Step::Name(name.to_owned()), rest)
            }
            None => {
                let (index, rest) = rest.strip_prefix('[')?.split_once(']')?;
                (Step::Index(index.parse().ok()?), rest)
            }
        };
        steps.push(step);
    }
    Some(steps)
}
