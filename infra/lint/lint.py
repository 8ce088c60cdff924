#!/usr/bin/env python3
"""Lints the SAM templates of this folder offline, after expanding them.

cfn-lint sees next to nothing inside AWS::Serverless::* resources, so the template is first turned into the
CloudFormation that AWS would make of it. Run it as `python3 infra/lint/lint.py`; it makes its own virtual
environment under target/ the first time. It exits non-zero when anything is found.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENT = ROOT / "target" / "lint-venv"
REQUIREMENTS = HERE / "requirements.txt"
REGION = "eu-west-1"
TEMPLATES = [ROOT / "infra" / "template.yaml"]


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


def expand(path: pathlib.Path) -> dict:
    """The CloudFormation that SAM makes of a template."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    template = yaml_parse(path.read_text())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function" and "CodeUri" in properties:
            # Packaging replaces the folder by the uploaded object; the translator wants to see it done.
            properties["CodeUri"] = "s3://bucket/key"
    defaults = {
        name: parameter.get("Default", "given-at-deployment")
        for name, parameter in template.get("Parameters", {}).items()
    }
    translator = Translator(OfflinePolicies().load(), Parser())
    return translator.translate(template, parameter_values=defaults)


def lint(path: pathlib.Path) -> int:
    """Prints each finding and returns how many there are."""
    from cfnlint import api
    from cfnlint.config import ManualArgs

    text = json.dumps(expand(path), indent=2)
    findings = api.lint(text, config=ManualArgs(regions=[REGION]))
    for found in findings:
        place = "/".join(str(step) for step in found.path or [])
        print(f"{path.relative_to(ROOT)}: {found.rule.id} {place}: {found.message}", file=sys.stderr)
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
