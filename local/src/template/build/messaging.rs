//! Queues, topics, subscriptions, buses and rules.

use super::Resource;
use crate::{
    services::{
        FilterScope, arn,
        sqs::{Deduplication, Fifo, fifo::SUFFIX as FIFO},
    },
    template::{
        error::Log,
        plan::{BusPlan, Plan, QueuePlan, RedrivePlan, RulePlan, SubscriptionPlan, TargetPlan, TopicPlan},
        read::Node,
        statement::{self, Holder},
    },
};

// SQS's own limits and defaults, in seconds.
const VISIBILITY_DEFAULT_S: u32 = 30;
const VISIBILITY_MAX_S: u32 = 43_200;
const DELAY_MAX_S: u32 = 900;
const RETENTION_MIN_S: u32 = 60;
const RETENTION_DEFAULT_S: u32 = 345_600;
const RETENTION_MAX_S: u32 = 1_209_600;
const RECEIVES_MAX: u32 = 1_000;

/// A rule or schedule would have to say which group, and SqsParameters are not executed here.
pub(super) const NO_GROUP: &str = "the message would need a group, and SqsParameters are not executed here";

pub(super) fn queue(resource: &Resource, log: &Log) -> QueuePlan {
    let node = resource.node(log);
    let name = node.get("QueueName").text();
    let redrive = node.get("RedrivePolicy");
    let fifo = fifo(&node, &name);
    QueuePlan {
        logical_id: resource.logical_id.clone(),
        arn: arn::queue(&name),
        url: arn::queue_url(&name),
        name,
        visibility_s: node.get("VisibilityTimeout").number(Some(VISIBILITY_DEFAULT_S), 0..=VISIBILITY_MAX_S),
        delay_s: node.get("DelaySeconds").number(Some(0), 0..=DELAY_MAX_S),
        retention_s: node
            .get("MessageRetentionPeriod")
            .number(Some(RETENTION_DEFAULT_S), RETENTION_MIN_S..=RETENTION_MAX_S),
        redrive: redrive.value.map(|_| RedrivePlan {
            dead_letter_arn: redrive.get("deadLetterTargetArn").text(),
            max_receives: redrive.get("maxReceiveCount").number(None, 1..=RECEIVES_MAX),
        }),
        fifo,
        policy: None,
        policy_statements: Vec::new(),
    }
}

/// What makes a queue a FIFO queue, which its name must say, too.
fn fifo(node: &Node<'_>, name: &str) -> Option<Fifo> {
    let (kind, scope, throughput) =
        (node.get("FifoQueue"), node.get("DeduplicationScope"), node.get("FifoThroughputLimit"));
    if !kind.flag() {
        if name.ends_with(FIFO) {
            kind.refuse(format!("must be true: only a FIFO queue's name ends in {FIFO}"));
        }
        for only in [node.get("ContentBasedDeduplication"), scope, throughput].iter().filter(|it| it.value.is_some()) {
            only.refuse("is for a FIFO queue only");
        }
        return None;
    }
    if !name.ends_with(FIFO) {
        node.get("QueueName").refuse(format!("{name:?} must end in {FIFO}, as every FIFO queue's name does"));
    }
    let deduplication = match scope.optional_text().as_deref() {
        Some("messageGroup") => Deduplication::Group,
        _ => Deduplication::Queue,
    };
    if throughput.optional_text().as_deref() == Some("perMessageGroupId") && deduplication == Deduplication::Queue {
        throughput.refuse("perMessageGroupId needs the DeduplicationScope messageGroup");
    }
    Some(Fifo { content_based: node.get("ContentBasedDeduplication").flag(), deduplication })
}

/// A dead-letter queue is of the same type as the queue that it is behind.
pub(super) fn check_redrive(plan: &Plan, resource: &Resource, log: &Log) {
    let node = resource.node(log);
    let place = node.get("RedrivePolicy").get("deadLetterTargetArn");
    if node.get("RedrivePolicy").value.is_none() {
        return;
    }
    let dead_letters = known_queue(plan, &place);
    if dead_letters.ends_with(FIFO) != node.get("QueueName").text().ends_with(FIFO) {
        place.refuse("must be of the same type, FIFO or standard");
    }
}

