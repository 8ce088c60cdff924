"""State machines, beyond their form: they cannot get lost, hang, or lose a failure."""

import re
from collections.abc import Iterator
from typing import Any

from stack import Machine, Stack

Found = Iterator[tuple[str, str]]

# A pause ends with its execution, and an execution after a year.
TIMEOUT_SECONDS_MAX = 31_536_000

# `$.a.b`, `$$.Task.Token`: what two independent engines understand the same way.
REFERENCE_PATH = re.compile(r"\$\$?(\.[A-Za-z][A-Za-z0-9]*)+")

SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")

# Errors that AWS itself raises. All others are classes of ours.
ERRORS_OF_AWS = {
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "SQS.AmazonSQSException",
    "SQS.SdkClientException",
    "Sandbox.Timedout",
}

# By the service in a task's Resource: what names the target, how that begins once deployed, and what the role needs.
TARGETS = {
    "lambda:invoke": ("FunctionName", "arn:aws:lambda:", "lambda:InvokeFunction"),
    "sqs:sendMessage": ("QueueUrl", "https://", "sqs:SendMessage"),
}


def every_substitution_is_given_and_used(machine: Machine, stack: Stack) -> Found:
    """Without it the name itself is called, `${PauseOnboardingArn}`, and every execution fails at that state."""
    given = set(stack.properties(machine.logical_id).get("DefinitionSubstitutions", {}))
    used = set(SUBSTITUTION.findall(machine.text))
    for name in sorted(used - given):
        yield machine.logical_id, f"${{{name}}} is not among the template's DefinitionSubstitutions"
    for name in sorted(given - used):
        yield machine.logical_id, f"the template's substitution {name} is not used"


