use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, ChallengeNameType, MessageActionType};
use serde_json::json;

use super::harness::{APP, EMAIL, PASSWORD, POOL, Pool, code, kind, memory, pool, pool_over};
use crate::services::cognito::{NoTriggers, TriggerError, Triggers};

const OTHER_PASSWORD: &str = "Correct-zebra-2";

async fn create(pool: &Pool, email: &str) -> Result<String, (String, String)> {
    let verified = AttributeType::builder().name("email_verified").value("true").build().unwrap();
    let call = pool.sdk.admin_create_user().user_pool_id(POOL).username(email).user_attributes(verified);
    let call = call.temporary_password(PASSWORD).message_action(MessageActionType::Suppress);
    let answer = call.send().await.map_err(|error| code(&error))?;
    let user = answer.user.unwrap();
    assert_eq!(user.user_status.unwrap().as_str(), "FORCE_CHANGE_PASSWORD");
    Ok(user.username.unwrap())
}

/// The session of the challenge that a log-in with the temporary password leads to.
async fn challenged(pool: &Pool) -> String {
    let call = pool.sdk.initiate_auth().client_id(APP).auth_flow(AuthFlowType::UserPasswordAuth);
    let call = call.auth_parameters("USERNAME", EMAIL).auth_parameters("PASSWORD", PASSWORD);
    let answer = call.send().await.unwrap();
    assert_eq!(answer.authentication_result, None);
    assert_eq!(answer.challenge_name, Some(ChallengeNameType::NewPasswordRequired));
    answer.session.unwrap()
}

/// Answers the challenge with a password; the access token that follows.
async fn choose(pool: &Pool, session: &str, email: &str, password: &str) -> Result<String, (String, String)> {
    let call = pool.sdk.respond_to_auth_challenge().client_id(APP).session(session);
    let call = call.challenge_name(ChallengeNameType::NewPasswordRequired);
    let call = call.challenge_responses("USERNAME", email).challenge_responses("NEW_PASSWORD", password);
    let answer = call.send().await.map_err(|error| code(&error))?;
    Ok(answer.authentication_result.unwrap().access_token.unwrap())
}

async fn set_password(pool: &Pool, name: &str, password: &str) -> Result<(), (String, String)> {
    let call = pool.sdk.admin_set_user_password().user_pool_id(POOL).username(name).password(password);
    call.permanent(true).send().await.map(drop).map_err(|error| code(&error))
}

#[tokio::test]
async fn an_administrator_makes_a_user_who_logs_in_with_a_password_that_is_permanent() {
    let pool = pool(NoTriggers).await;
    let sub = create(&pool, EMAIL).await.unwrap();
    set_password(&pool, EMAIL, OTHER_PASSWORD).await.unwrap();
    pool.add_to_group(EMAIL, "compliance").await.unwrap();
    assert_eq!(pool.log_in(EMAIL, PASSWORD).await.unwrap_err().1, "Incorrect username or password.");
    let tokens = pool.log_in(EMAIL, OTHER_PASSWORD).await.unwrap();
    let (_, access) = pool.verified(tokens.access_token().unwrap()).await;
    assert_eq!((&access["sub"], &access["cognito:groups"]), (&json!(sub), &json!(["compliance"])));
    assert_eq!(pool.get_user(tokens.access_token().unwrap()).await.unwrap()["email_verified"], "true");
    assert!(pool.mails().is_empty());
}

#[tokio::test]
async fn who_is_not_hushed_up_is_invited() {
    let pool = pool(NoTriggers).await;
    pool.sdk.admin_create_user().user_pool_id(POOL).username(EMAIL).send().await.unwrap();
    let mails = pool.mails();
    assert_eq!((mails.len(), mails[0].to.as_str(), &mails[0].code), (1, EMAIL, &None));
    assert!(mails[0].body.starts_with(&format!("Your username is {EMAIL} and temporary password is ")));
}

