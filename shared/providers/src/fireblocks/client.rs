//! The API, as far as customers' accounts and deposits need it.

use std::sync::Arc;

use app::ports::{Clock, Custodian, CustodyTransaction, DepositAddress, PortError, Signer};
use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::CustomerId;
use http::{Method, Request, Response, StatusCode, Uri, header};
use money::Asset;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use tower::{Service, ServiceExt as _};
use uuid::Uuid;

use super::{ConfigError, request, transaction, wire};

/// After an internal error of its own the API refuses the same idempotency key for a day. So there are a few, and before each we
/// look whether the one before did its work after all.
const KEYS_MAX: u8 = 3;
/// More than one account of a name is a mistake that was made once, more than ten are not.
const ACCOUNTS_MAX: u8 = 10;
/// One wallet has few addresses: we never ask for more than the first.
const ADDRESSES_MAX: u8 = 50;

const FIND_ACCOUNT: &str = "find a vault account";
const CREATE_ACCOUNT: &str = "create a vault account";
const FIND_ADDRESS: &str = "find a deposit address";
const CREATE_WALLET: &str = "create a wallet";
const READ_TRANSACTION: &str = "read a custody transaction";

/// Fireblocks, over any HTTP client.
#[derive(Clone)]
pub struct Fireblocks<S> {
    http: S,
    api_url: String,
    api_key: SecretString,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
}

impl<S> std::fmt::Debug for Fireblocks<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fireblocks").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

/// A call to be made.
struct Call {
    attempted: &'static str,
    method: Method,
    /// From `/v1` on, with its query.
    uri: String,
    body: Vec<u8>,
    idempotency_key: Option<Uuid>,
}

impl Call {
    fn get(attempted: &'static str, uri: String) -> Self {
        Self { attempted, method: Method::GET, uri, body: Vec::new(), idempotency_key: None }
    }

    fn post(attempted: &'static str, uri: String, body: Vec<u8>, key: Uuid) -> Self {
        Self { attempted, method: Method::POST, uri, body, idempotency_key: Some(key) }
    }
}

impl<S> Fireblocks<S> {
    /// The API at `api_url`, which ends before `/v1`.
    ///
    /// # Errors
    /// When the URL is not absolute, or the key cannot be sent.
    pub fn try_new(
        http: S,
        api_url: &str,
        api_key: SecretString,
        signer: Arc<dyn Signer>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConfigError> {
        let api_url = api_url.trim_end_matches('/').to_owned();
        let uri: Uri = api_url.parse().map_err(|_| ConfigError::NotAbsolute)?;
        if uri.scheme().is_none() || uri.authority().is_none() {
            return Err(ConfigError::NotAbsolute);
        }
        let text = api_key.expose_secret();
        if text.is_empty() || header::HeaderValue::from_str(text).is_err() {
            return Err(ConfigError::UnusableKey);
        }
        Ok(Self { http, api_url, api_key, signer, clock })
    }
}

impl<S> Fireblocks<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send,
{
    async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, PortError> {
        let attempted = call.attempted;
        let unavailable = |reason: String| PortError::Unavailable { attempted, reason: reason.into() };
        let key = self.api_key.expose_secret();
        let token = request::token(self.signer.as_ref(), key, &call.uri, &call.body, self.clock.now()).await?;
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.api_url, call.uri))
            .header("x-api-key", key)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::ACCEPT, "application/json");
        if !call.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(key) = call.idempotency_key {
            request = request.header("idempotency-key", key.to_string());
        }
        let request = request.body(Bytes::from(call.body)).map_err(|error| unavailable(error.to_string()))?;
        let answer = self.http.clone().oneshot(request).await;
        let answer = answer.map_err(|error| unavailable(error.into().to_string()))?;
        let status = answer.status();
        if status.is_success() {
            return serde_json::from_slice(answer.body()).map_err(|_| PortError::Corrupt { attempted });
        }
        Err(refusal(attempted, status, answer.body()))
    }

    async fn find_account(&self, name: &str) -> Result<Option<String>, PortError> {
        let uri = format!("/v1/vault/accounts_paged?namePrefix={name}&limit={ACCOUNTS_MAX}");
        let found: wire::VaultAccounts = self.call(Call::get(FIND_ACCOUNT, uri)).await?;
        let ids = found.accounts.into_iter().filter(|account| account.name == name).map(|account| account.id);
        let ids: Vec<(u64, String)> = ids
            .map(|id| Ok((account_number(&id).ok_or(PortError::Corrupt { attempted: FIND_ACCOUNT })?, id)))
            .collect::<Result<_, PortError>>()?;
        // If there are two after all, everybody takes the older one.
        Ok(ids.into_iter().min().map(|(_, id)| id))
    }

    async fn create_account(&self, customer: CustomerId, name: &str, key: Uuid) -> Result<String, PortError> {
        let reference = customer.to_string();
        let account = wire::NewVaultAccount { name, hidden_on_ui: true, customer_ref_id: &reference, auto_fuel: false };
        let body = serde_json::to_vec(&account)
            .map_err(|error| PortError::Unavailable { attempted: CREATE_ACCOUNT, reason: error.to_string().into() })?;
        let call = Call::post(CREATE_ACCOUNT, "/v1/vault/accounts".to_owned(), body, key);
        let made: wire::VaultAccount = self.call(call).await?;
        if made.name == name && account_number(&made.id).is_some() {
            Ok(made.id)
        } else {
            Err(PortError::Corrupt { attempted: CREATE_ACCOUNT })
        }
    }

    async fn find_address(&self, vault_account: &str, asset: &str) -> Result<Option<String>, PortError> {
        let uri = format!("/v1/vault/accounts/{vault_account}/{asset}/addresses_paginated?limit={ADDRESSES_MAX}");
        let found: wire::Addresses = match self.call(Call::get(FIND_ADDRESS, uri)).await {
            Ok(found) => found,
            Err(PortError::Missing { .. }) => return Ok(None), // There is no wallet yet.
            Err(error) => return Err(error),
        };
        // The first one; in its modern form, where it has two.
        let usable = found.addresses.into_iter().filter(|it| !it.address.is_empty() && it.address_format != "LEGACY");
        Ok(usable.min_by_key(|it| it.bip44_address_index).map(|it| it.address))
    }

    async fn create_wallet(&self, vault_account: &str, asset: &str, key: Uuid) -> Result<String, PortError> {
        let uri = format!("/v1/vault/accounts/{vault_account}/{asset}");
        let made: wire::Wallet = self.call(Call::post(CREATE_WALLET, uri, b"{}".to_vec(), key)).await?;
        if made.address.is_empty() {
            return Err(PortError::Unavailable { attempted: CREATE_WALLET, reason: "no address yet".into() });
        }
        Ok(made.address)
    }
}

