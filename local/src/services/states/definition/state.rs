//! One state of a definition.

use serde_json::Value;

use super::{
    DefinitionError, Reader, TIMEOUT_S_MAX,
    choice::Choice,
    fields::{Field, Fields},
    handling::{self, Catcher, Retrier},
    query_language,
    template::{Template, Token},
};
use crate::services::states::path::Path;

const NAME_CHARS_MAX: usize = 80;

/// A state.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) struct State {
    pub kind: Kind,
    /// What of the data the state sees; `None` is an empty object.
    pub input_path: Option<Path>,
    pub parameters: Option<Template>,
    pub result_selector: Option<Template>,
    /// Where the result goes in the data; `None` drops it.
    pub result_path: Option<Path>,
    /// What of the data goes on; `None` is an empty object.
    pub output_path: Option<Path>,
    pub retriers: Vec<Retrier>,
    pub catchers: Vec<Catcher>,
    /// Where it goes on; `None` where the kind itself says so.
    pub after: Option<After>,
}

/// What a state does.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) enum Kind {
    Task(Task),
    Pass {
        result: Option<Value>,
    },
    Choice {
        choices: Vec<Choice>,
        default: Option<String>,
    },
    Wait(Delay),
    Succeed,
    Fail {
        error: Failing,
        cause: Failing,
    },
    /// The branches, by where they start.
    Parallel {
        branches: Vec<String>,
    },
}

/// What comes after a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services::states) enum After {
    Next(String),
    End,
}

/// What a task calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services::states) struct Task {
    pub resource: String,
    pub service: Service,
    pub style: Style,
    pub timeout_s: Option<u64>,
    pub heartbeat_s: Option<u64>,
}

/// Who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services::states) enum Service {
    /// A function, by its own ARN: the parameters are its payload, what it answers is the result.
    Function,
    LambdaInvoke,
    SendMessage,
    PutEvents,
}

/// When a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services::states) enum Style {
    /// When the call is answered.
    Response,
    /// When somebody brings back its token.
    Token,
}

/// How long to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services::states) enum Delay {
    Seconds(u64),
    SecondsAt(Path),
    Until(i64),
    UntilAt(Path),
}

/// A text of a Fail state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services::states) enum Failing {
    Fixed(String),
    At(Path),
}

impl State {
    /// Reads a state; the branches of a Parallel go to the reader.
    pub(super) fn parse(name: &str, field: &Field<'_>, reader: &mut Reader) -> Result<Self, DefinitionError> {
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return field.refuse(format!("a state's name has 1 to {NAME_CHARS_MAX} characters"));
        }
        let mut fields = field.fields()?;
        query_language(fields.take("QueryLanguage"))?;
        let kind = fields.required("Type")?;
        let state = match kind.text()? {
            "Task" => task(&mut fields),
            "Pass" => pass(&mut fields),
            "Choice" => choice(&mut fields),
            "Wait" => wait(&mut fields),
            "Succeed" => Self::passing(&mut fields, Kind::Succeed),
            "Fail" => fail(&mut fields),
            "Parallel" => parallel(&mut fields, reader),
            other => kind.refuse(format!("the state type {other} is not supported")),
        }?;
        fields.finish()?;
        Ok(state)
    }

    /// Where it may go on.
    pub(super) fn nexts(&self) -> impl Iterator<Item = &str> {
        let (choices, default) = match &self.kind {
            Kind::Choice { choices, default } => (choices.as_slice(), default.as_deref()),
            Kind::Task(_)
            | Kind::Pass { .. }
            | Kind::Wait(_)
            | Kind::Succeed
            | Kind::Fail { .. }
            | Kind::Parallel { .. } => (&[][..], None),
        };
        let after = match &self.after {
            Some(After::Next(next)) => Some(next.as_str()),
            Some(After::End) | None => None,
        };
        let chosen = choices.iter().map(|it| it.next.as_str());
        chosen.chain(default).chain(after).chain(self.catchers.iter().map(|it| it.next.as_str()))
    }

    /// What events about this state are called after.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Task(_) => "Task",
            Kind::Pass { .. } => "Pass",
            Kind::Choice { .. } => "Choice",
            Kind::Wait(_) => "Wait",
            Kind::Succeed => "Succeed",
            Kind::Fail { .. } => "Fail",
            Kind::Parallel { .. } => "Parallel",
        }
    }

    /// The task that it is.
    pub fn task(&self) -> Option<&Task> {
        match &self.kind {
            Kind::Task(task) => Some(task),
            Kind::Pass { .. }
            | Kind::Choice { .. }
            | Kind::Wait(_)
            | Kind::Succeed
            | Kind::Fail { .. }
            | Kind::Parallel { .. } => None,
        }
    }

    /// A state that hands on what it sees.
    fn passing(fields: &mut Fields<'_>, kind: Kind) -> Result<Self, DefinitionError> {
        Ok(Self {
            kind,
            input_path: fields.path_or_null("InputPath")?,
            parameters: None,
            result_selector: None,
            result_path: Some(Path::whole()),
            output_path: fields.path_or_null("OutputPath")?,
            retriers: Vec::new(),
            catchers: Vec::new(),
            after: None,
        })
    }

    /// A state that works, may fail, and is tried again.
    fn working(mut self, fields: &mut Fields<'_>, token: Token) -> Result<Self, DefinitionError> {
        self.parameters = fields.take("Parameters").map(|it| Template::parse(&it, token)).transpose()?;
        self.result_selector =
            fields.take("ResultSelector").map(|it| Template::parse(&it, Token::Absent)).transpose()?;
        self.result_path = fields.result_path("ResultPath")?;
        self.retriers = handling::retriers(fields.take("Retry"))?;
        self.catchers = handling::catchers(fields.take("Catch"))?;
        self.after = Some(after(fields)?);
        Ok(self)
    }
}

