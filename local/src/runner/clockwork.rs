//! Working at what is due, and moving the clock from one due time to the next.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::{
    Lambdas, LocalBank, RunnerError, providers::Providers, queues::QueueSource, streams::StreamSource,
    tasks::Integrations,
};
use crate::{engine::clock::Clock, iam::Policies, services::Aws, template::Plan};

/// The longest that the loop sleeps without looking for work, in real time.
const IDLE_MAX: Duration = Duration::from_millis(500);

/// How often expired items are looked for, on the bank's clock. DynamoDB itself promises days.
const TTL_SWEEP_EVERY_MS: i64 = 60_000;

/// Everything that works by itself once its time has come.
pub(super) struct Clockwork {
    aws: Arc<Aws>,
    streams: Vec<StreamSource>,
    queues: Vec<QueueSource>,
    pub(super) tasks: Arc<Integrations>,
    providers: Option<Arc<Providers>>,
    // One step through time at a time.
    advancing: tokio::sync::Mutex<()>,
    // One pass at a time, whoever asks for it. Holds when expired items are looked for next.
    passing: tokio::sync::Mutex<i64>,
}

impl Clockwork {
    /// What a plan has working by itself.
    ///
    /// # Errors
    /// When an event source names what is not in the plan.
    pub fn new(
        plan: &Arc<Plan>,
        aws: &Arc<Aws>,
        lambdas: &Arc<Lambdas>,
        policies: &Arc<Policies>,
        providers: Option<Arc<Providers>>,
    ) -> Result<Self, RunnerError> {
        Ok(Self {
            aws: Arc::clone(aws),
            streams: StreamSource::all(plan, aws, lambdas, policies)?,
            queues: QueueSource::all(plan, aws, lambdas, policies)?,
            tasks: Arc::new(Integrations::new(plan, aws, lambdas, policies)),
            providers,
            advancing: tokio::sync::Mutex::new(()),
            passing: tokio::sync::Mutex::new(i64::MIN),
        })
    }

    /// Does what is due once; answers whether anything was.
    async fn pass(&self) -> Result<bool, RunnerError> {
        let mut next_sweep = self.passing.lock().await;
        let now = self.aws.engine().now_ms();
        if *next_sweep <= now {
            *next_sweep = now.saturating_add(TTL_SWEEP_EVERY_MS);
            self.aws.dynamodb.sweep_ttl()?;
        }
        let mut busy = match &self.providers {
            Some(providers) => providers.deliver_due(now).await?,
            None => false,
        };
        busy |= self.aws.scheduler.pass()?;
        let visible: BTreeSet<String> = self.aws.sqs.with_visible()?.into_iter().collect();
        let queues = self.queues.iter().filter(|source| visible.contains(source.queue()));
        let (streams, queues, stepped) = futures::join!(
            join_all(self.streams.iter().map(StreamSource::pass)),
            join_all(queues.map(QueueSource::pass)),
            self.aws.states.pass(self.tasks.as_ref()),
        );
        busy |= stepped?;
        for outcome in streams.into_iter().chain(queues) {
            busy |= outcome?;
        }
        Ok(busy)
    }

