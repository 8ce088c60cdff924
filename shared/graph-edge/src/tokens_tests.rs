use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;
use crate::testing::{ALICE, CLIENT, ISSUER, Key, NOW, Script, claims, claims_with};

fn tokens(script: &Script) -> Tokens {
    let config = script.config();
    let clock: Arc<dyn Clock> = Arc::new(aws::SdkClock::new(&config));
    let keys = KeyRing::connect(&config, ISSUER, Arc::clone(&clock)).unwrap();
    Tokens::new(ISSUER, CLIENT, keys, clock)
}

async fn refused(tokens: &Tokens, token: &str) -> TokenError {
    tokens.caller(&format!("Bearer {token}")).await.unwrap_err()
}

#[tokio::test]
async fn an_access_token_names_its_person_and_groups() {
    let key = Key::new("access");
    let tokens = tokens(&Script::new(&[&key]));
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let caller = tokens.caller(&format!("{scheme} {}", key.sign(&claims()))).await.unwrap();
        assert_eq!(caller, Caller { person: ALICE.parse().unwrap(), groups: vec!["partners".to_owned()] });
    }
    let without_groups = key.sign(&claims_with("cognito:groups", Value::Null));
    assert_eq!(tokens.caller(&format!("Bearer {without_groups}")).await.unwrap().groups, Vec::<String>::new());
}

