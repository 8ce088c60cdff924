//! The evaluation itself, and what the functions of the real template may and may not do.

use super::{OWNER, Policies, matching, needed::needed};
use crate::{
    services::authorizer::Authorizer,
    template::{Plan, Pseudo, load, tests::plan},
};

const EVERY_WRITE_TO_HISTORY: [&str; 2] = ["dynamodb:UpdateItem", "dynamodb:DeleteItem"];

/// A function `F` with these statements.
fn function_with(statements: &str) -> Policies {
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
         FunctionName: f\n      CodeUri: ../target/lambda/f/\n      Policies: [{{Version: '2012-10-17', Statement: [{statements}]}}]\n"
    );
    Policies::new(&load(&text, &Default::default(), &Default::default(), &Pseudo::default()).unwrap())
}

fn allowed(policies: &Policies, principal: &str, action: &str, resource: &str) -> bool {
    policies.allow(principal, action, resource).is_ok()
}

#[test]
fn nothing_is_allowed_unless_a_statement_says_so() {
    let policies = function_with("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}");
    assert!(allowed(&policies, "F", "s3:GetObject", "arn:aws:s3:::b/a/key"));
    assert!(!allowed(&policies, "F", "s3:PutObject", "arn:aws:s3:::b/a/key"));
    assert!(!allowed(&policies, "F", "s3:GetObject", "arn:aws:s3:::other/key"));
    assert!(!allowed(&policies, "Stranger", "s3:GetObject", "arn:aws:s3:::b/a/key"));
    assert!(allowed(&policies, OWNER, "s3:PutObject", "arn:aws:s3:::b/a/key"));
}

