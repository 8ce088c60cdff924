//! Who is at work: one item with a map from the execution's name to `until`, its lease, and `by`, the taking.
//!
//! One update takes a permit or finds it held, so two who take at once never share one. A lease that is over says nothing by itself:
//! only Step Functions knows whether the execution still runs.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use app::ports::{Clock as _, Permit, Permits, PortError, Purpose, Standing};
use async_trait::async_trait;
use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use aws_sdk_sfn::{operation::describe_execution::DescribeExecutionError, types::ExecutionStatus};
use aws_types::SdkConfig;

use super::{Item, ms_of, number, refused};
use crate::{SdkClock, error::port};

const TAKE: &str = "take a permit to be at work";
const KEEP: &str = "keep a permit to be at work";
const GIVE_BACK: &str = "give a permit back";
const LOOK: &str = "look whether an execution is over";
/// How long a permit is good before it is looked whether its holder still is.
const LEASE_MS: i64 = 15 * 60_000;
/// Of ten permits two are kept from those who start.
const KEPT_FROM_STARTS_PERCENT: u32 = 20;
/// How many holders whose lease is over are looked after by one taking.
const LOOKED_AFTER_MAX: usize = 5;
/// Once to find no item, once to find no permit, once to take what was found.
const TRIES_MAX: u32 = 3;

/// The permits of one workflow.
#[derive(Debug, Clone)]
pub struct DynamoPermits {
    dynamodb: aws_sdk_dynamodb::Client,
    workflows: aws_sdk_sfn::Client,
    table: String,
    pk: String,
    /// What the ARNs of its executions begin with; `None` for who only gives back.
    executions: Option<String>,
    permits_max: u32,
    /// Who takes here, in what tells one taking from another.
    who: &'static str,
    takings: Arc<AtomicU64>,
    clock: SdkClock,
}

/// Where permits are kept and of what.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// What the workflow is called.
    pub workflow: &'a str,
    /// The state machine, by its ARN.
    pub state_machine: &'a str,
    /// How many there are.
    pub permits_max: u32,
    /// Which function takes and gives back.
    pub who: &'static str,
}

impl DynamoPermits {
    /// For those who take permits, and give them back.
    #[must_use]
    pub fn new(config: &SdkConfig, place: Place<'_>) -> Self {
        let executions = format!("{}:", place.state_machine.replacen(":stateMachine:", ":execution:", 1));
        let Place { table, workflow, permits_max, who, .. } = place;
        Self { executions: Some(executions), permits_max, who, ..Self::giving_back(config, table, workflow) }
    }

