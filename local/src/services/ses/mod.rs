//! SES: mails that would have gone out, kept in `engine.db`, and the identities that they may come from.

#[cfg(test)]
mod tests;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use bytes::Bytes;
use http::{Request, Response};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::router::{Gate, Principal};
use crate::engine::{Engine, EngineError};

/// The outbox shows so many.
const MAILS_READ_MAX: u32 = 1_000;

/// Mails, and who may send them.
pub struct Ses {
    engine: Arc<Engine>,
    gate: Gate,
    // Said anew at each start, as the template may change them.
    identities: RwLock<BTreeSet<String>>,
    faults: Mutex<VecDeque<MailFault>>,
}

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMail {
    /// The id that its sender was told.
    pub message_id: String,
    /// From whom, as it was written.
    pub from: String,
    /// Whom to.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// What it says, as text.
    pub text: Option<String>,
    /// The same as HTML.
    pub html: Option<String>,
    /// The tags of its sender.
    pub tags: BTreeMap<String, String>,
    /// When, as RFC 3339.
    pub sent_at: String,
}

/// How the next mail fares, in the words of SES.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum MailFault {
    /// Its content is not taken.
    MessageRejected,
    /// Something in the request makes no sense, such as the address.
    BadRequestException,
    /// Too many at a time.
    TooManyRequestsException,
    /// Too many in a day.
    LimitExceededException,
    /// The account may not send for now.
    SendingPausedException,
    /// SES has a failure of its own.
    InternalServiceErrorException,
}

impl Ses {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate, identities: RwLock::default(), faults: Mutex::default() }
    }

    /// From now on mails may come from these domains and addresses, and from no others.
    pub fn keep_identities(&self, names: impl IntoIterator<Item = String>) {
        *self.identities.write().unwrap_or_else(PoisonError::into_inner) = names.into_iter().collect();
    }

    /// The identity that an address is sent from: itself, or its domain.
    fn identity_of(&self, address: &str) -> Option<String> {
        let domain = address.rsplit('@').next().unwrap_or_default();
        let identities = self.identities.read().unwrap_or_else(PoisonError::into_inner);
        [address, domain].into_iter().find(|it| identities.contains(*it)).map(str::to_owned)
    }

    /// So many mails fare so, after those that were told to before.
    pub fn fail_next(&self, mails: u32, fault: MailFault) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.extend((0..mails).map(|_| fault));
    }

    /// Whatever was told to fail and has not failed does not.
    pub fn forgive(&self) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn fault(&self) -> Option<MailFault> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// The newest thousand mails, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outbox(&self) -> Result<Vec<SentMail>, EngineError> {
        let mut mails = self.engine.read(|database| {
            let mut statement = database.prepare_cached("SELECT mail FROM mails ORDER BY seq DESC LIMIT ?1")?;
            let texts = statement.query_map([MAILS_READ_MAX], |row| row.get::<_, String>(0))?;
            let read =
                |text: Result<String, _>| serde_json::from_str(&text?).map_err(|_| EngineError::corrupt("a mail"));
            texts.map(read).collect::<Result<Vec<SentMail>, EngineError>>()
        })?;
        mails.reverse();
        Ok(mails)
    }

    fn keep(&self, mail: &SentMail) -> Result<(), EngineError> {
        let text = serde_json::to_string(mail).map_err(|_| EngineError::corrupt("a mail"))?;
        self.engine.write(|database| {
            database.prepare_cached("INSERT INTO mails (mail) VALUES (?1)")?.execute(params![text])?;
            Ok(())
        })
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
        wire::handle(self, principal, request)
    }
}
