//! Making in the engine what the template describes. Making it again at a restart changes nothing.

use super::{Keys, RunnerError};
use crate::{
    services::{
        Aws, Delivery, KeyAttribute, KeySpec, KeyUsage, QueueSpec, Redrive, RuleSpec, ScheduleSpec, StateMachineSpec,
        SubscriptionSpec, TableSpec, TargetSpec, arn,
    },
    template::{self, Plan},
};

/// Makes everything that the engine keeps: tables, queues, topics, subscriptions, buses, rules, schedules, state machines,
/// buckets, keys and what mails come from.
///
/// # Errors
/// When the engine refuses, for one because a table of that name has another shape.
pub fn provision(aws: &Aws, plan: &Plan, keys: Option<&Keys>) -> Result<(), RunnerError> {
    for table in &plan.tables {
        aws.dynamodb.create_table(&table_spec(table)?)?;
        if let Some(key) = &table.key_arn {
            aws.dynamodb.encrypt_with(&table.arn, key);
        }
    }
    for queue in &plan.queues {
        aws.sqs.create_queue(&QueueSpec {
            visibility_s: queue.visibility_s,
            delay_s: queue.delay_s,
            retention_s: queue.retention_s,
            redrive: queue.redrive.as_ref().map(|redrive| Redrive {
                dead_letter_arn: redrive.dead_letter_arn.clone(),
                max_receives: redrive.max_receives,
            }),
            policy: queue.policy.clone(),
            fifo: queue.fifo,
            ..QueueSpec::new(&queue.name)
        })?;
    }
    for topic in &plan.topics {
        aws.sns.create_topic(&topic.name)?;
    }
    for subscription in &plan.subscriptions {
        aws.sns.subscribe(&SubscriptionSpec {
            topic_arn: subscription.topic_arn.clone(),
            queue_arn: subscription.queue_arn.clone(),
            delivery: if subscription.raw { Delivery::Raw } else { Delivery::Wrapped },
            filter_policy: subscription.filter_policy.clone(),
            filter_scope: subscription.filter_scope,
            dead_letter_arn: subscription.dead_letter_arn.clone(),
        })?;
    }
    // The engine outlives the template: what the template has no more must go.
    for topic in &plan.topics {
        let kept = plan.subscriptions.iter().filter(|it| it.topic_arn == topic.arn).map(|it| it.queue_arn.clone());
        aws.sns.keep_subscriptions(&topic.arn, &kept.collect::<Vec<_>>())?;
    }
    for bus in &plan.buses {
        aws.events.create_bus(&bus.name)?;
        let kept = plan.rules.iter().filter(|it| arn::name(&it.bus) == bus.name).map(|it| it.name.clone());
        aws.events.keep_rules(&bus.name, &kept.collect::<Vec<_>>())?;
    }
    for rule in &plan.rules {
        let targets = rule.targets.iter().map(|target| TargetSpec {
            id: target.id.clone(),
            queue_arn: target.queue_arn.clone(),
            dead_letter_arn: target.dead_letter_arn.clone(),
        });
        aws.events.put_rule(&RuleSpec {
            bus: arn::name(&rule.bus).to_owned(),
            name: rule.name.clone(),
            pattern: rule.pattern.clone(),
            targets: targets.collect(),
        })?;
    }
    provision_work(aws, plan)?;
    for bucket in &plan.buckets {
        aws.s3.create_bucket(&bucket.name)?;
        if let Some(key) = &bucket.key_arn {
            aws.s3.encrypt_with(&bucket.name, key);
        }
    }
    aws.ses.keep_identities(plan.mail_identities.iter().cloned());
    for key in &plan.keys {
        if let Some(pem) = keys.and_then(|keys| keys.signing.get(&key.logical_id)) {
            aws.kms.import_signing_key(&key.id, pem)?;
        }
        aws.kms.create_key(&KeySpec {
            id: key.id.clone(),
            usage: match key.usage {
                template::KeyUsage::Encrypt => KeyUsage::Symmetric,
                template::KeyUsage::Sign => KeyUsage::SignRsa2048,
            },
            alias: key.aliases.first().cloned(),
        })?;
    }
    Ok(())
}

/// What acts by itself: schedules and state machines. Executions that run are kept, as in AWS, whatever becomes of their machine.
fn provision_work(aws: &Aws, plan: &Plan) -> Result<(), RunnerError> {
    for schedule in &plan.schedules {
        aws.scheduler.create_schedule(&ScheduleSpec {
            name: schedule.name.clone(),
            arn: schedule.arn.clone(),
            expression: schedule.expression.clone(),
            queue_arn: schedule.queue_arn.clone(),
            role: schedule.role.clone(),
            role_arn: schedule.role_arn.clone(),
            input: schedule.input.clone(),
            dead_letter_arn: schedule.dead_letter_arn.clone(),
        })?;
    }
    let schedules: Vec<_> = plan.schedules.iter().map(|schedule| schedule.name.clone()).collect();
    aws.scheduler.keep_schedules(&schedules)?;
    for machine in &plan.state_machines {
        aws.states.create_state_machine(&StateMachineSpec {
            name: machine.name.clone(),
            arn: machine.arn.clone(),
            role: machine.logical_id.clone(),
            definition: machine.definition.clone(),
        })?;
    }
    let machines: Vec<_> = plan.state_machines.iter().map(|machine| machine.arn.clone()).collect();
    Ok(aws.states.keep_state_machines(&machines)?)
}

fn table_spec(table: &template::TablePlan) -> Result<TableSpec, RunnerError> {
    let key = |attribute: &template::KeyAttribute| {
        let kind = attribute.kind.parse().map_err(|_| RunnerError::Absent("key attribute of a kind that there is"))?;
        Ok::<_, RunnerError>(KeyAttribute { name: attribute.name.clone(), kind })
    };
    let stream = table.stream_view.as_deref().map(str::parse).transpose();
    Ok(TableSpec {
        name: table.name.clone(),
        partition: key(&table.partition_key)?,
        sort: table.sort_key.as_ref().map(key).transpose()?,
        stream: stream.map_err(|_| RunnerError::Absent("stream view of a kind that there is"))?,
        ttl: table.ttl_attribute.clone(),
    })
}
