//! The lists themselves.

use super::{Handling, Property, TypeList};

const fn run(path: &'static str) -> Property {
    Property { path, handling: Handling::Executed }
}

const fn only(path: &'static str, values: &'static [&'static str]) -> Property {
    Property { path, handling: Handling::ExecutedAs(values) }
}

const fn skip(path: &'static str, why: &'static str) -> Property {
    Property { path, handling: Handling::DeployOnly(why) }
}

const NO_SECOND_TRY: &str = "a queue refuses here for what the template says, which no second try would mend";

/// What the names of the lists of event sources begin with.
pub const EVENT_PREFIX: &str = "AWS::Serverless::Function event ";

/// The sections of a template.
pub const SECTIONS: TypeList = TypeList {
    name: "template",
    properties: &[
        only("AWSTemplateFormatVersion", &["2010-09-09"]),
        only("Transform", &["AWS::Serverless-2016-10-31"]),
        run("Parameters.**"),
        run("Globals.Function.**"),
        run("Resources.**"),
        run("Outputs.**"),
        skip("Description", "text for people"),
    ],
};

/// A parameter.
pub const PARAMETER: TypeList = TypeList {
    name: "parameter",
    properties: &[
        only("Type", &["String"]),
        run("Default"),
        skip("Description", "text for people"),
        skip("NoEcho", "nothing shows parameters here"),
    ],
};

/// An output.
pub const OUTPUT: TypeList =
    TypeList { name: "output", properties: &[run("Value"), skip("Description", "text for people")] };

/// What a resource has beside its properties.
pub const ATTRIBUTES: TypeList = TypeList {
    name: "resource",
    properties: &[
        run("Type"),
        run("Properties.**"),
        skip("DeletionPolicy", "nothing is ever deleted by a local start"),
        skip("UpdateReplacePolicy", "nothing is ever replaced by a local start"),
    ],
};

/// What `Globals` may say about functions.
pub const GLOBALS: TypeList = TypeList {
    name: "Globals.Function",
    properties: &[
        only("Runtime", &["provided.al2023"]),
        only("Handler", &["bootstrap"]),
        run("Timeout"),
        run("Environment.Variables.*"),
        skip("MemorySize", "functions share this machine's memory"),
        skip("Architectures[]", "functions run as built for this machine"),
        skip("LoggingConfig.LogFormat", "the runner prints for people"),
        skip("LoggingConfig.LogGroup", "there are no log groups here"),
    ],
};

/// Every resource type that may stand in the template.
pub const TYPES: &[TypeList] = &[
    TypeList {
        name: "AWS::Serverless::Function",
        properties: &[
            run("FunctionName"),
            run("CodeUri"),
            only("Runtime", &["provided.al2023"]),
            only("Handler", &["bootstrap"]),
            run("Timeout"),
            run("Environment.Variables.*"),
            run("Policies[].Version"),
            run("Policies[].Statement.**"),
            only("Events.*.Type", &["SQS", "DynamoDB", "HttpApi"]),
            run("Events.*.Properties.**"),
            skip("MemorySize", "functions share this machine's memory"),
            skip("RecursiveLoop", "nothing here ends a function that sends to its own queue"),
        ],
    },
    TypeList {
        name: "AWS::Serverless::Function event SQS",
        properties: &[
            run("Queue"),
            run("BatchSize"),
            only("FunctionResponseTypes[]", &["ReportBatchItemFailures"]),
            skip("ScalingConfig.MaximumConcurrency", "each queue is worked through by one batch at a time here"),
        ],
    },
    TypeList {
        name: "AWS::Serverless::Function event DynamoDB",
        properties: &[
            run("Stream"),
            only("StartingPosition", &["TRIM_HORIZON"]),
            run("BatchSize"),
            run("MaximumRetryAttempts"),
            run("BisectBatchOnFunctionError"),
            only("FunctionResponseTypes[]", &["ReportBatchItemFailures"]),
            run("DestinationConfig.OnFailure.Destination"),
            run("FilterCriteria.Filters[].Pattern"),
        ],
    },
    TypeList {
        name: "AWS::Serverless::Function event HttpApi",
        properties: &[run("ApiId"), only("Method", &["GET", "POST", "PUT", "PATCH", "DELETE"]), run("Path")],
    },
    TypeList {
        name: "AWS::Serverless::StateMachine",
        properties: &[
            run("Name"),
            only("Type", &["STANDARD"]),
            run("DefinitionUri"),
            run("DefinitionSubstitutions.*"),
            run("Policies[].Version"),
            run("Policies[].Statement.**"),
        ],
    },
    TypeList {
        name: "AWS::Scheduler::Schedule",
        properties: &[
            run("Name"),
            only("State", &["ENABLED"]),
            run("ScheduleExpression"),
            only("ScheduleExpressionTimezone", &["UTC"]),
            only("FlexibleTimeWindow.Mode", &["OFF"]),
            run("Target.Arn"),
            run("Target.RoleArn"),
            run("Target.Input"),
            run("Target.DeadLetterConfig.Arn"),
            skip("Description", "text for people"),
            skip("Target.RetryPolicy.MaximumEventAgeInSeconds", NO_SECOND_TRY),
            skip("Target.RetryPolicy.MaximumRetryAttempts", NO_SECOND_TRY),
        ],
    },
    TypeList {
        name: "AWS::IAM::Role",
        properties: &[
            run("AssumeRolePolicyDocument.**"),
            run("Policies[].PolicyName"),
            run("Policies[].PolicyDocument.**"),
        ],
    },
    TypeList {
        name: "AWS::Serverless::HttpApi",
        properties: &[
            run("Name"),
            skip("DefaultRouteSettings.ThrottlingBurstLimit", "a laptop needs no ceiling on cost"),
            skip("DefaultRouteSettings.ThrottlingRateLimit", "a laptop needs no ceiling on cost"),
        ],
    },
    TypeList {
        name: "AWS::Lambda::Permission",
        properties: &[
            run("FunctionName"),
            only("Action", &["lambda:InvokeFunction"]),
            only("Principal", &["cognito-idp.amazonaws.com"]),
            run("SourceArn"),
        ],
    },
    TypeList {
        name: "AWS::DynamoDB::Table",
        properties: &[
            run("TableName"),
            run("AttributeDefinitions[].AttributeName"),
            only("AttributeDefinitions[].AttributeType", &["S", "N", "B"]),
            run("KeySchema[].AttributeName"),
            only("KeySchema[].KeyType", &["HASH", "RANGE"]),
            only("StreamSpecification.StreamViewType", &["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"]),
            run("TimeToLiveSpecification.AttributeName"),
            only("TimeToLiveSpecification.Enabled", &["true"]),
            skip("BillingMode", "nothing is billed and nothing is throttled here"),
            skip(
                "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
                "backups are the owner's copy of .granary",
            ),
            skip("DeletionProtectionEnabled", "nothing deletes a table here"),
            only("SSESpecification.SSEEnabled", &["true"]),
            only("SSESpecification.SSEType", &["KMS"]),
            run("SSESpecification.KMSMasterKeyId"),
        ],
    },
    TypeList { name: "AWS::SNS::Topic", properties: &[run("TopicName")] },
    TypeList {
        name: "AWS::SNS::Subscription",
        properties: &[
            run("TopicArn"),
            only("Protocol", &["sqs"]),
            run("Endpoint"),
            only("RawMessageDelivery", &["true"]),
            run("FilterPolicy.**"),
            only("FilterPolicyScope", &["MessageAttributes", "MessageBody"]),
            run("RedrivePolicy.deadLetterTargetArn"),
        ],
    },
    TypeList {
        name: "AWS::SQS::Queue",
        properties: &[
            run("QueueName"),
            run("VisibilityTimeout"),
            run("DelaySeconds"),
            run("MessageRetentionPeriod"),
            run("FifoQueue"),
            run("ContentBasedDeduplication"),
            only("DeduplicationScope", &["queue", "messageGroup"]),
            only("FifoThroughputLimit", &["perQueue", "perMessageGroupId"]),
            run("RedrivePolicy.deadLetterTargetArn"),
            run("RedrivePolicy.maxReceiveCount"),
        ],
    },
    TypeList { name: "AWS::SQS::QueuePolicy", properties: &[run("Queues[]"), run("PolicyDocument.**")] },
    TypeList { name: "AWS::Events::EventBus", properties: &[run("Name")] },
    TypeList {
        name: "AWS::Events::Rule",
        properties: &[
            run("Name"),
            run("EventBusName"),
            run("EventPattern.**"),
            run("Targets[].Id"),
            run("Targets[].Arn"),
            run("Targets[].DeadLetterConfig.Arn"),
        ],
    },
    TypeList {
        name: "AWS::S3::Bucket",
        properties: &[
            run("BucketName"),
            only(
                "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.SSEAlgorithm",
                &["AES256", "aws:kms"],
            ),
            run("BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.KMSMasterKeyID"),
            skip(
                "BucketEncryption.ServerSideEncryptionConfiguration[].BucketKeyEnabled",
                "nothing is billed and nothing is throttled here",
            ),
            skip("PublicAccessBlockConfiguration.**", "nothing here is public"),
            skip("LifecycleConfiguration.**", "objects are kept until .granary is removed"),
        ],
    },
    TypeList {
        name: "AWS::KMS::Key",
        properties: &[
            only("KeyUsage", &["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
            only("KeySpec", &["SYMMETRIC_DEFAULT", "RSA_2048"]),
            skip("Description", "text for people"),
            skip("EnableKeyRotation", "local keys live as long as .granary"),
        ],
    },
    TypeList { name: "AWS::SES::EmailIdentity", properties: &[run("EmailIdentity")] },
    TypeList { name: "AWS::KMS::Alias", properties: &[run("AliasName"), run("TargetKeyId")] },
    TypeList {
        name: "AWS::Cognito::UserPool",
        properties: &[
            run("UserPoolName"),
            only("UsernameAttributes[]", &["email"]),
            only("AutoVerifiedAttributes[]", &["email"]),
            only("UsernameConfiguration.CaseSensitive", &["false"]),
            run("Policies.PasswordPolicy.MinimumLength"),
            run("Policies.PasswordPolicy.RequireLowercase"),
            run("Policies.PasswordPolicy.RequireUppercase"),
            run("Policies.PasswordPolicy.RequireNumbers"),
            run("Policies.PasswordPolicy.RequireSymbols"),
            run("LambdaConfig.PreSignUp"),
            run("LambdaConfig.PostConfirmation"),
            skip("Policies.PasswordPolicy.TemporaryPasswordValidityDays", "no administrator creates users here"),
            skip("AccountRecoverySetting.**", "passwords are not recovered here"),
            skip("UserAttributeUpdateSettings.**", "attributes are not changed here"),
            skip("DeletionProtection", "nothing deletes a pool here"),
        ],
    },
    TypeList {
        name: "AWS::Cognito::UserPoolClient",
        properties: &[
            run("ClientName"),
            run("UserPoolId"),
            only("GenerateSecret", &["false"]),
            only("ExplicitAuthFlows[]", &["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
            run("AccessTokenValidity"),
            run("IdTokenValidity"),
            run("RefreshTokenValidity"),
            only("TokenValidityUnits.AccessToken", &["seconds", "minutes", "hours", "days"]),
            only("TokenValidityUnits.IdToken", &["seconds", "minutes", "hours", "days"]),
            only("TokenValidityUnits.RefreshToken", &["seconds", "minutes", "hours", "days"]),
            only("PreventUserExistenceErrors", &["ENABLED", "LEGACY"]),
            skip("EnableTokenRevocation", "tokens are not revoked here"),
        ],
    },
    TypeList {
        name: "AWS::Cognito::UserPoolGroup",
        properties: &[run("GroupName"), run("UserPoolId"), skip("Description", "text for people")],
    },
    TypeList {
        name: "AWS::Logs::LogGroup",
        properties: &[
            skip("LogGroupName", "functions log to the terminal here"),
            skip("RetentionInDays", "functions log to the terminal here"),
        ],
    },
];

/// What is refused on purpose, with the reason that the refusal gives. Anything else that is not listed is refused, too.
pub const REFUSED: &[(&str, &str)] = &[
    ("Conditions", "what is deployed must be what runs here, so nothing is conditional"),
    ("Condition", "what is deployed must be what runs here, so nothing is conditional"),
    ("Fn::If", "what is deployed must be what runs here, so nothing is conditional"),
    ("Mappings", "there is one region and one stage; a value that differs is a parameter"),
    ("Fn::FindInMap", "there is one region and one stage; a value that differs is a parameter"),
    ("Transform", "a macro is a program that only AWS has; only AWS::Serverless-2016-10-31 is known"),
    ("Fn::Transform", "a macro is a program that only AWS has"),
    ("Fn::ImportValue", "another stack's values are not here"),
    ("Export", "other stacks do not read this one"),
    ("Connectors", "a connector writes statements that cannot be seen in the template"),
    ("AWS::Serverless::Connector", "a connector writes statements that cannot be seen in the template"),
    ("Policies[]", "policy templates and managed policies are not written out here; use an inline Statement"),
    ("Globals", "only Globals.Function is known, so that every other resource says what it is"),
    ("AWS::NoValue", "what is deployed must be what runs here, so nothing is conditional"),
];
