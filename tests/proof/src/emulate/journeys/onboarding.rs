//! From the sign-up to open accounts, and the ways in which that may end otherwise.

use serde_json::Value;
use simulators::onfido::Verdict;
use uuid::Uuid;

use crate::{
    Failed,
    emulate::{
        person::{Person, Trigger},
        providers::now_ms,
        stack::failed,
        world::{World, expect, wait_for},
    },
    world::{APPLY, application},
};

/// The application is sent twice, and so is the provider's webhook.
pub async fn approved(world: &World) -> Result<(), Failed> {
    let ada = Person::newcomer(world, "ada", Trigger::Called).await?;
    let input = application(Uuid::new_v4());
    let first = ada.send(world, APPLY, input.clone()).await?;
    let again = ada.send(world, APPLY, input).await?;
    let id = |answer: &Value| answer["submitApplication"]["application"]["id"].clone();
    expect("the application that was sent twice", id(&again), id(&first))?;
    let run = ada.run(world).await?;
    let webhook = ada.decided(world, run, Verdict::Approved).await?;
    let again = world.providers.onfido.redeliver(webhook, now_ms(), &world.ways.onfido).await;
    expect("the second webhook's status", again.map_err(failed("tell again"))?.status, Some(200))?;
    ada.opened(world).await?;
    expect("runs of hers", runs_of(world, &ada), 1)?;
    no_execution_is_open(world).await
}

/// Cognito may lose a trigger: nobody is a customer until the first mutation, which makes up for it.
pub async fn without_the_trigger(world: &World) -> Result<(), Failed> {
    let bob = Person::newcomer(world, "bob", Trigger::Lost).await?;
    expect("commits about somebody whom nobody told of", commits_of(world, "IdentityEvents", &bob).await?, 0)?;
    bob.send(world, APPLY, application(Uuid::new_v4())).await?;
    let run = bob.run(world).await?;
    bob.decided(world, run, Verdict::Approved).await?;
    bob.opened(world).await
}

/// Everything is unwound, and there is no second try.
pub async fn declined(world: &World) -> Result<(), Failed> {
    let (eve, run) = Person::applicant(world, "eve").await?;
    eve.decided(world, run, Verdict::Declined).await?;
    wait_for("declined application", || async {
        let data = eve.ask(world, "{ viewer { status application { status } } }").await?;
        let viewer = &data["viewer"];
        Ok((viewer["application"]["status"] == "DECLINED" && viewer["status"] == "SIGNED_UP").then_some(()))
    })
    .await?;
    no_execution_is_open(world).await?;
    expect("her commits in the ledger", commits_of(world, "LedgerEvents", &eve).await?, 0)?;
    let runs = world.providers.onfido.runs();
    let open = runs.iter().any(|it| it.customer_user_id.as_deref() == Some(&eve.sub) && !it.status.is_over());
    expect("whether a run of hers is open", open, false)?;
    let pauses = world.items("OnboardingPauses").await?;
    let pauses = pauses.iter().filter(|row| row["sk"].as_s().is_ok_and(|sk| sk.starts_with("pause#"))).count();
    expect("pauses", pauses, 0)?;
    let again = eve.refusal(world, APPLY, application(Uuid::new_v4())).await?;
    expect("the answer to another application", again.as_str(), "APPLICATION_DECLINED")
}

async fn no_execution_is_open(world: &World) -> Result<(), Failed> {
    wait_for("end of the execution", || async { Ok((world.open_executions().await? == 0).then_some(())) }).await
}

fn runs_of(world: &World, person: &Person) -> usize {
    let runs = world.providers.onfido.runs();
    runs.iter().filter(|run| run.customer_user_id.as_deref() == Some(&person.sub)).count()
}

async fn commits_of(world: &World, table: &str, person: &Person) -> Result<usize, Failed> {
    let items = world.items(table).await?;
    Ok(items.iter().filter(|item| item["pk"].as_s().is_ok_and(|pk| pk.contains(&person.sub))).count())
}
