"""What roles may do: enough for what a function is told of, and never to change history."""

from collections.abc import Iterator

from stack import Stack, listed
from tables import event_tables

Found = Iterator[tuple[str, str]]

# What adds to history and reads it. TransactWriteItems is no action of its own: IAM asks for those of its parts.
OF_HISTORY = {"dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"}

# Without at least one of these a function can do nothing with a resource that its environment names.
NEEDED = {
    "AWS::DynamoDB::Table": "dynamodb:*",
    "AWS::Events::EventBus": "events:PutEvents",
    "AWS::KMS::Key": "kms:*",
    "AWS::Lambda::Function": "lambda:InvokeFunction",
    "AWS::S3::Bucket": "s3:*",
    "AWS::SNS::Topic": "sns:Publish",
    "AWS::SQS::Queue": "sqs:SendMessage",
    "AWS::StepFunctions::StateMachine": "states:*",
}

# What S3 and DynamoDB ask of whoever uses something that is encrypted under a key of ours.
OF_KEYS = {
    "dynamodb:GetItem": "kms:Decrypt",
    "dynamodb:PutItem": "kms:Decrypt",
    "dynamodb:DeleteItem": "kms:Decrypt",
    "dynamodb:Query": "kms:Decrypt",
    "s3:GetObject": "kms:Decrypt",
    "s3:PutObject": "kms:GenerateDataKey",
}


def history_is_only_added_to(stack: Stack) -> Found:
    """With one careless statement a bug could rewrite the books, and the hash chains would only tell afterwards."""
    tables = event_tables(stack)
    for role, statement in statements(stack):
        about = tables & {stack.subject(it) for it in listed(statement["Resource"])}
        for action in set(listed(statement["Action"])) - OF_HISTORY if about and statement["Effect"] == "Allow" else ():
            yield (
                role,
                f"{statement.get('Sid')} allows {action} on {', '.join(sorted(about))}: history is only added to",
            )


def nobody_may_do_everything(stack: Stack) -> Found:
    """A star in a statement lets one compromised function reach what is none of its business, the vault first."""
    for role, statement in statements(stack):
        for action in listed(statement["Action"]):
            if "*" in action:
                yield role, f"{statement.get('Sid')} allows {action}: name each action"
        for resource in listed(statement["Resource"]):
            if stack.subject(resource) is None:
                yield role, f"{statement.get('Sid')} is about {resource}: name a resource of this template"


def a_function_may_use_what_it_is_told_of(stack: Stack) -> Found:
    """Without it the function starts, takes its first message and is refused: AccessDenied in production only."""
    for function in stack.of("AWS::Lambda::Function"):
        for variable, value in stack.environment(function).items():
            name = stack.subject(value)
            needed = NEEDED.get(stack.kind(name))
            if needed and not stack.may(function, needed, name):
                yield function, f"{variable} names {name}, and no statement allows it {needed} there"


def who_uses_what_is_encrypted_may_use_its_key(stack: Stack) -> Found:
    """Without it the permission on the table or bucket is worth nothing: the first read is refused, by KMS."""
    for function in stack.of("AWS::Lambda::Function"):
        for name, key in encrypted(stack):
            for action, of_key in OF_KEYS.items():
                if key and stack.may(function, action, name) and not stack.may(function, of_key, key, through=action):
                    yield function, f"it may {action} {name}, but not {of_key} with its key {key}"


def encrypted(stack: Stack) -> Iterator[tuple[str, str]]:
    """Tables and buckets that are encrypted under a key of ours, and the key."""
    for name, it in stack.of("AWS::DynamoDB::Table").items():
        yield name, stack.subject(it.get("SSESpecification", {}).get("KMSMasterKeyId"))
    for name, it in stack.of("AWS::S3::Bucket").items():
        for rule in it.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", []):
            yield name, stack.subject(rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID"))


def statements(stack: Stack) -> Iterator[tuple[str, dict]]:
    for role, properties in stack.of("AWS::IAM::Role").items():
        for policy in properties.get("Policies", []):
            yield from ((role, it) for it in listed(policy["PolicyDocument"]["Statement"]))


RULES = (
    history_is_only_added_to,
    nobody_may_do_everything,
    a_function_may_use_what_it_is_told_of,
    who_uses_what_is_encrypted_may_use_its_key,
)
