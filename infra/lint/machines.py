"""What this house asks of a state machine beyond its form: that it cannot get lost, hang or lose a failure."""

import json
import pathlib
import re

# A pause ends with its execution, and an execution after a year.
TIMEOUT_SECONDS_MAX = 31_536_000

# `$.a.b`, `$$.Task.Token`: what two independent engines understand the same way.
REFERENCE_PATH = re.compile(r"\$\$?(\.[A-Za-z][A-Za-z0-9]*)+")

SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")


def problems(path: pathlib.Path, substitutions: set[str]) -> list[str]:
    """Every problem of the definition in a file, of which the template replaces these names."""
    text = path.read_text()
    machine = json.loads(text)
    states = machine["States"]
    used = set(SUBSTITUTION.findall(text))
    found = [f"${{{name}}} is not among the template's DefinitionSubstitutions" for name in sorted(used - substitutions)]
    found += [f"the template's substitution {name} is not used" for name in sorted(substitutions - used)]
    found += graph_problems(machine["StartAt"], states)
    for name, state in states.items():
        found += [f"{name}: {problem}" for problem in state_problems(state)]
    return found


def graph_problems(start: str, states: dict) -> list[str]:
    """States that are named and missing, and states that nothing leads to."""
    found, reached, ahead = [], set(), [start]
    while ahead:
        name = ahead.pop()
        if name in reached:
            continue
        reached.add(name)
        if name in states:
            ahead += successors(states[name])
        else:
            found.append(f"{name} is led to and does not exist")
    return found + [f"{name}: nothing leads here" for name in states if name not in reached]


def successors(state: dict) -> list[str]:
    ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return [way[key] for way in ways for key in ("Next", "Default") if key in way]


def state_problems(state: dict) -> list[str]:
    found = [f"{path!r} is no reference path" for path in paths(state) if not REFERENCE_PATH.fullmatch(path)]
    if state["Type"] == "Choice" and "Default" not in state:
        found.append("a Choice needs a Default: what it does not know would fail the execution")
    if state["Type"] != "Task":
        return found
    if not 0 < state.get("TimeoutSeconds", 0) <= TIMEOUT_SECONDS_MAX:
        found.append("a Task needs TimeoutSeconds of at most a year")
    retried = [error for retry in state.get("Retry", []) for error in retry["ErrorEquals"]]
    if not retried or any(error in ("States.ALL", "States.TaskFailed") for error in retried):
        found.append("a Task needs a Retry that names its errors")
    if state.get("Catch", [{}])[-1].get("ErrorEquals") != ["States.ALL"]:
        found.append("a Task needs a Catch that ends with States.ALL")
    return found


def paths(value, key: str = "") -> list[str]:
    """Every path in a state: what ends in `.$`, results, inputs and the variables of choices."""
    if isinstance(value, dict):
        return [path for name, item in value.items() for path in paths(item, name)]
    if isinstance(value, list):
        return [path for item in value for path in paths(item, key)]
    is_path = key.endswith((".$", "Path")) or key == "Variable"
    return [value] if is_path and isinstance(value, str) else []
