//! What is lived through on the emulator.

mod books;
mod compliance;
mod doors;
mod money;
mod onboarding;
mod payouts;
mod trouble;

use std::{panic::AssertUnwindSafe, time::Instant};

use futures::{FutureExt as _, future::LocalBoxFuture};

use super::world::World;
use crate::Failed;

type Journey = (&'static str, for<'a> fn(&'a World) -> LocalBoxFuture<'a, Result<(), Failed>>);

/// The last one looks at what all others left behind.
const ALL: &[Journey] = &[
    ("an application, sent twice and approved twice, becomes one customer with open accounts", |world| {
        Box::pin(onboarding::approved(world))
    }),
    ("a confirmation that Cognito never told of is made up for by the first mutation", |world| {
        Box::pin(onboarding::without_the_trigger(world))
    }),
    ("a declined application leaves no account, no pause and no open execution", |world| {
        Box::pin(onboarding::declined(world))
    }),
    ("a likeness on a list waits for two people of compliance", |world| Box::pin(compliance::judged(world))),
    ("a bank transfer whose webhook comes twice is booked once", |world| Box::pin(money::pounds(world))),
    ("a payment under an unknown reference waits in suspense", |world| Box::pin(money::suspense(world))),
    ("coins are pending until the chain has confirmed them", |world| Box::pin(money::coins(world))),
    ("savings: sent twice it is one operation, with another amount it is refused", |world| {
        Box::pin(money::savings(world))
    }),
    ("a week that is over is paid once, one that is not is not, and the statement adds up", |world| {
        Box::pin(payouts::weekly(world))
    }),
    ("a webhook with a bad signature is refused and quarantined", |world| Box::pin(doors::signatures(world))),
    ("poison is set aside with its reason, and holds nobody up", |world| Box::pin(doors::poison(world))),
    ("providers that fail, or lose their answers, are asked again until all is done", |world| {
        Box::pin(trouble::providers(world))
    }),
    ("six customers come at once and pay twice at once", |world| Box::pin(trouble::crowd(world))),
    ("an edge that may not write into the vault refuses, and says which permission is missing", |world| {
        Box::pin(trouble::edge_without_permission(world))
    }),
    ("a receiver that may not hand over takes no webhook, and says which permission is missing", |world| {
        Box::pin(trouble::receiver_without_permission(world))
    }),
    ("a projector that may not write is tried again until it may", |world| {
        Box::pin(trouble::projector_without_permission(world))
    }),
    ("a queue without its policy gets nothing, and its projection catches up afterwards", |world| {
        Box::pin(trouble::queue_without_policy(world))
    }),
    ("every posting, chain and projection of all this adds up, and nothing is set aside", |world| {
        Box::pin(books::balanced(world))
    }),
];

/// Lives through all of them, one after the other: how many passed, of how many.
pub async fn all(world: &World, only: Option<&str>) -> Result<(usize, usize), Failed> {
    let chosen: Vec<_> = ALL.iter().filter(|(name, _)| only.is_none_or(|only| name.contains(only))).collect();
    let mut passed = 0;
    for (name, journey) in &chosen {
        let began = Instant::now();
        let outcome = AssertUnwindSafe(journey(world)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|_| Err(Failed::new("it panicked; see above")));
        let seconds = began.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => {
                passed += 1;
                println!("ok      {seconds:5.1} s  {name}");
            }
            Err(failed) => println!("FAILED  {seconds:5.1} s  {name}: {failed}"),
        }
    }
    Ok((passed, chosen.len()))
}