fn after(fields: &mut Fields<'_>) -> Result<After, DefinitionError> {
    let next = fields.optional_text("Next")?;
    match (next, fields.take("End")) {
        (Some(next), None) => Ok(After::Next(next)),
        (None, Some(end)) if end.value == &Value::Bool(true) => Ok(After::End),
        (None, Some(end)) => end.refuse("must be true"),
        (Some(_), Some(end)) => end.refuse("there is a Next too"),
        (None, None) => Err(DefinitionError::new(fields.at(), "either Next or End must be there")),
    }
}

const WAITS: &str = ".waitForTaskToken";

fn task(fields: &mut Fields<'_>) -> Result<State, DefinitionError> {
    let field = fields.required("Resource")?;
    let resource = field.text()?;
    let (called, style) = match resource.strip_suffix(WAITS) {
        Some(called) => (called, Style::Token),
        None => (resource, Style::Response),
    };
    let service = match (called, style) {
        ("arn:aws:states:::lambda:invoke", _) => Service::LambdaInvoke,
        ("arn:aws:states:::sqs:sendMessage", _) => Service::SendMessage,
        ("arn:aws:states:::events:putEvents", Style::Response) => Service::PutEvents,
        (arn, Style::Response) if is_function(arn) => Service::Function,
        _ => return field.refuse(format!("the resource {resource} is not supported")),
    };
    let timeout_s = fields.whole("TimeoutSeconds", 1..=TIMEOUT_S_MAX)?;
    let heartbeat_at = format!("{}.HeartbeatSeconds", fields.at());
    let heartbeat_s = fields.whole("HeartbeatSeconds", 1..=TIMEOUT_S_MAX)?;
    if heartbeat_s.is_some_and(|it| it >= timeout_s.unwrap_or(TIMEOUT_S_MAX)) {
        return Err(DefinitionError::new(&heartbeat_at, "must be less than TimeoutSeconds"));
    }
    let at = format!("{}.Parameters", fields.at());
    let token = if style == Style::Token { Token::There } else { Token::Absent };
    let task = Task { resource: resource.to_owned(), service: service.clone(), style, timeout_s, heartbeat_s };
    let state = State::passing(fields, Kind::Task(task))?.working(fields, token)?;
    parameters(&at, &service, state.parameters.as_ref())?;
    Ok(state)
}

fn is_function(arn: &str) -> bool {
    let mut parts = arn.splitn(7, ':');
    let wanted = [Some("arn"), Some("aws"), Some("lambda")];
    wanted.into_iter().all(|part| parts.next() == part)
        && parts.nth(2) == Some("function")
        && parts.next().is_some_and(|name| !name.is_empty())
}

/// Each service has its parameters, of which only some are done here.
fn parameters(at: &str, service: &Service, template: Option<&Template>) -> Result<(), DefinitionError> {
    let (required, optional): (&[&str], &[&str]) = match service {
        Service::Function => return Ok(()),
        Service::LambdaInvoke => (&["FunctionName"], &["Payload"]),
        Service::SendMessage => (&["QueueUrl", "MessageBody"], &["MessageGroupId"]),
        Service::PutEvents => (&["Entries"], &[]),
    };
    let refuse = |at: &str, problem: String| Err(DefinitionError::new(at, problem));
    check_names(at, template, required, optional)?;
    let Some(entries) = template.and_then(|it| it.get("Entries")) else { return Ok(()) };
    let at = format!("{at}.Entries");
    let Template::List(entries) = entries else { return refuse(&at, "must be a list".to_owned()) };
    for (index, entry) in entries.iter().enumerate() {
        let optional = ["EventBusName", "Resources"];
        check_names(&format!("{at}[{index}]"), Some(entry), &["Source", "DetailType", "Detail"], &optional)?;
    }
    Ok(())
}

