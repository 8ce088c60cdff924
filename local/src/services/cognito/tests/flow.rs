use std::collections::HashSet;

use serde_json::json;

use super::harness::{APP, EMAIL, HOUR_MS, ISSUER, NOW_MS, PASSWORD, POOL, keys, kind, memory, pool, pool_over};
use crate::services::cognito::NoTriggers;

#[tokio::test]
async fn a_person_signs_up_confirms_logs_in_and_is_known_by_both_tokens() {
    let pool = pool(NoTriggers).await;
    let answer = pool.sdk.sign_up().client_id(APP).username(EMAIL).password(PASSWORD).send().await.unwrap();
    assert!(!answer.user_confirmed);
    let delivery = answer.code_delivery_details.unwrap();
    assert_eq!(delivery.destination.as_deref(), Some("a***@e***"));
    let sub = answer.user_sub;

    let mails = pool.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to.as_str(), mails[0].sent_at.as_str()), (EMAIL, "2025-11-24T16:00:00Z"));
    let code = mails[0].code.clone().unwrap();
    assert!(mails[0].body.contains(&code));

    pool.confirm(EMAIL, &code).await.unwrap();
    let tokens = pool.log_in(EMAIL, PASSWORD).await.unwrap();
    assert_eq!((tokens.expires_in, tokens.token_type.as_deref()), (3_600, Some("Bearer")));

    let (access_kid, access) = pool.verified(tokens.access_token().unwrap()).await;
    let (id_kid, id) = pool.verified(tokens.id_token().unwrap()).await;
    assert_ne!(access_kid, id_kid);
    assert_eq!(access["token_use"], "access");
    assert_eq!(access["client_id"], APP);
    assert_eq!(access["username"], json!(sub));
    assert_eq!(access["scope"], "aws.cognito.signin.user.admin");
    assert_eq!(access["version"], 2);
    assert!(!access.contains_key("aud") && !access.contains_key("cognito:groups") && !access.contains_key("email"));
    assert_eq!(id["token_use"], "id");
    assert_eq!(id["aud"], APP);
    assert_eq!(id["cognito:username"], json!(sub));
    assert_eq!((&id["email"], &id["email_verified"]), (&json!(EMAIL), &json!(true)));
    assert!(!id.contains_key("client_id") && !id.contains_key("scope"));
    for claims in [&access, &id] {
        assert_eq!(claims["sub"], json!(sub));
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["iat"], pool.now_s());
        assert_eq!(claims["auth_time"], pool.now_s());
        assert_eq!(claims["exp"], pool.now_s() + 3_600);
    }
    assert_eq!(access["origin_jti"], id["origin_jti"]);
    assert_eq!(access["event_id"], id["event_id"]);
    assert_ne!(access["jti"], id["jti"]);

    let user = pool.get_user(tokens.access_token().unwrap()).await.unwrap();
    assert_eq!(user["email"], EMAIL);
    assert_eq!(user["email_verified"], "true");
    assert_eq!(user["sub"], sub);
}

#[tokio::test]
async fn the_well_known_documents_are_complete() {
    let pool = pool(NoTriggers).await;
    let (status, jwks) = pool.document("jwks.json").await;
    assert_eq!(status, 200);
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
        assert!(key["n"].is_string() && key["e"] == "AQAB" && key["d"].is_null());
    }
    let (status, configuration) = pool.document("openid-configuration").await;
    assert_eq!((status, &configuration["issuer"]), (200, &json!(ISSUER)));
    assert_eq!(configuration["jwks_uri"], format!("{ISSUER}/.well-known/jwks.json"));
    assert_eq!(pool.document("other").await.0, 404);
    let foreign =
        http::Request::get(format!("/cognito/{POOL}x/.well-known/jwks.json")).body(Default::default()).unwrap();
    assert_eq!(pool.raw(foreign).await.0, 404);
}

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_of_the_same_log_in() {
    let pool = pool(NoTriggers).await;
    pool.confirmed(EMAIL).await;
    let first = pool.log_in(EMAIL, PASSWORD).await.unwrap();
    let refresh_token = first.refresh_token().unwrap();
    pool.clock.advance_ms(HOUR_MS);
    assert_eq!(
        pool.get_user(first.access_token().unwrap()).await.unwrap_err(),
        ("NotAuthorizedException".to_owned(), "Access Token has expired".to_owned())
    );

    let second = pool.refresh(APP, refresh_token).await.unwrap();
    assert_eq!(second.refresh_token(), None);
    let (_, old) = pool.verified(first.access_token().unwrap()).await;
    let (_, new) = pool.verified(second.access_token().unwrap()).await;
    assert_eq!((&old["auth_time"], &old["origin_jti"]), (&new["auth_time"], &new["origin_jti"]));
    assert_ne!(old["jti"], new["jti"]);
    assert_eq!(new["exp"], pool.now_s() + 3_600);
    pool.get_user(second.access_token().unwrap()).await.unwrap();

    pool.clock.advance_ms(30 * 24 * HOUR_MS - HOUR_MS - 1);
    pool.refresh(APP, refresh_token).await.unwrap();
    pool.clock.advance_ms(1);
    let expired = pool.refresh(APP, refresh_token).await.unwrap_err();
    assert_eq!(expired, ("NotAuthorizedException".to_owned(), "Refresh Token has expired".to_owned()));
    assert_eq!(pool.refresh(APP, "made-up").await.unwrap_err().1, "Invalid Refresh Token");
}

