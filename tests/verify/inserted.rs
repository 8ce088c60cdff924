//! Commits that nobody decided.

use app::verify::Fault;
use domain::{
    ids::{AccountId, StreamId, Version},
    ledger::{
        account::{Account, AccountEvent},
        reference::{DepositReferenceClaim, DepositReferenceClaimEvent},
    },
};
use money::Asset;

use super::history::{History, forged, nobody};

#[tokio::test]
async fn a_commit_that_the_relay_has_yet_to_publish_only_lags() {
    let history = History::make().await;
    history.forge_credit(1).await;
    let report = history.verify().await;
    assert_eq!((report.lagging, report.findings), (vec![(history.stream(), Version(5))], vec![]));
}

#[tokio::test]
async fn a_commit_that_was_put_in_past_the_stream_was_never_projected() {
    let history = History::make().await;
    let forged = history.forge_credit(1_000_000).await;
    assert_eq!(forged.version, Some(Version(5)));
    history.hide_from_the_relay("LedgerEvents");
    assert_eq!(history.findings().await, [(history.stream(), 5, Fault::NeverProjected)]);
}

#[tokio::test]
async fn a_whole_stream_that_was_put_in_past_the_stream_was_never_projected() {
    let history = History::make().await;
    let account = AccountId::new(nobody(), Asset::Gbp);
    let opened = AccountEvent::Opened { account: account.clone(), reference: None };
    let claim: StreamId = "ref#GR000000000".parse().unwrap();
    let claimed = DepositReferenceClaimEvent::Claimed { account: account.clone() };
    history.forger().record::<Account>(&(&account).into(), &forged(), &[opened]).await.unwrap();
    history.forger().record::<DepositReferenceClaim>(&claim, &forged(), &[claimed]).await.unwrap();
    history.hide_from_the_relay("LedgerEvents");
    let mut findings = history.findings().await;
    findings.sort_by(|left, right| left.0.cmp(&right.0));
    assert_eq!(findings, [(StreamId::from(&account), 0, Fault::NeverProjected), (claim, 0, Fault::NeverProjected)]);
}

#[tokio::test]
async fn a_commit_that_does_not_continue_the_chain_is_found_and_no_projection_takes_it() {
    let history = History::make().await;
    let balance = history.bank.items("LedgerProjections").await.len();
    let mut commit = history.commit(&history.stream(), history.newest()).await;
    commit.version = commit.version.next();
    history.put(&commit).await;
    history.bank.settle().await;
    let expected = [(history.stream(), 5, Fault::ChainBroken), (history.stream(), 5, Fault::NeverProjected)];
    assert_eq!(history.findings().await, expected);
    assert_eq!(history.bank.waiting_in("ProjectAccountsDeadLetters"), 1);
    assert_eq!(history.bank.items("LedgerProjections").await.len(), balance);
}

#[tokio::test]
async fn a_commit_behind_a_gap_is_found() {
    let history = History::make().await;
    let mut commit = history.commit(&history.stream(), history.newest()).await;
    commit.previous = commit.hash();
    commit.version = Version(6);
    history.put(&commit).await;
    history.hide_from_the_relay("LedgerEvents");
    let expected = [(history.stream(), 5, Fault::Missing), (history.stream(), 6, Fault::NeverProjected)];
    assert_eq!(history.findings().await, expected);
}

#[tokio::test]
async fn a_history_of_several_pages_is_walked_whole_and_in_its_order() {
    let history = History::make().await;
    let before = history.verify().await.commits;
    // A page of a scan holds a megabyte.
    let cause = forged().correlated(Some("x".repeat(200_000)));
    for _ in 0..12 {
        history.forge_credit_because(1, &cause).await;
    }
    history.hide_from_the_relay("LedgerEvents");
    assert_eq!(history.findings().await, [(history.stream(), 16, Fault::NeverProjected)]);
    assert_eq!(history.verify().await.commits, before + 12);
}