def every_state_is_there_and_reached(machine: Machine, _: Stack) -> Found:
    """A dangling Next stops the deployment at best; a state that nothing leads to is a step that is never taken."""
    reached, ahead = set(), [machine.definition["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name in reached:
            continue
        reached.add(name)
        if name in machine.states:
            ahead += successors(machine.states[name])
        else:
            yield name, "is led to and does not exist"
    for name in machine.states:
        if name not in reached:
            yield name, "nothing leads here"


def paths_are_plain(machine: Machine, _: Stack) -> Found:
    """Anything cleverer is understood differently by two engines, and fails in the one that was not tried."""
    for name, state in machine.states.items():
        for path in paths(state):
            if not REFERENCE_PATH.fullmatch(path):
                yield name, f"{path!r} is no reference path"


def a_choice_knows_what_to_do_with_the_unknown(machine: Machine, _: Stack) -> Found:
    """Without it an answer that nobody thought of ends the execution, and an application hangs for ever."""
    for name, state in machine.states.items():
        if state["Type"] == "Choice" and "Default" not in state:
            yield name, "a Choice needs a Default: what it does not know would fail the execution"


def a_task_ends_in_time(machine: Machine, _: Stack) -> Found:
    """Without it a lost message or answer stops the journey for good: a task waits for a year and nobody knows."""
    for name, state in tasks(machine):
        if not 0 < state.get("TimeoutSeconds", 0) <= TIMEOUT_SECONDS_MAX:
            yield name, "a Task needs TimeoutSeconds of at most a year"


def a_task_outlasts_what_it_waits_for(machine: Machine, stack: Stack) -> Found:
    """Without it the state gives up and goes on while the call is still being made, or is still to be made."""
    for name, state, target in targets(machine, stack):
        if stack.kind(target) == "AWS::SQS::Queue":
            queue = stack.properties(target)
            least = int(queue.get("VisibilityTimeout", 30)) * int(
                (queue.get("RedrivePolicy") or {}).get("maxReceiveCount", 1)
            )
        else:
            least = stack.properties(target).get("Timeout", 3)
        if 0 < state.get("TimeoutSeconds", 0) < least:
            yield name, f"set TimeoutSeconds to at least {least}: so long {target} may go on trying"


def a_task_tries_again_what_may_pass(machine: Machine, _: Stack) -> Found:
    """Without it one throttled call parks a customer; with States.ALL a refusal is asked for again and again."""
    for name, state in tasks(machine):
        retried = [error for retry in state.get("Retry", []) for error in retry["ErrorEquals"]]
        if not retried or any(error in ("States.ALL", "States.TaskFailed") for error in retried):
            yield name, "a Task needs a Retry that names its errors"


def a_task_loses_no_failure(machine: Machine, _: Stack) -> Found:
    """Without it what was not foreseen fails the whole execution instead of waiting for a person."""
    for name, state in tasks(machine):
        if state.get("Catch", [{}])[-1].get("ErrorEquals") != ["States.ALL"]:
            yield name, "a Task needs a Catch that ends with States.ALL"


def errors_exist(machine: Machine, stack: Stack) -> Found:
    """A misspelt error is never raised: what was to be tried again is caught as unforeseen, and parked."""
    for name, state in machine.states.items():
        for way in (*state.get("Retry", []), *state.get("Catch", [])):
            for error in sorted(set(way["ErrorEquals"]) - stack.names.classes - ERRORS_OF_AWS):
                yield name, f"nothing raises an error {error}: it is neither a class of ours nor one of AWS"


def a_task_may_do_what_it_does(machine: Machine, stack: Stack) -> Found:
    """Without it every execution is refused at this state; or the target is given by the wrong one of its two names."""
    for name, state in tasks(machine):
        parameter, begins, action = TARGETS.get(service(state), (None, "", ""))
        if parameter is None:
            yield name, f"{state['Resource']} is none of {', '.join(TARGETS)}"
            continue
        value = substituted(machine, stack, state.get("Parameters", {}).get(parameter))
        if not stack.deployed(value).startswith(begins):
            yield name, f"{parameter} has to begin with {begins} once it is deployed"
        if not stack.may(machine.logical_id, action, stack.subject(value)):
            yield name, f"let the role of {machine.logical_id} do {action} on {stack.subject(value)}"


def tasks(machine: Machine) -> Iterator[tuple[str, dict]]:
    return ((name, state) for name, state in machine.states.items() if state["Type"] == "Task")


def targets(machine: Machine, stack: Stack) -> Iterator[tuple[str, dict, str]]:
    """Each task with the resource that it calls."""
    for name, state in tasks(machine):
        parameter = TARGETS.get(service(state), ("",))[0]
        target = stack.subject(substituted(machine, stack, state.get("Parameters", {}).get(parameter)))
        if target:
            yield name, state, target


def service(state: dict) -> str:
    return state["Resource"].removeprefix("arn:aws:states:::").split(".")[0]


def substituted(machine: Machine, stack: Stack, value: Any) -> Any:
    """What the template puts in the place of `${Name}`."""
    name = SUBSTITUTION.fullmatch(value) if isinstance(value, str) else None
    return stack.properties(machine.logical_id).get("DefinitionSubstitutions", {}).get(name.group(1)) if name else None


def successors(state: dict) -> list[str]:
    ways = [state, *state.get("Choices", []), *state.get("Catch", []), *state.get("Branches", [])]
    return [way[key] for way in ways for key in ("Next", "Default", "StartAt") if key in way]


def paths(value: Any, key: str = "") -> list[str]:
    """Every path in a state: what ends in `.$`, results, inputs and the variables of choices. States in branches speak for themselves."""
    if isinstance(value, dict):
        return [path for name, item in value.items() if name != "Branches" for path in paths(item, name)]
    if isinstance(value, list):
        return [path for item in value for path in paths(item, key)]
    is_path = key.endswith((".$", "Path")) or key == "Variable"
    return [value] if is_path and isinstance(value, str) else []


RULES = (
    every_substitution_is_given_and_used,
    every_state_is_there_and_reached,
    paths_are_plain,
    a_choice_knows_what_to_do_with_the_unknown,
    a_task_ends_in_time,
    a_task_outlasts_what_it_waits_for,
    a_task_tries_again_what_may_pass,
    a_task_loses_no_failure,
    errors_exist,
    a_task_may_do_what_it_does,
)
