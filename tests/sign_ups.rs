//! Sign-ups that nobody activates go after thirty days, with their users; whoever activates theirs stays. Of the two exactly one wins.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Bank, Person, TEMPLATE};

const ENSURE: &str = "mutation { ensureCustomer { status version } }";
const EMAIL: &str = "ada@example.com";
/// A sign-up waits so long for its activation.
const MONTH: Duration = Duration::days(30);

/// A bank whose table of sign-ups is as late as it may be: it removes nothing until it is told to.
async fn late() -> Bank {
    Bank::open_with(&TEMPLATE.replacen(
        "TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}\n      StreamSpec",
        "StreamSpec",
        1,
    ))
    .await
}

/// The template with nothing on schedule, for those who wait for years.
fn patient(template: &str) -> String {
    let rarely = "cron(0 0 1 1 ? *)";
    let schedules = ["cron(10 0/4 * * ? *)", "cron(0 1 ? * MON,TUE *)", "cron(30 2 * * ? *)"];
    schedules.iter().fold(template.to_owned(), |template, often| template.replace(often, rarely))
}

/// A bank whose trigger for confirmations is always lost.
fn deaf() -> String {
    let (before, permission) = TEMPLATE.split_once("  CognitoPostConfirmationPermission:").unwrap();
    let permission =
        permission.replacen("!GetAtt UserPool.Arn", "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/another", 1);
    format!("{before}  CognitoPostConfirmationPermission:{permission}")
}

/// Whether the pool still knows somebody.
async fn is_user(bank: &Bank, sub: &str) -> bool {
    let pool = bank.local.plan().user_pools[0].id.clone();
    let config = bank.local.sdk_config(granary::services::OPERATOR);
    let pool_api = aws_sdk_cognitoidentityprovider::Client::new(&config);
    match pool_api.admin_list_groups_for_user().user_pool_id(pool).username(sub).send().await {
        Ok(_) => true,
        Err(error) => {
            assert!(error.as_service_error().unwrap().is_user_not_found_exception(), "{error:?}");
            false
        }
    }
}

/// What is archived: key and content.
fn archived(bank: &Bank) -> Vec<(String, Value)> {
    let bucket = &bank.local.plan().bucket("Archive").unwrap().name;
    let s3 = &bank.local.aws().s3;
    let keys = s3.keys(bucket, "sign-ups/").unwrap().into_iter();
    keys.map(|key| {
        let object = s3.get(bucket, &key).unwrap().unwrap();
        (key, serde_json::from_slice(&object.body).unwrap())
    })
    .collect()
}

async fn confirmed(bank: &Bank, email: &str) -> Person {
    let sub = bank.sign_up(email).await;
    let _the_trigger_may_be_lost = bank.confirm(email).await;
    Person { email: email.to_owned(), sub, token: bank.log_in(email).await }
}

async fn ensure(bank: &Bank, person: &Person) -> Value {
    bank.graphql_raw(Some(&person.token), &json!({ "query": ENSURE }).to_string()).await.1
}

fn refusal(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

/// The record by which the table would say that it removed a row by itself.
fn removal(row: &HashMap<String, AttributeValue>, at_s: i64) -> Value {
    let image = row.iter().map(|(name, value)| match value {
        AttributeValue::N(number) => (name.clone(), json!({ "N": number })),
        text => (name.clone(), json!({ "S": text.as_s().unwrap() })),
    });
    let image: serde_json::Map<_, _> = image.collect();
    json!({ "Records": [{
        "eventID": "1", "eventName": "REMOVE", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
        "userIdentity": { "type": "Service", "principalId": "dynamodb.amazonaws.com" },
        "dynamodb": {
            "ApproximateCreationDateTime": at_s, "Keys": { "pk": image["pk"] }, "OldImage": image,
            "SequenceNumber": "100000000000000000001", "SizeBytes": 100, "StreamViewType": "OLD_IMAGE",
        },
    }] })
}

async fn expire(bank: &Bank, event: &Value) {
    let answer = bank.local.lambdas().invoke("ExpireSignUp", event.to_string().into()).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&answer).unwrap(), json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn a_sign_up_that_nobody_activates_is_archived_after_thirty_days_and_its_user_goes() {
    let bank = Bank::open().await;
    let sub = bank.sign_up(EMAIL).await;
    bank.advance(MONTH - Duration::SECOND).await;
    assert!(is_user(&bank, &sub).await);
    bank.advance(Duration::minutes(2)).await;
    assert!(!is_user(&bank, &sub).await);
    assert_eq!(bank.items("SignUps").await.len(), 0);
    let kept = archived(&bank);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].0, format!("sign-ups/2026-12-20/{sub}.json"));
    let mut content = kept[0].1.clone();
    let expired_at = content["expiredAt"].take();
    assert!(expired_at.as_str().unwrap().starts_with("2026-12-20T12:0"), "{expired_at}");
    assert_eq!(content, json!({ "subject": sub, "begunAt": "2026-11-20T12:00:00.000Z", "expiredAt": null }));
    for table in ["IdentityEvents", "IdentityProjections", "OnboardingEvents", "Vault", "VaultKeys"] {
        assert_eq!(bank.items(table).await.len(), 0, "{table}");
    }
    // The address is free again, and whoever it is now is somebody else.
    let again = bank.newcomer(EMAIL).await;
    assert_ne!(again.sub, sub);
    bank.advance(MONTH * 2).await;
    assert!(is_user(&bank, &again.sub).await);
}

