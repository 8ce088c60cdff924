use super::harness::{APP, EMAIL, PASSWORD, POOL, Pool, code, kind, memory, pool, pool_over};
use crate::services::cognito::{NoTriggers, Triggers};

async fn remove(pool: &Pool, name: &str) -> Result<(), (String, String)> {
    let call = pool.sdk.admin_delete_user().user_pool_id(POOL).username(name);
    call.send().await.map(drop).map_err(|error| code(&error))
}

#[tokio::test]
async fn a_removed_user_is_gone_with_everything_and_the_address_is_free_again() {
    let db = memory();
    let before = pool_over(db.clone(), NoTriggers).await;
    let sub = before.confirmed(EMAIL).await;
    before.add_to_group(EMAIL, "compliance").await.unwrap();
    let tokens = before.log_in(EMAIL, PASSWORD).await.unwrap();
    remove(&before, &sub).await.unwrap();

    let pool = pool_over(db, NoTriggers).await; // A restart brings nobody back.
    assert_eq!(kind(remove(&pool, &sub).await), "UserNotFoundException");
    assert_eq!(kind(pool.log_in(EMAIL, PASSWORD).await), "NotAuthorizedException");
    assert_eq!(kind(pool.refresh(APP, tokens.refresh_token().unwrap()).await), "NotAuthorizedException");
    assert!(pool.get_user(tokens.access_token().unwrap()).await.is_err());
    let again = pool.confirmed(EMAIL).await;
    assert_ne!(again, sub);
    let listed = pool.sdk.admin_list_groups_for_user().user_pool_id(POOL).username(&again).send().await.unwrap();
    assert!(listed.groups().is_empty(), "groups are not inherited");
}

#[tokio::test]
async fn whoever_never_confirmed_can_be_removed_too_and_their_code_is_worth_nothing() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    let mailed = pool.mailed_code();
    remove(&pool, EMAIL).await.unwrap();
    assert_eq!(kind(pool.confirm(EMAIL, &mailed).await), "ExpiredCodeException");
    assert_eq!(kind(remove(&pool, "nobody@example.com").await), "UserNotFoundException");
    let elsewhere = pool.sdk.admin_delete_user().user_pool_id("eu-west-1_other").username(EMAIL);
    assert_eq!(kind(elsewhere.send().await.map_err(|error| code(&error))), "ResourceNotFoundException");
}

#[tokio::test]
async fn groups_are_listed_page_by_page() {
    let pool = pool(NoTriggers).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    for group in ["operators", "compliance"] {
        pool.add_to_group(EMAIL, group).await.unwrap();
    }
    let ask = || pool.sdk.admin_list_groups_for_user().user_pool_id(POOL).username(EMAIL);
    let all = ask().send().await.unwrap();
    let names: Vec<_> = all.groups().iter().map(|group| group.group_name().unwrap()).collect();
    assert_eq!((names, all.next_token()), (vec!["compliance", "operators"], None));
    let first = ask().limit(1).send().await.unwrap();
    assert_eq!(first.groups()[0].group_name(), Some("compliance"));
    let second = ask().limit(1).next_token(first.next_token().unwrap()).send().await.unwrap();
    assert_eq!((second.groups()[0].group_name(), second.next_token()), (Some("operators"), None));
}

/// Permits no administrator anything.
struct Closed;

impl Triggers for Closed {
    fn allow(&self, _: &str, _: &str) -> Result<(), String> {
        Err("no".to_owned())
    }
}

#[tokio::test]
async fn nobody_is_removed_and_no_group_listed_without_a_permission() {
    let pool = pool(Closed).await;
    pool.sign_up(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(kind(remove(&pool, EMAIL).await), "AccessDeniedException");
    let listed = pool.sdk.admin_list_groups_for_user().user_pool_id(POOL).username(EMAIL).send().await;
    assert_eq!(kind(listed.map_err(|error| code(&error))), "AccessDeniedException");
}
