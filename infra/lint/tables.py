"""Tables: which must never be lost, which must be able to forget, and which are streamed."""

import json
from collections.abc import Iterator

from stack import Stack

Found = Iterator[tuple[str, str]]
TABLE = "AWS::DynamoDB::Table"

# What functions call the attribute by which an item forgets itself.
TTL_ATTRIBUTE = "ttl"

# How a stream tells what a table removed because its time was over from what somebody deleted.
EXPIRED = {"eventName": ["REMOVE"], "userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}


def history_and_personal_data_are_never_lost(stack: Stack) -> Found:
    """Without it a stack that is deleted, or a table that is replaced by a careless change, takes the books along."""
    for table in event_tables(stack) | set(stack.told("VAULT_TABLE")):
        yield from ((table, it) for it in unkept(stack, table))
        if not recoverable(stack, table):
            yield table, "enable point-in-time recovery: what a bug or a person deletes has to come back"


def an_erased_person_stays_erased(stack: Stack) -> Found:
    """A person is erased by deleting their key. With point-in-time recovery the key and the person could come back."""
    for table in stack.told("VAULT_KEYS_TABLE"):
        yield from ((table, it) for it in unkept(stack, table))
        if recoverable(stack, table):
            yield table, "disable point-in-time recovery: a key that was deleted must not come back"


def every_commit_is_streamed_to_a_relay(stack: Stack) -> Found:
    """Without it commits are stored and nobody hears of them: projections stand still, and journeys never go on."""
    relayed = {table: function for _, _, table, function in stack.sources(TABLE)}
    for table in event_tables(stack):
        if stack.properties(table).get("StreamSpecification", {}).get("StreamViewType") not in (
            "NEW_IMAGE",
            "NEW_AND_OLD_IMAGES",
        ):
            yield table, "set StreamViewType: NEW_IMAGE: the relay publishes the commit that it finds there"
        if "TOPIC_ARN" not in stack.environment(relayed.get(table, "")):
            yield table, "let a relay read its stream"


def what_is_kept_for_a_while_forgets_itself(stack: Stack) -> Found:
    """Without it abandoned sign-ups, used tokens and pauses pile up for ever, personal data among them."""
    for variable in ("SIGN_UPS_TABLE", "PAUSES_TABLE"):
        for table in stack.told(variable):
            wanted = {"AttributeName": TTL_ATTRIBUTE, "Enabled": True}
            if stack.properties(table).get("TimeToLiveSpecification") != wanted:
                yield table, f"set TimeToLiveSpecification to the attribute {TTL_ATTRIBUTE}, enabled"


def only_what_expired_is_expired(stack: Stack) -> Found:
    """Without it what a function deletes on purpose looks as if its time were over, and a customer loses their user."""
    for name, mapping, table, _ in stack.sources(TABLE):
        if "TimeToLiveSpecification" not in stack.properties(table):
            continue
        filters = mapping.get("FilterCriteria", {}).get("Filters", [])
        if not filters or any(parsed(it.get("Pattern")) != EXPIRED for it in filters):
            yield name, f"filter by the pattern {json.dumps(EXPIRED)}: only the table's own removals"
        if "OLD" not in stack.properties(table).get("StreamSpecification", {}).get("StreamViewType", ""):
            yield table, "set StreamViewType: OLD_IMAGE: of what is gone there is no other image"


def event_tables(stack: Stack) -> set[str]:
    """What functions commit to, and what relays read."""
    streamed = {table for _, _, table, _ in stack.sources(TABLE)}
    forgetful = {it for it in streamed if "TimeToLiveSpecification" in stack.properties(it)}
    return set(stack.told("EVENTS_TABLE")) | (streamed - forgetful)


def parsed(pattern: object) -> object:
    """A filter's pattern, which is JSON in a text."""
    try:
        return json.loads(pattern) if isinstance(pattern, str) else None
    except ValueError:
        return None


def unkept(stack: Stack, table: str) -> Iterator[str]:
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if stack.resources[table].get(policy) != "Retain":
            yield f"set {policy}: Retain"
    if stack.properties(table).get("DeletionProtectionEnabled") is not True:
        yield "set DeletionProtectionEnabled: true"


def recoverable(stack: Stack, table: str) -> bool:
    return stack.properties(table).get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is True


RULES = (
    history_and_personal_data_are_never_lost,
    an_erased_person_stays_erased,
    every_commit_is_streamed_to_a_relay,
    what_is_kept_for_a_while_forgets_itself,
    only_what_expired_is_expired,
)