#[tokio::test]
async fn an_access_token_ends_on_the_second() {
    let pool = pool(NoTriggers).await;
    pool.confirmed(EMAIL).await;
    let tokens = pool.log_in(EMAIL, PASSWORD).await.unwrap();
    pool.clock.advance_ms(HOUR_MS - 1);
    pool.get_user(tokens.access_token().unwrap()).await.unwrap();
    pool.clock.advance_ms(1);
    assert_eq!(kind(pool.get_user(tokens.access_token().unwrap()).await), "NotAuthorizedException");
}

#[tokio::test]
async fn groups_are_in_both_tokens_from_the_next_log_in_on() {
    let pool = pool(NoTriggers).await;
    let sub = pool.confirmed(EMAIL).await;
    for username in [EMAIL, &sub, "ADA@example.com"] {
        pool.add_to_group(username, "operators").await.unwrap();
    }
    pool.add_to_group(EMAIL, "compliance").await.unwrap();
    let tokens = pool.log_in(EMAIL, PASSWORD).await.unwrap();
    for token in [tokens.access_token().unwrap(), tokens.id_token().unwrap()] {
        assert_eq!(pool.verified(token).await.1["cognito:groups"], json!(["compliance", "operators"]));
    }
    assert_eq!(kind(pool.add_to_group(EMAIL, "kings").await), "ResourceNotFoundException");
    assert_eq!(kind(pool.add_to_group("bob@example.com", "operators").await), "UserNotFoundException");
}

#[tokio::test]
async fn an_address_in_other_letters_is_the_same_user() {
    let pool = pool(NoTriggers).await;
    pool.confirmed(EMAIL).await;
    for email in [EMAIL, "ADA@Example.com"] {
        assert_eq!(kind(pool.sign_up(email, PASSWORD).await), "UsernameExistsException");
    }
    pool.log_in("ADA@EXAMPLE.COM", PASSWORD).await.unwrap();
    assert_eq!(pool.mails().len(), 1);
}

#[tokio::test]
async fn of_two_sign_ups_at_the_same_time_one_wins() {
    let pool = pool(NoTriggers).await;
    let all = futures::future::join_all((0..8).map(|_| pool.sign_up(EMAIL, PASSWORD))).await;
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(pool.mails().len(), 1);
}

#[tokio::test]
async fn a_new_code_replaces_the_old_one() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    let old = pool.mailed_code();
    let mut seen = HashSet::from([old.clone()]);
    while seen.len() < 2 {
        let answer = pool.sdk.resend_confirmation_code().client_id(APP).username(EMAIL).send().await.unwrap();
        assert_eq!(answer.code_delivery_details.unwrap().destination.as_deref(), Some("a***@e***"));
        seen.insert(pool.mailed_code());
    }
    assert_eq!(kind(pool.confirm(EMAIL, &old).await), "CodeMismatchException");
    pool.confirm(EMAIL, &pool.mailed_code()).await.unwrap();
    assert_eq!(pool.mails()[0].sent_at, crate::services::cognito::users::timestamp(NOW_MS));
}

#[tokio::test]
async fn a_restart_forgets_neither_users_nor_tokens_nor_keys() {
    let db = memory();
    let before = pool_over(db.clone(), NoTriggers).await;
    before.confirmed(EMAIL).await;
    let tokens = before.log_in(EMAIL, PASSWORD).await.unwrap();
    let after = pool_over(db.clone(), NoTriggers).await;
    after.get_user(tokens.access_token().unwrap()).await.unwrap();
    after.refresh(APP, tokens.refresh_token().unwrap()).await.unwrap();
    let tables = crate::services::cognito::store::Db::open(db).unwrap();
    let (first, second) = (tables.keys().unwrap(), tables.keys().unwrap());
    assert_eq!((first.id_pem(), first.access_pem()), (second.id_pem(), second.access_pem()));
    assert_ne!(first.id_pem(), first.access_pem());
    assert_ne!(first.id_pem(), keys().id_pem());
}
