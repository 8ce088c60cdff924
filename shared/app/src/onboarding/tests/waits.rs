//! The waiting states of the world's workflows.

use async_trait::async_trait;
use domain::error::Class;
use time::macros::datetime;

use super::world::World;
use crate::ports::{Pause, PauseKey, Pauses, PortError, TaskToken, Workflows};

#[async_trait]
impl Pauses for World {
    async fn note(&self, pause: &Pause) -> Result<(), PortError> {
        let PauseKey { customer, application, awaited, .. } = pause.key;
        self.kept().pauses.insert((customer, application, awaited), pause.token.expose().to_owned());
        self.after("note")
    }

    async fn find(&self, key: &PauseKey) -> Result<Option<Pause>, PortError> {
        let token = self.kept().pauses.get(&(key.customer, key.application, key.awaited)).cloned();
        Ok(token.map(|token| Pause {
            key: key.clone(),
            token: TaskToken::new(token),
            execution: "execution-1".to_owned(),
            state: "Await".to_owned(),
            since: datetime!(2026-11-20 12:00 UTC),
        }))
    }

    async fn forget(&self, pause: &Pause) -> Result<(), PortError> {
        let PauseKey { customer, application, awaited, .. } = pause.key;
        let mut kept = self.kept();
        if kept.pauses.get(&(customer, application, awaited)).is_some_and(|token| token == pause.token.expose()) {
            kept.pauses.remove(&(customer, application, awaited));
        }
        Ok(())
    }
}

#[async_trait]
impl Workflows for World {
    async fn start(&self, _: &str, _: String) -> Result<(), PortError> {
        Ok(())
    }

    async fn succeed(&self, token: &TaskToken, output: String) -> Result<(), PortError> {
        self.before("succeed")?;
        self.kept().resumed.push((token.expose().to_owned(), output));
        self.after("succeed")
    }

    async fn fail(&self, token: &TaskToken, class: Class, code: &str) -> Result<(), PortError> {
        self.kept().resumed.push((token.expose().to_owned(), format!("{class}:{code}")));
        Ok(())
    }
}
