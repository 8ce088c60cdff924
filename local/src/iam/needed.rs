//! What functions are for, as permissions.

/// A function, and what it must be able to do.
type Needed = (&'static str, &'static [(&'static str, &'static str)]);

/// What each function must be able to do: action and the logical id of what it does it to.
pub(super) fn needed() -> Vec<Needed> {
    let commit: &[(&str, &str)] = &[("dynamodb:Query", "LedgerEvents"), ("dynamodb:PutItem", "LedgerEvents")];
    let graphql: &[(&str, &str)] = &[
        ("dynamodb:GetItem", "IdentityProjections"),
        ("dynamodb:GetItem", "LedgerProjections"),
        ("dynamodb:Query", "LedgerProjections"),
        ("dynamodb:Query", "IdentityEvents"),
        ("dynamodb:PutItem", "IdentityEvents"),
    ];
    let project_ledger: &[(&str, &str)] = &[
        ("dynamodb:GetItem", "LedgerProjections"),
        ("dynamodb:PutItem", "LedgerProjections"),
        ("dynamodb:Query", "LedgerEvents"),
    ];
    vec![
        ("Graphql", graphql),
        ("CognitoPreSignUp", &[("dynamodb:PutItem", "SignUps")]),
        (
            "CognitoPostConfirmation",
            &[
                ("dynamodb:Query", "IdentityEvents"),
                ("dynamodb:PutItem", "IdentityEvents"),
                ("dynamodb:UpdateItem", "SignUps"),
                ("dynamodb:DeleteItem", "SignUps"),
            ],
        ),
        ("ErasePersonalData", &[("dynamodb:GetItem", "VaultKeys"), ("dynamodb:PutItem", "VaultKeys")]),
        ("ErasePersonalData", &[("dynamodb:Query", "IdentityEvents"), ("dynamodb:PutItem", "IdentityEvents")]),
        ("ErasePersonalData", &[("dynamodb:Query", "IdentityProjections"), ("s3:PutObject", "Archive/erasures/key")]),
        ("ErasePersonalData", &[("cognito-idp:AdminDeleteUser", "UserPool")]),
        ("Graphql", &[("dynamodb:UpdateItem", "SignUps"), ("dynamodb:DeleteItem", "SignUps")]),
        ("ExpireSignUp", &[("dynamodb:Query", "IdentityEvents"), ("dynamodb:PutItem", "SignUps")]),
        ("ExpireSignUp", &[("s3:PutObject", "Archive/sign-ups/key"), ("s3:PutObject", "RelayFailures")]),
        (
            "ExpireSignUp",
            &[("cognito-idp:AdminListGroupsForUser", "UserPool"), ("cognito-idp:AdminDeleteUser", "UserPool")],
        ),
        (
            "ClearbankWebhook",
            &[
                ("s3:PutObject", "RawWebhooks/webhooks/clearbank/key"),
                ("s3:PutObject", "RawWebhooks/webhooks/unusable/clearbank/key"),
                ("s3:PutObject", "RawWebhooks/quarantine/clearbank/key"),
                ("sqs:SendMessage", "SettleDepositQueue"),
                ("kms:Sign", "WebhookReplyKey"),
            ],
        ),
        ("SettleDeposit", commit),
        ("SettleDeposit", &[("dynamodb:ConditionCheckItem", "LedgerEvents")]),
        ("SettleDeposit", &[("s3:GetObject", "RawWebhooks/webhooks/clearbank/key")]),
        (
            "OnfidoWebhook",
            &[("s3:PutObject", "RawWebhooks/webhooks/onfido/key"), ("sqs:SendMessage", "ApplyIdentityResultQueue")],
        ),
        ("OnfidoWebhook", &[("sqs:SendMessage", "ReviewMonitorQueue")]),
        (
            "ReviewMonitor",
            &[("s3:GetObject", "RawWebhooks/webhooks/onfido/key"), ("dynamodb:PutItem", "ComplianceEvents")],
        ),
        (
            "FireblocksWebhook",
            &[("s3:PutObject", "RawWebhooks/webhooks/fireblocks/key"), ("sqs:SendMessage", "SettleCryptoDepositQueue")],
        ),
        ("StartOnboarding", &[("states:StartExecution", "OnboardingSaga"), ("dynamodb:UpdateItem", "Limits")]),
        ("StartOnboarding", &[("sqs:SendMessage", "StartOnboardingQueue")]),
        ("PauseOnboarding", &[("dynamodb:UpdateItem", "Limits"), ("sqs:SendMessage", "ResumeOnboardingQueue")]),
        ("DecideApplication", &[("dynamodb:UpdateItem", "Limits")]),
        ("CallOnfido", &[("dynamodb:UpdateItem", "Limits"), ("sqs:SendMessage", "CallOnfidoQueue")]),
        ("CallScreening", &[("dynamodb:UpdateItem", "Limits"), ("sqs:SendMessage", "CallScreeningQueue")]),
        ("ApplyIdentityResult", &[("dynamodb:UpdateItem", "Limits"), ("sqs:SendMessage", "ApplyIdentityResultQueue")]),
        ("ResumeOnboarding", &[("dynamodb:UpdateItem", "Limits"), ("sqs:SendMessage", "ResumeOnboardingQueue")]),
        (
            "OnboardingSaga",
            &[("lambda:InvokeFunction", "PauseOnboarding"), ("lambda:InvokeFunction", "DecideApplication")],
        ),
        ("OnboardingSaga", &[("lambda:InvokeFunction", "AssessRisk"), ("lambda:InvokeFunction", "ReviewCase")]),
        ("OnboardingSaga", &[("sqs:SendMessage", "CallOnfidoQueue"), ("sqs:SendMessage", "CallScreeningQueue")]),
        ("CallScreening", &[("dynamodb:GetItem", "Vault"), ("dynamodb:PutItem", "ComplianceEvents")]),
        ("OnboardingSaga", &[("sqs:SendMessage", "SendMailQueue")]),
        ("SendMail", &[("dynamodb:GetItem", "Vault"), ("dynamodb:PutItem", "OnboardingEvents")]),
        ("SendMail", &[("ses:SendEmail", "MailIdentity"), ("dynamodb:UpdateItem", "Limits")]),
        ("SendMail", &[("states:SendTaskSuccess", "OnboardingSaga"), ("states:SendTaskFailure", "OnboardingSaga")]),
        (
            "CallScreening",
            &[("states:SendTaskSuccess", "OnboardingSaga"), ("states:SendTaskFailure", "OnboardingSaga")],
        ),
        ("AssessRisk", &[("dynamodb:Query", "ComplianceEvents"), ("dynamodb:PutItem", "ComplianceEvents")]),
        ("ReviewCase", &[("dynamodb:Query", "ComplianceEvents"), ("dynamodb:PutItem", "ComplianceEvents")]),
        ("FollowInformation", &[("dynamodb:PutItem", "ComplianceEvents")]),
        ("StartMonitoring", &[("dynamodb:Query", "ComplianceEvents"), ("dynamodb:PutItem", "ComplianceEvents")]),
        ("EndMonitoring", &[("dynamodb:Query", "ComplianceEvents"), ("dynamodb:PutItem", "ComplianceEvents")]),
        ("StartRescreening", &[("dynamodb:Query", "ComplianceProjections"), ("dynamodb:PutItem", "ComplianceEvents")]),
        (
            "StartRescreening",
            &[("sqs:SendMessage", "RescreenCustomerQueue"), ("sqs:SendMessage", "StartRescreeningQueue")],
        ),
        ("RescreenCustomer", &[("dynamodb:GetItem", "Vault"), ("dynamodb:PutItem", "ComplianceEvents")]),
        ("FollowControls", commit),
        ("ReleaseSuspense", commit),
        (
            "ReleaseSuspense",
            &[("dynamodb:ConditionCheckItem", "LedgerEvents"), ("sqs:SendMessage", "ReleaseSuspenseQueue")],
        ),
        ("EscalateCases", &[("dynamodb:Query", "ComplianceProjections"), ("dynamodb:PutItem", "ComplianceEvents")]),
        ("ProjectCases", &[("dynamodb:PutItem", "ComplianceProjections"), ("dynamodb:Query", "ComplianceEvents")]),
        ("GraphqlBackoffice", &[("dynamodb:Query", "ComplianceProjections"), ("dynamodb:PutItem", "ComplianceEvents")]),
        (
            "GraphqlBackoffice",
            &[("states:SendTaskSuccess", "OnboardingSaga"), ("states:SendTaskFailure", "OnboardingSaga")],
        ),
        ("GraphqlBackoffice", &[("dynamodb:Query", "IdentityEvents"), ("dynamodb:PutItem", "IdentityEvents")]),
        ("GraphqlBackoffice", &[("dynamodb:GetItem", "LedgerProjections"), ("dynamodb:PutItem", "LedgerEvents")]),
        (
            "GraphqlBackoffice",
            &[("dynamodb:Query", "LedgerProjections"), ("dynamodb:ConditionCheckItem", "LedgerEvents")],
        ),
        ("Graphql", &[("dynamodb:ConditionCheckItem", "LedgerEvents")]),
        ("PayYield", &[("dynamodb:ConditionCheckItem", "LedgerEvents")]),
        ("ComplianceRelay", &[("sns:Publish", "ComplianceTopic"), ("s3:PutObject", "RelayFailures")]),
        ("CallOnfido", &[("dynamodb:GetItem", "Vault"), ("dynamodb:PutItem", "OnboardingPauses")]),
        ("CallOnfido", &[("states:SendTaskSuccess", "OnboardingSaga"), ("states:SendTaskFailure", "OnboardingSaga")]),
        ("PauseOnboarding", &[("dynamodb:PutItem", "OnboardingPauses"), ("states:SendTaskSuccess", "OnboardingSaga")]),
        ("DecideApplication", &[("dynamodb:Query", "OnboardingEvents"), ("dynamodb:PutItem", "OnboardingEvents")]),
        (
            "ApplyIdentityResult",
            &[("s3:GetObject", "RawWebhooks/webhooks/onfido/key"), ("states:SendTaskSuccess", "OnboardingSaga")],
        ),
        ("ResumeOnboarding", &[("dynamodb:GetItem", "Vault"), ("dynamodb:PutItem", "OnboardingPauses")]),
        ("ResumeOnboarding", &[("dynamodb:GetItem", "OnboardingPauses"), ("states:SendTaskSuccess", "OnboardingSaga")]),
        ("FollowApplication", &[("dynamodb:PutItem", "IdentityEvents")]),
        ("AllocateAddresses", commit),
        ("AllocateAddresses", &[("kms:Sign", "CustodianRequestKey")]),
        ("SettleCryptoDeposit", commit),
        (
            "SettleCryptoDeposit",
            &[("kms:Sign", "CustodianRequestKey"), ("s3:GetObject", "RawWebhooks/webhooks/fireblocks/key")],
        ),
        ("StartPayouts", &[("dynamodb:Query", "LedgerProjections"), ("sqs:SendMessage", "PayYieldQueue")]),
        ("PayYield", commit),
        ("ProjectSavings", project_ledger),
        ("OpenAccounts", commit),
        ("IdentityRelay", &[("sns:Publish", "IdentityTopic"), ("s3:PutObject", "RelayFailures")]),
        ("LedgerRelay", &[("sns:Publish", "LedgerTopic"), ("s3:PutObject", "RelayFailures")]),
        ("PublishMilestones", &[("events:PutEvents", "Milestones")]),
        ("ProjectCustomers", &[("dynamodb:PutItem", "IdentityProjections"), ("dynamodb:Query", "IdentityEvents")]),
        ("ProjectAccounts", project_ledger),
        ("ProjectOperations", project_ledger),
        (
            "ProjectOperations",
            &[("dynamodb:UpdateItem", "LedgerProjections"), ("dynamodb:DeleteItem", "LedgerProjections")],
        ),
    ]
}
