"""Queues that feed functions: nothing is handed out twice at once, handed out for ever, or forgotten."""

from collections.abc import Iterator

from stack import Stack

Found = Iterator[tuple[str, str]]
QUEUE = "AWS::SQS::Queue"

# What SQS does when nothing is said.
VISIBILITY_SECONDS = 30
RETENTION_SECONDS = 345_600

# Lambda's own advice.
VISIBILITY_TIMES_TIMEOUT = 6

# Receives after a function's own last try, for one that dies in the act.
RECEIVES_TO_SPARE = 3


def what_fails_again_and_again_is_set_aside(stack: Stack) -> Found:
    """Without it a message that kills its function comes back for four days, and is then gone."""
    for queue, _ in fed(stack):
        dead_letters = redrive(stack, queue).get("deadLetterTargetArn")
        if stack.kind(stack.subject(dead_letters)) != QUEUE or stack.subject(dead_letters) == queue:
            yield queue, "give it a RedrivePolicy to a dead-letter queue of its own"


def dead_letters_outlive_their_queue(stack: Stack) -> Found:
    """A message's age runs on from its first sending. With no longer retention it may be gone the moment it arrives."""
    for queue in stack.of(QUEUE):
        dead_letters = stack.subject(redrive(stack, queue).get("deadLetterTargetArn"))
        if stack.kind(dead_letters) == QUEUE and retention(stack, dead_letters) <= retention(stack, queue):
            yield dead_letters, f"set a MessageRetentionPeriod above the {retention(stack, queue)} s of {queue}"


def the_last_receive_comes_before_the_end(stack: Stack) -> Found:
    """Without it a message that keeps failing grows too old and is deleted, before it is ever set aside."""
    for queue, _ in fed(stack):
        receives = int(redrive(stack, queue).get("maxReceiveCount", 0))
        if receives * visibility(stack, queue) >= retention(stack, queue):
            yield queue, f"{receives} receives take longer than its MessageRetentionPeriod: raise that"


def a_slow_batch_is_not_handed_out_twice(stack: Stack) -> Found:
    """Without it a second function works on messages that the first is not done with, on every slow day."""
    for _, mapping, queue, function in stack.sources(QUEUE):
        timeout = stack.properties(function).get("Timeout", 3)
        least = VISIBILITY_TIMES_TIMEOUT * timeout + mapping.get("MaximumBatchingWindowInSeconds", 0)
        if visibility(stack, queue) < least:
            yield queue, f"set VisibilityTimeout to at least {least}: 6 times the {timeout} s of {function}"


def a_function_knows_the_last_receive(stack: Stack) -> Found:
    """Without it the function waits for a receive that never comes, or dies at the only one at which it would have given its
    reason: the message is set aside without one."""
    for queue, function in fed(stack):
        receives = int(redrive(stack, queue).get("maxReceiveCount", 0))
        tries = str(receives - RECEIVES_TO_SPARE)
        if stack.environment(function).get("MAX_RECEIVES") != tries:
            yield function, f"set MAX_RECEIVES to '{tries}', {RECEIVES_TO_SPARE} below the maxReceiveCount of {queue}"


def a_function_sets_aside_into_its_own_dead_letters(stack: Stack) -> Found:
    """Without it poison lands behind another queue, and a redrive would send it to the wrong function."""
    for queue, function in fed(stack):
        dead_letters = stack.subject(redrive(stack, queue).get("deadLetterTargetArn"))
        value = stack.environment(function).get("DEAD_LETTER_URL")
        if stack.subject(value) != dead_letters or "Ref" not in (value or {}):
            yield function, f"set DEAD_LETTER_URL to !Ref {dead_letters}, the dead letters of {queue}"


def nothing_empties_the_parked_queue(stack: Stack) -> Found:
    """Parked work waits for a person. A function or redrive there would make a loop of it, or lose its origin."""
    read = {queue for queue, _ in fed(stack)}
    for _, function in fed(stack):
        value = stack.environment(function).get("PARKED_URL")
        parked = stack.subject(value)
        if stack.kind(parked) != QUEUE or parked in read or redrive(stack, parked) or "Ref" not in value:
            yield function, "set PARKED_URL to !Ref ParkedQueue"


def every_queue_has_a_reader_or_keeps_what_failed(stack: Stack) -> Found:
    """A queue that nothing empties and nobody watches only looks as if its work were being done."""
    kept = {stack.subject(redrive(stack, queue).get("deadLetterTargetArn")) for queue in stack.of(QUEUE)}
    kept |= {
        stack.subject((it.get("RedrivePolicy") or {}).get("deadLetterTargetArn"))
        for it in stack.of("AWS::SNS::Subscription").values()
    }
    kept |= {
        stack.subject(target.get("DeadLetterConfig", {}).get("Arn"))
        for it in stack.of("AWS::Events::Rule").values()
        for target in it["Targets"]
    }
    kept |= {
        stack.subject(it["Target"].get("DeadLetterConfig", {}).get("Arn"))
        for it in stack.of("AWS::Scheduler::Schedule").values()
    }
    kept |= {queue for queue, _ in fed(stack)} | set(stack.told("PARKED_URL"))
    for queue in stack.of(QUEUE):
        if queue not in kept:
            yield queue, "no function empties it and nothing keeps its failures there: wire it or remove it"


def fed(stack: Stack) -> list[tuple[str, str]]:
    """Each queue that feeds a function, and the function."""
    return [(queue, function) for _, _, queue, function in stack.sources(QUEUE)]


def redrive(stack: Stack, queue: str | None) -> dict:
    return stack.properties(queue).get("RedrivePolicy") or {}


def retention(stack: Stack, queue: str) -> int:
    return int(stack.properties(queue).get("MessageRetentionPeriod", RETENTION_SECONDS))


def visibility(stack: Stack, queue: str) -> int:
    return int(stack.properties(queue).get("VisibilityTimeout", VISIBILITY_SECONDS))


RULES = (
    what_fails_again_and_again_is_set_aside,
    dead_letters_outlive_their_queue,
    the_last_receive_comes_before_the_end,
    a_slow_batch_is_not_handed_out_twice,
    a_function_knows_the_last_receive,
    a_function_sets_aside_into_its_own_dead_letters,
    nothing_empties_the_parked_queue,
    every_queue_has_a_reader_or_keeps_what_failed,
)
