"""A fault for each of our own rules, planted into the expanded template: a rule that cannot fail proves nothing.

The patches beside this file are what a person would write; these are as many as there are rules, and take no time.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import lint
import machines
from stack import Machine, Names, Stack


class Gone:
    """Stands for a property that is taken away."""


def ref(name: str) -> dict:
    return {"Ref": name}


def arn(name: str) -> dict:
    return {"Fn::GetAtt": [name, "Arn"]}


# By rule: what it has to name, and its fault, a path and what is put there. A path begins with a resource, `machine` or
# `names` and goes on through its properties; `:` stands for a statement, by its Sid or place, `$` for an environment
# variable, and `/` is a path beside the properties.
Fault = tuple[str, str, Any]
FAULTS: dict[str, list[Fault]] = {
    "delivery.a_topic_may_send_to_its_queues": [
        ("ProjectSavingsSubscription", "ProjectSavingsQueuePolicy", Gone),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.Protocol", "lambda"),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.Endpoint", ref("ProjectSavingsQueue")),
        ("ProjectSavingsSubscription", "ProjectSavingsQueuePolicy:0.Effect", "Deny"),
        ("ProjectSavingsSubscription", "ProjectSavingsQueuePolicy:0.Principal.Service", "events.amazonaws.com"),
        ("ProjectSavingsSubscription", "ProjectSavingsQueuePolicy:0.Action", "sqs:ReceiveMessage"),
        ("ProjectSavingsSubscription", "ProjectSavingsQueuePolicy:0.Resource", arn("PayYieldQueue")),
        ("ProjectSavingsSubscription", "ProjectSavingsQueuePolicy.Queues", [ref("PayYieldQueue")]),
    ],
    "delivery.a_rule_may_send_to_its_queues": [
        ("HolderProgressRule", "ResumeOnboardingQueuePolicy", Gone),
        ("HolderProgressRule", "HolderProgressRule.Targets.0.Arn", arn("ResumeOnboarding")),
    ],
    "delivery.a_schedule_may_send_to_its_queue": [
        ("WeeklyPayout", "WeeklyPayoutRole.Policies", []),
        (
            "WeeklyPayout",
            "WeeklyPayoutRole.AssumeRolePolicyDocument.Statement.0.Principal.Service",
            "events.amazonaws.com",
        ),
    ],
    "delivery.what_a_topic_cannot_deliver_is_kept": [
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.RedrivePolicy", Gone),
        ("ProjectSavingsSubscription", "LedgerTopicDeadLettersPolicy", Gone),
    ],
    "delivery.what_a_rule_cannot_deliver_is_kept": [
        ("HolderProgressRule", "HolderProgressRule.Targets.0.DeadLetterConfig", Gone),
        ("HolderProgressRule", "HolderProgressRuleDeadLettersPolicy", Gone),
    ],
    "delivery.what_a_schedule_cannot_deliver_is_kept": [
        ("WeeklyPayout", "WeeklyPayout.Target.DeadLetterConfig", Gone),
        ("WeeklyPayout", "WeeklyPayout.Target.DeadLetterConfig.Arn", arn("LedgerMilestonesDeadLetters")),
    ],
    "delivery.consumers_get_the_message_itself": [
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.RawMessageDelivery", Gone),
    ],
    "delivery.a_queue_admits_only_who_delivers_there": [
        ("ProjectSavingsQueuePolicy", "ProjectSavingsQueuePolicy:0.Condition", Gone),
        ("ProjectSavingsQueuePolicy", "ProjectSavingsSubscription", Gone),
        ("ProjectSavingsQueuePolicy", "ProjectSavingsQueuePolicy:0.Resource", arn("PayYieldQueue")),
    ],
    "queues.what_fails_again_and_again_is_set_aside": [
        ("PayYieldQueue", "PayYieldQueue.RedrivePolicy", Gone),
        ("PayYieldQueue", "PayYieldQueue.RedrivePolicy.deadLetterTargetArn", arn("PayYieldQueue")),
    ],
    "queues.dead_letters_outlive_their_queue": [
        ("PayYieldDeadLetters", "PayYieldDeadLetters.MessageRetentionPeriod", Gone),
    ],
    "queues.the_last_receive_comes_before_the_end": [
        ("SettleCryptoDepositQueue", "SettleCryptoDepositQueue.MessageRetentionPeriod", 10_800),
    ],
    "queues.a_slow_batch_is_not_handed_out_twice": [
        ("PayYieldQueue", "PayYieldQueue.VisibilityTimeout", 179),
        ("PayYieldQueue", "PayYieldPositions.MaximumBatchingWindowInSeconds", 1),
    ],
    "queues.a_function_knows_the_last_receive": [
        ("PayYield", "PayYield$MAX_RECEIVES", "8"),
        ("PayYield", "PayYield$MAX_RECEIVES", Gone),
    ],
    "queues.a_function_sets_aside_into_its_own_dead_letters": [
        ("PayYield", "PayYield$DEAD_LETTER_URL", ref("StartPayoutsDeadLetters")),
        ("PayYield", "PayYield$DEAD_LETTER_URL", arn("PayYieldDeadLetters")),
    ],
    "queues.nothing_empties_the_parked_queue": [
        ("PayYield", "PayYield$PARKED_URL", ref("PayYieldQueue")),
        ("PayYield", "PayYield$PARKED_URL", Gone),
    ],
    "queues.every_queue_has_a_reader_or_keeps_what_failed": [
        ("PayYieldQueue", "PayYieldPositions", Gone),
    ],
    "sources.one_bad_message_holds_up_no_other": [
        ("PayYieldPositions", "PayYieldPositions.FunctionResponseTypes", Gone),
        ("LedgerRelayCommits", "LedgerRelayCommits.FunctionResponseTypes", Gone),
    ],
    "sources.a_large_batch_has_a_window": [
        ("PayYieldPositions", "PayYieldPositions.BatchSize", 11),
    ],
    "sources.one_bad_commit_holds_up_no_other": [
        ("LedgerRelayCommits", "LedgerRelayCommits.MaximumRetryAttempts", Gone),
        ("LedgerRelayCommits", "LedgerRelayCommits.BisectBatchOnFunctionError", Gone),
    ],
    "sources.what_a_stream_gives_up_is_kept": [
        ("LedgerRelayCommits", "LedgerRelayCommits.DestinationConfig", Gone),
        ("LedgerRelay", "LedgerRelayRole:KeepWhatIsGivenUp.Action", "s3:GetObject"),
    ],
    "sources.a_stream_is_read_from_its_beginning": [
        ("LedgerRelayCommits", "LedgerRelayCommits.StartingPosition", "LATEST"),
    ],
    "names.a_filter_is_one": [
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy", Gone),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy", '{"kind": ["savings"]'),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy.kind", "savings"),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy.kind", [{"begins-with": "sav"}]),
    ],
    "names.a_filter_looks_where_the_publisher_writes": [
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicyScope", "MessageBody"),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy", {"type": ["savings.opened.v1"]}),
    ],
    "names.a_filter_names_what_is_published_there": [
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy.kind", ["saving"]),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy.kind", ["customer"]),
        ("ProjectSavingsSubscription", "ProjectSavingsSubscription.FilterPolicy.types", [{"prefix": "saving."}]),
        ("ProjectSavingsSubscription", "LedgerRelay$TOPIC_ARN", Gone),
    ],
    "names.what_becomes_a_milestone_reaches_its_publisher": [
        (
            "LedgerMilestonesSubscription",
            "LedgerMilestonesSubscription.FilterPolicy.types",
            ["holder.accounts-opened.v1"],
        ),
        (
            "MilestonesSubscription",
            "MilestonesSubscription.FilterPolicy.types",
            ["customer.activated.v1", "customer.applied.v1"],
        ),
    ],
    "names.a_rule_waits_for_what_is_announced": [
        ("HolderProgressRule", "HolderProgressRule.EventPattern.detail-type", ["AccountsOpened"]),
        ("HolderProgressRule", "HolderProgressRule.EventPattern.source", ["granary.legder"]),
        ("HolderProgressRule", "HolderProgressRule.EventPattern.source", ["granary.identity"]),
        ("HolderProgressRule", "HolderProgressRule.EventPattern.detailType", ["AccountsOpened.v1"]),
        ("HolderProgressRule", "HolderProgressRule.EventBusName", Gone),
    ],
    "names.a_milestone_has_a_schema_and_somebody_who_waits": [
        ("CustomerActivated.v1", "CustomerActivatedRule", Gone),
        ("CustomerActivated.v1", "names.schemas", set()),
        ("CustomerOnboarded.v1", "HolderProgressRule.EventPattern.detail-type", ["CustomerOnboarded.v1"]),
    ],
    "names.the_list_of_names_is_up_to_date": [
        ("customer.activated.v1", "names.examples", set()),
    ],
    "permissions.history_is_only_added_to": [
        ("PayYieldRole", "PayYieldRole:Commit.Action", "dynamodb:UpdateItem"),
    ],
    "permissions.nobody_may_do_everything": [
        ("PayYieldRole", "PayYieldRole:GiveUpWithAReason.Action", "sqs:*"),
        ("PayYieldRole", "PayYieldRole:GiveUpWithAReason.Resource", "*"),
    ],
    "permissions.a_function_may_use_what_it_is_told_of": [
        ("PayYield", "PayYieldRole.Policies", []),
        ("Graphql", "Graphql$VAULT_KEY_ID", ref("CustodianRequestKey")),
        ("OnfidoWebhook", "OnfidoWebhook$VAULT_KEY_ID", ref("VaultKey")),
    ],
    "permissions.who_uses_what_is_encrypted_may_use_its_key": [
        ("Graphql", "GraphqlRole:UseTheKeyOfPauses.Action", "kms:DescribeKey"),
        (
            "OnfidoWebhook",
            "OnfidoWebhookRole:EncryptRawBytes.Condition.StringEquals.kms:ViaService",
            "dynamodb.eu-west-1.amazonaws.com",
        ),
        ("SettleDeposit", "SettleDepositRole:DecryptRawBytes.Effect", "Deny"),
        ("ApplyIdentityResult", "ApplyIdentityResultRole:DecryptRawBytes.Resource", arn("WebhookReplyKey")),
    ],
    "tables.history_and_personal_data_are_never_lost": [
        ("LedgerEvents", "LedgerEvents.PointInTimeRecoverySpecification", Gone),
        ("Vault", "Vault.DeletionProtectionEnabled", Gone),
        ("LedgerEvents", "LedgerEvents/DeletionPolicy", "Delete"),
    ],
    "tables.an_erased_person_stays_erased": [
        ("VaultKeys", "VaultKeys.PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": True}),
    ],
    "tables.every_commit_is_streamed_to_a_relay": [
        ("LedgerEvents", "LedgerEvents.StreamSpecification.StreamViewType", "KEYS_ONLY"),
        ("LedgerEvents", "LedgerRelayCommits", Gone),
    ],
    "tables.what_is_kept_for_a_while_forgets_itself": [
        ("SignUps", "SignUps.TimeToLiveSpecification.AttributeName", "expiresAt"),
    ],
    "tables.only_what_expired_is_expired": [
        ("ExpireSignUpRemovals", "ExpireSignUpRemovals.FilterCriteria", Gone),
        (
            "ExpireSignUpRemovals",
            "ExpireSignUpRemovals.FilterCriteria.Filters.0.Pattern",
            '{"eventName":["REMOVE"]}',
        ),
        ("SignUps", "SignUps.StreamSpecification.StreamViewType", "KEYS_ONLY"),
    ],
    "limits.a_route_answers_before_the_gateway_gives_up": [
        ("Graphql", "Graphql.Timeout", 30),
    ],
    "limits.a_trigger_answers_before_cognito_gives_up": [
        ("CognitoPreSignUp", "CognitoPreSignUp.Timeout", 10),
    ],
    "limits.cognito_may_call_its_triggers": [
        ("CognitoPreSignUp", "CognitoPreSignUpPermission", Gone),
    ],
    "machines.every_substitution_is_given_and_used": [
        ("OnboardingSaga", "OnboardingSaga.DefinitionSubstitutions.PauseOnboardingArn", Gone),
        ("OnboardingSaga", "OnboardingSaga.DefinitionSubstitutions.Another", ref("PayYieldQueue")),
    ],
    "machines.every_state_is_there_and_reached": [
        ("Nowhere", "machine.States.Complete.Next", "Nowhere"),
        ("Nobody", "machine.States.Nobody", {"Type": "Succeed"}),
    ],
    "machines.paths_are_plain": [
        ("Complete", "machine.States.Complete.ResultPath", "$.results[0]"),
    ],
    "machines.a_choice_knows_what_to_do_with_the_unknown": [
        ("RunChecked", "machine.States.RunChecked.Default", Gone),
    ],
    "machines.a_task_ends_in_time": [
        ("Complete", "machine.States.Complete.TimeoutSeconds", Gone),
    ],
    "machines.a_task_outlasts_what_it_waits_for": [
        ("CheckRun", "machine.States.CheckRun.TimeoutSeconds", 1_799),
        ("Complete", "machine.States.Complete.TimeoutSeconds", 19),
    ],
    "machines.a_task_tries_again_what_may_pass": [
        ("Complete", "machine.States.Complete.Retry", Gone),
        ("Complete", "machine.States.Complete.Retry.0.ErrorEquals", ["States.ALL"]),
    ],
    "machines.a_task_loses_no_failure": [
        ("Complete", "machine.States.Complete.Catch", Gone),
    ],
    "machines.errors_exist": [
        ("Complete", "machine.States.Complete.Retry.0.ErrorEquals", ["Lambda.TooManyRequests"]),
        ("CheckRun", "machine.States.CheckRun.Catch.0.ErrorEquals", ["REJECTED"]),
    ],
    "machines.a_task_may_do_what_it_does": [
        ("CheckRun", "OnboardingSagaRole.Policies", []),
        ("CheckRun", "OnboardingSaga.DefinitionSubstitutions.CallOnfidoQueueUrl", arn("CallOnfidoQueue")),
        ("Complete", "machine.States.Complete.Resource", "arn:aws:states:::dynamodb:putItem"),
    ],
}


def rules() -> dict[str, Callable]:
    return {lint.name_of(rule): rule for module in (*lint.RULES, machines) for rule in module.RULES}


def missed(template: dict, found: list[Machine], names: Names) -> Iterator[str]:
    """Every rule that has no fault here, and every fault that its rule does not see."""
    known = rules()
    for name in known.keys() ^ FAULTS.keys():
        yield f"{name} has no fault in tests/traps/faults.py, or is no rule any more"
    for name, rule in known.items():
        for where, path, value in FAULTS.get(name, []):
            stack, machine = planted(template, found, names, path, value)
            said = rule(machine, stack) if rule.__module__ == "machines" else rule(stack)
            if where not in {place for place, _ in said}:
                yield f"{name} does not see {path} = {value!r} at {where}"


def planted(template: dict, found: list[Machine], names: Names, path: str, value: Any) -> tuple[Stack, Machine]:
    """A copy of everything with one fault."""
    template, names = copy.deepcopy(template), copy.deepcopy(names)
    machine = copy.copy(found[0])
    machine.definition = copy.deepcopy(found[0].definition)
    root, *steps = steps_of(template, path)
    if root == "names":
        setattr(names, steps[0], value)
    elif root == "machine":
        put(machine.definition, steps, value)
    else:
        put(template["Resources"], [root, *steps], value)
    return Stack(template, [machine], names), machine


def steps_of(template: dict, path: str) -> list[str]:
    if "/" in path:
        return path.split("/")
    root, *steps = path.replace("$", ".Environment.Variables.").split(".")
    if ":" in root:
        root, statement = root.split(":")
        of_role = template["Resources"][root]["Type"] == "AWS::IAM::Role"
        document = ["Policies", "0", "PolicyDocument", "Statement"] if of_role else ["PolicyDocument", "Statement"]
        steps = [*document, statement, *steps]
    return [root, *steps] if root in ("names", "machine") or not steps else [root, "Properties", *steps]


def put(into: Any, steps: list[str], value: Any) -> None:
    *ways, last = steps
    for way in ways:
        into = item(into, way) if isinstance(into, list) else into[way]
    if value is Gone:
        del into[last]
    else:
        into[last] = value


def item(items: list, way: str) -> Any:
    """An item by its place; a statement also by its Sid."""
    return items[int(way)] if way.isdigit() else next(it for it in items if it["Sid"] == way)
