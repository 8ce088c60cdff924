//! The main job, through the public doors.

use serde_json::json;

use crate::support::{Bank, Person, TEMPLATE};

#[tokio::test]
async fn a_customer_signs_up_pays_in_and_sees_the_balance() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let viewer = bank.graphql(&ada, "{ viewer { id status accounts { nodes { asset available { amount } } } } }").await;
    assert_eq!(viewer["viewer"]["status"], "ACTIVE");
    let accounts = &viewer["viewer"]["accounts"]["nodes"];
    let assets: Vec<_> = accounts.as_array().unwrap().iter().map(|it| it["asset"].as_str().unwrap()).collect();
    assert_eq!(assets, ["GBP", "EUR", "USDC", "BTC", "ETH"]);
    assert_eq!(accounts[4]["available"]["amount"], "0.000000000000000000");

    let reference = bank.reference(&ada, "GBP").await;
    let deliveries = bank.pay(&reference, "GBP", "1000.00").await;
    assert_eq!(deliveries[0].status, Some(200));

    let pounds = bank.pounds(&ada).await;
    assert_eq!(pounds["available"]["amount"], "1000.00");
    assert_eq!(pounds["version"], 1);
    let entries = pounds["entries"]["nodes"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["amount"]["amount"], "1000.00");
    assert_eq!(entries[0]["balanceAfter"]["amount"], "1000.00");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn euros_arrive_by_sepa() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "EUR").await;
    bank.pay(&reference, "EUR", "12.34").await;
    let data = bank.graphql(&ada, "{ viewer { account(asset: \"EUR\") { available { amount } } } }").await;
    assert_eq!(data["viewer"]["account"]["available"]["amount"], "12.34");
}

#[tokio::test]
async fn a_reference_is_found_in_what_people_type_around_it() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let (head, tail) = reference.split_at(5);
    bank.pay(&format!("savings {}-{} thanks", head.to_lowercase(), tail.to_lowercase()), "GBP", "5.00").await;
    assert_eq!(bank.available(&ada).await, "5.00");
}

#[tokio::test]
async fn payments_of_two_customers_do_not_mix_and_lists_are_paged() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let bob = bank.customer("bob@example.com").await;
    let (to_ada, to_bob) = (bank.reference(&ada, "GBP").await, bank.reference(&bob, "GBP").await);
    for amount in ["1.00", "2.00", "3.00"] {
        bank.pay(&to_ada, "GBP", amount).await;
    }
    bank.pay(&to_bob, "GBP", "70.00").await;
    assert_eq!(bank.available(&ada).await, "6.00");
    assert_eq!(bank.available(&bob).await, "70.00");

    let first =
        "{ viewer { operations(first: 2) { nodes { amount { amount } } pageInfo { hasNextPage endCursor } } } }";
    let page = bank.graphql(&ada, first).await["viewer"]["operations"].take();
    assert_eq!(page["pageInfo"]["hasNextPage"], true);
    let after = page["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = format!(
        "{{ viewer {{ operations(first: 2, after: \"{after}\") {{ nodes {{ amount {{ amount }} }} pageInfo {{ hasNextPage }} }} }} }}"
    );
    let rest = bank.graphql(&ada, &rest).await["viewer"]["operations"].take();
    assert_eq!(rest["pageInfo"]["hasNextPage"], false);
    assert_eq!(rest["nodes"].as_array().unwrap().len(), 1);

    // Another customer's account is as if it did not exist.
    let id =
        bank.graphql(&bob, "{ viewer { account(asset: \"GBP\") { id } } }").await["viewer"]["account"]["id"].take();
    let node = format!("{{ node(id: {id}) {{ id }} }}");
    assert_eq!(bank.graphql(&ada, &node).await, json!({ "node": null }));
    assert_eq!(bank.graphql(&bob, &node).await["node"]["id"], id);
}

#[tokio::test]
async fn a_customer_whose_confirmation_trigger_was_lost_is_made_by_the_first_mutation() {
    // The pool may not call the trigger: confirmation reports a failure, and the user is confirmed all the same.
    let (before, permission) = TEMPLATE.split_once("  CognitoPostConfirmationPermission:").unwrap();
    let permission =
        permission.replacen("!GetAtt UserPool.Arn", "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/another", 1);
    let bank = Bank::open_with(&format!("{before}  CognitoPostConfirmationPermission:{permission}")).await;
    let sub = bank.sign_up("ada@example.com").await;
    bank.confirm("ada@example.com").await.unwrap_err();
    let ada = Person { email: "ada@example.com".to_owned(), sub, token: bank.log_in("ada@example.com").await };
    assert_eq!(bank.items("IdentityEvents").await.len(), 0);

    for _ in 0..2 {
        let made = bank.graphql(&ada, "mutation { ensureCustomer { status version } }").await;
        assert_eq!(made["ensureCustomer"], json!({ "status": "SIGNED_UP", "version": 0 }));
    }
    // With the e-mail address, which the trigger would have kept.
    let kept = bank.items("Vault").await;
    assert_eq!(kept.iter().map(|item| item["sk"].as_s().unwrap().as_str()).collect::<Vec<_>>(), ["email"]);
    bank.settle().await;
    bank.approved(&ada).await;
    let reference = bank.reference(&ada, "GBP").await;
    bank.pay(&reference, "GBP", "1.00").await;
    assert_eq!(bank.available(&ada).await, "1.00");
}
