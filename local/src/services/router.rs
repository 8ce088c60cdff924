//! One door for every AWS call: which service is meant, who is asking, and to whom it goes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, header::AUTHORIZATION};

use super::{
    arn::REGION,
    authorizer::{Authorizer, Denied, Facts},
    dynamodb::DynamoDb,
    events::Events,
    fault::Fault,
    json::Dialect,
    kms::Kms,
    s3::S3,
    scheduler::Scheduler,
    ses::Ses,
    sns::Sns,
    sqs::Sqs,
    states::States,
};
use crate::engine::{Engine, EngineError};

/// The owner's own tools. They may do everything.
pub const OPERATOR: &str = "granary";

/// Who is asking: the access key id in the request's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal(String);

impl Principal {
    /// The principal with this access key id; the empty one is anonymous.
    #[must_use]
    pub fn new(access_key_id: impl Into<String>) -> Self {
        Self(access_key_id.into())
    }

    /// The access key id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A service that is kept elsewhere and that only shares the door.
pub trait Guest: Send + Sync {
    /// What its `x-amz-target` begins with. It is called for requests without a signature too.
    fn target_prefix(&self) -> &str;
    /// Answers one request; the principal is empty when nobody signed it.
    fn handle(&self, principal: Principal, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>>;
}

/// What every service needs to decide whether it may act.
#[derive(Clone)]
pub(super) struct Gate(Arc<dyn Authorizer>);

impl Gate {
    /// May `principal` do `action` on `resource`?
    pub fn allow(&self, principal: &Principal, action: &str, resource: &str) -> Result<(), Denied> {
        self.allow_given(principal, action, resource, &[])
    }

    /// The same, where the request brings something that conditions look at.
    pub fn allow_given(
        &self,
        principal: &Principal,
        action: &str,
        resource: &str,
        facts: Facts<'_>,
    ) -> Result<(), Denied> {
        if principal.as_str() == OPERATOR {
            return Ok(());
        }
        self.0.allow_given(principal.as_str(), action, resource, facts)
    }

    /// May `principal` have `service` (`s3`) use a KMS key for them? What is kept under a key is opened by those only who may
    /// use the key, too, though it is the service that calls KMS.
    pub fn allow_key(
        &self,
        principal: &Principal,
        service: &str,
        action: &str,
        key_arn: &str,
        context: Facts<'_>,
    ) -> Result<(), Denied> {
        let service = format!("{service}.{REGION}.amazonaws.com");
        let names: Vec<String> = context.iter().map(|(name, _)| encryption_context(name)).collect();
        let context = names.iter().zip(context).map(|(name, (_, value))| (name.as_str(), *value));
        let facts: Vec<_> = std::iter::once(("kms:ViaService", service.as_str())).chain(context).collect();
        self.allow_given(principal, action, key_arn, &facts)
    }

    /// May `service` act on `resource` for `source_arn`?
    pub fn allow_service(&self, service: &str, action: &str, resource: &str, source_arn: &str) -> Result<(), Denied> {
        self.0.allow_service(service, action, resource, source_arn)
    }
}

/// The condition key of one part of an encryption context.
pub(super) fn encryption_context(name: &str) -> String {
    format!("kms:EncryptionContext:{name}")
}

/// The local AWS.
pub struct Aws {
    /// Tables and their streams.
    pub dynamodb: DynamoDb,
    /// Queues.
    pub sqs: Sqs,
    /// Topics.
    pub sns: Sns,
    /// Event buses.
    pub events: Events,
    /// State machines and their executions.
    pub states: States,
    /// Schedules.
    pub scheduler: Scheduler,
    /// Buckets.
    pub s3: S3,
    /// Keys.
    pub kms: Kms,
    /// Mails.
    pub ses: Ses,
    engine: Arc<Engine>,
    guests: Mutex<HashMap<&'static str, Arc<dyn Guest>>>,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Aws {
    /// The services over `engine`, guarded by `authorizer`.
    #[must_use]
    pub fn new(engine: Arc<Engine>, authorizer: Arc<dyn Authorizer>) -> Arc<Self> {
        let gate = Gate(authorizer);
        Arc::new(Self {
            dynamodb: DynamoDb::new(Arc::clone(&engine), gate.clone()),
            sqs: Sqs::new(Arc::clone(&engine), gate.clone()),
            sns: Sns::new(Arc::clone(&engine), gate.clone()),
            events: Events::new(Arc::clone(&engine), gate.clone()),
            states: States::new(Arc::clone(&engine), gate.clone()),
            scheduler: Scheduler::new(Arc::clone(&engine), gate.clone()),
            s3: S3::new(Arc::clone(&engine), gate.clone()),
            kms: Kms::new(Arc::clone(&engine), gate.clone()),
            ses: Ses::new(Arc::clone(&engine), gate),
            engine,
            guests: Mutex::default(),
        })
    }