    /// Works until nothing is due at this moment of the bank's clock.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn settle(&self) -> Result<(), RunnerError> {
        while self.pass().await? {}
        Ok(())
    }

    /// Works until `stop`.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run(&self, stop: &CancellationToken) -> Result<(), RunnerError> {
        self.take_over().await?;
        while !stop.is_cancelled() {
            if self.pass().await? {
                continue;
            }
            let idle = self.idle_for()?;
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.aws.engine().work().notified() => {}
                () = tokio::time::sleep(idle) => {}
            }
        }
        Ok(())
    }

    /// Makes visible what a process that died had received: it brings nothing back.
    async fn take_over(&self) -> Result<(), RunnerError> {
        let _nobody_receives = self.passing.lock().await;
        for source in &self.queues {
            self.aws.sqs.give_back(source.queue())?;
        }
        Ok(())
    }

    /// Moves the bank's clock forward from due time to due time, works at each, and answers when nothing is due.
    ///
    /// # Errors
    /// When the engine fails, or the clock cannot be kept.
    pub async fn advance(&self, by: Duration) -> Result<(), RunnerError> {
        let _one_at_a_time = self.advancing.lock().await;
        let engine = self.aws.engine();
        let target_ms = engine.now_ms().saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        let _until_it_answers = Stepped::begin(engine.clock());
        loop {
            self.settle().await?;
            let now_ms = engine.now_ms();
            let Ok(left) = u64::try_from(target_ms.saturating_sub(now_ms)) else { return Ok(()) };
            if left == 0 {
                return Ok(());
            }
            let next = [self.next_due_ms(now_ms)?, self.next_expiry_ms().await?.filter(|at| *at > now_ms)];
            let step = next.into_iter().flatten().min().and_then(|at| u64::try_from(at.saturating_sub(now_ms)).ok());
            let step = Duration::from_millis(step.unwrap_or(left).min(left));
            let moved = engine.clock().advance(step);
            moved.map_err(|source| RunnerError::Io { attempted: "move the clock".to_owned(), source })?;
            engine.announce();
        }
    }

    /// How long nothing can be due, as far as is known.
    fn idle_for(&self) -> Result<Duration, RunnerError> {
        let now = self.aws.engine().now_ms();
        let until = self.next_due_ms(now)?.map_or(i64::MAX, |next| next.saturating_sub(now));
        Ok(u64::try_from(until).map_or(Duration::ZERO, Duration::from_millis).min(IDLE_MAX))
    }

    /// The next moment after `now_ms` at which anything is due but the removal of what has expired.
    fn next_due_ms(&self, now_ms: i64) -> Result<Option<i64>, RunnerError> {
        let mut due: Vec<Option<i64>> = self.providers.iter().flat_map(|it| it.next_due_ms()).collect();
        due.extend([self.aws.scheduler.next_due_ms()?, self.aws.states.next_due_ms()?]);
        due.extend(self.streams.iter().map(StreamSource::next_due_ms));
        due.extend(self.queues.iter().map(QueueSource::next_due_ms));
        let becoming = self.aws.sqs.becoming_visible(now_ms)?;
        let fed = |queue: &str| self.queues.iter().any(|source| source.queue() == queue);
        due.extend(becoming.into_iter().filter(|(queue, _)| fed(queue)).map(|(_, at_ms)| Some(at_ms)));
        Ok(due.into_iter().flatten().filter(|at| *at > now_ms).min())
    }

    /// When the next item has expired and is looked for.
    async fn next_expiry_ms(&self) -> Result<Option<i64>, RunnerError> {
        let next_sweep = *self.passing.lock().await;
        Ok(self.aws.dynamodb.next_expiry_ms()?.map(|at_ms| at_ms.max(next_sweep)))
    }

    /// Whether anything is to be done now or is being tried again: a message or a stream record anywhere but in a dead-letter or
    /// parked queue, a due schedule, or a step of a state machine. A state that waits for a token or a timer is not.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn in_flight(&self) -> Result<bool, RunnerError> {
        let now_ms = self.aws.engine().now_ms();
        let filled = self.aws.sqs.with_messages()?;
        if self.queues.iter().any(|source| filled.iter().any(|queue| queue == source.queue())) {
            return Ok(true);
        }
        for source in &self.streams {
            if source.waiting()? {
                return Ok(true);
            }
        }
        let scheduled = self.aws.scheduler.next_due_ms()?.is_some_and(|at_ms| at_ms <= now_ms);
        Ok(scheduled || self.aws.states.waiting()?)
    }
}

/// A clock that is stepped for as long as this lives, also if whoever asked for it has gone.
struct Stepped<'a>(&'a dyn Clock);

impl<'a> Stepped<'a> {
    fn begin(clock: &'a Arc<dyn Clock>) -> Self {
        clock.step(true);
        Self(clock.as_ref())
    }
}

impl Drop for Stepped<'_> {
    fn drop(&mut self) {
        self.0.step(false);
    }
}

impl LocalBank {
    /// Works until nothing is due at this moment of the bank's clock.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn settle(&self) -> Result<(), RunnerError> {
        self.clockwork.settle().await
    }

    /// Works until `stop`.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run(&self, stop: &CancellationToken) -> Result<(), RunnerError> {
        self.cognito.take_over().await.map_err(|error| RunnerError::Cognito(error.to_string()))?;
        self.clockwork.run(stop).await
    }

    /// Moves the bank's clock forward from due time to due time, works at each, and answers when nothing is due.
    ///
    /// # Errors
    /// When the engine fails, or the clock cannot be kept.
    pub async fn advance(&self, by: Duration) -> Result<(), RunnerError> {
        self.clockwork.advance(by).await
    }

    /// Whether anything is to be done now or is being tried again: a message or a stream record anywhere but in a dead-letter or
    /// parked queue, a due schedule, or a step of a state machine. A state that waits for a token or a timer is not.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn in_flight(&self) -> Result<bool, RunnerError> {
        self.clockwork.in_flight()
    }
}

/// The clock, for those who may move it.
pub struct ClockHands(pub Arc<LocalBank>);

#[async_trait::async_trait]
impl crate::dev::ClockHands for ClockHands {
    fn now_ms(&self) -> i64 {
        self.0.aws().engine().now_ms()
    }

    async fn advance(&self, by: Duration) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.advance(by).await?)
    }
}
