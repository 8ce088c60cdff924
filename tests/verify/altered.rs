//! Commits that are not what they were.

use app::{commit::Commit, verify::Fault};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{
    aggregate::Aggregate,
    ids::{StreamId, Version},
    ledger::account::Account,
};

use super::history::{History, PAYMENTS};

#[tokio::test]
async fn nothing_is_found_in_a_bank_that_nobody_touched() {
    let history = History::make().await;
    let report = history.verify().await;
    assert_eq!((report.findings, report.lagging), (vec![], vec![]));
    // Two customers, each with an application, its run and its screening, a holder with five accounts, two references and three addresses; their
    // payments, and the one for nobody.
    let payments = 2 * PAYMENTS.len() + 1;
    let streams = 2 * (1 + 3 + 1 + 5 + 2 + 3) + payments;
    assert_eq!(usize::try_from(report.streams).unwrap(), streams);
    let more_than_one_each = usize::try_from(report.commits).unwrap() - streams;
    assert!(more_than_one_each > 2 * PAYMENTS.len(), "{more_than_one_each}");
}

#[tokio::test]
async fn an_altered_commit_in_the_middle_breaks_the_chain_behind_it() {
    let history = History::make().await;
    let mut commit = history.commit(&history.stream(), Version(2)).await;
    let body = commit.body.replace("\"amount\":\"GBP 2000\"", "\"amount\":\"GBP 2001\"");
    assert_ne!(body, commit.body);
    commit.body = body;
    history.put(&commit).await;
    history.bank.settle().await;
    assert_eq!(history.findings().await, [(history.stream(), 3, Fault::ChainBroken)]);
}

/// Another balance in event and state: what somebody who knows the code would write.
fn enriched(mut commit: Commit) -> Commit {
    (commit.body, commit.state) =
        (commit.body.replace("GBP 10000", "GBP 99999"), commit.state.replace("GBP 10000", "GBP 99999"));
    commit
}

#[tokio::test]
async fn an_altered_newest_commit_with_a_state_to_match_is_not_the_one_that_was_projected() {
    let history = History::make().await;
    let before = history.commit(&history.stream(), history.newest()).await;
    let after = enriched(before.clone());
    assert!(after.body != before.body && after.state != before.state);
    history.put(&after).await;
    history.bank.settle().await;
    assert_eq!(history.findings().await, [(history.stream(), 4, Fault::NotWhatWasProjected)]);
}

#[tokio::test]
async fn an_altered_newest_commit_is_found_also_when_another_was_put_behind_it() {
    let history = History::make().await;
    let altered = enriched(history.commit(&history.stream(), history.newest()).await);
    history.put(&altered).await;
    history.forge_credit(1).await;
    history.hide_from_the_relay("LedgerEvents");
    let expected = [(history.stream(), 4, Fault::NotWhatWasProjected), (history.stream(), 5, Fault::NeverProjected)];
    assert_eq!(history.findings().await, expected);
}

#[tokio::test]
async fn a_whole_stream_that_was_written_anew_from_its_first_commit_is_found() {
    let history = History::make().await;
    let mut previous = app::commit::Hash::NONE;
    for version in 0..=history.newest().0 {
        let mut commit = history.commit(&history.stream(), Version(version)).await;
        commit.body = commit.body.replace("2026-11-20", "2026-11-19");
        commit.previous = previous;
        previous = commit.hash();
        history.put(&commit).await;
    }
    history.bank.settle().await;
    assert_eq!(history.findings().await, [(history.stream(), 4, Fault::NotWhatWasProjected)]);
}

#[tokio::test]
async fn the_only_commit_of_a_stream_of_any_kind_is_found_when_it_is_altered() {
    let history = History::make().await;
    for kind in ["customer", "ref", "op"] {
        let (stream, version) = history.head_of_kind(kind).await;
        let before = history.commit(&stream, version).await;
        let mut altered = before.clone();
        altered.body = altered.body.replace("2026-11-20", "2026-11-19");
        history.put(&altered).await;
        history.bank.settle().await;
        assert_eq!(history.findings().await, [(stream.clone(), version.0, Fault::NotWhatWasProjected)], "{kind}");
        history.put(&before).await;
        history.bank.settle().await;
    }
    assert_eq!(history.findings().await, []);
}

