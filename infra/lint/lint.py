#!/usr/bin/env python3
"""Lints the SAM template of this folder offline, after expanding it, and the state machines that it deploys.

cfn-lint sees next to nothing inside AWS::Serverless::* resources, so the template is first turned into the
CloudFormation that AWS would make of it. It never opens the file of a state machine either, so the definition is put
into the expanded template, and asl-validator reads it as it would be deployed. What both miss is in our own rules, a
module a subject; each rule says what goes wrong in production without it.

Run it as `python3 infra/lint/lint.py`; it makes its environments under target/ the first time. It exits non-zero when
anything is found. `--root` lints a copy of the tree, `--prepare` only makes the environments, `--rules` lists our own
rules.
"""

import argparse
import functools
import hashlib
import json
import logging
import os
import pathlib
import shutil
import subprocess
import sys
import textwrap
import venv
from collections.abc import Callable, Iterable

sys.dont_write_bytecode = True  # Or the imports would leave a folder beside the sources.
import asl
import delivery
import limits
import machines
import names
import permissions
import queues
import sources
import tables
from stack import REGION, Finding, Machine, Names, Stack

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TEMPLATE = "infra/template.yaml"
ENVIRONMENT = ROOT / "target" / "lint-venv"
REQUIREMENTS = HERE / "requirements.txt"
NODE_ENVIRONMENT = ROOT / "target" / "lint-node"
NODE_REQUIREMENTS = (HERE / "package.json", HERE / "package-lock.json")
RULES = (delivery, queues, sources, names, permissions, tables, limits)

# CloudFormation takes no more in one stack.
RESOURCES_MAX = 500

# cfn-lint likes to list everything that would have been right.
TEXT_MAX = 200


def inside_environment() -> bool:
    return pathlib.Path(sys.prefix).resolve() == ENVIRONMENT.resolve()


def enter_environment(script: str) -> None:
    """Makes the environments when they are missing or out of date, and runs a script in them, unless it runs there."""
    if inside_environment():
        # The translator asks boto3 for a region although nothing is called.
        os.environ["AWS_DEFAULT_REGION"] = REGION
        return
    made(ENVIRONMENT, [REQUIREMENTS], make_environment)
    made(NODE_ENVIRONMENT, NODE_REQUIREMENTS, make_node_environment)
    sys.exit(subprocess.run([ENVIRONMENT / "bin" / "python", script, *sys.argv[1:]], check=False).returncode)


def made(environment: pathlib.Path, requirements: Iterable[pathlib.Path], make: Callable[[], None]) -> None:
    """Makes an environment unless it was made for these very requirements."""
    wanted = hashlib.sha256(b"".join(it.read_bytes() for it in requirements)).hexdigest()
    stamp = environment / "requirements.sha256"
    if not stamp.exists() or stamp.read_text() != wanted:
        make()
        stamp.write_text(wanted)


def make_environment() -> None:
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    install = [ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]
    subprocess.run(install, check=True)


def make_node_environment() -> None:
    if shutil.which("npm") is None:
        sys.exit("the lint of state machines wants Node and npm")
    NODE_ENVIRONMENT.mkdir(parents=True, exist_ok=True)
    for file in NODE_REQUIREMENTS:
        shutil.copy(file, NODE_ENVIRONMENT)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, cwd=NODE_ENVIRONMENT, check=True)


class OfflinePolicies:
    """Stands in for IAM, which the translator would ask for the ARNs of managed policies."""

    def load(self) -> dict:
        names = [
            "service-role/AWSLambdaBasicExecutionRole",
            "service-role/AWSLambdaSQSQueueExecutionRole",
            "service-role/AWSLambdaDynamoDBExecutionRole",
        ]
        return {name.split("/")[-1]: f"arn:aws:iam::aws:policy/{name}" for name in names}


