//! The custodian.

use async_trait::async_trait;
use domain::ids::CustomerId;
use money::{Asset, Money};
use secrecy::SecretString;
use uuid::Uuid;

use super::PortError;

/// A wallet at the custodian, and where to send to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositAddress {
    /// What may be sent there.
    pub asset: Asset,
    /// The address on the chain.
    pub address: String,
}

/// How far a transaction at the custodian is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustodyStatus {
    /// Seen, and not final.
    Pending,
    /// Final, as the custodian says.
    Completed,
    /// It will never be: cancelled, rejected, failed, blocked, timed out.
    Failed,
}

/// A transaction at the custodian, read from the custodian itself.
#[derive(Debug, Clone)]
pub struct CustodyTransaction {
    /// The custodian's id of it.
    pub id: Uuid,
    /// What moved; `None` for an asset that this bank does not keep.
    pub amount: Option<Money>,
    /// The custodian's own name of the asset.
    pub custodian_asset: String,
    /// Whether it comes into one of our vault accounts.
    pub incoming: bool,
    /// Where it was sent to.
    pub address: String,
    /// Where it came from, and its hash on the chain: for the vault.
    pub origin: SecretString,
    /// How far it is.
    pub status: CustodyStatus,
    /// Blocks that confirm it.
    pub confirmations: u32,
}

/// The custodian.
#[async_trait]
pub trait Custodian: Send + Sync {
    /// Makes sure that the customer has a vault account, and answers the custodian's id of it. The custodian remembers the
    /// customer's reference, so that asking again finds it.
    async fn vault_account(&self, customer: CustomerId) -> Result<String, PortError>;

    /// Makes sure that the vault account has a wallet in this asset, and answers its address.
    async fn deposit_address(&self, vault_account: &str, asset: Asset) -> Result<DepositAddress, PortError>;

    /// Reads a transaction; [`PortError::Missing`] if there is none.
    async fn transaction(&self, id: Uuid) -> Result<CustodyTransaction, PortError>;
}
