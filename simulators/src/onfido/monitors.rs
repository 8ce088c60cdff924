//! Monitors: the provider goes on looking for somebody, and says that it has found somebody like them.

use uuid::Uuid;

use super::{
    Delivery, Endpoint, Onfido, OnfidoError,
    model::{Monitor, Watched},
    payload,
    provider::timestamp,
};

impl Onfido {
    /// Lets the monitor of whoever this run was for find somebody, and sends its webhook once. There is one from then on.
    ///
    /// # Errors
    /// When there is no such run. A refused webhook is an outcome, not an error.
    pub async fn find_matches(
        &self,
        run: Uuid,
        matches: &[String],
        now_ms: i64,
        to: &Endpoint,
    ) -> Result<Delivery, OnfidoError> {
        let webhook = {
            let mut state = self.state();
            let run = state.runs.get(run).cloned().ok_or(OnfidoError::Unknown { id: run })?;
            let known = state.monitors.all().find(|it| it.monitor.applicant_id == run.applicant_id).cloned();
            let mut watched = match known {
                Some(watched) => watched,
                None => Watched { monitor: monitor_of(run.applicant_id, timestamp(now_ms)?), matches: Vec::new() },
            };
            for found in matches {
                if !watched.matches.contains(found) {
                    watched.matches.push(found.clone());
                }
            }
            let body = payload::matches_updated(&watched.monitor, &timestamp(now_ms)?)?;
            state.monitors.put(watched.monitor.id, watched)?;
            state.keep_webhook(body, &run, now_ms)?
        };
        self.redeliver(webhook, now_ms, to).await
    }

    /// The monitor of whoever this run was for, if there is one.
    #[must_use]
    pub fn monitor(&self, run: Uuid) -> Option<Uuid> {
        let state = self.state();
        let applicant = state.runs.get(run)?.applicant_id;
        state.monitors.all().find(|it| it.monitor.applicant_id == applicant).map(|it| it.monitor.id)
    }
}

fn monitor_of(applicant_id: Uuid, created_at: String) -> Monitor {
    Monitor {
        id: crate::chance::uuid(),
        applicant_id,
        created_at,
        deleted_at: None,
        report_name: "watchlist_standard".to_owned(),
        tags: Vec::new(),
        is_sandbox: true,
    }
}