#[tokio::test]
async fn what_cannot_be_is_refused_as_the_service_refuses_it() {
    let pool = pool(NoTriggers).await;
    create(&pool, EMAIL).await.unwrap();
    assert_eq!(kind(create(&pool, "ADA@example.com").await), "UsernameExistsException");
    assert_eq!(kind(create(&pool, "ada").await), "InvalidParameterException");
    assert_eq!(kind(set_password(&pool, "bob@example.com", PASSWORD).await), "UserNotFoundException");
    assert_eq!(kind(set_password(&pool, EMAIL, "horse").await), "InvalidPasswordException");
    let elsewhere = pool.sdk.admin_create_user().user_pool_id("eu-west-1_other").username("bob@example.com");
    assert_eq!(kind(elsewhere.send().await.map_err(|error| code(&error))), "ResourceNotFoundException");
    let again = pool.sdk.admin_create_user().user_pool_id(POOL).username(EMAIL);
    let again = again.message_action(MessageActionType::Resend).send().await.map_err(|error| code(&error));
    assert_eq!(kind(again), "InvalidParameterException");
}

#[tokio::test]
async fn somebody_who_signed_up_needs_no_code_once_an_administrator_set_their_password() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    set_password(&pool, EMAIL, OTHER_PASSWORD).await.unwrap();
    pool.log_in(EMAIL, OTHER_PASSWORD).await.unwrap();
}

/// Permits no administrator anything, and takes note of sign-ups.
struct Forbidding;

#[async_trait::async_trait]
impl Triggers for Forbidding {
    async fn pre_sign_up(&self, event: serde_json::Value) -> Result<serde_json::Value, TriggerError> {
        Err(TriggerError { message: event["triggerSource"].to_string() })
    }

    fn allow(&self, _: &str, action: &str) -> Result<(), String> {
        if action == "cognito-idp:AdminCreateUser" { Ok(()) } else { Err("no".to_owned()) }
    }
}

#[tokio::test]
async fn permissions_are_asked_for_and_the_trigger_is_told_who_makes_the_user() {
    let pool = pool(Forbidding).await;
    assert_eq!(kind(set_password(&pool, EMAIL, PASSWORD).await), "AccessDeniedException");
    let refused = create(&pool, EMAIL).await.unwrap_err();
    assert_eq!(refused.0, "UserLambdaValidationException");
    assert!(refused.1.contains("PreSignUp_AdminCreateUser"), "{}", refused.1);
}

#[tokio::test]
async fn a_temporary_password_lets_somebody_choose_their_own_and_nothing_else() {
    let db = memory();
    create(&pool_over(db.clone(), NoTriggers).await, EMAIL).await.unwrap();
    // A restart forgets neither the password nor that it is temporary.
    let pool = pool_over(db, NoTriggers).await;
    let session = challenged(&pool).await;
    assert_eq!(kind(choose(&pool, &session, EMAIL, "horse").await), "InvalidPasswordException");
    assert_eq!(kind(choose(&pool, "made-up-session-made-up", EMAIL, OTHER_PASSWORD).await), "NotAuthorizedException");
    create(&pool, "bob@example.com").await.unwrap();
    assert_eq!(kind(choose(&pool, &session, "bob@example.com", OTHER_PASSWORD).await), "NotAuthorizedException");
    let access = choose(&pool, &session, EMAIL, OTHER_PASSWORD).await.unwrap();
    assert_eq!(pool.get_user(&access).await.unwrap()["email"], EMAIL);
    assert_eq!(kind(choose(&pool, &session, EMAIL, PASSWORD).await), "NotAuthorizedException");
    pool.log_in(EMAIL, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_challenge_is_good_for_three_minutes() {
    let pool = pool(NoTriggers).await;
    create(&pool, EMAIL).await.unwrap();
    let session = challenged(&pool).await;
    pool.clock.advance_ms(180_000);
    let late = choose(&pool, &session, EMAIL, OTHER_PASSWORD).await.unwrap_err();
    assert_eq!(late.1, "Invalid session for the user, session is expired.");
    let session = challenged(&pool).await;
    pool.clock.advance_ms(179_999);
    choose(&pool, &session, EMAIL, OTHER_PASSWORD).await.unwrap();
}