#[test]
fn a_refusal_names_who_what_and_where() {
    let denied = function_with("{Effect: Allow, Action: 's3:*', Resource: '*'}").allow("F", "sqs:SendMessage", "arn:q");
    let text = denied.unwrap_err().to_string();
    for part in ["F", "sqs:SendMessage", "arn:q", "no identity-based policy"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn wildcards_match_within_actions_and_parts_of_arns() {
    let policies = function_with(
        "{Effect: Allow, Action: 'dynamodb:*Item', Resource: 'arn:aws:dynamodb:*:*:table/granary-?-events'}",
    );
    let table = |name: &str| format!("arn:aws:dynamodb:eu-west-1:000000000000:table/{name}");
    assert!(allowed(&policies, "F", "dynamodb:PutItem", &table("granary-a-events")));
    assert!(allowed(&policies, "F", "DynamoDB:putitem", &table("granary-a-events")));
    assert!(!allowed(&policies, "F", "dynamodb:Query", &table("granary-a-events")));
    assert!(!allowed(&policies, "F", "dynamodb:PutItem", &table("granary-ab-events")));
    assert!(!allowed(&policies, "F", "dynamodb:PutItem", &table("granary--events")));
}

#[test]
fn a_wildcard_in_one_part_of_an_arn_does_not_reach_into_the_next() {
    assert!(matching::arn("*", "anything"));
    assert!(matching::arn("arn:aws:sqs:*:*:q", "arn:aws:sqs:eu-west-1:1:q"));
    assert!(!matching::arn("arn:aws:s*:q", "arn:aws:sqs:eu-west-1:1:q"));
    assert!(matching::arn("arn:aws:logs:*:*:log-group:x:*", "arn:aws:logs:eu-west-1:1:log-group:x:y"));
}

#[test]
fn text_patterns_match_as_written() {
    for (pattern, value, expected) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("a*b*c", "aXXbYYc", true),
        ("a*b*c", "abc", true),
        ("a*b*c", "acb", false),
        ("??", "ab", true),
        ("??", "a", false),
        ("a*", "ba", false),
        ("*a", "banana", true),
    ] {
        assert_eq!(matching::text(pattern, value), expected, "{pattern} {value}");
    }
}

#[test]
fn a_deny_wins_whatever_the_order() {
    let allow = "{Effect: Allow, Action: '*', Resource: '*'}";
    let deny = "{Effect: Deny, Action: 'sqs:SendMessage', Resource: '*'}";
    for statements in [format!("{allow}, {deny}"), format!("{deny}, {allow}")] {
        let policies = function_with(&statements);
        let text = policies.allow("F", "sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:q").unwrap_err().to_string();
        assert!(text.contains("explicit deny"), "{text}");
        assert!(allowed(&policies, "F", "sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:1:q"));
    }
}

#[test]
fn a_condition_on_what_the_request_does_not_bring_is_false() {
    let key = "arn:aws:kms:eu-west-1:000000000000:key/k";
    let policies = function_with(
        "{Effect: Allow, Action: 'kms:Decrypt', Resource: '*', Condition: {StringEquals: {'kms:ViaService': s3.eu-west-1.amazonaws.com}}}",
    );
    assert!(!allowed(&policies, "F", "kms:Decrypt", key));
    let by_way_of = |service: &str| policies.allow_given("F", "kms:Decrypt", key, &[("kms:ViaService", service)]);
    assert!(by_way_of("dynamodb.eu-west-1.amazonaws.com").is_err());
    by_way_of("s3.eu-west-1.amazonaws.com").unwrap();
}

#[test]
fn the_vaults_key_serves_each_function_for_one_purpose_only() {
    let plan = plan();
    let policies = Policies::new(&plan);
    let key = arn(&plan, "VaultKey");
    let vault = [("kms:EncryptionContext:purpose", "granary-vault"), ("kms:EncryptionContext:subject", "somebody")];
    let elsewhere = [("kms:EncryptionContext:purpose", "another")];
    let by_s3 = [("kms:ViaService", "s3.eu-west-1.amazonaws.com")];
    let by_dynamodb = [("kms:ViaService", "dynamodb.eu-west-1.amazonaws.com")];
    for (function, opens) in [
        ("Graphql", [true, false, true]),
        ("CognitoPostConfirmation", [true, false, false]),
        ("CallOnfido", [true, false, true]),
        ("SettleDeposit", [true, true, false]),
        ("SettleCryptoDeposit", [true, true, false]),
        ("ApplyIdentityResult", [false, true, true]),
        ("ResumeOnboarding", [true, false, true]),
        ("CallScreening", [true, false, false]),
        ("RescreenCustomer", [true, false, false]),
        ("SendMail", [true, false, false]),
        ("GraphqlBackoffice", [true, false, true]),
        ("ReviewCase", [false, false, false]),
        ("PauseOnboarding", [false, false, true]),
        ("ClearbankWebhook", [false, false, false]),
        ("ProjectAccounts", [false, false, false]),
    ] {
        let decrypts = |facts| policies.allow_given(function, "kms:Decrypt", &key, facts).is_ok();
        assert_eq!([decrypts(&vault), decrypts(&by_s3), decrypts(&by_dynamodb)], opens, "{function}");
        assert!(!decrypts(&elsewhere) && !decrypts(&[]), "{function}");
    }
}

/// The ARN of a resource; of a bucket, that of an object in it, whose key may follow a slash.
fn arn(plan: &Plan, target: &str) -> String {
    let (logical_id, key) = target.split_once('/').unwrap_or((target, "some/key"));
    let tables = plan.tables.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let queues = plan.queues.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let topics = plan.topics.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let buses = plan.buses.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let keys = plan.keys.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let functions = plan.functions.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let machines = plan.state_machines.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let objects = plan.buckets.iter().map(|it| (&it.logical_id, format!("{}/{key}", it.arn)));
    let mail_identity = "MailIdentity".to_owned();
    let pools = plan.user_pools.iter().map(|it| (&it.logical_id, it.arn.clone()));
    let identities = plan.mail_identities.iter().map(|it| (&mail_identity, crate::services::arn::mail_identity(it)));
    let machines = machines.chain(pools).chain(identities);
    let all =
        tables.chain(queues).chain(topics).chain(buses).chain(keys).chain(objects).chain(functions).chain(machines);
    all.into_iter().find(|(id, _)| *id == logical_id).unwrap_or_else(|| panic!("{logical_id}")).1
}

#[test]
fn each_function_can_do_what_it_is_for() {
    let plan = plan();
    let policies = Policies::new(&plan);
    for (function, needs) in needed() {
        for (action, target) in needs {
            policies.allow(function, action, &arn(&plan, target)).unwrap();
        }
    }
    for function in ["CognitoPostConfirmation", "SettleDeposit", "SettleCryptoDeposit", "Graphql"] {
        for (action, target) in
            [("dynamodb:PutItem", "Vault"), ("dynamodb:PutItem", "VaultKeys"), ("dynamodb:GetItem", "VaultKeys")]
        {
            policies.allow(function, action, &arn(&plan, target)).unwrap();
        }
        let context = [("kms:EncryptionContext:purpose", "granary-vault")];
        policies.allow_given(function, "kms:GenerateDataKey", &arn(&plan, "VaultKey"), &context).unwrap();
    }
}

#[test]
fn a_queue_fed_function_reads_its_own_queue_and_gives_up_into_its_own_dead_letters() {
    let plan = plan();
    let policies = Policies::new(&plan);
    let names = ["ProjectCustomers", "ProjectAccounts", "ProjectOperations", "SettleDeposit", "OpenAccounts"];
    for name in names.into_iter().chain(["PublishMilestones"]) {
        let stem = if name == "PublishMilestones" { "Milestones" } else { name };
        let own = arn(&plan, &format!("{stem}Queue"));
        for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
            policies.allow(name, action, &own).unwrap();
        }
        policies.allow(name, "sqs:SendMessage", &arn(&plan, &format!("{stem}DeadLetters"))).unwrap();
        policies.allow(name, "sqs:SendMessage", &arn(&plan, "ParkedQueue")).unwrap();
        policies.allow(name, "sqs:SendMessage", &own).unwrap(); // What was asked to slow down comes again as a copy.
        let other = if stem == "SettleDeposit" { "OpenAccountsQueue" } else { "SettleDepositQueue" };
        for action in ["sqs:ReceiveMessage", "sqs:SendMessage"] {
            assert!(!allowed(&policies, name, action, &arn(&plan, other)));
        }
    }
}

