"""Names that the template has as text and the code as types: attributes, kinds, events, milestones."""

import json
from collections.abc import Iterator
from typing import Any

from stack import Stack, listed

Found = Iterator[tuple[str, str]]

OPERATORS = {"anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"}

# Milestones that no rule of ours waits for, and why they are published all the same.
UNHEARD = {"CustomerOnboarded.v1": "it closes the journey for partners; within the bank nothing is left to be opened"}


def a_filter_is_one(stack: Stack) -> Found:
    """Without it the deployment fails half-way; or the filter matches nothing, and the queue stays empty in silence."""
    for name, it in stack.of("AWS::SNS::Subscription").items():
        policy = parsed(it.get("FilterPolicy"))
        if not isinstance(policy, dict) or not policy:
            yield name, "write FilterPolicy as a JSON object of arrays"
            continue
        for attribute, values in policy.items():
            if not isinstance(values, list) or not values:
                yield name, f"write the values of {attribute} in FilterPolicy as an array"
            for operators in (value for value in listed(values) if isinstance(value, dict)):
                for operator in set(operators) - OPERATORS:
                    yield name, f"FilterPolicy has no operator {operator}"


def a_filter_looks_where_the_publisher_writes(stack: Stack) -> Found:
    """A filter on the body, or on an attribute that the relays do not set, matches nothing: the queue stays empty."""
    for name, it in stack.of("AWS::SNS::Subscription").items():
        if it.get("FilterPolicyScope", "MessageAttributes") != "MessageAttributes":
            yield name, "set FilterPolicyScope to MessageAttributes: that is where relays say what a commit is"
        policy = parsed(it.get("FilterPolicy"))
        for attribute in set(policy if isinstance(policy, dict) else ()) - stack.names.attributes:
            yield name, f"filter on {', '.join(sorted(stack.names.attributes))}: relays set no attribute {attribute}"


def a_filter_names_what_is_published_there(stack: Stack) -> Found:
    """A filter on a kind or event that never comes by this topic matches nothing. Misspelt, it looks quite right."""
    contexts = {
        stack.subject(stack.environment(function).get("TOPIC_ARN")): stack.environment(function).get("CONTEXT")
        for function in stack.of("AWS::Lambda::Function")
    }
    for name, it in stack.of("AWS::SNS::Subscription").items():
        context, policy = contexts.get(stack.subject(it.get("TopicArn"))), parsed(it.get("FilterPolicy"))
        if context not in stack.names.streams:
            yield name, "no relay publishes to its topic the commits of a context that the code knows"
            continue
        for attribute, known in (("kind", stack.names.kinds(context)), ("types", stack.names.events(context))):
            for text, fits in spelt(policy.get(attribute) if isinstance(policy, dict) else None):
                if not any(fits(it) for it in known):
                    yield name, f"{context} has no {'kind of stream' if attribute == 'kind' else 'event'} {text}"


def what_becomes_a_milestone_reaches_its_publisher(stack: Stack) -> Found:
    """An event that this filter forgets is never announced, and whoever waits for its milestone waits for ever."""
    publishers = set(stack.told("BUS_NAME").values()) | {
        function for function in stack.of("AWS::Lambda::Function") if "BUS_NAME" in stack.environment(function)
    }
    queues = {queue for _, _, queue, function in stack.sources("AWS::SQS::Queue") if function in publishers}
    wanted = {event for it in stack.names.milestones.values() for event in it["from"] or []}
    for name, it in stack.of("AWS::SNS::Subscription").items():
        if stack.subject(it.get("Endpoint")) not in queues:
            continue
        policy = parsed(it.get("FilterPolicy"))
        types = set(policy.get("types", ())) if isinstance(policy, dict) else set()
        context = next((it for it in stack.names.streams if types & stack.names.events(it)), None)
        for event in sorted(wanted & stack.names.events(context) - types):
            yield name, f"add {event} to its types: it becomes a milestone"
        for event in sorted(types - wanted):
            yield name, f"take {event} out of its types: it becomes no milestone"


