//! Every event that was ever stored still reads: one committed example for each name that the code knows.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::aggregate::{Aggregate, event_names};
use crate::compliance::case::Case;
use crate::compliance::screening::Screening;
use crate::compliance::watch::ListWatch;
use crate::identity::customer::Customer;
use crate::ledger::account::Account;
use crate::ledger::address::AddressClaim;
use crate::ledger::controls::Controls;
use crate::ledger::holder::Holder;
use crate::ledger::operation::Operation;
use crate::ledger::reference::DepositReferenceClaim;
use crate::ledger::savings::Savings;
use crate::ledger::waiting::Waiting;
use crate::onboarding::application::Application;
use crate::onboarding::run::IdentityRunClaim;

type Reread = fn(Value) -> Result<Value, serde_json::Error>;

fn reread<A: Aggregate>(stored: Value) -> Result<Value, serde_json::Error> {
    let event = serde_json::from_value::<A::Event>(stored)?;
    let _ = A::evolve(A::State::default(), &event);
    serde_json::to_value(event)
}

/// Each stored name, with what reads and writes it. A new aggregate adds its line.
fn known() -> BTreeMap<&'static str, Reread> {
    fn of<A: Aggregate>() -> impl Iterator<Item = (&'static str, Reread)> {
        event_names::<A>().iter().map(|name| (*name, reread::<A> as Reread))
    }
    let identity = of::<Customer>().chain(of::<Application>()).chain(of::<IdentityRunClaim>());
    let claims = of::<DepositReferenceClaim>().chain(of::<AddressClaim>()).chain(of::<Waiting>());
    let ledger =
        of::<Account>().chain(of::<Operation>()).chain(of::<Savings>()).chain(of::<Holder>()).chain(of::<Controls>());
    let compliance = of::<Screening>().chain(of::<Case>()).chain(of::<ListWatch>());
    identity.chain(claims).chain(ledger).chain(compliance).collect()
}

fn examples() -> BTreeMap<String, Value> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/examples/domain");
    let files = directory.read_dir().expect("events/examples/domain").map(|entry| entry.expect("an entry").path());
    files
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            let name = name.strip_suffix(".json").expect("only *.json files are examples").to_owned();
            let text = std::fs::read_to_string(&path).expect("a readable file");
            let example = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, example)
        })
        .collect()
}

#[test]
fn every_committed_example_still_reads_and_is_written_the_same() {
    let known = known();
    for (name, example) in examples() {
        assert_eq!(example["type"], name.as_str(), "an example is called after its event");
        let reread = known.get(name.as_str()).unwrap_or_else(|| panic!("nothing reads {name} any more"));
        let again = reread(example.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(again, example, "{name}");
    }
}

#[test]
fn every_event_has_an_example() {
    let examples = examples();
    let missing: Vec<_> = known().into_keys().filter(|name| !examples.contains_key(*name)).collect();
    assert!(missing.is_empty(), "add events/examples/domain/<name>.json for {missing:?}");
}

#[test]
fn the_known_names_are_these_and_each_carries_its_version() {
    let names: Vec<_> = known().into_keys().collect();
    let expected = [
        "account.credited.v1",
        "account.debited.v1",
        "account.opened.v1",
        "account.pending-raised.v1",
        "account.pending-released.v1",
        "application.accounts-opened.v1",
        "application.applicant-created.v1",
        "application.approved.v1",
        "application.completed.v1",
        "application.compliance-review-began.v1",
        "application.declined.v1",
        "application.expired.v1",
        "application.identity-contradicted.v1",
        "application.identity-decided.v1",
        "application.information-provided.v1",
        "application.information-requested.v1",
        "application.instructions-ready.v1",
        "application.review-decided.v1",
        "application.review-started.v1",
        "application.run-started.v1",
        "application.submitted.v1",
        "application.welcome-undeliverable.v1",
        "application.welcomed.v1",
        "case.assigned.v1",
        "case.decided.v1",
        "case.escalated.v1",
        "case.information-received.v1",
        "case.information-requested.v1",
        "case.monitoring-decided.v1",
        "case.monitoring-opened.v1",
        "case.note-added.v1",
        "case.opened.v1",
        "case.opinion-given.v1",
        "case.withdrawn.v1",
        "controls.closure-ordered.v1",
        "controls.frozen.v1",
        "controls.unfrozen.v1",
        "customer.activated.v1",
        "customer.application-ended.v1",
        "customer.applied.v1",
        "customer.erasure-requested.v1",
        "customer.key-destroyed.v1",
        "customer.signed-up.v1",
        "deposit-address.claimed.v1",
        "deposit-reference.claimed.v1",
        "deposit.detected.v1",
        "deposit.failed.v1",
        "deposit.released.v1",
        "deposit.settled.v1",
        "deposit.suspended.v1",
        "holder.accounts-opened.v1",
        "holder.instructions-ready.v1",
        "identity-run.claimed.v1",
        "savings-deposit.settled.v1",
        "savings-withdrawal.settled.v1",
        "savings.balance-changed.v1",
        "savings.opened.v1",
        "savings.payout-destination-chosen.v1",
        "savings.week-closed.v1",
        "savings.yield-carried.v1",
        "savings.yield-paid.v1",
        "screening.check-completed.v1",
        "screening.monitoring-began.v1",
        "screening.monitoring-ended.v1",
        "screening.rescreened.v1",
        "screening.risk-assessed.v1",
        "screening.subject-noted.v1",
        "waiting.began.v1",
        "waiting.ended.v1",
        "watch.round-started.v1",
        "yield-payout.settled.v1",
    ];
    assert_eq!(names, expected);
}