def expand(root: pathlib.Path) -> tuple[dict, list[Machine]]:
    """The CloudFormation that SAM makes of the template, and the state machines whose files it names."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    # It counts its own steps and grumbles at the end that nobody asked for them.
    logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)
    template = yaml_parse((root / TEMPLATE).read_text())
    found = []
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            path = (root / TEMPLATE).parent / resource["Properties"]["DefinitionUri"]
            found.append(Machine(name, os.path.relpath(path, root), path.read_text()))
        for uri in ("CodeUri", "DefinitionUri"):
            if uri in resource.get("Properties", {}):
                # Packaging replaces files by the uploaded objects; the translator wants to see it done.
                resource["Properties"][uri] = "s3://bucket/key"
    defaults = {
        name: parameter.get("Default", "given-at-deployment")
        for name, parameter in template.get("Parameters", {}).items()
    }
    expanded = Translator(OfflinePolicies().load(), Parser()).translate(template, parameter_values=defaults)
    for machine in found:
        properties = expanded["Resources"][machine.logical_id]["Properties"]
        del properties["DefinitionS3Location"]
        properties["Definition"] = machine.definition
    return expanded, found


@functools.cache
def of_cfn_lint(template: str) -> list[Finding]:
    from cfnlint import api
    from cfnlint.config import ManualArgs

    found = api.lint(template, config=ManualArgs(regions=[REGION]))
    return [
        Finding(
            f"cfn-lint {it.rule.id}",
            TEMPLATE,
            "/".join(str(step) for step in it.path or []),
            textwrap.shorten(it.message, TEXT_MAX, placeholder=" …"),
        )
        for it in found
    ]


def of_our_rules(stack: Stack) -> list[Finding]:
    found = []
    for module in RULES:
        for rule in module.RULES:
            found += judged(rule, TEMPLATE, stack)
    for machine in stack.machines:
        for rule in machines.RULES:
            found += judged(rule, machine.file, machine, stack)
    return found


def judged(rule: Callable, file: str, *about: object) -> list[Finding]:
    try:
        return [Finding(name_of(rule), file, where, text) for where, text in rule(*about)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Something is not even of the form that the rule is about.
        return [Finding(name_of(rule), file, "all of it", f"cannot be judged: {error!r}")]


def name_of(rule: Callable) -> str:
    return f"{rule.__module__}.{rule.__name__}"


def lint(root: pathlib.Path) -> list[Finding]:
    """Everything that is found in the tree below a folder."""
    from samtranslator.model.exceptions import InvalidDocumentException

    try:
        expanded, found = expand(root)
    except InvalidDocumentException as error:
        return [Finding("sam", TEMPLATE, "all of it", it.message) for it in error.causes]
    except json.JSONDecodeError as error:
        return [Finding("json", "statemachines", "a definition", f"is no JSON: {error}")]
    stack = Stack(expanded, found, Names.read(root))
    findings = of_cfn_lint(json.dumps(expanded, indent=2))
    if len(expanded["Resources"]) > RESOURCES_MAX:
        text = f"{len(expanded['Resources'])} resources are more than a stack may have"
        findings = [*findings, Finding("lint", TEMPLATE, "Resources", text)]
    for machine in found:
        said = asl.problems(machine, stack, NODE_ENVIRONMENT)
        findings = [*findings, *(Finding("asl-validator", machine.file, where, text) for where, text in said)]
    return [*findings, *of_our_rules(stack)]


def main() -> None:
    arguments = argparse.ArgumentParser(description="Lints the template and the state machines.")
    arguments.add_argument("--root", type=pathlib.Path, default=ROOT, help="the tree to lint")
    arguments.add_argument("--prepare", action="store_true", help="only make the environments")
    arguments.add_argument("--rules", action="store_true", help="list our own rules")
    options = arguments.parse_args()
    enter_environment(__file__)
    if options.rules:
        for rule in (rule for module in (*RULES, machines) for rule in module.RULES):
            print(f"{name_of(rule)}\n    {rule.__doc__}")
    if options.rules or options.prepare:
        return
    findings = lint(options.root.resolve())
    for finding in findings:
        print(finding, file=sys.stderr)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
