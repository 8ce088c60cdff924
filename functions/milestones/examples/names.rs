//! Writes the names that subscriptions, rules and state machines may rely on: `make schemas`.
//!
//! The template names events, milestones and errors as mere text. The list lets its lint know a name that does not exist.

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use contracts::milestones::SOURCES;
use domain::{
    aggregate::{Aggregate, event_names},
    compliance::{case::Case, screening::Screening, watch::ListWatch},
    error::Class,
    identity::customer::Customer,
    ledger::{
        account::Account, address::AddressClaim, controls::Controls, holder::Holder, operation::Operation,
        reference::DepositReferenceClaim, savings::Savings, waiting::Waiting,
    },
    onboarding::{application::Application, run::IdentityRunClaim},
};
use milestones::detail_type_of;
use serde_json::{Value, json};

type Stream = (&'static str, &'static [&'static str]);

fn main() -> Result<(), Box<dyn Error>> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/examples/domain");
    let streams = BTreeMap::from([
        ("compliance", BTreeMap::from([of::<Case>(), of::<ListWatch>(), of::<Screening>()])),
        ("identity", BTreeMap::from([of::<Customer>()])),
        (
            "ledger",
            BTreeMap::from([
                of::<Account>(),
                of::<AddressClaim>(),
                of::<Controls>(),
                of::<DepositReferenceClaim>(),
                of::<Holder>(),
                of::<Operation>(),
                of::<Savings>(),
                of::<Waiting>(),
            ]),
        ),
        ("onboarding", BTreeMap::from([of::<Application>(), of::<IdentityRunClaim>()])),
    ]);
    let mut from: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, events) in streams.values().flatten() {
        for event in *events {
            let text = fs::read_to_string(examples.join(format!("{event}.json")))?;
            let event_of: Value = serde_json::from_str(&text)?;
            if let Some(milestone) = detail_type_of(kind, event_of) {
                from.entry(milestone).or_default().push(event);
            }
        }
    }
    let milestones: BTreeMap<_, _> =
        SOURCES.iter().map(|(name, source)| (name, json!({ "source": source, "from": from.get(name) }))).collect();
    let names = json!({ "classes": Class::ALL.map(Class::name), "streams": streams, "milestones": milestones });
    println!("{}", serde_json::to_string_pretty(&names)?);
    Ok(())
}

fn of<A: Aggregate>() -> Stream {
    (A::KIND, event_names::<A>())
}
