use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::harness::{APP, EMAIL, PASSWORD, POOL, Pool, code, kind, memory, pool, pool_over};
use crate::services::cognito::{TriggerError, Triggers, store::Db};

/// Writes down what it is told, and does as it is told.
#[derive(Clone, Default)]
struct Recorder {
    seen: Arc<Mutex<Vec<Value>>>,
    refuses_sign_up: bool,
    fails_confirmation: bool,
    answers: Option<Value>,
}

#[async_trait::async_trait]
impl Triggers for Recorder {
    async fn pre_sign_up(&self, event: Value) -> Result<Value, TriggerError> {
        self.seen.lock().unwrap().push(event.clone());
        if self.refuses_sign_up {
            return Err(TriggerError { message: "not today".to_owned() });
        }
        let mut answer = event;
        if let Some(response) = &self.answers {
            answer["response"] = response.clone();
        }
        Ok(answer)
    }

    async fn post_confirmation(&self, event: Value) -> Result<Value, TriggerError> {
        self.seen.lock().unwrap().push(event.clone());
        if self.fails_confirmation { Err(TriggerError { message: "later".to_owned() }) } else { Ok(event) }
    }
}

async fn sign_up_with_metadata(pool: &Pool) -> Result<bool, (String, String)> {
    let call = pool.sdk.sign_up().client_id(APP).username(EMAIL).password(PASSWORD).client_metadata("from", "advert");
    call.send().await.map(|answer| answer.user_confirmed).map_err(|error| code(&error))
}