    /// Storage and time.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Adds a service under its signing name (`cognito-idp`). It comes after the others because it may call them.
    ///
    /// # Errors
    /// When a thread died while it added another.
    pub fn attach(&self, service: &'static str, guest: Arc<dyn Guest>) -> Result<(), EngineError> {
        self.guests.lock().map_err(|_| EngineError::Poisoned)?.insert(service, guest);
        Ok(())
    }

    /// Answers one AWS call.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let credential = Credential::of(&request);
        let guest = match self.guest(credential.as_ref(), &request) {
            Ok(guest) => guest,
            Err(error) => return GENERAL.refuse(&error.into()),
        };
        let Some(credential) = credential else {
            return match guest {
                Some(guest) => guest.handle(Principal::new(""), request).await,
                None => GENERAL.refuse(&missing_token()),
            };
        };
        let principal = Principal::new(credential.access_key_id);
        match credential.service.as_str() {
            "dynamodb" => self.dynamodb.handle(&principal, &request),
            "sqs" => self.sqs.handle(&principal, &request),
            "sns" => self.sns.handle(&principal, &request),
            "events" => self.events.handle(&principal, &request),
            "states" => self.states.handle(&principal, &request),
            "s3" => self.s3.handle(&principal, request),
            "kms" => self.kms.handle(&principal, &request),
            "ses" => self.ses.handle(&principal, &request),
            other => match guest {
                Some(guest) => guest.handle(principal, request).await,
                None => GENERAL.refuse(&Fault::new(
                    "UnknownOperationException",
                    format!("The service {other} does not exist locally"),
                )),
            },
        }
    }

    fn guest(
        &self,
        credential: Option<&Credential>,
        request: &Request<Bytes>,
    ) -> Result<Option<Arc<dyn Guest>>, EngineError> {
        let guests = self.guests.lock().map_err(|_| EngineError::Poisoned)?;
        if let Some(credential) = credential {
            return Ok(guests.get(credential.service.as_str()).cloned());
        }
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        Ok(guests.values().find(|guest| !target.is_empty() && target.starts_with(guest.target_prefix())).cloned())
    }
}

/// How errors look that no service owns.
const GENERAL: Dialect =
    Dialect { target: "", content_type: "application/x-amz-json-1.1", namespace: "com.amazon.coral.service" };

fn missing_token() -> Fault {
    Fault::with_status("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
}

/// The scope of a signature. The signature itself is not checked: whoever reaches this port is on the same machine.
struct Credential {
    access_key_id: String,
    service: String,
}

impl Credential {
    fn of(request: &Request<Bytes>) -> Option<Self> {
        let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let scope = fields.split(',').find_map(|field| field.trim().strip_prefix("Credential="))?;
        // From the right: an access key id may hold anything, the scope's parts hold no slash.
        let mut parts = scope.rsplitn(5, '/');
        let (_terminator, service, _region, _date) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Self { access_key_id: parts.next()?.to_owned(), service: service.to_owned() })
    }
}