#[test]
fn a_providers_webhooks_are_written_and_read_for_that_provider_only() {
    let plan = plan();
    let policies = Policies::new(&plan);
    let providers = [
        ("clearbank", "ClearbankWebhook", "SettleDeposit"),
        ("onfido", "OnfidoWebhook", "ApplyIdentityResult"),
        ("fireblocks", "FireblocksWebhook", "SettleCryptoDeposit"),
    ];
    for (own, receiver, consumer) in providers {
        for (provider, ..) in providers {
            let object = arn(&plan, &format!("RawWebhooks/webhooks/{provider}/key"));
            assert_eq!(allowed(&policies, receiver, "s3:PutObject", &object), provider == own, "{receiver} {provider}");
            assert_eq!(allowed(&policies, consumer, "s3:GetObject", &object), provider == own, "{consumer} {provider}");
            assert!(!allowed(&policies, consumer, "s3:PutObject", &object), "{consumer} {provider}");
        }
    }
}

#[test]
fn a_relay_reads_its_own_stream_only() {
    let plan = plan();
    let policies = Policies::new(&plan);
    let stream = |table: &str| plan.table(table).unwrap().stream_arn.clone().unwrap();
    policies.allow("IdentityRelay", "dynamodb:GetRecords", &stream("IdentityEvents")).unwrap();
    assert!(!allowed(&policies, "IdentityRelay", "dynamodb:GetRecords", &stream("LedgerEvents")));
    assert!(!allowed(&policies, "IdentityRelay", "sns:Publish", &arn(&plan, "LedgerTopic")));
}

#[test]
fn nobody_changes_history_and_only_who_must_know_reads_the_vault() {
    let plan = plan();
    let policies = Policies::new(&plan);
    for function in &plan.functions {
        for table in ["IdentityEvents", "OnboardingEvents", "ComplianceEvents", "LedgerEvents"] {
            for action in EVERY_WRITE_TO_HISTORY {
                let allowed = allowed(&policies, &function.logical_id, action, &arn(&plan, table));
                assert!(!allowed, "{} may {action} on {table}", function.logical_id);
            }
        }
        for action in ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem"] {
            let readers = [
                "CallOnfido",
                "CallScreening",
                "RescreenCustomer",
                "ResumeOnboarding",
                "SendMail",
                "GraphqlBackoffice",
            ];
            let reads = readers.contains(&function.logical_id.as_str()) && action == "dynamodb:GetItem";
            let allowed = allowed(&policies, &function.logical_id, action, &arn(&plan, "Vault"));
            assert_eq!(allowed, reads, "{} {action}", function.logical_id);
        }
    }
}