def a_rule_waits_for_what_is_announced(stack: Stack) -> Found:
    """A rule that waits for a source or detail-type that nobody sends never fires, and nothing fails."""
    for name, it in stack.of("AWS::Events::Rule").items():
        if stack.kind(stack.subject(it.get("EventBusName"))) != "AWS::Events::EventBus":
            yield name, "set EventBusName to the bus of milestones: nothing of ours is on the default bus"
        pattern = it.get("EventPattern") or {}
        sources, awaited = set(texts(pattern.get("source"))), set(texts(pattern.get("detail-type")))
        for key in set(pattern) - {"source", "detail-type", "detail"}:
            yield name, f"a pattern has no key {key} here"
        for source in sources - {it["source"] for it in stack.names.milestones.values()}:
            yield name, f"no milestone has the source {source}"
        for detail_type in sorted(awaited):
            if detail_type not in stack.names.milestones:
                yield name, f"no milestone has the detail-type {detail_type}"
            elif stack.names.milestones[detail_type]["source"] not in sources:
                yield name, f"{detail_type} has the source {stack.names.milestones[detail_type]['source']}: add that"
        for key in ("source", "detail-type"):
            if not texts(pattern.get(key)):
                yield name, f"say in its pattern which {key} it waits for"


def a_milestone_has_a_schema_and_somebody_who_waits(stack: Stack) -> Found:
    """Without a schema nobody can rely on it; without a rule or a reason it is most likely a forgotten step."""
    awaited = {
        text
        for it in stack.of("AWS::Events::Rule").values()
        for text in texts((it.get("EventPattern") or {}).get("detail-type"))
    }
    for milestone, it in stack.names.milestones.items():
        if milestone not in stack.names.schemas:
            yield milestone, f"a milestone needs events/schemas/{milestone}.json: run `make schemas`"
        if not it["from"]:
            yield milestone, "no event becomes this milestone"
        if milestone not in awaited and milestone not in UNHEARD:
            yield milestone, "no rule waits for this milestone: add one, or say in infra/lint/names.py why none does"
    for milestone in set(UNHEARD) & awaited | set(UNHEARD) - set(stack.names.milestones):
        yield milestone, "take it out of UNHEARD in infra/lint/names.py: a rule waits for it, or it is gone"
    for schema in stack.names.schemas - set(stack.names.milestones):
        yield schema, "a schema without a milestone: a type is never removed, only joined by its next version"


def the_list_of_names_is_up_to_date(stack: Stack) -> Found:
    """A stale list would find fault with a new event, and none with one that is gone."""
    listed_events = {event for context in stack.names.streams for event in stack.names.events(context)}
    for event in sorted(listed_events ^ stack.names.examples):
        yield event, "events/names.json and events/examples/domain differ: run `make schemas`"


def parsed(policy: Any) -> Any:
    """A policy as it is understood; written as text, it is JSON."""
    try:
        return json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return None


def texts(values: Any) -> list[str]:
    """The plain values of a pattern."""
    return [value for value in listed(values) if isinstance(value, str)]


def spelt(values: Any) -> Iterator[tuple[str, Any]]:
    """Each text that a filter compares with, and how."""
    for value in listed(values):
        match value:
            case str(text) | {"anything-but": str(text)}:
                yield text, lambda known, text=text: known == text
            case {"anything-but": list(several)}:
                yield from spelt(several)
            case {"prefix": str(text)}:
                yield f"{text}…", lambda known, text=text: known.startswith(text)
            case {"suffix": str(text)}:
                yield f"…{text}", lambda known, text=text: known.endswith(text)


RULES = (
    a_filter_is_one,
    a_filter_looks_where_the_publisher_writes,
    a_filter_names_what_is_published_there,
    what_becomes_a_milestone_reaches_its_publisher,
    a_rule_waits_for_what_is_announced,
    a_milestone_has_a_schema_and_somebody_who_waits,
    the_list_of_names_is_up_to_date,
)
