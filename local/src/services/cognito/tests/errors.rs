use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::harness::{
    APP, EMAIL, HOUR_MS, LEGACY_APP, NOW_MS, PASSWORD, POOL, Pool, code, kind, memory, pool, pool_config, pool_over,
};
use crate::{
    engine::clock::ManualClock,
    services::cognito::{Cognito, NoTriggers, PoolKeys},
};

/// A code that was not mailed.
fn other_than(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

async fn resend(pool: &Pool, client: &str, email: &str) -> Result<(), (String, String)> {
    let sent = pool.sdk.resend_confirmation_code().client_id(client).username(email).send().await;
    sent.map(drop).map_err(|error| code(&error))
}

#[tokio::test]
async fn a_wrong_code_is_refused_and_guessing_ends_soon() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    let right = pool.mailed_code();
    for _ in 0..5 {
        assert_eq!(kind(pool.confirm(EMAIL, &other_than(&right)).await), "CodeMismatchException");
    }
    // Not even the right one helps now, nor does a new one.
    assert_eq!(kind(pool.confirm(EMAIL, &right).await), "TooManyFailedAttemptsException");
    resend(&pool, APP, EMAIL).await.unwrap();
    assert_eq!(kind(pool.confirm(EMAIL, &pool.mailed_code()).await), "TooManyFailedAttemptsException");
    pool.clock.advance_ms(HOUR_MS);
    pool.confirm(EMAIL, &pool.mailed_code()).await.unwrap();
}

#[tokio::test]
async fn a_code_expires_after_a_day() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    pool.clock.advance_ms(24 * HOUR_MS);
    assert_eq!(kind(pool.confirm(EMAIL, &pool.mailed_code()).await), "ExpiredCodeException");
    resend(&pool, APP, EMAIL).await.unwrap();
    pool.clock.advance_ms(24 * HOUR_MS - 1);
    pool.confirm(EMAIL, &pool.mailed_code()).await.unwrap();
}

#[tokio::test]
async fn a_confirmed_user_is_not_confirmed_again() {
    let pool = pool(NoTriggers).await;
    pool.confirmed(EMAIL).await;
    let again = pool.confirm(EMAIL, &pool.mailed_code()).await.unwrap_err();
    assert_eq!(again.0, "NotAuthorizedException");
    assert_eq!(again.1, "User cannot be confirmed. Current status is CONFIRMED");
    assert_eq!(kind(resend(&pool, APP, EMAIL).await), "InvalidParameterException");
}

#[tokio::test]
async fn mails_are_not_sent_without_end() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    for _ in 0..5 {
        resend(&pool, APP, EMAIL).await.unwrap();
    }
    assert_eq!(kind(resend(&pool, APP, EMAIL).await), "LimitExceededException");
    assert_eq!(pool.mails().len(), 6);
    pool.clock.advance_ms(HOUR_MS);
    resend(&pool, APP, EMAIL).await.unwrap();
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let pool = pool(NoTriggers).await;
    pool.confirmed(EMAIL).await;
    let wrong = pool.log_in(EMAIL, "Wrong-horse-1").await.unwrap_err();
    let unknown = pool.log_in("bob@example.com", "Wrong-horse-1").await.unwrap_err();
    assert_eq!(wrong, ("NotAuthorizedException".to_owned(), "Incorrect username or password.".to_owned()));
    assert_eq!(wrong, unknown);
    assert_eq!(kind(pool.confirm("bob@example.com", "123456").await), "ExpiredCodeException");
    resend(&pool, APP, "bob@example.com").await.unwrap();
    assert_eq!(pool.mails().len(), 1);
    // A client may choose otherwise.
    assert_eq!(kind(resend(&pool, LEGACY_APP, "bob@example.com").await), "UserNotFoundException");
}

