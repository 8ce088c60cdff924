//! FIFO queues and filters by body in a template: what they come to, and what is refused about them.

use super::{load_resources, refusal_at};
use crate::services::{
    FilterScope,
    sqs::{Deduplication, Fifo},
};

const ORDERS: &str = "  Orders:
    Type: AWS::SQS::Queue
    Properties: {QueueName: orders.fifo, FifoQueue: true, ContentBasedDeduplication: true, DeduplicationScope: messageGroup}
";

#[test]
fn a_fifo_queue_is_what_it_says() {
    let plan = load_resources(ORDERS).unwrap();
    let expected = Fifo { content_based: true, deduplication: Deduplication::Group };
    assert_eq!(plan.queue("Orders").unwrap().fifo, Some(expected));
}

#[test]
fn a_fifo_queue_that_is_half_one_is_refused_by_its_place() {
    for (properties, place) in [
        ("{QueueName: orders, FifoQueue: true}", "QueueName"),
        ("{QueueName: orders.fifo}", "FifoQueue"),
        ("{QueueName: orders, ContentBasedDeduplication: true}", "ContentBasedDeduplication"),
        ("{QueueName: orders, DeduplicationScope: queue}", "DeduplicationScope"),
        ("{QueueName: o.fifo, FifoQueue: true, FifoThroughputLimit: perMessageGroupId}", "FifoThroughputLimit"),
        ("{QueueName: o.fifo, FifoQueue: true, DeduplicationScope: both}", "DeduplicationScope"),
    ] {
        let resources = format!("  Orders: {{Type: AWS::SQS::Queue, Properties: {properties}}}\n");
        refusal_at(load_resources(&resources), &format!("Resources.Orders.Properties.{place}"));
    }
}

#[test]
fn what_has_no_group_does_not_go_to_a_fifo_queue() {
    let others = "  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: topic}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: bus}}
  Plain:
    Type: AWS::SQS::Queue
    Properties: {QueueName: plain, RedrivePolicy: {deadLetterTargetArn: !GetAtt Orders.Arn, maxReceiveCount: 1}}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Orders.Arn, RawMessageDelivery: true}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: rule
      EventBusName: !Ref Bus
      EventPattern: {source: [a]}
      Targets: [{Id: queue, Arn: !GetAtt Orders.Arn}]
";
    for place in ["Plain.Properties.RedrivePolicy.deadLetterTargetArn", "Subscription.Properties.Endpoint"] {
        refusal_at(load_resources(&format!("{ORDERS}{others}")), &format!("Resources.{place}"));
    }
    refusal_at(load_resources(&format!("{ORDERS}{others}")), "Resources.Rule.Properties.Targets[0].Arn");
}

#[test]
fn a_filter_by_body_may_be_nested_and_one_by_attributes_may_not() {
    let subscribed = |scope: &str| {
        load_resources(&format!(
            "  Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: topic}}}}
  Queue: {{Type: AWS::SQS::Queue, Properties: {{QueueName: queue}}}}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      RawMessageDelivery: true
      FilterPolicy: {{detail: {{kind: [account]}}}}
      FilterPolicyScope: {scope}
"
        ))
    };
    assert_eq!(subscribed("MessageBody").unwrap().subscriptions[0].filter_scope, FilterScope::Body);
    refusal_at(subscribed("MessageAttributes"), "Resources.Subscription.Properties.FilterPolicy.detail");
    refusal_at(subscribed("Both"), "Resources.Subscription.Properties.FilterPolicyScope");
}
