//! The AWS services that the template uses, embedded: one module a service, each in its real wire format.

pub mod arn;
pub mod authorizer;
pub(crate) mod clock;
pub mod cognito;
mod connector;
mod delivery;
pub mod dynamodb;
pub mod events;
mod fault;
mod json;
pub mod kms;
mod pattern;
mod router;
#[cfg(test)]
mod router_tests;
pub mod s3;
pub mod scheduler;
mod serve;
pub mod ses;
pub mod sns;
pub mod sqs;
pub mod states;
#[cfg(test)]
pub(crate) mod testing;
mod xml;

pub use authorizer::{AllowAll, Authorizer, Denied, Facts};
pub use connector::{NoOutbound, Outbound, connector, sdk_config};
pub use dynamodb::{Capacity, KeyAttribute, KeyKind, Meter, StreamRecord, StreamView, TableSpec, Units};
pub use events::{RuleSpec, TargetSpec};
pub use kms::{KeySpec, KeyUsage};
pub(crate) use pattern::{Pattern, Presence};
pub use router::{Aws, Guest, OPERATOR, Principal};
pub use scheduler::ScheduleSpec;
pub use serve::serve;
pub use ses::{MailFault, SentMail};
pub use sns::{Delivery, FilterScope, SubscriptionSpec};
pub use sqs::{Message, Outgoing, QueueCounts, QueueSpec, Redrive};
pub use states::{EventEntry, OpenExecution, StateMachineSpec, States, StatesError, TaskFate, TaskFault, Tasks};