#[async_trait]
impl<S> Custodian for Fireblocks<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send,
{
    async fn vault_account(&self, customer: CustomerId) -> Result<String, PortError> {
        let name = format!("customer-{customer}");
        let mut refused = None;
        for attempt in 1..=KEYS_MAX {
            if let Some(id) = self.find_account(&name).await? {
                return Ok(id);
            }
            match self.create_account(customer, &name, key(&format!("{name} {attempt}"))).await {
                Ok(id) => return Ok(id),
                Err(error @ PortError::Refused { .. }) => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(refused.unwrap_or(PortError::Missing { attempted: CREATE_ACCOUNT }))
    }

    async fn deposit_address(&self, vault_account: &str, asset: Asset) -> Result<DepositAddress, PortError> {
        let refuse = |reason: &str| PortError::Refused { attempted: FIND_ADDRESS, reason: reason.into() };
        let asset_id = transaction::asset_id(asset).ok_or_else(|| refuse("not an asset of the custodian's"))?;
        account_number(vault_account).ok_or_else(|| refuse("not an id of the custodian's"))?;
        let mut refused = None;
        for attempt in 1..=KEYS_MAX {
            if let Some(address) = self.find_address(vault_account, asset_id).await? {
                return Ok(DepositAddress { asset, address });
            }
            let key = key(&format!("wallet {vault_account} {asset_id} {attempt}"));
            match self.create_wallet(vault_account, asset_id, key).await {
                Ok(address) => return Ok(DepositAddress { asset, address }),
                Err(error @ PortError::Refused { .. }) => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(refused.unwrap_or(PortError::Missing { attempted: CREATE_WALLET }))
    }

    async fn transaction(&self, id: Uuid) -> Result<CustodyTransaction, PortError> {
        let found: wire::Transaction = self.call(Call::get(READ_TRANSACTION, format!("/v1/transactions/{id}"))).await?;
        let corrupt = PortError::Corrupt { attempted: READ_TRANSACTION };
        match transaction::read(found) {
            Ok(transaction) if transaction.id == id => Ok(transaction),
            Ok(_) | Err(transaction::Undocumented) => Err(corrupt),
        }
    }
}

/// Ids of vault accounts are numbers, counted up. They go into paths, so nothing else may.
fn account_number(id: &str) -> Option<u64> {
    if id.bytes().all(|byte| byte.is_ascii_digit()) { id.parse().ok() } else { None }
}

/// The same for the same name for ever, and within the 40 characters that the API allows.
fn key(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

fn refusal(attempted: &'static str, status: StatusCode, body: &[u8]) -> PortError {
    let code = serde_json::from_slice::<wire::Refusal>(body).ok().and_then(|it| it.code);
    let reason = code.map_or_else(|| format!("status {status}"), |code| format!("status {status}, code {code}"));
    match status {
        StatusCode::NOT_FOUND => PortError::Missing { attempted },
        StatusCode::TOO_MANY_REQUESTS => PortError::Throttled { attempted },
        // Our key, our role or our clock is wrong: the work must wait for whoever mends it, and not be given up.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => PortError::Unavailable { attempted, reason: reason.into() },
        status if status.is_client_error() => PortError::Refused { attempted, reason: reason.into() },
        _ => PortError::Unavailable { attempted, reason: reason.into() },
    }
}
