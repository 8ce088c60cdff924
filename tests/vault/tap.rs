//! A queue that nobody empties and that gets everything that the topics and the bus carry.

use crate::support::TEMPLATE;

/// Its name in the template.
pub const TAP: &str = "TapQueue";

const RESOURCES: &str = "
  TapQueue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: granary-tap
      MessageRetentionPeriod: 1209600

  TapQueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref TapQueue]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt TapQueue.Arn
            Condition: {ArnEquals: {'aws:SourceArn': !Ref IdentityTopic}}
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt TapQueue.Arn
            Condition: {ArnEquals: {'aws:SourceArn': !Ref OnboardingTopic}}
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt TapQueue.Arn
            Condition: {ArnEquals: {'aws:SourceArn': !Ref ComplianceTopic}}
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt TapQueue.Arn
            Condition: {ArnEquals: {'aws:SourceArn': !Ref LedgerTopic}}
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt TapQueue.Arn
            Condition: {ArnEquals: {'aws:SourceArn': !GetAtt TapRule.Arn}}

  TapIdentitySubscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref IdentityTopic
      Protocol: sqs
      Endpoint: !GetAtt TapQueue.Arn
      RawMessageDelivery: true
      FilterPolicy: {kind: [{exists: true}]}
      RedrivePolicy: {deadLetterTargetArn: !GetAtt IdentityTopicDeadLetters.Arn}

  TapOnboardingSubscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref OnboardingTopic
      Protocol: sqs
      Endpoint: !GetAtt TapQueue.Arn
      RawMessageDelivery: true
      FilterPolicy: {kind: [{exists: true}]}
      RedrivePolicy: {deadLetterTargetArn: !GetAtt OnboardingTopicDeadLetters.Arn}

  TapComplianceSubscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref ComplianceTopic
      Protocol: sqs
      Endpoint: !GetAtt TapQueue.Arn
      RawMessageDelivery: true
      FilterPolicy: {kind: [{exists: true}]}
      RedrivePolicy: {deadLetterTargetArn: !GetAtt ComplianceTopicDeadLetters.Arn}

  TapLedgerSubscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref LedgerTopic
      Protocol: sqs
      Endpoint: !GetAtt TapQueue.Arn
      RawMessageDelivery: true
      FilterPolicy: {kind: [{exists: true}]}
      RedrivePolicy: {deadLetterTargetArn: !GetAtt LedgerTopicDeadLetters.Arn}

  TapRule:
    Type: AWS::Events::Rule
    Properties:
      Name: granary-tap
      EventBusName: !Ref Milestones
      EventPattern:
        source: [{exists: true}]
      Targets:
        - Id: tap
          Arn: !GetAtt TapQueue.Arn

Outputs:
";

/// The committed template with the tap.
pub fn tapped() -> String {
    let tapped = TEMPLATE.replacen("\nOutputs:\n", RESOURCES, 1);
    assert_ne!(tapped, TEMPLATE, "the template has no place for the tap");
    tapped
}