#[tokio::test]
async fn a_reference_that_was_given_to_another_account_is_found() {
    let history = History::make().await;
    let (stream, version) = history.head_of_kind("ref").await;
    let mut claim = history.commit(&stream, version).await;
    let thief = super::history::nobody().to_string();
    let owner: serde_json::Value = serde_json::from_str(&claim.body).unwrap();
    let owner = owner["ev"][0]["data"]["account"].as_str().unwrap().split('#').next().unwrap().to_owned();
    (claim.body, claim.state) = (claim.body.replace(&owner, &thief), claim.state.replace(&owner, &thief));
    history.put(&claim).await;
    history.bank.settle().await;
    assert_eq!(history.findings().await, [(stream, version.0, Fault::NotWhatWasProjected)]);
}

#[tokio::test]
async fn an_altered_state_is_not_what_the_events_fold_to() {
    let history = History::make().await;
    for version in [Version(2), history.newest()] {
        let before = history.commit(&history.stream(), version).await;
        let richer = before.state.replace("\"a\":\"GBP ", "\"a\":\"GBP 9");
        assert_ne!(richer, before.state);
        history.update(&history.stream(), version, "s", AttributeValue::S(richer)).await;
        history.bank.settle().await;
        assert_eq!(history.findings().await, [(history.stream(), version.0, Fault::StateDiffers)]);
        history.put(&before).await;
        history.bank.settle().await;
    }
}

#[tokio::test]
async fn a_previous_hash_that_was_swapped_breaks_the_chain() {
    let history = History::make().await;
    let stream = history.stream();
    let hash = async |version| history.commit(&stream, version).await.previous;
    // The hash is sealed into the next commit as well, or into the projection behind the newest one.
    for (version, second) in [(2, (3, Fault::ChainBroken)), (4, (4, Fault::NotWhatWasProjected))] {
        let before = history.commit(&stream, Version(version)).await;
        let other = hash(Version(version - 1)).await;
        history.update(&stream, Version(version), "p", AttributeValue::B(Blob::new(other.0))).await;
        history.bank.settle().await;
        let expected = [(stream.clone(), version, Fault::ChainBroken), (stream.clone(), second.0, second.1)];
        assert_eq!(history.findings().await, expected);
        history.put(&before).await;
        history.bank.settle().await;
    }
}

#[tokio::test]
async fn a_commit_that_nobody_can_read_is_found() {
    let history = History::make().await;
    let unknown =
        history.commit(&history.stream(), Version(2)).await.body.replace("account.credited.v1", "account.gifted.v1");
    for body in [unknown, "no JSON".to_owned()] {
        history.update(&history.stream(), Version(2), "c", AttributeValue::S(body)).await;
        history.bank.settle().await;
        let expected = [(history.stream(), 2, Fault::Unreadable), (history.stream(), 3, Fault::ChainBroken)];
        assert_eq!(history.findings().await, expected);
    }
}

#[tokio::test]
async fn a_state_that_claims_another_version_hides_nothing_that_counts() {
    let history = History::make().await;
    let mut commit = history.commit(&history.stream(), history.newest()).await;
    let before = history.forger().load::<Account>(history.stream()).await.unwrap().state;
    (commit.state, commit.state_version) = ("\"anything\"".to_owned(), Account::STATE_VERSION + 1);
    history.put(&commit).await;
    // Nobody reads such a state: it is folded again from the events, which are as they were.
    assert_eq!(history.forger().load::<Account>(history.stream()).await.unwrap().state, before);
    history.bank.settle().await;
    assert_eq!(history.findings().await, []);
}

#[tokio::test]
async fn a_stream_of_a_kind_that_nobody_knows_is_found() {
    let history = History::make().await;
    let mut commit = history.commit(&history.stream(), Version(0)).await;
    let foreign: StreamId = "treasure#1".parse().unwrap();
    commit.stream = foreign.clone();
    history.put(&commit).await;
    history.hide_from_the_relay("LedgerEvents");
    assert_eq!(history.findings().await, [(foreign, 0, Fault::UnknownKind)]);
}

#[tokio::test]
async fn a_commit_that_lost_an_attribute_stops_the_verification_and_is_named() {
    let history = History::make().await;
    history.update(&history.stream(), Version(2), "p", AttributeValue::S("no hash".to_owned())).await;
    let error = granary::cli::whole_bank(&history.bank.local).await.unwrap_err();
    let chain = format!("{error:?}");
    assert!(chain.contains(history.stream().as_str()) && chain.contains("\"p\""), "{chain}");
}