#[tokio::test]
async fn the_triggers_get_cognitos_own_events() {
    let recorder = Recorder::default();
    let pool = pool(recorder.clone()).await;
    sign_up_with_metadata(&pool).await.unwrap();
    pool.confirm(EMAIL, &pool.mailed_code()).await.unwrap();
    let sub = pool.get_user(pool.log_in(EMAIL, PASSWORD).await.unwrap().access_token().unwrap()).await.unwrap()["sub"]
        .clone();

    let seen = recorder.seen.lock().unwrap();
    let caller = json!({"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": APP});
    assert_eq!(
        seen[0],
        json!({
            "version": "1", "region": "eu-west-1", "userPoolId": POOL, "userName": sub, "callerContext": caller,
            "triggerSource": "PreSignUp_SignUp",
            "request": {
                "userAttributes": {"email": EMAIL}, "validationData": null, "clientMetadata": {"from": "advert"},
            },
            "response": {"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false},
        })
    );
    assert_eq!(
        seen[1],
        json!({
            "version": "1", "region": "eu-west-1", "userPoolId": POOL, "userName": sub, "callerContext": caller,
            "triggerSource": "PostConfirmation_ConfirmSignUp",
            "request": {"userAttributes": {
                "sub": sub, "email": EMAIL, "email_verified": "true", "cognito:user_status": "CONFIRMED",
            }},
            "response": {},
        })
    );
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn a_refusal_before_sign_up_leaves_no_user() {
    let pool = pool(Recorder { refuses_sign_up: true, ..Recorder::default() }).await;
    let error = pool.sign_up(EMAIL, PASSWORD).await.unwrap_err();
    let expected = ("UserLambdaValidationException", "PreSignUp failed with error not today.");
    assert_eq!((error.0.as_str(), error.1.as_str()), expected);
    assert!(pool.mails().is_empty());
    // Still the trigger's refusal, not "exists".
    assert_eq!(kind(pool.sign_up(EMAIL, PASSWORD).await), "UserLambdaValidationException");
    assert_eq!(kind(pool.log_in(EMAIL, PASSWORD).await), "NotAuthorizedException");
}

#[tokio::test]
async fn a_failure_after_confirmation_is_told_and_undoes_nothing() {
    let pool = pool(Recorder { fails_confirmation: true, ..Recorder::default() }).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    let error = pool.confirm(EMAIL, &pool.mailed_code()).await.unwrap_err();
    let expected = ("UserLambdaValidationException", "PostConfirmation failed with error later.");
    assert_eq!((error.0.as_str(), error.1.as_str()), expected);
    pool.log_in(EMAIL, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_trigger_may_confirm_at_once() {
    let answers = Some(json!({"autoConfirmUser": true, "autoVerifyEmail": true}));
    let recorder = Recorder { answers, ..Recorder::default() };
    let pool = pool(recorder.clone()).await;
    assert_eq!(sign_up_with_metadata(&pool).await, Ok(true));
    assert!(pool.mails().is_empty());
    let token = pool.log_in(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(pool.get_user(token.access_token().unwrap()).await.unwrap()["email_verified"], "true");
    assert_eq!(recorder.seen.lock().unwrap()[1]["triggerSource"], "PostConfirmation_ConfirmSignUp");
}

#[tokio::test]
async fn an_answer_that_is_no_event_leaves_no_user() {
    let pool = pool(Recorder { answers: Some(json!("yes")), ..Recorder::default() }).await;
    assert_eq!(kind(pool.sign_up(EMAIL, PASSWORD).await), "InvalidLambdaResponseException");
    assert_eq!(kind(pool.log_in(EMAIL, PASSWORD).await), "NotAuthorizedException");
}

/// A trigger that never answers.
struct Silent;

#[async_trait::async_trait]
impl Triggers for Silent {
    async fn pre_sign_up(&self, _event: Value) -> Result<Value, TriggerError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_trigger_is_asked_three_times() {
    let pool = pool(Silent).await;
    let began = tokio::time::Instant::now();
    let body = json!({"ClientId": APP, "Username": EMAIL, "Password": PASSWORD}).to_string();
    let request = http::Request::post("/cognito").header("x-amz-target", "AWSCognitoIdentityProviderService.SignUp");
    let (_, answer) = pool.raw(request.body(body.into()).unwrap()).await;
    assert_eq!(answer["__type"], "UnexpectedLambdaException");
    assert_eq!(began.elapsed().as_secs(), 15);
}

/// Dies while it is told of a confirmation.
struct Dying;

#[async_trait::async_trait]
impl Triggers for Dying {
    async fn post_confirmation(&self, _: Value) -> Result<Value, TriggerError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_confirmation_that_a_dying_process_did_not_tell_of_is_told_after_the_restart() {
    let db = memory();
    let before = pool_over(db.clone(), Dying).await;
    before.sign_up(EMAIL, PASSWORD).await.unwrap();
    let (cognito, code) = (before.cognito.clone(), before.mailed_code());
    let confirming = tokio::spawn(async move {
        let body = json!({"ClientId": APP, "Username": EMAIL, "ConfirmationCode": code,
            "ClientMetadata": {"from": "advert"}});
        let request = http::Request::post("/cognito")
            .header("x-amz-target", "AWSCognitoIdentityProviderService.ConfirmSignUp")
            .body(bytes::Bytes::from(body.to_string()));
        cognito.handle(request.unwrap()).await
    });
    let tables = Db::open(db.clone()).unwrap();
    while tables.untold().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    confirming.abort();

    let recorder = Recorder::default();
    let after = pool_over(db, recorder.clone()).await;
    after.cognito.take_over().await.unwrap();
    after.cognito.take_over().await.unwrap();
    let seen = recorder.seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["triggerSource"], "PostConfirmation_ConfirmSignUp");
    assert_eq!(seen[0]["request"]["userAttributes"]["email"], EMAIL);
    assert_eq!(seen[0]["request"]["clientMetadata"], json!({"from": "advert"}));
}

#[tokio::test]
async fn a_confirmation_that_was_told_or_refused_is_not_told_again() {
    for fails_confirmation in [false, true] {
        let recorder = Recorder { fails_confirmation, ..Recorder::default() };
        let pool = pool(recorder.clone()).await;
        pool.sign_up(EMAIL, PASSWORD).await.unwrap();
        let _told = pool.confirm(EMAIL, &pool.mailed_code()).await;
        pool.cognito.take_over().await.unwrap();
        assert_eq!(recorder.seen.lock().unwrap().len(), 2, "before the sign-up, and after the confirmation");
    }
}
