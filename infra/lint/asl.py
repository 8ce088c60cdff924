"""The form of state machines, as asl-validator sees it: every field, every transition, every path."""

import functools
import json
import pathlib
import subprocess

from machines import SUBSTITUTION
from stack import Machine, Stack

HERE = pathlib.Path(__file__).resolve().parent


def problems(machine: Machine, stack: Stack, modules: pathlib.Path) -> list[tuple[str, str]]:
    """What the validator says of a definition once the template's names are filled in, each with its place."""
    given = stack.properties(machine.logical_id).get("DefinitionSubstitutions", {})
    text = SUBSTITUTION.sub(lambda name: stack.deployed(given.get(name.group(1))), machine.text)
    return asked(text, modules)


@functools.cache
def asked(text: str, modules: pathlib.Path) -> list[tuple[str, str]]:
    validate = ["node", HERE / "asl.cjs", modules]
    answer = subprocess.run(validate, input=text, capture_output=True, text=True, check=True)
    return [(it["where"], it["text"]) for it in json.loads(answer.stdout)]
