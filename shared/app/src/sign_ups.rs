//! Sign-ups that were never activated: their users go, and who they were is kept as an id and two times.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    identity::customer::Customer,
    ids::{CustomerId, StreamId},
};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    commit::timestamp,
    identity::IdentityError,
    ports::{IdentityUsers, Membership, Objects, PortError, SignUps},
    streams::Streams,
};

/// A sign-up that its table removed by itself, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapsed {
    /// Who signed up.
    pub subject: CustomerId,
    /// When they did; as it was noted. Absent of one that was put back.
    pub begun: Option<String>,
    /// Whether an activation had claimed it before it was removed.
    pub claimed: bool,
    /// When it was removed.
    pub at: OffsetDateTime,
}

/// What expiring a sign-up takes.
#[derive(Clone)]
pub struct Expiry {
    /// The identity context's streams. They are only read.
    pub streams: Streams,
    /// Sign-ups that wait.
    pub sign_ups: Arc<dyn SignUps>,
    /// The pool's users.
    pub users: Arc<dyn IdentityUsers>,
    /// Where it is kept that there was a sign-up.
    pub archive: Arc<dyn Objects>,
}

/// What became of a sign-up that was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is archived, and there is no user any more.
    Expired,
    /// An activation was first: whoever it is may still become a customer.
    Claimed,
    /// They are a customer: a trigger that came late had noted the sign-up once more.
    Customer,
    /// They work here or at a partner.
    Staff,
}

/// The archive's object. No personal data: an id that is nobody's any more, and times.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Archived {
    subject: CustomerId,
    begun_at: Option<String>,
    expired_at: String,
}

impl Expiry {
    /// Archives a sign-up and removes its user, unless whoever it is became something else. Nothing can be activated once the row is
    /// gone, so what is found out here stays true.
    ///
    /// # Errors
    /// See [`IdentityError`]. Running it again is safe.
    pub async fn expire(&self, lapsed: &Lapsed) -> Result<Outcome, IdentityError> {
        let id = lapsed.subject;
        if self.streams.load::<Customer>(StreamId::from(id)).await?.version.is_some() {
            return Ok(Outcome::Customer);
        }
        if lapsed.claimed {
            self.sign_ups.put_back(id, lapsed.at).await?;
            return Ok(Outcome::Claimed);
        }
        match self.users.membership(id).await? {
            Membership::Staff => return Ok(Outcome::Staff),
            Membership::Nobodys | Membership::Missing => {}
        }
        // First: of a user who is gone without a trace nobody could say why.
        self.archive.put(&key(lapsed), body(lapsed)?, "application/json").await?;
        self.users.remove(id).await?;
        Ok(Outcome::Expired)
    }
}

/// By day, so that a day can be listed. The same sign-up has the same key, however often it is written.
fn key(lapsed: &Lapsed) -> String {
    format!("sign-ups/{}/{}.json", lapsed.at.date(), lapsed.subject)
}

fn body(lapsed: &Lapsed) -> Result<Bytes, PortError> {
    let archived =
        Archived { subject: lapsed.subject, begun_at: lapsed.begun.clone(), expired_at: timestamp(lapsed.at) };
    let written =
        serde_json::to_vec(&archived).map_err(|_| PortError::Corrupt { attempted: "write down a sign-up" })?;
    Ok(written.into())
}
