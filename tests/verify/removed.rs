//! Commits that are not there any more.

use app::verify::Fault;
use domain::ids::Version;

use super::history::History;

#[tokio::test]
async fn a_commit_removed_from_the_middle_is_missing() {
    let history = History::make().await;
    history.delete(&history.stream(), Version(2)).await;
    history.bank.settle().await;
    assert_eq!(history.findings().await, [(history.stream(), 2, Fault::Missing)]);
}

#[tokio::test]
async fn a_removed_first_commit_is_missing_and_the_states_behind_it_stand_on_nothing() {
    let history = History::make().await;
    history.delete(&history.stream(), Version(0)).await;
    history.bank.settle().await;
    let missing = [(history.stream(), 0, Fault::Missing)];
    let behind = (1..=history.newest().0).map(|version| (history.stream(), version, Fault::StateDiffers));
    assert_eq!(history.findings().await, missing.into_iter().chain(behind).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_removed_newest_commit_was_projected_and_is_gone() {
    let history = History::make().await;
    history.delete(&history.stream(), history.newest()).await;
    history.bank.settle().await;
    assert_eq!(history.findings().await, [(history.stream(), 4, Fault::Gone)]);
}

#[tokio::test]
async fn a_removed_newest_commit_is_found_also_when_another_was_put_in_its_place() {
    let history = History::make().await;
    history.delete(&history.stream(), history.newest()).await;
    history.forge_credit(1).await;
    history.bank.settle().await;
    assert_eq!(history.findings().await, [(history.stream(), 4, Fault::NotWhatWasProjected)]);
    // The projector did not take it for the one that it knows, and said so.
    let refused = history.bank.local.aws().sqs.peek(&history.bank.queue("ProjectAccountsDeadLetters"), 10).unwrap();
    assert_eq!(refused.len(), 1);
    let record = refused[0].lambda_record("any");
    assert_eq!(record["messageAttributes"]["errorCode"]["stringValue"], "CHAIN_BROKEN");
}

#[tokio::test]
async fn a_stream_that_is_gone_altogether_is_found() {
    let history = History::make().await;
    for version in 0..=history.newest().0 {
        history.delete(&history.stream(), Version(version)).await;
    }
    let (customer, version) = history.head_of_kind("customer").await;
    history.delete(&customer, version).await;
    history.bank.settle().await;
    let expected = [(customer, version.0, Fault::Gone), (history.stream(), 4, Fault::Gone)];
    assert_eq!(history.findings().await, expected);
}