    /// For those who only keep permits and give them back.
    #[must_use]
    pub fn giving_back(config: &SdkConfig, table: &str, workflow: &str) -> Self {
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            workflows: aws_sdk_sfn::Client::new(config),
            table: table.to_owned(),
            pk: format!("permits#{workflow}"),
            executions: None,
            permits_max: 0,
            who: "",
            takings: Arc::default(),
            clock: SdkClock::new(config),
        }
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.clock.now().unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
    }

    fn executions(&self) -> Result<&str, PortError> {
        let unknown = || PortError::Unavailable { attempted: TAKE, reason: "no state machine was named".into() };
        self.executions.as_deref().ok_or_else(unknown)
    }

    /// How many may be held when this one is taken.
    fn held_max(&self, purpose: Purpose) -> u32 {
        let kept = self.permits_max.saturating_mul(KEPT_FROM_STARTS_PERCENT).div_ceil(100);
        match purpose {
            Purpose::Start => self.permits_max.saturating_sub(kept).max(1),
            Purpose::GoOn => self.permits_max.max(1),
        }
    }

    fn taking(&self) -> String {
        let mut hasher = DefaultHasher::new();
        let count = self.takings.fetch_add(1, Ordering::Relaxed);
        (self.who, self.clock.now().unix_timestamp_nanos(), count).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    fn update(&self) -> UpdateItemFluentBuilder {
        self.dynamodb
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(self.pk.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// An update of one holder; answers the item instead if the condition does not hold.
    async fn of_holder(
        &self,
        attempted: &'static str,
        holder: &str,
        update: UpdateItemFluentBuilder,
    ) -> Result<Result<Item, Item>, PortError> {
        let update = update.expression_attribute_names("#me", holder).return_values(ReturnValue::AllOld);
        match update.send().await {
            Ok(updated) => Ok(Ok(updated.attributes.unwrap_or_default())),
            Err(error) => refused(&error).map(Err).ok_or_else(|| port(attempted, &error)),
        }
    }

    async fn make(&self) -> Result<(), PortError> {
        let update = self
            .update()
            .update_expression("SET holders = :nobody")
            .condition_expression("attribute_not_exists(pk)")
            .expression_attribute_values(":nobody", AttributeValue::M(HashMap::new()));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if refused(&error).is_some() => Ok(()), // Somebody was faster.
            Err(error) => Err(port(TAKE, &error)),
        }
    }

    /// Looks after holders whose lease is over: who is at work gets another one, and who is not loses the permit.
    async fn look_after(&self, item: &Item) -> Result<(), PortError> {
        let now_ms = self.now_ms();
        let mut over: Vec<_> = holders(item)
            .into_iter()
            .flatten()
            .filter_map(|(name, lease)| Some((until_of(lease)?, name)))
            .filter(|(until_ms, _)| *until_ms <= now_ms)
            .collect();
        over.sort_unstable();
        for (until_ms, name) in over.into_iter().take(LOOKED_AFTER_MAX) {
            let expression = if self.is_over(name).await? {
                tracing::warn!(execution = name, "a permit was taken from an execution that is over");
                "REMOVE holders.#me"
            } else {
                "SET holders.#me.#until = :until"
            };
            let mut update = self
                .update()
                .update_expression(expression)
                .condition_expression("holders.#me.#until = :was")
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(":was", number(until_ms));
            if expression.starts_with("SET") {
                update = update.expression_attribute_values(":until", number(now_ms.saturating_add(LEASE_MS)));
            }
            // Whoever was faster looked at the same execution.
            let _either = self.of_holder(TAKE, name, update).await?;
        }
        Ok(())
    }

    /// One that was never started is over too: its lease was long enough to start it.
    async fn is_over(&self, name: &str) -> Result<bool, PortError> {
        let execution = format!("{}{name}", self.executions()?);
        let described = self.workflows.describe_execution().execution_arn(execution);
        match described.send().await {
            Ok(execution) => {
                Ok(!matches!(execution.status, ExecutionStatus::Running | ExecutionStatus::PendingRedrive))
            }
            Err(error) => match error.as_service_error() {
                Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => Ok(true),
                _ => Err(port(LOOK, &error)),
            },
        }
    }
}

#[async_trait]
impl Permits for DynamoPermits {
    async fn take(&self, holder: &str, purpose: Purpose) -> Result<Permit, PortError> {
        self.executions()?;
        let taking = self.taking();
        for attempt in 1..=TRIES_MAX {
            let lease = HashMap::from([
                ("until".to_owned(), number(self.now_ms().saturating_add(LEASE_MS))),
                ("by".to_owned(), AttributeValue::S(taking.clone())),
            ]);
            let update = self
                .update()
                .update_expression("SET holders.#me = :lease")
                .condition_expression(
                    "attribute_exists(pk) AND (attribute_exists(holders.#me) OR size(holders) < :max)",
                )
                .expression_attribute_values(":lease", AttributeValue::M(lease))
                .expression_attribute_values(":max", number(self.held_max(purpose).into()));
            match self.of_holder(TAKE, holder, update).await? {
                Ok(before) => {
                    let held = holders(&before).is_some_and(|it| it.contains_key(holder));
                    let standing = if held { Standing::Held } else { Standing::New };
                    return Ok(Permit { holder: holder.to_owned(), taking, standing });
                }
                Err(item) if item.is_empty() => self.make().await?,
                Err(item) if attempt < TRIES_MAX => self.look_after(&item).await?,
                Err(_) => {}
            }
        }
        Err(PortError::Throttled { attempted: TAKE })
    }

    async fn keep(&self, holder: &str) -> Result<bool, PortError> {
        let update = self
            .update()
            .update_expression("SET holders.#me.#until = :until")
            .expression_attribute_names("#until", "until")
            .condition_expression("attribute_exists(holders.#me)")
            .expression_attribute_values(":until", number(self.now_ms().saturating_add(LEASE_MS)));
        Ok(self.of_holder(KEEP, holder, update).await?.is_ok())
    }

    async fn give_back(&self, holder: &str) -> Result<(), PortError> {
        let update =
            self.update().update_expression("REMOVE holders.#me").condition_expression("attribute_exists(holders.#me)");
        let _given_back_before = self.of_holder(GIVE_BACK, holder, update).await?;
        Ok(())
    }

    async fn undo(&self, permit: &Permit) -> Result<(), PortError> {
        if permit.standing == Standing::Held {
            return Ok(());
        }
        let update = self
            .update()
            .update_expression("REMOVE holders.#me")
            .condition_expression("holders.#me.#by = :taking")
            .expression_attribute_names("#by", "by")
            .expression_attribute_values(":taking", AttributeValue::S(permit.taking.clone()));
        let _taken_since = self.of_holder(GIVE_BACK, &permit.holder, update).await?;
        Ok(())
    }
}

fn holders(item: &Item) -> Option<&Item> {
    item.get("holders").and_then(|it| it.as_m().ok())
}

fn until_of(lease: &AttributeValue) -> Option<i64> {
    lease.as_m().ok().and_then(|it| ms_of(it.get("until")))
}