#[tokio::test]
async fn a_token_is_good_until_the_banks_clock_says_that_it_has_expired() {
    let key = Key::new("access");
    let script = Script::new(&[&key]);
    let tokens = tokens(&script);
    let token = format!("Bearer {}", key.sign(&claims()));
    script.clock.advance(3599);
    assert!(tokens.caller(&token).await.is_ok());
    script.clock.advance(1);
    assert_eq!(tokens.caller(&token).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn a_token_for_something_else_is_refused() {
    let key = Key::new("access");
    let tokens = tokens(&Script::new(&[&key]));
    let cases = [
        ("iss", json!("https://pool.example/eu-west-1_other"), TokenError::NotForThis),
        ("iss", json!([ISSUER]), TokenError::Malformed),
        ("iss", Value::Null, TokenError::Malformed),
        ("token_use", json!("id"), TokenError::NotForThis),
        ("token_use", Value::Null, TokenError::Malformed),
        ("client_id", json!("other-client"), TokenError::NotForThis),
        ("client_id", Value::Null, TokenError::NotForThis),
        ("sub", json!("a-service"), TokenError::NoPerson),
        ("sub", json!(""), TokenError::NoPerson),
        ("exp", json!(NOW), TokenError::Expired),
        ("exp", json!(NOW - 1), TokenError::Expired),
        ("exp", json!("tomorrow"), TokenError::Malformed),
        ("exp", Value::Null, TokenError::Malformed),
    ];
    for (name, value, error) in cases {
        assert_eq!(refused(&tokens, &key.sign(&claims_with(name, value.clone()))).await, error, "{name}: {value}");
    }
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let (id, access) = (Key::new("id"), Key::new("access"));
    let tokens = tokens(&Script::new(&[&id, &access]));
    let mut claims = claims_with("client_id", Value::Null);
    claims["token_use"] = json!("id");
    claims["aud"] = json!(CLIENT);
    assert_eq!(refused(&tokens, &id.sign(&claims)).await, TokenError::NotForThis);
}

#[tokio::test]
async fn only_the_pools_signature_counts() {
    let key = Key::new("access");
    let script = Script::new(&[&key]);
    let tokens = tokens(&script);
    let good = key.sign(&claims());
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();

    let forged = Key::new("access").sign(&claims());
    assert_eq!(refused(&tokens, &forged).await, TokenError::WrongSignature);
    let altered = format!("{header}.{}.{signature}", part(&claims_with("sub", json!(ISSUER))));
    assert_eq!(refused(&tokens, &altered).await, TokenError::WrongSignature);
    assert_eq!(refused(&tokens, &format!("{signed}.")).await, TokenError::WrongSignature);

    for alg in ["none", "None", "HS1"] {
        let none = format!("{}.{}.", part(&json!({ "alg": alg, "kid": "access" })), part(&claims()));
        assert_eq!(refused(&tokens, &none).await, TokenError::WrongAlgorithm, "{alg}");
    }
    // The classic: the public key, which everybody has, as the secret of a MAC.
    let mut hs256 = Header::new(Algorithm::HS256);
    hs256.kid = Some("access".to_owned());
    let secret = EncodingKey::from_secret(key.jwk().to_string().as_bytes());
    assert_eq!(refused(&tokens, &encode(&hs256, &claims(), &secret).unwrap()).await, TokenError::WrongAlgorithm);
    let mut rs512 = key.header();
    rs512.alg = Algorithm::RS512;
    assert_eq!(refused(&tokens, &key.sign_as(&rs512, &claims())).await, TokenError::WrongAlgorithm);
    let mut critical = key.header();
    critical.crit = Some(vec!["exp".to_owned()]);
    assert_eq!(refused(&tokens, &key.sign_as(&critical, &claims())).await, TokenError::WrongAlgorithm);
    let mut nameless = key.header();
    nameless.kid = None;
    assert_eq!(refused(&tokens, &key.sign_as(&nameless, &claims())).await, TokenError::UnknownKey);
}

#[tokio::test]
async fn what_is_no_token_is_refused_without_asking_anybody() {
    let script = Script::new(&[]);
    let tokens = tokens(&script);
    let long = format!("Bearer {}", "x".repeat(9000));
    for header in ["", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Token x.y.z", &long] {
        assert_eq!(tokens.caller(header).await, Err(TokenError::Malformed), "{header}");
    }
    assert_eq!(script.fetches(), 0);
}

#[tokio::test]
async fn unknown_keys_are_asked_for_once_a_minute() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let script = Script::new(&[&old]);
    let tokens = tokens(&script);
    let token = new.sign(&claims());
    assert_eq!(refused(&tokens, &token).await, TokenError::UnknownKey);
    assert_eq!(refused(&tokens, &token).await, TokenError::UnknownKey);
    assert_eq!(refused(&tokens, &Key::new("other").sign(&claims())).await, TokenError::UnknownKey);
    assert_eq!(script.fetches(), 1);

    // The pool signs with a new key, and no longer publishes the old one.
    *script.keys.lock().unwrap() = Some(vec![new.jwk()]);
    script.clock.advance(59);
    assert_eq!(refused(&tokens, &token).await, TokenError::UnknownKey);
    assert!(tokens.caller(&format!("Bearer {}", old.sign(&claims()))).await.is_ok());
    script.clock.advance(1);
    assert!(tokens.caller(&format!("Bearer {token}")).await.is_ok());
    assert_eq!(refused(&tokens, &old.sign(&claims())).await, TokenError::UnknownKey);
    assert_eq!(script.fetches(), 2);
}

#[tokio::test]
async fn a_pool_that_is_down_is_asked_again_soon_and_known_keys_go_on_working() {
    let (known, new) = (Key::new("known"), Key::new("new"));
    let script = Script::new(&[&known]);
    let tokens = tokens(&script);
    let token = format!("Bearer {}", known.sign(&claims()));
    assert!(tokens.caller(&token).await.is_ok());

    *script.keys.lock().unwrap() = None;
    script.clock.advance(60);
    for _ in 0..2 {
        assert!(matches!(refused(&tokens, &new.sign(&claims())).await, TokenError::Unchecked(_)));
    }
    assert!(tokens.caller(&token).await.is_ok());
    assert_eq!(script.fetches(), 2);
    script.clock.advance(2);
    *script.keys.lock().unwrap() = Some(vec![known.jwk(), new.jwk()]);
    assert!(tokens.caller(&format!("Bearer {}", new.sign(&claims()))).await.is_ok());
}

#[tokio::test]
async fn a_key_of_another_kind_takes_nothing_from_the_others() {
    let key = Key::new("access");
    let script = Script::new(&[]);
    let odd = json!({ "kty": "ML-DSA", "kid": "odd" });
    *script.keys.lock().unwrap() = Some(vec![odd, json!(7), key.jwk()]);
    assert!(tokens(&script).caller(&format!("Bearer {}", key.sign(&claims()))).await.is_ok());
}

#[test]
fn an_issuer_that_is_no_url_does_not_start() {
    let config = Script::new(&[]).config();
    for issuer in ["", "pool", "/pool", "not a url"] {
        let clock: Arc<dyn Clock> = Arc::new(aws::SdkClock::new(&config));
        assert!(KeyRing::connect(&config, issuer, clock).is_err(), "{issuer}");
    }
}
