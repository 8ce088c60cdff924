"""Where the emulator forces another template than the deployed one.

Each deviation is a function: its docstring says what the emulator lacks or does wrong, and what is changed for it. It answers what
it changed, by name; one that changes nothing has outlived its reason and fails the run.
"""

from collections.abc import Callable


def statements(template: dict):
    """Every statement of every role, with the role's name and its policy."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement


def replaced(value, change: Callable, where: str, changed: list[str]):
    """A copy in which `change` has replaced what it answers something else than None for."""
    new = change(value)
    if new is not None:
        changed.append(where)
        return new
    if isinstance(value, dict):
        return {key: replaced(it, change, where, changed) for key, it in value.items()}
    if isinstance(value, list):
        return [replaced(it, change, where, changed) for it in value]
    return value


def the_issuer_of_tokens_can_be_reached(template: dict, endpoint: str) -> list[str]:
    """A user pool has no attribute ProviderURL; and what it would say is an address of Cognito's that is not on loopback, while a
    function fetches the pool's public keys there. The emulator is made to issue tokens under its own address (judge.py), where it
    serves the keys, and the function is told so."""
    url = {"Fn::Sub": endpoint + "/${UserPool}"}

    def change(value):
        return url if value == {"Fn::GetAtt": ["UserPool", "ProviderURL"]} else None

    changed: list[str] = []
    for name, resource in template["Resources"].items():
        template["Resources"][name] = replaced(resource, change, name, changed)
    return changed


def batch_publishing_is_an_action(template: dict, _: str) -> list[str]:
    """SNS authorises PublishBatch as sns:Publish, and IAM knows no action sns:PublishBatch (Service Authorization Reference, Amazon
    SNS); the emulator asks for it, so whoever may publish is given both."""
    changed = []
    for role, statement in statements(template):
        if statement["Action"] == "sns:Publish":
            statement["Action"] = ["sns:Publish", "sns:PublishBatch"]
            changed.append(role)
    return changed


def keys_are_used_without_a_context(template: dict, _: str) -> list[str]:
    """The condition keys kms:EncryptionContext:* are never there, so a statement that names one allows nothing; KMS gives them with
    every call that carries a context (Key Policies in AWS KMS). The statements stand without the condition: who may use the key is
    judged, for what is not."""
    changed = []
    for role, statement in statements(template):
        equals = statement.get("Condition", {}).get("StringEquals", {})
        for key in [key for key in equals if key.startswith("kms:EncryptionContext")]:
            del equals[key]
            changed.append(role)
        if statement.get("Condition") == {"StringEquals": {}}:
            del statement["Condition"]
    return changed


def routes_are_resources(template: dict, _: str) -> list[str]:
    """The Body of an HTTP API, in which SAM writes its routes as OpenAPI, is not imported; API Gateway creates routes and
    integrations of it (AWS::ApiGatewayV2::Api, Body). Each of its operations becomes an integration and a route of their own."""
    changed = []
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] != "AWS::ApiGatewayV2::Api" or "Body" not in resource["Properties"]:
            continue
        body = resource["Properties"].pop("Body")
        resource["Properties"].update({"Name": body["info"]["title"], "ProtocolType": "HTTP"})
        for number, (path, method, operation) in enumerate(
            (path, method, operation)
            for path, operations in sorted(body["paths"].items())
            for method, operation in sorted(operations.items())
        ):
            proxied = operation["x-amazon-apigateway-integration"]
            integration, route = f"{name}Integration{number}", f"{name}Route{number}"
            template["Resources"][integration] = {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": name},
                    "IntegrationType": proxied["type"].upper(),
                    "IntegrationMethod": proxied["httpMethod"],
                    "IntegrationUri": proxied["uri"],
                    "PayloadFormatVersion": proxied["payloadFormatVersion"],
                },
            }
            template["Resources"][route] = {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": name},
                    "RouteKey": f"{method.upper()} {path}",
                    "Target": {"Fn::Sub": f"integrations/${{{integration}}}"},
                },
            }
            changed.append(f"{method.upper()} {path}")
    return changed


def a_task_token_names_no_state_machine(template: dict, _: str) -> list[str]:
    """The emulator does not look up whose a task token is, so SendTaskSuccess and SendTaskFailure are about no resource at all and
    only a statement over all resources allows them; AWS takes the state machine's ARN, which its CDK grants (StateMachine,
    grantTaskResponse). The statements are about every resource."""
    changed = []
    for role, statement in statements(template):
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        if all(action.startswith("states:SendTask") for action in actions):
            statement["Resource"] = "*"
            changed.append(role)
    return changed


def a_mail_names_no_identity(template: dict, _: str) -> list[str]:
    """The emulator does not look up which identity a mail is sent from, so SendEmail of SES v2 is about no resource at all and only a
    statement over all resources allows it; AWS takes the identity's ARN (Service Authorization Reference, Amazon SES). The statement
    is about every resource. That the identity is verified is asked all the same."""
    changed = []
    for role, statement in statements(template):
        if statement["Action"] == "ses:SendEmail":
            statement["Resource"] = "*"
            changed.append(role)
    return changed


ALL = [
    the_issuer_of_tokens_can_be_reached,
    routes_are_resources,
    batch_publishing_is_an_action,
    keys_are_used_without_a_context,
    a_task_token_names_no_state_machine,
    a_mail_names_no_identity,
]


# What is not as on AWS beside the template. The driver (tests/proof/src/emulate) makes up for it, or asks for less.
ELSEWHERE = {
    "post_confirmation_is_called_by_the_driver": "The emulator never calls a pool's PostConfirmation trigger. The driver invokes the "
    "function with the event that Cognito documents, and leaves it out in one journey, as Cognito may lose it.",
    "time_is_real": "No week can pass. One operation of eight days ago is committed by the bank's own use case under a clock that "
    "stands there, and a copy of the schedule, due at once, starts the payout.",
    "schedules_say_no_time": "The emulator leaves <aws.scheduler.scheduled-time> as it stands (EventBridge Scheduler, context "
    "attributes); the copy of the schedule has the time in its place.",
    "roles_of_workflows_and_schedules_are_not_judged": "What a state machine or a schedule does is not held against its role. "
    "Our own engine holds it.",
    "subscriptions_have_no_dead_letters": "What a topic may not deliver goes into its subscription's dead letters (Amazon SNS "
    "dead-letter queues: client-side errors); the emulator drops it, so only its absence is asked for, and that the gap heals.",
    "messages_are_hidden_briefly": "Where a journey waits for a message to come back, the queue's visibility timeout is two seconds "
    "meanwhile instead of minutes.",
    "scans_are_in_the_order_of_text": "The emulator's Scan puts version 10 of a stream before version 2; the driver puts them in order "
    "before it verifies. Its Query sorts numbers as numbers.",
}


def apply(template: dict, endpoint: str) -> list[dict]:
    """Applies all of them, and answers which changed what."""
    applied = []
    for deviation in ALL:
        changed = deviation(template, endpoint)
        if not changed:
            raise SystemExit(f"the deviation {deviation.__name__} changes nothing any more: remove it")
        why = " ".join((deviation.__doc__ or "").split())
        applied.append({"name": deviation.__name__, "why": why, "changed": sorted(set(changed))})
    return applied + [{"name": name, "why": why, "changed": []} for name, why in ELSEWHERE.items()]