#[test]
fn no_statement_uses_a_wildcard_for_an_action_or_for_every_resource() {
    let plan = plan();
    let functions = plan.functions.iter().map(|it| (&it.logical_id, &it.statements));
    let machines = plan.state_machines.iter().map(|it| (&it.logical_id, &it.statements));
    let roles = plan.roles.iter().map(|it| (&it.logical_id, &it.statements));
    for (logical_id, statements) in functions.chain(machines).chain(roles) {
        for statement in statements {
            let wild = statement.actions.iter().any(|action| action.contains('*'));
            assert!(!wild && !statement.resources.contains(&"*".to_owned()), "{logical_id}");
        }
    }
}

#[test]
fn a_queue_lets_in_its_own_topic_or_rule_and_nobody_else() {
    let plan = plan();
    let policies = Policies::new(&plan);
    let (sns, events, send) = ("sns.amazonaws.com", "events.amazonaws.com", "sqs:SendMessage");
    for it in &plan.subscriptions {
        let others = plan.topics.iter().filter(|topic| topic.arn != it.topic_arn);
        for queue in [&it.queue_arn, it.dead_letter_arn.as_ref().unwrap()] {
            policies.allow_service(sns, send, queue, &it.topic_arn).unwrap();
            assert!(policies.allow_service(sns, "sqs:ReceiveMessage", queue, &it.topic_arn).is_err());
            assert!(policies.allow_service(events, send, queue, &it.topic_arn).is_err());
            for other in others.clone() {
                assert!(policies.allow_service(sns, send, queue, &other.arn).is_err(), "{queue} {}", other.arn);
            }
        }
    }
    for rule in &plan.rules {
        for target in &rule.targets {
            for queue in [&target.queue_arn, target.dead_letter_arn.as_ref().unwrap()] {
                policies.allow_service(events, send, queue, &rule.arn).unwrap();
                assert!(policies.allow_service(events, send, queue, &format!("{}-other", rule.arn)).is_err());
                assert!(policies.allow_service(sns, send, queue, &rule.arn).is_err());
            }
        }
    }
    let closed = arn(&plan, "SettleDepositQueue");
    assert!(policies.allow_service(sns, send, &closed, &plan.topics[0].arn).is_err());
}

#[test]
fn cognito_invokes_its_two_triggers_for_its_own_pool_only() {
    let plan = plan();
    let policies = Policies::new(&plan);
    let pool = &plan.user_pools[0];
    for function in [pool.pre_sign_up.as_deref().unwrap(), pool.post_confirmation.as_deref().unwrap()] {
        policies.allow_invoke("cognito-idp.amazonaws.com", function, &pool.arn).unwrap();
        assert!(policies.allow_invoke("cognito-idp.amazonaws.com", function, &format!("{}x", pool.arn)).is_err());
        assert!(policies.allow_invoke("events.amazonaws.com", function, &pool.arn).is_err());
    }
    assert!(policies.allow_invoke("cognito-idp.amazonaws.com", "Graphql", &pool.arn).is_err());
}

#[test]
fn the_api_invokes_the_functions_that_have_a_route() {
    let plan = plan();
    let policies = Policies::new(&plan);
    let invoke = |function: &str, method: &str, path: &str| {
        let route = crate::services::arn::route(&plan.api.id, method, path);
        policies.allow_invoke("apigateway.amazonaws.com", function, &route).is_ok()
    };
    assert!(invoke("Graphql", "POST", "/graphql") && invoke("Graphql", "GET", "/health"));
    assert!(invoke("ClearbankWebhook", "POST", "/webhooks/clearbank"));
    assert!(!invoke("ClearbankWebhook", "POST", "/graphql") && !invoke("Graphql", "PUT", "/graphql"));
    assert!(!invoke("SettleDeposit", "POST", "/graphql"));
}
