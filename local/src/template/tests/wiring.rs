//! The rules of the house that no schema knows, held against the real template.

use std::collections::BTreeSet;

use serde_json::json;

use super::plan;
use crate::{
    services::{authorizer::Authorizer as _, scheduler::SCHEDULER},
    template::{EventSource, FunctionPlan, KeyUsage, Plan},
};

/// Lambda's own advice: a batch may be retried within the source before its messages are handed out again.
/// Receives after a function's own last try.
const RECEIVES_TO_SPARE: u32 = 3;
const VISIBILITY_TIMES_TIMEOUT: u32 = 6;
const DEAD_LETTERS_KEPT_S: u32 = 14 * 24 * 3600;

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// Each function that a queue feeds, with that queue's ARN.
fn queue_fed(plan: &Plan) -> Vec<(&FunctionPlan, &str)> {
    let sources = plan.functions.iter().flat_map(|function| function.events.iter().map(move |event| (function, event)));
    sources
        .filter_map(|(function, event)| match event {
            EventSource::Sqs { queue_arn, .. } => Some((function, queue_arn.as_str())),
            EventSource::Stream { .. } | EventSource::Http { .. } => None,
        })
        .collect()
}

#[test]
fn the_functions_are_the_expected_ones() {
    let plan = plan();
    let found: BTreeSet<(&str, &str)> =
        plan.functions.iter().map(|function| (function.logical_id.as_str(), function.name.as_str())).collect();
    let expected = BTreeSet::from([
        ("Graphql", "graphql"),
        ("CognitoPreSignUp", "cognito-pre-sign-up"),
        ("CognitoPostConfirmation", "cognito-post-confirmation"),
        ("ExpireSignUp", "expire-sign-up"),
        ("ErasePersonalData", "erase-personal-data"),
        ("ClearbankWebhook", "clearbank-webhook"),
        ("OnfidoWebhook", "onfido-webhook"),
        ("FireblocksWebhook", "fireblocks-webhook"),
        ("FollowApplication", "follow-application"),
        ("StartOnboarding", "start-onboarding"),
        ("CallOnfido", "call-onfido"),
        ("PauseOnboarding", "pause-onboarding"),
        ("DecideApplication", "decide-application"),
        ("ApplyIdentityResult", "apply-identity-result"),
        ("ResumeOnboarding", "resume-onboarding"),
        ("SendMail", "send-mail"),
        ("CallScreening", "call-screening"),
        ("AssessRisk", "assess-risk"),
        ("ReviewCase", "review-case"),
        ("FollowInformation", "follow-information"),
        ("EscalateCases", "escalate-cases"),
        ("StartMonitoring", "start-monitoring"),
        ("EndMonitoring", "end-monitoring"),
        ("StartRescreening", "start-rescreening"),
        ("RescreenCustomer", "rescreen-customer"),
        ("ReviewMonitor", "review-monitor"),
        ("FollowControls", "follow-controls"),
        ("ReleaseSuspense", "release-suspense"),
        ("ProjectCases", "project-cases"),
        ("GraphqlBackoffice", "graphql-backoffice"),
        ("SettleDeposit", "settle-deposit"),
        ("SettleCryptoDeposit", "settle-crypto-deposit"),
        ("OpenAccounts", "open-accounts"),
        ("AllocateAddresses", "allocate-addresses"),
        ("StartPayouts", "start-payouts"),
        ("PayYield", "pay-yield"),
        ("IdentityRelay", "relay"),
        ("OnboardingRelay", "relay"),
        ("LedgerRelay", "relay"),
        ("ComplianceRelay", "relay"),
        ("PublishComplianceMilestones", "milestones"),
        ("PublishMilestones", "milestones"),
        ("PublishOnboardingMilestones", "milestones"),
        ("PublishLedgerMilestones", "milestones"),
        ("ProjectCustomers", "project-customers"),
        ("ProjectApplications", "project-applications"),
        ("ProjectAccounts", "project-accounts"),
        ("ProjectSavings", "project-savings"),
        ("ProjectOperations", "project-operations"),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn every_function_has_its_folder() {
    for function in plan().functions {
        let folder = format!("{}/../functions/{}/src/lib.rs", env!("CARGO_MANIFEST_DIR"), function.name);
        assert!(std::path::Path::new(&folder).exists(), "{}: {folder}", function.logical_id);
    }
}

#[test]
fn the_subscriptions_and_the_rules_are_the_expected_ones() {
    let plan = plan();
    let found: BTreeSet<String> = plan
        .subscriptions
        .iter()
        .map(|it| {
            let topic = plan.topics.iter().find(|topic| topic.arn == it.topic_arn).unwrap();
            let queue = plan.queue_by_arn(&it.queue_arn).unwrap();
            let filter = it.filter_policy.clone().unwrap();
            format!("{}: {} -> {} {filter}", it.logical_id, topic.logical_id, queue.logical_id)
        })
        .collect();
    let expected = [
        r#"ProjectCustomersSubscription: IdentityTopic -> ProjectCustomersQueue {"kind":["customer"]}"#,
        r#"MilestonesSubscription: IdentityTopic -> MilestonesQueue {"types":["customer.activated.v1","customer.erasure-requested.v1"]}"#,
        r#"ErasePersonalDataSubscription: IdentityTopic -> ErasePersonalDataQueue {"types":["customer.erasure-requested.v1"]}"#,
        r#"StartOnboardingSubscription: OnboardingTopic -> StartOnboardingQueue {"types":["application.submitted.v1"]}"#,
        r#"ProjectApplicationsSubscription: OnboardingTopic -> ProjectApplicationsQueue {"kind":["application"]}"#,
        r#"OnboardingMilestonesSubscription: OnboardingTopic -> OnboardingMilestonesQueue {"types":["application.submitted.v1","application.approved.v1","application.declined.v1","application.expired.v1","application.completed.v1","application.information-provided.v1"]}"#,
        r#"ProjectCasesSubscription: ComplianceTopic -> ProjectCasesQueue {"kind":["case","screening"]}"#,
        r#"ComplianceMilestonesSubscription: ComplianceTopic -> ComplianceMilestonesQueue {"types":["case.information-requested.v1","case.decided.v1","case.monitoring-opened.v1","case.monitoring-decided.v1"]}"#,
        r#"AllocateAddressesSubscription: LedgerTopic -> AllocateAddressesQueue {"types":["holder.accounts-opened.v1"]}"#,
        r#"ReleaseSuspenseSubscription: LedgerTopic -> ReleaseSuspenseQueue {"types":["controls.unfrozen.v1"]}"#,
        r#"LedgerMilestonesSubscription: LedgerTopic -> LedgerMilestonesQueue {"types":["holder.accounts-opened.v1","holder.instructions-ready.v1"]}"#,
        r#"ProjectAccountsSubscription: LedgerTopic -> ProjectAccountsQueue {"kind":["account","ref","addr","holder","controls"]}"#,
        r#"ProjectSavingsSubscription: LedgerTopic -> ProjectSavingsQueue {"kind":["savings"]}"#,
        r#"ProjectOperationsSubscription: LedgerTopic -> ProjectOperationsQueue {"kind":["op"]}"#,
    ];
    assert_eq!(found, set(expected));

    let rule = |name: &str| plan.rules.iter().find(|rule| rule.name == name).unwrap();
    for (name, source, types, queue) in [
        (
            "granary-application-progress",
            "granary.onboarding",
            &["ApplicationSubmitted.v1", "ApplicationApproved.v1", "ApplicationRefused.v1"][..],
            "FollowApplicationQueue",
        ),
        ("granary-customer-activated", "granary.identity", &["CustomerActivated.v1"][..], "OpenAccountsQueue"),
        (
            "granary-holder-progress",
            "granary.ledger",
            &["AccountsOpened.v1", "DepositInstructionsReady.v1"][..],
            "ResumeOnboardingQueue",
        ),
        (
            "granary-review-progress",
            "granary.compliance",
            &["ReviewDecided.v1", "InformationRequested.v1"][..],
            "ResumeOnboardingQueue",
        ),
        (
            "granary-information-provided",
            "granary.onboarding",
            &["InformationProvided.v1"][..],
            "FollowInformationQueue",
        ),
        ("granary-customer-approved", "granary.onboarding", &["ApplicationApproved.v1"][..], "StartMonitoringQueue"),
        (
            "granary-customer-erasure-requested",
            "granary.identity",
            &["CustomerErasureRequested.v1"][..],
            "EndMonitoringQueue",
        ),
        (
            "granary-controls-ordered",
            "granary.compliance",
            &["CustomerFreezeOrdered.v1", "MonitoringDecided.v1"][..],
            "FollowControlsQueue",
        ),
    ] {
        let rule = rule(name);
        assert_eq!(rule.bus, "granary-milestones");
        assert_eq!(rule.pattern, json!({ "source": [source], "detail-type": types }));
        let targets: Vec<_> = rule.targets.iter().map(|target| target.queue_arn.clone()).collect();
        assert_eq!(targets, [plan.queue(queue).unwrap().arn.clone()]);
    }
    assert_eq!(plan.rules.len(), 8);
}

#[test]
fn the_state_machine_and_the_schedules_are_the_expected_ones() {
    let plan = plan();
    let [machine] = plan.state_machines.as_slice() else { panic!("one state machine") };
    assert_eq!((machine.logical_id.as_str(), machine.name.as_str()), ("OnboardingSaga", "granary-onboarding"));
    crate::services::states::Definition::parse(&machine.definition).unwrap();
    assert_eq!(plan.function("StartOnboarding").unwrap().env["STATE_MACHINE_ARN"], machine.arn);

    let found: BTreeSet<_> = plan.schedules.iter().map(|it| (it.name.as_str(), it.expression.as_str())).collect();
    let expected = [
        ("granary-weekly-payout", "cron(0 1 ? * MON,TUE *)"),
        ("granary-escalate-cases", "cron(10 0/4 * * ? *)"),
        ("granary-start-rescreening", "cron(5 0/4 * * ? *)"),
        ("granary-erase-personal-data", "cron(30 2 * * ? *)"),
    ];
    assert_eq!(found, expected.into());
    let policies = crate::iam::Policies::new(&plan);
    for schedule in &plan.schedules {
        let queue = match schedule.name.as_str() {
            "granary-weekly-payout" => "StartPayoutsQueue",
            "granary-start-rescreening" => "StartRescreeningQueue",
            "granary-escalate-cases" => "EscalateCasesQueue",
            _ => "ErasePersonalDataQueue",
        };
        assert_eq!(schedule.queue_arn, plan.queue(queue).unwrap().arn);
        assert_eq!(schedule.input, r#"{"scheduledAt":"<aws.scheduler.scheduled-time>"}"#);
        let dead_letters = schedule.dead_letter_arn.as_ref().unwrap();
        policies.allow_service(SCHEDULER, "sts:AssumeRole", &schedule.role_arn, &schedule.arn).unwrap();
        for queue in [&schedule.queue_arn, dead_letters] {
            policies.allow(&schedule.role, "sqs:SendMessage", queue).unwrap();
        }
    }
}

#[test]
fn the_routes_triggers_groups_and_keys_are_the_expected_ones() {
    let plan = plan();
    let routes: BTreeSet<String> =
        plan.api.routes.iter().map(|it| format!("{} {} {}", it.method, it.path, it.function)).collect();
    let expected = [
        "POST /graphql Graphql",
        "GET /graphql Graphql",
        "GET /health Graphql",
        "POST /backoffice/graphql GraphqlBackoffice",
        "GET /backoffice/graphql GraphqlBackoffice",
        "POST /webhooks/clearbank ClearbankWebhook",
        "POST /webhooks/onfido OnfidoWebhook",
        "POST /webhooks/fireblocks FireblocksWebhook",
    ];
    assert_eq!(routes, set(expected));

    let pool = &plan.user_pools[0];
    assert_eq!(pool.pre_sign_up.as_deref(), Some("CognitoPreSignUp"));
    assert_eq!(pool.post_confirmation.as_deref(), Some("CognitoPostConfirmation"));
    assert_eq!(set(pool.groups.iter().map(String::as_str)), set(["compliance", "operations", "auditor", "partners"]));
    assert_eq!(pool.clients[0].auth_flows, ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]);
    assert_eq!((pool.clients[0].access_token_s, pool.clients[0].refresh_token_s), (3_600, 30 * 86_400));

    assert_eq!(plan.key("VaultKey").map(|key| key.usage), Some(KeyUsage::Encrypt));
    for key in ["WebhookReplyKey", "CustodianRequestKey"] {
        assert_eq!(plan.key(key).map(|key| key.usage), Some(KeyUsage::Sign));
    }
    assert_eq!(plan.key("VaultKey").unwrap().aliases, ["alias/granary-vault"]);
    assert_eq!(plan.mail_identities, ["granary.example"]);
}

#[test]
fn the_event_tables_are_streamed_by_a_relay_each_whose_retries_end_in_the_bucket() {
    let plan = plan();
    for (table, relay) in ["Identity", "Onboarding", "Compliance", "Ledger"]
        .map(|context| (format!("{context}Events"), format!("{context}Relay")))
    {
        let table = plan.table(&table).unwrap();
        let kinds = (table.partition_key.kind.as_str(), table.sort_key.as_ref().unwrap().kind.as_str());
        assert_eq!((kinds, table.stream_view.as_deref()), (("S", "N"), Some("NEW_IMAGE")));
        let [
            EventSource::Stream {
                table: name, report_item_failures, max_retries, bisect, on_failure_bucket_arn, ..
            },
        ] = plan.function(&relay).unwrap().events.as_slice()
        else {
            panic!("{relay} has one stream");
        };
        assert_eq!(name, &table.name);
        assert!(*report_item_failures && *bisect && max_retries.is_some());
        assert_eq!(on_failure_bucket_arn.as_ref(), Some(&plan.bucket("RelayFailures").unwrap().arn));
    }
}

#[test]
fn every_queue_that_feeds_a_function_waits_long_enough_and_gives_up_in_the_end() {
    let plan = plan();
    let fed = queue_fed(&plan);
    assert_eq!(fed.len(), 33);
    for (function, queue_arn) in fed {
        let queue = plan.queue_by_arn(queue_arn).unwrap();
        let name = &queue.logical_id;
        assert!(queue.visibility_s >= VISIBILITY_TIMES_TIMEOUT * function.timeout_s, "{name}");
        let redrive = queue.redrive.as_ref().unwrap_or_else(|| panic!("{name} has no redrive"));
        let dead_letters = plan.queue_by_arn(&redrive.dead_letter_arn).unwrap();
        assert_eq!(dead_letters.logical_id, name.replace("Queue", "DeadLetters"));
        assert!(dead_letters.retention_s > queue.retention_s, "{name}");
        // The function moves poison there itself, and must know when its last try has come. Dying then, it gets another.
        assert_eq!(function.env["DEAD_LETTER_URL"], dead_letters.url, "{name}");
        // A call carries a task's token, so nothing of that queue is ever kept for sending again.
        let is_call = ["CallOnfidoQueue", "CallScreeningQueue", "SendMailQueue"].contains(&name.as_str());
        let parked = if is_call { dead_letters } else { plan.queue("ParkedQueue").unwrap() };
        assert_eq!(function.env["PARKED_URL"], parked.url, "{name}");
        assert_eq!(function.env["MAX_RECEIVES"], (redrive.max_receives - RECEIVES_TO_SPARE).to_string(), "{name}");
    }
    let reported = |event: &EventSource| match event {
        EventSource::Sqs { report_item_failures, .. } | EventSource::Stream { report_item_failures, .. } => {
            *report_item_failures
        }
        EventSource::Http { .. } => true,
    };
    assert!(plan.functions.iter().flat_map(|function| &function.events).all(reported));
}

#[test]
fn every_queue_that_something_delivers_to_has_a_policy_and_dead_letters_behind_the_delivery() {
    let plan = plan();
    let mut delivered = Vec::new();
    for it in &plan.subscriptions {
        delivered.extend([Some(&it.queue_arn), it.dead_letter_arn.as_ref()]);
    }
    for target in plan.rules.iter().flat_map(|rule| &rule.targets) {
        delivered.extend([Some(&target.queue_arn), target.dead_letter_arn.as_ref()]);
    }
    for arn in delivered {
        let arn = arn.expect("a delivery without dead letters");
        assert!(plan.queue_by_arn(arn).unwrap().policy.is_some(), "{arn} has no policy");
    }
    let queues: BTreeSet<&str> = plan.subscriptions.iter().map(|it| it.queue_arn.as_str()).collect();
    assert_eq!(queues.len(), plan.subscriptions.len(), "one queue, one subscription");
}

#[test]
fn every_dead_letter_queue_keeps_for_the_longest_time_and_has_something_behind_it_to_catch() {
    let plan = plan();
    let redrives = plan.queues.iter().filter_map(|queue| queue.redrive.as_ref()).map(|it| &it.dead_letter_arn);
    let subscriptions = plan.subscriptions.iter().filter_map(|it| it.dead_letter_arn.as_ref());
    let targets = plan.rules.iter().flat_map(|rule| &rule.targets).filter_map(|it| it.dead_letter_arn.as_ref());
    let schedules = plan.schedules.iter().filter_map(|it| it.dead_letter_arn.as_ref());
    let used: BTreeSet<&String> = redrives.chain(subscriptions).chain(targets).chain(schedules).collect();
    for queue in plan.queues.iter().filter(|queue| queue.logical_id.ends_with("DeadLetters")) {
        assert_eq!(queue.retention_s, DEAD_LETTERS_KEPT_S, "{}", queue.logical_id);
        assert!(used.contains(&queue.arn), "{} catches nothing", queue.logical_id);
    }
    let feeding: BTreeSet<&str> = queue_fed(&plan).into_iter().map(|(_, arn)| arn).collect();
    for queue in plan.queues.iter().filter(|queue| !used.contains(&queue.arn) && queue.logical_id != "ParkedQueue") {
        assert!(feeding.contains(queue.arn.as_str()), "nothing empties {}", queue.logical_id);
    }
}

#[test]
fn physical_names_are_the_logical_ones_in_kebab_case() {
    let plan = plan();
    let kebab = |text: &str| {
        let mut name = String::from("granary");
        for character in text.chars() {
            if character.is_uppercase() {
                name.push('-');
            }
            name.push(character.to_ascii_lowercase());
        }
        name
    };
    for queue in &plan.queues {
        assert_eq!(queue.name, kebab(queue.logical_id.trim_end_matches("Queue")));
    }
    plan.tables.iter().for_each(|table| assert_eq!(table.name, kebab(&table.logical_id)));
    plan.functions.iter().for_each(|function| assert_eq!(function.function_name, kebab(&function.logical_id)));
    plan.topics.iter().for_each(|topic| assert_eq!(topic.name, kebab(topic.logical_id.trim_end_matches("Topic"))));
}
