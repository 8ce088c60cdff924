//! The waiting states of the world's workflows.

use async_trait::async_trait;
use domain::error::Class;
use time::macros::datetime;

use super::world::World;
use crate::ports::{
    Jobs, Pause, PauseKey, Pauses, Permit, Permits, PortError, Purpose, Standing, TaskToken, Told, Workflows,
};

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

    async fn succeed(&self, token: &TaskToken, output: String) -> Result<Told, PortError> {
        self.before("succeed")?;
        if self.kept().resumed.iter().any(|(told, _)| told == token.expose()) {
            return Ok(Told::Over);
        }
        self.kept().resumed.push((token.expose().to_owned(), output));
        self.after("succeed").map(|()| Told::Heard)
    }

    async fn fail(&self, token: &TaskToken, class: Class, code: &str) -> Result<Told, PortError> {
        self.kept().resumed.push((token.expose().to_owned(), format!("{class}:{code}")));
        Ok(Told::Heard)
    }
}

#[async_trait]
impl Permits for World {
    async fn take(&self, holder: &str, _: Purpose) -> Result<Permit, PortError> {
        let mut kept = self.kept();
        let before = kept.permits.get(holder).copied();
        if before.is_none() && kept.full {
            return Err(PortError::Throttled { attempted: "take" });
        }
        kept.made += 1;
        let taking = kept.made;
        kept.permits.insert(holder.to_owned(), taking);
        let standing = if before.is_some() { Standing::Held } else { Standing::New };
        Ok(Permit { holder: holder.to_owned(), taking: taking.to_string(), standing })
    }

    async fn keep(&self, holder: &str) -> Result<bool, PortError> {
        Ok(self.kept().permits.contains_key(holder))
    }

    async fn give_back(&self, holder: &str) -> Result<(), PortError> {
        self.before("give_back")?;
        self.kept().permits.remove(holder);
        Ok(())
    }

    async fn undo(&self, permit: &Permit) -> Result<(), PortError> {
        let mut kept = self.kept();
        if permit.standing == Standing::New
            && kept.permits.get(&permit.holder).map(u32::to_string).as_ref() == Some(&permit.taking)
        {
            kept.permits.remove(&permit.holder);
        }
        Ok(())
    }
}

#[async_trait]
impl Jobs for World {
    async fn send(&self, body: String, _: &str) -> Result<(), PortError> {
        self.kept().jobs.push(body);
        Ok(())
    }
}