#[tokio::test]
async fn customers_and_those_who_only_confirmed_in_time_keep_their_users_for_good() {
    let bank = Bank::open_with(&patient(TEMPLATE)).await;
    let ada = bank.newcomer(EMAIL).await;
    bank.advance(Duration::days(800)).await;
    assert!(is_user(&bank, &ada.sub).await);
    assert_eq!((archived(&bank).len(), bank.items("SignUps").await.len()), (0, 0));
}

#[tokio::test]
async fn a_confirmation_after_thirty_days_is_refused_though_the_row_is_still_there() {
    let bank = late().await;
    let sub = bank.sign_up(EMAIL).await;
    bank.advance(MONTH).await;
    let pool = bank.pool();
    pool.resend_confirmation_code().client_id(bank.client_id()).username(EMAIL).send().await.unwrap();
    let refused = bank.confirm(EMAIL).await.unwrap_err();
    assert!(format!("{refused:?}").contains("SIGN_UP_EXPIRED"), "{refused:?}");
    let ada = Person { email: EMAIL.to_owned(), sub, token: bank.log_in(EMAIL).await };
    for _ in 0..2 {
        assert_eq!(refusal(&ensure(&bank, &ada).await), "SIGN_UP_EXPIRED");
    }
    for table in ["IdentityEvents", "Vault", "VaultKeys"] {
        assert_eq!(bank.items(table).await.len(), 0, "{table}");
    }
    // Days later the table gets to it.
    let rows = bank.items("SignUps").await;
    assert!(!rows[0].contains_key("claimed"));
    expire(&bank, &removal(&rows[0], bank.now_ms() / 1_000)).await;
    assert!(!is_user(&bank, &ada.sub).await);
    assert_eq!(archived(&bank).len(), 1);
}

#[tokio::test]
async fn one_second_before_its_end_a_sign_up_is_activated() {
    let bank = late().await;
    let sub = bank.sign_up(EMAIL).await;
    bank.advance(MONTH - Duration::SECOND).await;
    bank.pool().resend_confirmation_code().client_id(bank.client_id()).username(EMAIL).send().await.unwrap();
    bank.confirm(EMAIL).await.unwrap();
    let ada = Person { email: EMAIL.to_owned(), sub, token: bank.log_in(EMAIL).await };
    assert_eq!(ensure(&bank, &ada).await["data"]["ensureCustomer"]["version"], 0);
    assert_eq!(bank.items("SignUps").await.len(), 0);
}

#[tokio::test]
async fn whoever_is_removed_can_no_longer_become_a_customer_with_the_token_they_have() {
    let bank = Bank::open_with(&deaf()).await;
    let sub = bank.sign_up(EMAIL).await;
    bank.confirm(EMAIL).await.unwrap_err();
    bank.advance(MONTH - Duration::MINUTE).await;
    let ada = Person { email: EMAIL.to_owned(), sub, token: bank.log_in(EMAIL).await };
    bank.advance(Duration::minutes(3)).await;
    assert!(!is_user(&bank, &ada.sub).await, "confirmed and never heard of again");
    assert_eq!(refusal(&ensure(&bank, &ada).await), "SIGN_UP_EXPIRED");
    assert_eq!(bank.items("IdentityEvents").await.len(), 0);
}

