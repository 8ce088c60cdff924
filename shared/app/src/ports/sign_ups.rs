//! Sign-ups that wait for their activation, and the users behind them.

use async_trait::async_trait;
use domain::ids::CustomerId;
use time::OffsetDateTime;

use super::PortError;

/// What came of claiming a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// From here on it does not expire: whoever signed up may become a customer, now or whenever they come back.
    Taken,
    /// There is nothing to claim: it expired, or it led to a customer and was forgotten.
    Gone,
}

/// Sign-ups that were begun. They expire by themselves, unless they are claimed in time.
#[async_trait]
pub trait SignUps: Send + Sync {
    /// Notes that a sign-up was begun. Noting it again changes nothing.
    async fn note(&self, subject: CustomerId, at: OffsetDateTime) -> Result<(), PortError>;

    /// Takes a sign-up out of its expiry, in one conditional write: of it and the expiry exactly one comes first. Claiming it again
    /// is answered in the same way. A sign-up that is past its time is gone, even where it is still to be removed.
    async fn claim(&self, subject: CustomerId, at: OffsetDateTime) -> Result<Claim, PortError>;

    /// Puts a claimed sign-up back that was removed before it led to a customer. Does nothing if there is one.
    async fn put_back(&self, subject: CustomerId, at: OffsetDateTime) -> Result<(), PortError>;

    /// Forgets it, as it led to a customer.
    async fn forget(&self, subject: CustomerId) -> Result<(), PortError>;
}

/// What somebody is in the identity pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// In no group: a customer, or one to be.
    Nobodys,
    /// In a group: staff, of ours or of a partner.
    Staff,
    /// There is no such user.
    Missing,
}

/// Users of the identity pool, as whoever runs the pool sees them.
#[async_trait]
pub trait IdentityUsers: Send + Sync {
    /// Whether somebody belongs to any group.
    async fn membership(&self, subject: CustomerId) -> Result<Membership, PortError>;

    /// Removes a user. One who is missing already is as good as removed.
    async fn remove(&self, subject: CustomerId) -> Result<(), PortError>;
}
