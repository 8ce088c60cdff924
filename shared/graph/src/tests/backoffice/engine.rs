//! A workflow engine with one execution, which is parked.

use std::sync::Mutex;

use app::ports::{
    ExecutionStatus, Executions, Pause, PauseKey, Pauses, Permit, Permits, PortError, Purpose, Recorded, RecordedEvent,
    RecordedKind, Standing, TaskToken, Told, Workflows,
};
use async_trait::async_trait;
use domain::error::Class;
use serde_json::json;
use time::macros::datetime;

use super::world::EXECUTION;

/// The state that is parked.
pub(super) const PARKED: &str = "ParkAtCall";
const TOKEN: &str = "token-1";

/// What it was told, in order.
#[derive(Default)]
pub(super) struct Engine {
    pub(super) told: Mutex<Vec<String>>,
    forgotten: Mutex<bool>,
}

#[async_trait]
impl Executions for Engine {
    async fn find(&self, name: &str) -> Result<Option<Recorded>, PortError> {
        if name != EXECUTION.to_string() {
            return Ok(None);
        }
        let at = datetime!(2026-01-31 09:30 UTC);
        let park = json!({
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": { "Payload": { "awaited": "operator" } },
            "Catch": [{ "ErrorEquals": ["Rejected"], "Next": "Undo" }], "Next": "Call",
        });
        let definition = json!({ "StartAt": "Call", "States": {
            "Call": { "Type": "Task", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": PARKED }], "End": true },
            PARKED: park,
            "Undo": { "Type": "Succeed" },
        } });
        let entered = |state: &str| RecordedKind::Entered { state: state.to_owned(), kind: "Task".to_owned() };
        let kinds = [
            entered("Call"),
            RecordedKind::Went { wrong: Some("Bug".to_owned()) },
            RecordedKind::Exited { state: "Call".to_owned() },
            entered(PARKED),
        ];
        let events = (1..).zip(kinds).map(|(id, kind)| RecordedEvent { id, previous: id - 1, at, kind });
        Ok(Some(Recorded {
            status: ExecutionStatus::Running,
            started_at: at,
            ended_at: None,
            definition: definition.to_string(),
            events: events.collect(),
        }))
    }
}

#[async_trait]
impl Pauses for Engine {
    async fn note(&self, _: &Pause) -> Result<(), PortError> {
        panic!("nobody here makes a state wait");
    }

    async fn find(&self, key: &PauseKey) -> Result<Option<Pause>, PortError> {
        let is_there = key.state.as_deref() == Some(PARKED) && !*self.forgotten.lock().unwrap();
        Ok(is_there.then(|| Pause {
            key: key.clone(),
            token: TaskToken::new(TOKEN),
            execution: EXECUTION.to_string(),
            state: PARKED.to_owned(),
            since: datetime!(2026-01-31 09:30 UTC),
        }))
    }

    async fn forget(&self, pause: &Pause) -> Result<(), PortError> {
        assert_eq!(pause.token.expose(), TOKEN);
        *self.forgotten.lock().unwrap() = true;
        Ok(())
    }
}

#[async_trait]
impl Workflows for Engine {
    async fn start(&self, _: &str, _: String) -> Result<(), PortError> {
        panic!("nobody here starts a workflow");
    }

    async fn succeed(&self, token: &TaskToken, output: String) -> Result<Told, PortError> {
        self.told.lock().unwrap().push(format!("{}: {output}", token.expose()));
        Ok(Told::Heard)
    }

    async fn fail(&self, token: &TaskToken, class: Class, code: &str) -> Result<Told, PortError> {
        self.told.lock().unwrap().push(format!("{}: {} {code}", token.expose(), class.name()));
        Ok(Told::Heard)
    }
}

#[async_trait]
impl Permits for Engine {
    async fn take(&self, holder: &str, _: Purpose) -> Result<Permit, PortError> {
        Ok(Permit { holder: holder.to_owned(), taking: "taking-1".to_owned(), standing: Standing::New })
    }

    async fn keep(&self, _: &str) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn give_back(&self, _: &str) -> Result<(), PortError> {
        Ok(())
    }

    async fn undo(&self, _: &Permit) -> Result<(), PortError> {
        panic!("nobody here is told in vain");
    }
}
