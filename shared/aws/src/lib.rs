//! The ports on AWS: DynamoDB, SNS, SQS, EventBridge, Step Functions, S3, KMS and SES.
//!
//! It must not know the business, nor whether it talks to AWS or to the local engine.

pub mod clock;
mod error;
pub mod event_store;
pub mod executions;
pub mod jobs;
pub mod limits;
pub mod mails;
pub mod milestones;
pub mod objects;
pub mod pauses;
pub mod rows;
pub mod sign_ups;
pub mod signer;
pub mod topic;
pub mod users;
pub mod vault;
pub mod views;
pub mod workflows;

pub use clock::SdkClock;
pub use event_store::DynamoEventStore;
pub use executions::SfnExecutions;
pub use jobs::SqsJobs;
pub use limits::{DynamoPermits, DynamoRate, Place, Quota};
pub use mails::SesMails;
pub use milestones::EventBridgeMilestones;
pub use objects::S3Objects;
pub use pauses::DynamoPauses;
pub use rows::DynamoRows;
pub use sign_ups::DynamoSignUps;
pub use signer::KmsSigner;
pub use topic::SnsTopic;
pub use users::CognitoUsers;
pub use vault::KmsVault;
pub use views::DynamoViews;
pub use workflows::SfnWorkflows;