fn check_names(
    at: &str,
    template: Option<&Template>,
    required: &[&str],
    optional: &[&str],
) -> Result<(), DefinitionError> {
    let names = template.and_then(Template::names);
    let names = names.ok_or_else(|| DefinitionError::new(at, "must be an object"))?;
    if let Some(missing) = required.iter().find(|it| !names.contains(it)) {
        return Err(DefinitionError::new(at, format!("the field {missing} is missing")));
    }
    match names.iter().find(|it| !required.contains(it) && !optional.contains(it)) {
        Some(name) => Err(DefinitionError::new(&format!("{at}.{name}"), "the parameter is not supported")),
        None => Ok(()),
    }
}

fn pass(fields: &mut Fields<'_>) -> Result<State, DefinitionError> {
    let result = fields.take("Result").map(|field| field.value.clone());
    let mut state = State::passing(fields, Kind::Pass { result })?;
    state.parameters = fields.take("Parameters").map(|it| Template::parse(&it, Token::Absent)).transpose()?;
    state.result_path = fields.result_path("ResultPath")?;
    state.after = Some(after(fields)?);
    Ok(state)
}

fn choice(fields: &mut Fields<'_>) -> Result<State, DefinitionError> {
    let choices = fields.required("Choices")?.list()?;
    let choices = choices.iter().map(Choice::parse).collect::<Result<_, _>>()?;
    let default = fields.optional_text("Default")?;
    State::passing(fields, Kind::Choice { choices, default })
}

fn wait(fields: &mut Fields<'_>) -> Result<State, DefinitionError> {
    let mut delays = Vec::new();
    if let Some(seconds) = fields.whole("Seconds", 0..=TIMEOUT_S_MAX)? {
        delays.push(Delay::Seconds(seconds));
    }
    if let Some(field) = fields.take("SecondsPath") {
        delays.push(Delay::SecondsAt(field.path()?));
    }
    if let Some(field) = fields.take("Timestamp") {
        let at_ms = super::choice::timestamp_ms(field.text()?);
        delays.push(Delay::Until(at_ms.map_or_else(|| field.refuse("must be a time as in RFC 3339"), Ok)?));
    }
    if let Some(field) = fields.take("TimestampPath") {
        delays.push(Delay::UntilAt(field.path()?));
    }
    match (delays.pop(), delays.is_empty()) {
        (Some(delay), true) => {
            let mut state = State::passing(fields, Kind::Wait(delay))?;
            state.after = Some(after(fields)?);
            Ok(state)
        }
        _ => {
            let problem = "exactly one of Seconds, SecondsPath, Timestamp and TimestampPath must be there";
            Err(DefinitionError::new(fields.at(), problem))
        }
    }
}

fn fail(fields: &mut Fields<'_>) -> Result<State, DefinitionError> {
    let mut text = |name: &str| {
        let path = fields.take(&format!("{name}Path"));
        match (fields.take(name), path) {
            (None, None) => Ok(Failing::Fixed(String::new())),
            (Some(field), None) => Ok(Failing::Fixed(field.text()?.to_owned())),
            (None, Some(field)) => Ok(Failing::At(field.path()?)),
            (Some(_), Some(field)) => field.refuse(format!("there is a {name} too")),
        }
    };
    let kind = Kind::Fail { error: text("Error")?, cause: text("Cause")? };
    Ok(State {
        kind,
        input_path: Some(Path::whole()),
        parameters: None,
        result_selector: None,
        result_path: Some(Path::whole()),
        output_path: Some(Path::whole()),
        retriers: Vec::new(),
        catchers: Vec::new(),
        after: None,
    })
}

fn parallel(fields: &mut Fields<'_>, reader: &mut Reader) -> Result<State, DefinitionError> {
    let branches = fields.required("Branches")?.list()?;
    let branches = branches.iter().map(|it| reader.branch(it)).collect::<Result<_, _>>()?;
    State::passing(fields, Kind::Parallel { branches })?.working(fields, Token::Absent)
}
