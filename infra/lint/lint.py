#!/usr/bin/env python3
"""Lints the SAM templates of this folder offline, after expanding them, and the state machines that they deploy.

cfn-lint sees next to nothing inside AWS::Serverless::* resources, so the template is first turned into the
CloudFormation that AWS would make of it. It never opens the file of a state machine either, so the definition is put
into the expanded template, where cfn-lint knows its form; what this house asks of one beyond that is in machines.py.
Run it as `python3 infra/lint/lint.py`; it makes its own virtual environment under target/ the first time. It exits
non-zero when anything is found.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import venv

sys.dont_write_bytecode = True  # Or the import would leave a folder beside the sources.
import machines

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENT = ROOT / "target" / "lint-venv"
REQUIREMENTS = HERE / "requirements.txt"
REGION = "eu-west-1"
TEMPLATES = [ROOT / "infra" / "template.yaml"]

# CloudFormation takes no more in one stack.
RESOURCES_MAX = 500


def inside_environment() -> bool:
    return pathlib.Path(sys.prefix).resolve() == ENVIRONMENT.resolve()


def enter_environment() -> None:
    """Makes the virtual environment when it is missing or out of date, and runs this script in it."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "requirements.sha256"
    python = ENVIRONMENT / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]], check=False).returncode)


class OfflinePolicies:
    """Stands in for IAM, which the translator would ask for the ARNs of managed policies."""

    def load(self) -> dict:
        names = [
            "service-role/AWSLambdaBasicExecutionRole",
            "service-role/AWSLambdaSQSQueueExecutionRole",
            "service-role/AWSLambdaDynamoDBExecutionRole",
        ]
        return {name.split("/")[-1]: f"arn:aws:iam::aws:policy/{name}" for name in names}


def read(path: pathlib.Path) -> dict:
    """A template as it is written."""
    from samtranslator.yaml_helper import yaml_parse

    return yaml_parse(path.read_text())


def state_machines(template: dict, path: pathlib.Path) -> list[tuple[str, pathlib.Path]]:
    """Every state machine of a template: its logical id, and the file of its definition."""
    return [
        (name, (path.parent / resource["Properties"]["DefinitionUri"]).resolve())
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::StateMachine"
    ]


def expand(path: pathlib.Path) -> dict:
    """The CloudFormation that SAM makes of a template."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    template = read(path)
    machines_of = state_machines(template, path)
    for resource in template["Resources"].values():
        for uri in ("CodeUri", "DefinitionUri"):
            if uri in resource.get("Properties", {}):
                # Packaging replaces files by the uploaded objects; the translator wants to see it done.
                resource["Properties"][uri] = "s3://bucket/key"
    defaults = {
        name: parameter.get("Default", "given-at-deployment")
        for name, parameter in template.get("Parameters", {}).items()
    }
    expanded = Translator(OfflinePolicies().load(), Parser()).translate(template, parameter_values=defaults)
    for name, definition in machines_of:
        properties = expanded["Resources"][name]["Properties"]
        del properties["DefinitionS3Location"]
        properties["Definition"] = json.loads(definition.read_text())
    return expanded


def lint(path: pathlib.Path) -> int:
    """Prints each finding and returns how many there are."""
    from cfnlint import api
    from cfnlint.config import ManualArgs

    expanded = expand(path)
    found = api.lint(json.dumps(expanded, indent=2), config=ManualArgs(regions=[REGION]))
    findings = [
        f"{path.relative_to(ROOT)}: {it.rule.id} {'/'.join(str(step) for step in it.path or [])}: {it.message}"
        for it in found
    ]
    if len(expanded["Resources"]) > RESOURCES_MAX:
        findings.append(f"{path.relative_to(ROOT)}: {len(expanded['Resources'])} resources, more than a stack may have")
    for name, definition in state_machines(read(path), path):
        substitutions = set(expanded["Resources"][name]["Properties"]["DefinitionSubstitutions"])
        findings += [f"{definition.relative_to(ROOT)}: {it}" for it in machines.problems(definition, substitutions)]
    for finding in findings:
        print(finding, file=sys.stderr)
    return len(findings)


def main() -> None:
    if not inside_environment():
        enter_environment()
    # The translator asks boto3 for a region although nothing is called.
    os.environ["AWS_DEFAULT_REGION"] = REGION
    found = sum(lint(path) for path in TEMPLATES)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
