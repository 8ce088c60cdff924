"""How long whoever calls a function waits for it, and whether it may call at all."""

from collections.abc import Iterator

from stack import Stack

Found = Iterator[tuple[str, str]]

# An HTTP API gives up then, and Cognito; a function that goes on would work for nobody.
ROUTE_SECONDS_MAX = 29
TRIGGER_SECONDS_MAX = 5


def a_route_answers_before_the_gateway_gives_up(stack: Stack) -> Found:
    """Without it a customer sees a failure of something that is done all the same, a moment later."""
    for function in invoked_by(stack, "apigateway.amazonaws.com"):
        if stack.properties(function).get("Timeout", 3) > ROUTE_SECONDS_MAX:
            yield function, f"set Timeout to at most {ROUTE_SECONDS_MAX}: API Gateway waits no longer than 30 s"


def a_trigger_answers_before_cognito_gives_up(stack: Stack) -> Found:
    """Without it Cognito calls again while the first call still runs, and people see that they could not sign up."""
    for pool, trigger, function in triggers(stack):
        if stack.properties(function).get("Timeout", 3) > TRIGGER_SECONDS_MAX:
            yield function, f"set Timeout to at most {TRIGGER_SECONDS_MAX}: {trigger} of {pool} waits no longer"


def cognito_may_call_its_triggers(stack: Stack) -> Found:
    """Without it nobody can sign up: Cognito is refused by the function that it was told to call."""
    permitted = {
        (stack.subject(it["FunctionName"]), stack.subject(it.get("SourceArn")))
        for it in stack.of("AWS::Lambda::Permission").values()
        if it["Principal"] == "cognito-idp.amazonaws.com" and it["Action"] == "lambda:InvokeFunction"
    }
    for pool, trigger, function in triggers(stack):
        if (function, pool) not in permitted:
            yield function, f"permit {pool} to invoke it (AWS::Lambda::Permission): it is its {trigger}"


def invoked_by(stack: Stack, principal: str) -> set[str]:
    permissions = stack.of("AWS::Lambda::Permission").values()
    return {stack.subject(it["FunctionName"]) for it in permissions if it["Principal"] == principal}


def triggers(stack: Stack) -> Iterator[tuple[str, str, str]]:
    for pool, it in stack.of("AWS::Cognito::UserPool").items():
        for trigger, value in it.get("LambdaConfig", {}).items():
            if stack.kind(stack.subject(value)) == "AWS::Lambda::Function":
                yield pool, trigger, stack.subject(value)


RULES = (
    a_route_answers_before_the_gateway_gives_up,
    a_trigger_answers_before_cognito_gives_up,
    cognito_may_call_its_triggers,
)
