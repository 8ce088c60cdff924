"""What the rules are asked about: one expanded template, its state machines, and the names that the code knows."""

import dataclasses
import fnmatch
import functools
import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

ACCOUNT = "123456789012"
REGION = "eu-west-1"

# How CloudFormation would fill in a resource's ARN, and what its Ref stands for where that is an address.
ARNS = {
    "AWS::Lambda::Function": ("lambda", "function:{}"),
    "AWS::SQS::Queue": ("sqs", "{}"),
    "AWS::SNS::Topic": ("sns", "{}"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:{}"),
}
NAME_PROPERTIES = ("FunctionName", "QueueName", "TopicName", "StateMachineName")


class Finding(NamedTuple):
    """What is wrong, where, and who says so."""

    rule: str
    file: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: {self.text} [{self.rule}]"


@dataclasses.dataclass
class Machine:
    """One state machine: the resource that deploys it, and the file of its definition."""

    logical_id: str
    file: str
    text: str

    @functools.cached_property
    def definition(self) -> dict:
        return json.loads(self.text)

    @functools.cached_property
    def states(self) -> dict[str, dict]:
        """Every state, those in branches too: names are unique in the whole machine."""
        return dict(states_of(self.definition))


def states_of(definition: dict) -> Iterator[tuple[str, dict]]:
    for name, state in definition["States"].items():
        yield name, state
        for branch in state.get("Branches", []):
            yield from states_of(branch)


@dataclasses.dataclass
class Names:
    """The names that the code knows. The template has them as mere text."""

    classes: set[str]
    # By context, kind of stream and event.
    streams: dict[str, dict[str, list[str]]]
    # By detail-type: the source, and the events that become the milestone.
    milestones: dict[str, dict]
    # What a subscription can filter on.
    attributes: set[str]
    # What is committed for others to read.
    schemas: set[str]
    examples: set[str]

    @classmethod
    def read(cls, root: pathlib.Path) -> "Names":
        names = json.loads((root / "events/names.json").read_text())
        topic = (root / "shared/aws/src/topic.rs").read_text()
        return cls(
            classes=set(names["classes"]),
            streams=names["streams"],
            milestones=names["milestones"],
            attributes=set(re.findall(r'\.message_attributes\("(\w+)"', topic)),
            schemas={path.stem for path in (root / "events/schemas").glob("*.json")},
            examples={path.stem for path in (root / "events/examples/domain").glob("*.json")},
        )

    def kinds(self, context: str) -> set[str]:
        return set(self.streams.get(context, {}))

    def events(self, context: str) -> set[str]:
        return {event for events in self.streams.get(context, {}).values() for event in events}


class Stack:
    """An expanded template. Resources are known by their logical ids, however they are referred to."""

    def __init__(self, template: dict, machines: list[Machine], names: Names) -> None:
        self.resources: dict[str, dict] = template["Resources"]
        self.machines = machines
        self.names = names

    def of(self, kind: str) -> dict[str, dict]:
        """The properties of every resource of a type, by logical id."""
        return {name: it.get("Properties", {}) for name, it in self.resources.items() if it["Type"] == kind}

    def kind(self, name: str | None) -> str | None:
        return self.resources[name]["Type"] if name in self.resources else None

    def properties(self, name: str | None) -> dict:
        return self.resources[name].get("Properties", {}) if name in self.resources else {}

    def subject(self, value: Any) -> str | None:
        """Which resource a Ref, GetAtt or Sub is about; also one that is spelt out by its physical name."""
        match value:
            case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
                return name if name in self.resources else None
            case {"Fn::GetAtt": str(path)}:
                return self.subject({"Ref": path.split(".")[0]})
            case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
                named = [it for it in re.findall(r"\$\{(\w+)[.\w]*\}", text) if it in self.resources]
                return named[0] if named else self._spelt_out(text)
        return None

    def _spelt_out(self, arn: str) -> str | None:
        for name, it in self.resources.items():
            service, form = ARNS.get(it["Type"], (None, ""))
            if service and f":{service}:" in arn and arn.endswith(":" + form.format(self._physical(name))):
                return name
            # A state machine's executions are its own, and have no resource in the template.
            if service == "states" and arn.endswith(f":execution:{self._physical(name)}:*"):
                return name
        return None

    def _physical(self, name: str) -> str:
        return next((self.properties(name)[it] for it in NAME_PROPERTIES if it in self.properties(name)), name)

    def deployed(self, value: Any) -> str:
        """What a Ref or GetAtt stands for once it is deployed, as far as its form goes."""
        name = self.subject(value)
        if name is None or self.kind(name) not in ARNS:
            return "given-at-deployment"
        service, form = ARNS[self.kind(name)]
        physical = self._physical(name)
        if self.kind(name) == "AWS::SQS::Queue" and "Ref" in value:
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{physical}"
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{form.format(physical)}"

    def environment(self, function: str) -> dict[str, Any]:
        return self.properties(function).get("Environment", {}).get("Variables", {})

    def told(self, suffix: str) -> dict[str, str]:
        """Which resources functions are told of under a variable that ends like this, each with one such function."""
        found = {}
        for function in self.of("AWS::Lambda::Function"):
            for variable, value in self.environment(function).items():
                if variable.endswith(suffix) and self.subject(value):
                    found[self.subject(value)] = function
        return found

    def sources(self, kind: str) -> Iterator[tuple[str, dict, str, str]]:
        """Event source mappings from this type of resource: id, properties, where events come from, the function."""
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping").items():
            source, function = self.subject(mapping.get("EventSourceArn")), self.subject(mapping.get("FunctionName"))
            if source and function and self.kind(source) == kind:
                yield name, mapping, source, function

    def statements(self, name: str) -> list[dict]:
        """The statements under which a function, state machine or schedule acts."""
        properties = self.properties(name)
        role = properties.get("Role") or properties.get("RoleArn") or properties.get("Target", {}).get("RoleArn")
        policies = self.properties(self.subject(role)).get("Policies", [])
        return [it for policy in policies for it in listed(policy["PolicyDocument"]["Statement"])]

    def may(self, name: str, action: str, resource: str, through: str = "") -> bool:
        """Whether its role may do this to a resource: by itself, or, for a key, through the service of an action."""
        return any(
            statement["Effect"] == "Allow"
            and applies(statement.get("Condition", {}), through.split(":")[0])
            and any(fnmatch.fnmatch(action, it) or fnmatch.fnmatch(it, action) for it in listed(statement["Action"]))
            and resource in [self.subject(it) for it in listed(statement["Resource"])]
            for statement in self.statements(name)
        )

    def admits(self, queue: str, service: str, source: str) -> bool:
        """Whether the policies of a queue let a service send there on behalf of this source."""
        return any(
            statement["Effect"] == "Allow"
            and service in listed(statement.get("Principal", {}).get("Service"))
            and "sqs:SendMessage" in listed(statement["Action"])
            and queue in [self.subject(it) for it in listed(statement["Resource"])]
            and source in self.sources_admitted(statement)
            for policy in self.of("AWS::SQS::QueuePolicy").values()
            if queue in [self.subject(it) for it in policy["Queues"]]
            for statement in listed(policy["PolicyDocument"]["Statement"])
        )

    def sources_admitted(self, statement: dict) -> list[str | None]:
        """Which resources a queue policy's statement names as aws:SourceArn."""
        return [
            self.subject(value)
            for operator, conditions in statement.get("Condition", {}).items()
            if operator in ("ArnEquals", "ArnLike", "StringEquals")
            for key, values in conditions.items()
            if key.lower() == "aws:sourcearn"
            for value in listed(values)
        ]


def applies(condition: dict, service: str) -> bool:
    """Whether a statement's condition holds for a call that is made through this service, or through none."""
    conditions = condition.get("StringEquals", {})
    if "kms:ViaService" in conditions:
        return bool(service) and f"{service}." in json.dumps(conditions["kms:ViaService"])
    # A context that we set ourselves is none that another service sets.
    return not service or not any(key.startswith("kms:EncryptionContext:") for key in conditions)


def listed(value: Any) -> list:
    """One or many, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
