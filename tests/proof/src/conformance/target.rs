//! Whom the questions go to: clients, names, and time, which is moved where it can be and waited for where it cannot.

use std::{future::Future, sync::Arc, time::Duration};

use aws_sdk_sqs::types::QueueAttributeName;
use aws_types::SdkConfig;
use granary::runner::Stack;

use super::{Engine, finding::Finding};

/// How long is waited between two looks, where time cannot be moved.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How far time is moved between two looks, where it can be.
const STEP: Duration = Duration::from_millis(500);

/// One engine with the template in it.
pub struct Target {
    /// Which.
    pub engine: Engine,
    /// Its clients.
    pub sqs: aws_sdk_sqs::Client,
    pub sns: aws_sdk_sns::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub states: aws_sdk_sfn::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub s3: aws_sdk_s3::Client,
    region: String,
    account: String,
    /// The engine whose time can be moved.
    held: Option<Stack>,
}

impl Target {
    /// Over a configuration; `held` is the engine whose time can be moved.
    pub async fn new(engine: Engine, config: &SdkConfig, held: Option<Stack>) -> Result<Self, Finding> {
        let sqs = aws_sdk_sqs::Client::new(config);
        let url = sqs.get_queue_url().queue_name("conformance-plain").send().await?;
        let described = sqs.get_queue_attributes().queue_url(url.queue_url().unwrap_or_default());
        let described = described.attribute_names(QueueAttributeName::QueueArn).send().await?;
        let arn = described.attributes().and_then(|it| it.get(&QueueAttributeName::QueueArn)).cloned();
        let arn = arn.ok_or_else(|| Finding::new("the queue conformance-plain has no ARN"))?;
        let mut parts = arn.split(':').skip(3).map(str::to_owned);
        let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        Ok(Self {
            engine,
            sqs,
            sns: aws_sdk_sns::Client::new(config),
            events: aws_sdk_eventbridge::Client::new(config),
            states: aws_sdk_sfn::Client::new(config),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            s3: aws_sdk_s3::Client::new(config),
            region,
            account,
            held,
        })
    }

    /// A topic's ARN.
    pub fn topic(&self, name: &str) -> String {
        format!("arn:aws:sns:{}:{}:conformance-{name}", self.region, self.account)
    }

    /// A queue's ARN.
    pub fn queue_arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{}:{}:conformance-{name}", self.region, self.account)
    }

    /// A state machine's ARN.
    pub fn machine(&self, name: &str) -> String {
        format!("arn:aws:states:{}:{}:stateMachine:conformance-{name}", self.region, self.account)
    }

    /// The bucket of what was given up.
    pub fn given_up(&self) -> String {
        format!("conformance-given-up-{}", self.account)
    }

    /// The account's id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Lets time go by.
    pub async fn pass(&self, time: Duration) -> Result<(), Finding> {
        match &self.held {
            Some(stack) => stack.advance(time).await?,
            None => tokio::time::sleep(time).await,
        }
        Ok(())
    }

    /// Gives the engine the time to do what it is going to do at once.
    pub async fn quiet(&self) -> Result<(), Finding> {
        match (&self.held, self.engine) {
            (Some(stack), _) => stack.settle().await?,
            (None, Engine::Aws) => tokio::time::sleep(Duration::from_secs(5)).await,
            (None, Engine::Local | Engine::Emulator) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
        Ok(())
    }

    /// How long what is tried again may take.
    pub fn tries(&self) -> Duration {
        match self.engine {
            Engine::Local | Engine::Aws => Duration::from_secs(180),
            Engine::Emulator => Duration::from_secs(40),
        }
    }

    /// Looks until there is something to see, for at most so long.
    pub async fn eventually<T, F, L>(&self, what: &str, within: Duration, mut look: L) -> Result<T, Finding>
    where
        L: FnMut() -> F,
        F: Future<Output = Result<Option<T>, Finding>>,
    {
        let mut left = within;
        loop {
            if let Some(stack) = &self.held {
                stack.settle().await?;
            }
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            let step = if self.held.is_some() { STEP } else { LOOK_EVERY };
            left = left.checked_sub(step).ok_or_else(|| Finding::new(format!("{what}: not within {within:?}")))?;
            self.pass(step).await?;
        }
    }
}

/// One question: the target, and an id that no other question has.
#[derive(Clone)]
pub struct Ask {
    target: Arc<Target>,
    /// The id of this question.
    pub id: String,
}

impl Ask {
    /// A question to this target.
    pub fn new(target: Arc<Target>) -> Self {
        Self { target, id: uuid::Uuid::new_v4().simple().to_string() }
    }

    /// The same under another id: for a question that starts several executions.
    pub fn again(&self, number: usize) -> Self {
        Self { target: Arc::clone(&self.target), id: format!("{}-{number}", self.id) }
    }
}

impl std::ops::Deref for Ask {
    type Target = Target;

    fn deref(&self) -> &Target {
        &self.target
    }
}
