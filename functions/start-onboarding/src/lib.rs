//! Starts a workflow for each application that was submitted, once there is a permit for it to be at work.
//!
//! Redelivery is safe: the execution's name follows from the application, and a name is started once.

use std::sync::Arc;

use app::{
    commit::Commit,
    onboarding::{WORKFLOW, execution_name},
    ports::{Permits as _, PortError, Purpose, Workflows as _},
    projection::{ProjectionError, commit_of},
    store::StoreError,
};
use aws::{DynamoPermits, Place, SfnWorkflows};
use contracts::{commits::CommitMessage, tasks::StartOnboarding};
use domain::{
    error::{Class, Classify},
    ids::ApplicantId,
    onboarding::application::{Application, ApplicationEvent},
};
use lambda_kit::{Function, sqs};

const NAME: &str = "start-onboarding";

/// See the module.
pub const FUNCTION: Function = Function {
    name: NAME,
    init: |config, env| {
        Box::pin(async move {
            let client = aws_sdk_sfn::Client::new(&config);
            let workflows = SfnWorkflows::starting(client, env.get("STATE_MACHINE_ARN")?);
            let place = Place {
                table: env.get("LIMITS_TABLE")?,
                workflow: WORKFLOW,
                state_machine: env.get("STATE_MACHINE_ARN")?,
                permits_max: env.number("ONBOARDING_PERMITS")?,
                who: NAME,
            };
            let permits = DynamoPermits::new(&config, place);
            let work = Arc::new(Work { workflows, permits });
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move {
                    let commit: CommitMessage =
                        serde_json::from_str(&message.body).map_err(|_| StartError::Malformed)?;
                    for start in submitted(&commit_of(commit)?)? {
                        work.start(&start).await?;
                    }
                    Ok::<_, StartError>(())
                }
            })
        })
    },
};

struct Work {
    workflows: SfnWorkflows,
    permits: DynamoPermits,
}

impl Work {
    async fn start(&self, start: &StartOnboarding) -> Result<(), StartError> {
        let name = execution_name(start.customer, start.application);
        // One that was started holds a permit while it works, and must not be given one while it waits.
        if self.workflows.knows(&name).await? {
            return Ok(());
        }
        let input = serde_json::to_string(start).map_err(|_| StartError::Malformed)?;
        self.permits.take(&name, Purpose::Start).await?;
        // Whoever dies here comes again and finds its permit.
        Ok(self.workflows.start(&name, input).await?)
    }
}

/// The applications that a commit submits.
fn submitted(commit: &Commit) -> Result<Vec<StartOnboarding>, StartError> {
    let ApplicantId(customer) = ApplicantId::try_from(&commit.stream).map_err(|_| StartError::Malformed)?;
    let body = commit.body::<Application>()?;
    // Without an outside request to tie it to, the application itself ties together what it leads to.
    let correlation =
        |application: &_| body.correlation.clone().unwrap_or_else(|| format!("application:{application}"));
    let starts = body.events.iter().filter_map(|event| match event {
        ApplicationEvent::Submitted { application, content, .. } => Some(StartOnboarding {
            customer: *customer.as_uuid(),
            application: *application.as_uuid(),
            content: content.to_string(),
            correlation_id: correlation(application),
        }),
        ApplicationEvent::ApplicantCreated { .. }
        | ApplicationEvent::RunStarted { .. }
        | ApplicationEvent::ReviewStarted { .. }
        | ApplicationEvent::IdentityDecided { .. }
        | ApplicationEvent::IdentityContradicted { .. }
        | ApplicationEvent::ComplianceReviewBegan { .. }
        | ApplicationEvent::InformationRequested { .. }
        | ApplicationEvent::InformationProvided { .. }
        | ApplicationEvent::ReviewDecided { .. }
        | ApplicationEvent::Approved { .. }
        | ApplicationEvent::Declined { .. }
        | ApplicationEvent::Expired { .. }
        | ApplicationEvent::AccountsOpened { .. }
        | ApplicationEvent::InstructionsReady { .. }
        | ApplicationEvent::Welcomed { .. }
        | ApplicationEvent::WelcomeUndeliverable { .. }
        | ApplicationEvent::Completed { .. } => None,
    });
    Ok(starts.collect())
}

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("the message is no commit of an application")]
    Malformed,
    #[error("the message is no commit")]
    Message(#[from] ProjectionError),
    #[error("the commit cannot be read")]
    Store(#[from] StoreError),
    #[error("the workflow was not started")]
    Port(#[from] PortError),
}

impl Classify for StartError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Message(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "COMMIT_MALFORMED",
            Self::Message(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}