#[tokio::test]
async fn guessing_passwords_earns_pauses_for_known_and_unknown_users_alike() {
    let pool = pool(NoTriggers).await;
    pool.confirmed(EMAIL).await;
    for email in [EMAIL, "bob@example.com"] {
        for _ in 0..5 {
            assert_eq!(pool.log_in(email, "Wrong-horse-1").await.unwrap_err().1, "Incorrect username or password.");
        }
        assert_eq!(pool.log_in(email, PASSWORD).await.unwrap_err().1, "Password attempts exceeded");
    }
    pool.clock.advance_ms(1_000);
    pool.log_in(EMAIL, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn an_unconfirmed_user_may_not_log_in_and_only_the_right_password_tells() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(kind(pool.log_in(EMAIL, PASSWORD).await), "UserNotConfirmedException");
    assert_eq!(kind(pool.log_in(EMAIL, "Wrong-horse-1").await), "NotAuthorizedException");
}

#[tokio::test]
async fn a_weak_password_or_no_address_makes_no_user() {
    let pool = pool(NoTriggers).await;
    for password in ["Short-1", "password", "PASSWORD-1", "password-1", "Password1", "Password-"] {
        assert_eq!(kind(pool.sign_up(EMAIL, password).await), "InvalidPasswordException", "{password}");
    }
    assert_eq!(kind(pool.sign_up("ada", PASSWORD).await), "InvalidParameterException");
    assert!(pool.mails().is_empty());
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn attributes_that_a_client_may_not_write_are_refused() {
    use aws_sdk_cognitoidentityprovider::types::AttributeType;
    let pool = pool(NoTriggers).await;
    for (name, value, expected) in [
        ("email_verified", "true", "NotAuthorizedException"),
        ("sub", "me", "NotAuthorizedException"),
        ("custom:role", "king", "InvalidParameterException"),
        ("email", "bob@example.com", "InvalidParameterException"),
    ] {
        let attribute = AttributeType::builder().name(name).value(value).build().unwrap();
        let call = pool.sdk.sign_up().client_id(APP).username(EMAIL).password(PASSWORD).user_attributes(attribute);
        let error = call.send().await.map(|answer| answer.user_sub).map_err(|error| code(&error));
        assert_eq!(kind(error), expected, "{name}");
    }
    let attribute = AttributeType::builder().name("email").value("ADA@example.com").build().unwrap();
    pool.sdk
        .sign_up()
        .client_id(APP)
        .username(EMAIL)
        .password(PASSWORD)
        .user_attributes(attribute)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn an_unknown_client_or_pool_is_named() {
    let pool = pool(NoTriggers).await;
    let call = pool.sdk.sign_up().client_id("nobody").username(EMAIL).password(PASSWORD);
    let error = code(&call.send().await.unwrap_err());
    let expected = ("ResourceNotFoundException", "User pool client nobody does not exist.");
    assert_eq!((error.0.as_str(), error.1.as_str()), expected);
    let call = pool.sdk.admin_add_user_to_group().user_pool_id("eu-west-1_x").username(EMAIL).group_name("operators");
    assert_eq!(code(&call.send().await.unwrap_err()).0, "ResourceNotFoundException");
}

#[tokio::test]
async fn only_access_tokens_of_this_pool_are_accepted() {
    let here = pool(NoTriggers).await;
    here.confirmed(EMAIL).await;
    let tokens = here.log_in(EMAIL, PASSWORD).await.unwrap();
    let access = tokens.access_token().unwrap();
    let (head, signature) = access.rsplit_once('.').unwrap();
    let unsigned = format!("{head}.");
    let flipped = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for token in [tokens.id_token().unwrap(), unsigned.as_str(), flipped.as_str(), "x", "a.b.c"] {
        let error = here.get_user(token).await.unwrap_err();
        assert_eq!((error.0.as_str(), error.1.as_str()), ("NotAuthorizedException", "Invalid Access Token"));
    }
    // Same keys, same issuer, but the user is not there.
    let there = pool_over(memory(), NoTriggers).await;
    assert_eq!(kind(there.get_user(access).await), "UserNotFoundException");
    // Same issuer, other keys.
    let clock = std::sync::Arc::new(ManualClock::new(NOW_MS));
    let keys = PoolKeys::generate().unwrap();
    let triggers = std::sync::Arc::new(NoTriggers);
    let foreign = Cognito::open_with_keys(memory(), clock, pool_config(), triggers, &keys).unwrap();
    let body = Bytes::from(json!({"AccessToken": access}).to_string());
    let request = Request::post("/cognito").header("x-amz-target", target("GetUser")).body(body).unwrap();
    assert_eq!(foreign.handle(request).await.status(), 400);
}

#[tokio::test]
async fn a_flow_that_a_client_may_not_use_is_refused() {
    let pool = pool(NoTriggers).await;
    assert_eq!(kind(pool.refresh(LEGACY_APP, "x").await), "InvalidParameterException");
    for (flow, parameters) in
        [("USER_SRP_AUTH", json!({"USERNAME": EMAIL})), ("USER_PASSWORD_AUTH", json!({"USERNAME": EMAIL}))]
    {
        let (status, answer) =
            post(&pool, "InitiateAuth", &json!({"ClientId": APP, "AuthFlow": flow, "AuthParameters": parameters}))
                .await;
        assert_eq!((status, &answer["__type"]), (400, &json!("InvalidParameterException")));
    }
}

#[tokio::test]
async fn an_administrators_call_must_be_signed() {
    let pool = pool(NoTriggers).await;
    pool.confirmed(EMAIL).await;
    let body = json!({"UserPoolId": POOL, "Username": EMAIL, "GroupName": "operators"});
    let (status, answer) = post(&pool, "AdminAddUserToGroup", &body).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("MissingAuthenticationTokenException")));
}

#[tokio::test]
async fn what_is_not_a_request_is_refused_in_the_services_own_words() {
    let pool = pool(NoTriggers).await;
    let (status, answer) = post(&pool, "BuyShares", &json!({})).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("UnknownOperationException")));
    let (_, answer) = pool.raw(Request::post("/cognito/").body(Bytes::from_static(b"{}")).unwrap()).await;
    assert_eq!(answer["__type"], "UnknownOperationException");
    for body in ["", "{", "[]", "\"x\"", r#"{"ClientId":5}"#, r#"{"UserAttributes":{}}"#] {
        let request = Request::post("/cognito").header("x-amz-target", target("SignUp"));
        let (status, answer) = pool.raw(request.body(Bytes::from(body)).unwrap()).await;
        assert_eq!((status, &answer["__type"]), (400, &json!("SerializationException")), "{body}");
    }
    let large = format!("{{\"ClientId\":\"{}\"}}", "x".repeat(300_000));
    let request = Request::post("/cognito").header("x-amz-target", target("SignUp")).body(Bytes::from(large)).unwrap();
    assert_eq!(pool.raw(request).await.1["__type"], "SerializationException");
    let (_, answer) = post(&pool, "SignUp", &json!({"ClientId": APP})).await;
    assert_eq!(answer["__type"], "InvalidParameterException");
    assert_eq!(pool.raw(Request::get("/cognito").body(Bytes::new()).unwrap()).await.0, 405);
    assert_eq!(pool.raw(Request::get("/cognitor").body(Bytes::new()).unwrap()).await.0, 404);
}

#[tokio::test]
async fn a_browser_may_call_what_needs_no_signature() {
    let pool = pool(NoTriggers).await;
    let preflight = Request::options("/cognito").body(Bytes::new()).unwrap();
    let answer = pool.cognito.handle(preflight).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(!answer.headers()["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
}

fn target(operation: &str) -> String {
    format!("AWSCognitoIdentityProviderService.{operation}")
}

async fn post(pool: &Pool, operation: &str, body: &Value) -> (u16, Value) {
    let request = Request::post("/cognito").header("x-amz-target", target(operation));
    pool.raw(request.body(Bytes::from(body.to_string())).unwrap()).await
}
