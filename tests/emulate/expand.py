"""The template as CloudFormation takes it, made offline: SAM expanded, definitions put in, code named."""

import json
import pathlib

# Where packaging puts code, in the emulator.
BUCKET = "granary-code"

LAMBDA_FOLDER = "target/lambda/"


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


def binary_of(code_uri: str) -> str:
    """The binary that a CodeUri names: its folder under target/lambda/."""
    _, found, rest = code_uri.partition(LAMBDA_FOLDER)
    if not found:
        raise ValueError(f"no binary of ours: {code_uri}")
    return rest.strip("/")


def package(template: dict, path: pathlib.Path) -> set[str]:
    """Does what `sam package` does: files become what is uploaded. Answers the binaries that are wanted."""
    binaries = set()
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:
            binary = binary_of(properties["CodeUri"])
            binaries.add(binary)
            properties["CodeUri"] = f"s3://{BUCKET}/{binary}.zip"
        if "DefinitionUri" in properties:
            definition = (path.parent / properties.pop("DefinitionUri")).resolve()
            properties["Definition"] = json.loads(definition.read_text())
    return binaries


def expand(path: pathlib.Path, parameters: dict[str, str]) -> tuple[dict, set[str]]:
    """The CloudFormation that SAM makes of a template, and the binaries that it wants."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    template = read(path)
    binaries = package(template, path)
    if "Transform" not in template:
        return template, binaries
    defaults = {
        name: parameters.get(name, parameter.get("Default", "given-at-deployment"))
        for name, parameter in template.get("Parameters", {}).items()
    }
    return Translator(OfflinePolicies().load(), Parser()).translate(template, parameter_values=defaults), binaries