pub(super) fn queue_policy(plan: &mut Plan, resource: &Resource, log: &Log) {
    let node = resource.node(log);
    let document = node.get("PolicyDocument");
    if document.value.is_none() {
        document.refuse("is missing");
    }
    let statements = statement::read(&document, Holder::Queue);
    for place in node.get("Queues").items() {
        let url = place.text();
        match plan.queues.iter_mut().find(|queue| queue.url == url) {
            Some(queue) if queue.policy.is_none() => {
                queue.policy = document.value.cloned();
                queue.policy_statements.clone_from(&statements);
            }
            // The second would silently replace the first when it is deployed.
            Some(_) => place.refuse("this queue has a policy already"),
            None => place.refuse(format!("{url:?} is no queue of this template")),
        }
    }
}

pub(super) fn topic(resource: &Resource, log: &Log) -> TopicPlan {
    let name = resource.node(log).get("TopicName").text();
    TopicPlan { logical_id: resource.logical_id.clone(), arn: arn::topic(&name), name }
}

pub(super) fn subscription(plan: &Plan, resource: &Resource, log: &Log) -> SubscriptionPlan {
    let node = resource.node(log);
    node.get("Protocol").text();
    let topic = node.get("TopicArn");
    let topic_arn = topic.text();
    if !plan.topics.iter().any(|known| known.arn == topic_arn) {
        topic.refuse(format!("{topic_arn:?} is no topic of this template"));
    }
    let filter = node.get("FilterPolicy");
    let filter_scope = match node.get("FilterPolicyScope").optional_text().as_deref() {
        Some("MessageBody") => FilterScope::Body,
        _ => FilterScope::Attributes,
    };
    for (_, accepted) in filter.entries() {
        if filter_scope == FilterScope::Attributes && !accepted.value.is_some_and(serde_json::Value::is_array) {
            accepted.refuse("must be a list of accepted values");
        }
    }
    let redrive = node.get("RedrivePolicy");
    SubscriptionPlan {
        logical_id: resource.logical_id.clone(),
        topic_arn,
        queue_arn: standard_queue(plan, &node.get("Endpoint"), "a standard topic delivers to standard queues only"),
        raw: node.get("RawMessageDelivery").flag(),
        filter_policy: filter.value.cloned(),
        filter_scope,
        dead_letter_arn: redrive.value.map(|_| known_queue(plan, &redrive.get("deadLetterTargetArn"))),
    }
}

pub(super) fn bus(resource: &Resource, log: &Log) -> BusPlan {
    let name = resource.node(log).get("Name").text();
    BusPlan { logical_id: resource.logical_id.clone(), arn: arn::bus(&name), name }
}

pub(super) fn rule(plan: &Plan, resource: &Resource, log: &Log) -> RulePlan {
    let node = resource.node(log);
    let bus = node.get("EventBusName").text();
    if !plan.buses.iter().any(|known| known.name == bus) {
        node.get("EventBusName").refuse(format!("{bus:?} is no bus of this template"));
    }
    let name = node.get("Name").text();
    let pattern = node.get("EventPattern");
    if pattern.entries().is_empty() {
        pattern.refuse("is missing or empty");
    }
    let target = |target: Node<'_>| {
        let dead_letters = target.get("DeadLetterConfig");
        TargetPlan {
            id: target.get("Id").text(),
            queue_arn: standard_queue(plan, &target.get("Arn"), NO_GROUP),
            dead_letter_arn: dead_letters.value.map(|_| known_queue(plan, &dead_letters.get("Arn"))),
        }
    };
    RulePlan {
        logical_id: resource.logical_id.clone(),
        arn: arn::rule(&bus, &name),
        name,
        bus,
        pattern: pattern.value.cloned().unwrap_or_default(),
        targets: node.get("Targets").items().into_iter().map(target).collect(),
    }
}

/// The ARN of a queue of this template into which goes what has no group.
pub(super) fn standard_queue(plan: &Plan, node: &Node<'_>, why: &str) -> String {
    let arn = known_queue(plan, node);
    if arn.ends_with(FIFO) {
        node.refuse(format!("must not be a FIFO queue: {why}"));
    }
    arn
}

/// The ARN of a queue that this template has.
pub(super) fn known_queue(plan: &Plan, node: &Node<'_>) -> String {
    let arn = node.text();
    if plan.queue_by_arn(&arn).is_none() {
        node.refuse(format!("{arn:?} is no queue of this template"));
    }
    arn
}