#[tokio::test]
async fn an_activation_that_died_after_its_claim_keeps_its_user_and_is_finished_whenever_they_come() {
    let bank = Bank::open_with(&patient(&deaf())).await;
    let ada = confirmed(&bank, EMAIL).await;
    claim(&bank, &ada).await;
    bank.advance(Duration::days(400)).await; // The table removed the claim once; it was put back.
    assert!(is_user(&bank, &ada.sub).await);
    assert!(bank.items("SignUps").await[0].contains_key("claimed"));
    let ada = bank.again(&ada).await;
    assert_eq!(ensure(&bank, &ada).await["data"]["ensureCustomer"]["version"], 0);
    assert_eq!((bank.items("SignUps").await.len(), archived(&bank).len()), (0, 0));
}

/// As much of an activation as there is when it dies right after its first write.
async fn claim(bank: &Bank, person: &Person) {
    use app::ports::{Claim, SignUps as _};
    let sign_ups = aws::DynamoSignUps::new(bank.dynamodb(), bank.table("SignUps"));
    let now = time::OffsetDateTime::from_unix_timestamp(bank.now_ms() / 1_000).unwrap();
    let id = person.sub.parse().unwrap();
    for _ in 0..2 {
        assert_eq!(sign_ups.claim(id, now).await.unwrap(), Claim::Taken);
    }
    sign_ups.note(id, now).await.unwrap(); // A trigger that comes late takes nothing back.
    assert_eq!(sign_ups.claim(id, now + Duration::days(20)).await.unwrap(), Claim::Taken);
}

#[tokio::test]
async fn a_customer_whose_sign_up_is_noted_once_more_keeps_their_user() {
    let bank = Bank::open().await;
    let ada = bank.newcomer(EMAIL).await;
    let event = json!({
        "triggerSource": "PreSignUp_SignUp", "userName": ada.sub, "request": {}, "response": {},
    });
    bank.local.lambdas().invoke("CognitoPreSignUp", event.to_string().into()).await.unwrap();
    assert_eq!(bank.items("SignUps").await.len(), 1);
    bank.advance(MONTH + Duration::minutes(2)).await;
    assert!(is_user(&bank, &ada.sub).await);
    assert_eq!((bank.items("SignUps").await.len(), archived(&bank).len()), (0, 0));
}

#[tokio::test]
async fn somebody_who_signed_up_and_then_came_to_work_here_is_left_alone() {
    let bank = Bank::open().await;
    let sub = bank.sign_up("grace@granary.example").await;
    let staff = bank.staff("grace@granary.example", &["compliance"]).await;
    assert_eq!(staff.sub, sub);
    bank.advance(MONTH + Duration::minutes(2)).await;
    assert!(is_user(&bank, &sub).await);
    assert_eq!((bank.items("SignUps").await.len(), archived(&bank).len()), (0, 0));
}

#[tokio::test]
async fn a_record_that_comes_twice_or_after_the_user_is_gone_changes_nothing_more() {
    let bank = late().await;
    let sub = bank.sign_up(EMAIL).await;
    bank.advance(MONTH + Duration::DAY).await;
    let rows = bank.items("SignUps").await;
    let event = removal(&rows[0], bank.now_ms() / 1_000);
    for _ in 0..3 {
        expire(&bank, &event).await;
        assert!(!is_user(&bank, &sub).await);
        assert_eq!(archived(&bank).len(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_expired_holds_up_nobody_and_is_kept_for_an_operator() {
    // The function may not remove users for the first hours.
    let bank = Bank::open_with(&TEMPLATE.replacen(
        "Action: [cognito-idp:AdminListGroupsForUser, cognito-idp:AdminDeleteUser]",
        "Action: cognito-idp:AdminListGroupsForUser",
        1,
    ))
    .await;
    let subs = [bank.sign_up("one@example.com").await, bank.sign_up("two@example.com").await];
    bank.local.advance(std::time::Duration::from_secs(31 * 86_400)).await.unwrap();
    for sub in &subs {
        assert!(is_user(&bank, sub).await);
    }
    let failures = &bank.local.plan().bucket("RelayFailures").unwrap().name;
    let keys = bank.local.aws().s3.keys(failures, "").unwrap();
    assert_eq!(keys.len(), 2, "one by one: {keys:?}");
}
