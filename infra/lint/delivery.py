"""Deliveries: from topics, rules and schedules into queues, and where what cannot be delivered goes."""

from collections.abc import Iterator

from stack import Stack, listed

Found = Iterator[tuple[str, str]]
QUEUE = "AWS::SQS::Queue"


def a_topic_may_send_to_its_queues(stack: Stack) -> Found:
    """Without it SNS drops every message at the queue's door, and nobody is told: the queue just stays empty."""
    for name, it in stack.of("AWS::SNS::Subscription").items():
        queue, topic = stack.subject(it.get("Endpoint")), stack.subject(it.get("TopicArn"))
        if it.get("Protocol") != "sqs" or stack.kind(queue) != QUEUE or "Fn::GetAtt" not in it["Endpoint"]:
            yield (
                name,
                "deliver to the ARN of a queue of this template: only a queue keeps what comes while we are down",
            )
        elif not stack.admits(queue, "sns.amazonaws.com", topic):
            yield name, f"give {queue} a queue policy that lets sns.amazonaws.com send for {topic} (aws:SourceArn)"


def a_rule_may_send_to_its_queues(stack: Stack) -> Found:
    """Without it EventBridge fails every delivery, and the milestone ends in dead letters or nowhere."""
    for name, target in targets(stack):
        queue = stack.subject(target["Arn"])
        if stack.kind(queue) != QUEUE:
            yield name, "deliver to a queue: it can be paused, watched and redriven, a function cannot"
        elif not stack.admits(queue, "events.amazonaws.com", name):
            yield name, f"give {queue} a queue policy that lets events.amazonaws.com send for {name} (aws:SourceArn)"


def a_schedule_may_send_to_its_queue(stack: Stack) -> Found:
    """Without it the schedule fires into nothing: a week without yield, and no alarm."""
    for name, it in stack.of("AWS::Scheduler::Schedule").items():
        queue, role = stack.subject(it["Target"]["Arn"]), stack.subject(it["Target"]["RoleArn"])
        if stack.kind(queue) != QUEUE or not stack.may(name, "sqs:SendMessage", queue):
            yield name, f"let {role} send to {queue}, a queue of this template"
        trusted = stack.properties(role).get("AssumeRolePolicyDocument", {}).get("Statement", [])
        if "scheduler.amazonaws.com" not in [who for it in trusted for who in listed(it["Principal"].get("Service"))]:
            yield name, f"let scheduler.amazonaws.com assume {role}"


def what_a_topic_cannot_deliver_is_kept(stack: Stack) -> Found:
    """Without it SNS throws away what it could not deliver: a commit that a consumer never hears of."""
    for name, it in stack.of("AWS::SNS::Subscription").items():
        queue = stack.subject((it.get("RedrivePolicy") or {}).get("deadLetterTargetArn"))
        if stack.kind(queue) != QUEUE:
            yield name, "give it a RedrivePolicy to a dead-letter queue"
        elif not stack.admits(queue, "sns.amazonaws.com", stack.subject(it["TopicArn"])):
            yield (
                name,
                f"let sns.amazonaws.com send to {queue} for {stack.subject(it['TopicArn'])}: it cannot keep anything",
            )


def what_a_rule_cannot_deliver_is_kept(stack: Stack) -> Found:
    """Without it EventBridge throws away a milestone after a day of failures."""
    for name, target in targets(stack):
        queue = stack.subject(target.get("DeadLetterConfig", {}).get("Arn"))
        if stack.kind(queue) != QUEUE:
            yield name, f"give the target {target['Id']} a DeadLetterConfig"
        elif not stack.admits(queue, "events.amazonaws.com", name):
            yield name, f"let events.amazonaws.com send to {queue} for {name}: it cannot keep anything"


def what_a_schedule_cannot_deliver_is_kept(stack: Stack) -> Found:
    """Without it a tick that fails for a day is gone, and nobody can see that it ever was due."""
    for name, it in stack.of("AWS::Scheduler::Schedule").items():
        queue = stack.subject(it["Target"].get("DeadLetterConfig", {}).get("Arn"))
        if stack.kind(queue) != QUEUE:
            yield name, "give its target a DeadLetterConfig"
        elif not stack.may(name, "sqs:SendMessage", queue):
            yield name, f"let its role send to {queue}: it cannot keep anything"


def consumers_get_the_message_itself(stack: Stack) -> Found:
    """Without it each message comes in SNS's own envelope, which our functions set aside as poison."""
    for name, it in stack.of("AWS::SNS::Subscription").items():
        if it.get("RawMessageDelivery") is not True:
            yield name, "set RawMessageDelivery: true"


def a_queue_admits_only_who_delivers_there(stack: Stack) -> Found:
    """Without it any topic of any account could put commits into the queue; a stale source hides a missing one."""
    for name, policy in stack.of("AWS::SQS::QueuePolicy").items():
        queues = {stack.subject(it) for it in policy["Queues"]}
        for statement in listed(policy["PolicyDocument"]["Statement"]):
            sources = stack.sources_admitted(statement)
            if statement["Effect"] == "Allow" and (not sources or None in sources):
                yield name, "admit one source of this template by aws:SourceArn: this admits everybody's"
            if not {stack.subject(it) for it in listed(statement["Resource"])} <= queues:
                yield name, "name as Resource the queue that the policy is attached to"
            for source in {it for it in sources if it} - delivering(stack, queues):
                yield name, f"{source} delivers nothing here: admit what does"


def targets(stack: Stack) -> Iterator[tuple[str, dict]]:
    return ((name, target) for name, it in stack.of("AWS::Events::Rule").items() for target in it["Targets"])


def delivering(stack: Stack, queues: set) -> set:
    """The topics and rules that deliver, or keep what they cannot deliver, in any of these queues."""
    found = set()
    for it in stack.of("AWS::SNS::Subscription").values():
        ends = (it.get("Endpoint"), (it.get("RedrivePolicy") or {}).get("deadLetterTargetArn"))
        found |= {stack.subject(it["TopicArn"])} if queues & {stack.subject(end) for end in ends} else set()
    for name, target in targets(stack):
        ends = (target["Arn"], target.get("DeadLetterConfig", {}).get("Arn"))
        found |= {name} if queues & {stack.subject(end) for end in ends} else set()
    return found


RULES = (
    a_topic_may_send_to_its_queues,
    a_rule_may_send_to_its_queues,
    a_schedule_may_send_to_its_queue,
    what_a_topic_cannot_deliver_is_kept,
    what_a_rule_cannot_deliver_is_kept,
    what_a_schedule_cannot_deliver_is_kept,
    consumers_get_the_message_itself,
    a_queue_admits_only_who_delivers_there,
)
