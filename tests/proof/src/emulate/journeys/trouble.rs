//! What breaks, is seen to be broken, and works again once it is mended.

use std::time::Duration;

use futures::future::try_join_all;
use serde_json::{Value, json};
use simulators::{
    clearbank::{Outcome, RetryReason},
    fireblocks, onfido,
};
use uuid::Uuid;

use super::money::pay;
use crate::{
    Failed,
    emulate::{
        person::{Person, Trigger, list},
        providers::now_ms,
        stack::failed,
        world::{World, expect, wait_at_most},
    },
    world::{APPLY, application},
};

/// How long a message that failed is hidden in these journeys. Minutes in the template, which nobody wants to wait for here.
const HIDDEN_S: u32 = 2;
/// How many come at once.
const CROWD: usize = 6;
/// Long enough for something to have arrived that must not arrive.
const IN_VAIN: Duration = Duration::from_secs(5);

/// Both providers fail a few calls, carry one out and lose its answer, and a customer comes of it all the same.
pub async fn providers(world: &World) -> Result<(), Failed> {
    let hidden = [hide_briefly(world, "CallOnfidoQueue").await?, hide_briefly(world, "AllocateAddressesQueue").await?];
    world.providers.onfido.fail_next(1, onfido::Fault::Status(500));
    world.providers.onfido.fail_next(1, onfido::Fault::AnswerLost);
    world.providers.onfido.fail_next(1, onfido::Fault::Status(429));
    world.providers.fireblocks.fail_next(1, fireblocks::Fault::Status(500));
    world.providers.fireblocks.fail_next(1, fireblocks::Fault::AnswerLost);
    let outcome = Person::customer(world, "ada").await;
    for (queue, seconds) in hidden {
        hide_for(world, queue, seconds).await?;
    }
    let ada = outcome?;
    let runs = world.providers.onfido.runs();
    let runs = runs.iter().filter(|run| run.customer_user_id.as_deref() == Some(&ada.sub)).count();
    expect("runs of hers, although an answer was lost", runs, 1)?;
    expect("whether she has an address", ada.instruction(world, "BTC", "address").await?.is_empty(), false)
}

/// Everybody comes at once, and pays twice at once: nothing is lost among them, and nothing happens twice.
pub async fn crowd(world: &World) -> Result<(), Failed> {
    let crowd: Vec<_> = (0..CROWD).map(|number| format!("c{number}")).collect();
    let crowd = try_join_all(crowd.iter().map(|name| Person::customer(world, name))).await?;
    let paid =
        crowd.iter().flat_map(|person| ["3.00", "4.00"].map(|amount| (person, amount))).map(|(person, amount)| {
            let reference = person.instruction(world, "GBP", "reference");
            async move { pay(world, &reference.await?, amount).await }
        });
    try_join_all(paid).await?;
    for person in &crowd {
        person.has(world, "GBP", "7.00").await?;
        expect("entries", list(&person.account(world, "GBP").await?, "/entries/nodes").len(), 2)?;
    }
    Ok(())
}

/// The webhook is not acknowledged as long as it cannot be handed over, and the bank partner sends it again.
pub async fn receiver_without_permission(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    let reference = ada.instruction(world, "GBP", "reference").await?;
    let began = now_ms();
    let taken = Taken::from(world, "ClearbankWebhook", "HandOver").await?;
    let refused = pay(world, &reference, "12.00").await;
    let named = world.logged(began, &["ClearbankWebhookRole", "not authorized to perform: sqs:SendMessage"]).await;
    taken.give_back(world).await?;
    named?;
    let refused = refused?;
    expect("the bank partner's verdict", refused.outcome, Outcome::Failed(RetryReason::Http))?;
    expect("the webhook's status", refused.status, Some(503))?;
    let again = world.providers.clearbank.redeliver(refused.id, now_ms(), &world.ways.clearbank).await;
    expect("the verdict once it may", again.map_err(failed("tell again"))?.outcome, Outcome::Delivered)?;
    ada.has(world, "GBP", "12.00").await
}

/// The edge refuses with a code that may be tried again, and nothing is written.
pub async fn edge_without_permission(world: &World) -> Result<(), Failed> {
    let ada = Person::newcomer(world, "ada", Trigger::Called).await?;
    ada.ask(world, "{ viewer { id } }").await?;
    let input = application(Uuid::new_v4());
    let began = now_ms();
    let taken = Taken::from(world, "Graphql", "WriteVault").await?;
    let refused = ada.refusal(world, APPLY, input.clone()).await;
    let named = world.logged(began, &["GraphqlRole", "not authorized to perform: dynamodb:PutItem"]).await;
    taken.give_back(world).await?;
    named?;
    expect("the answer to who may write nothing into the vault", refused?.as_str(), "UNAVAILABLE")?;
    let query = "{ viewer { application { status } } }";
    expect("an application", ada.ask(world, query).await?["viewer"]["application"].is_null(), true)?;
    ada.send(world, APPLY, input).await?;
    ada.run(world).await.map(drop)
}

/// The books are right meanwhile, and what is shown of them comes later.
pub async fn projector_without_permission(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    let reference = ada.instruction(world, "GBP", "reference").await?;
    let (queue, seconds) = hide_briefly(world, "ProjectAccountsQueue").await?;
    let began = now_ms();
    let taken = Taken::from(world, "ProjectAccounts", "Project").await?;
    let paid = pay(world, &reference, "13.00").await;
    let named = world.logged(began, &["ProjectAccountsRole", "not authorized to perform: dynamodb:"]).await;
    let shown = ada.account(world, "GBP").await;
    taken.give_back(world).await?;
    let outcome = ada.has(world, "GBP", "13.00").await;
    hide_for(world, queue, seconds).await?;
    paid.and(named)?;
    expect("what is shown meanwhile", shown?["available"]["amount"].as_str(), Some("0.00"))?;
    outcome
}

/// What a topic may not deliver does not arrive, and the next commit heals the gap.
pub async fn queue_without_policy(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    let reference = ada.instruction(world, "GBP", "reference").await?;
    world.settle().await?;
    let queue = world.stack.physical("ProjectAccountsQueue")?;
    let asked = json!({ "QueueUrl": queue, "AttributeNames": ["Policy"] });
    let policy = world.stack.call("sqs", "get_queue_attributes", asked).await?["Attributes"]["Policy"].take();
    set(world, queue, "Policy", &json!("")).await?;
    let paid = pay(world, &reference, "14.00").await;
    let shown = wait_at_most(IN_VAIN, "money", || async {
        Ok((ada.account(world, "GBP").await?["available"]["amount"] == "14.00").then_some(()))
    })
    .await;
    set(world, queue, "Policy", &policy).await?;
    paid?;
    if shown.is_ok() {
        return Err(Failed::new("the topic delivered into a queue that does not let it"));
    }
    pay(world, &reference, "1.00").await?;
    ada.has(world, "GBP", "15.00").await
}

/// A statement taken from a function's role.
struct Taken {
    role: String,
    policy: String,
    document: Value,
}

impl Taken {
    async fn from(world: &World, function: &str, sid: &str) -> Result<Self, Failed> {
        let role = world.stack.physical(&format!("{function}Role"))?.to_owned();
        let policy = format!("{function}RolePolicy0");
        let asked = json!({ "RoleName": role, "PolicyName": policy });
        let document = world.stack.call("iam", "get_role_policy", asked).await?["PolicyDocument"].take();
        let taken = Self { role, policy, document };
        let mut without = taken.document.clone();
        let statements =
            without["Statement"].as_array_mut().ok_or_else(|| Failed::new("the role has no statements"))?;
        let before = statements.len();
        statements.retain(|statement| statement["Sid"] != sid);
        expect("the statements that are left", statements.len(), before - 1)?;
        taken.put(world, &without).await?;
        Ok(taken)
    }

    async fn give_back(&self, world: &World) -> Result<(), Failed> {
        self.put(world, &self.document).await
    }

    async fn put(&self, world: &World, document: &Value) -> Result<(), Failed> {
        let put = json!({ "RoleName": self.role, "PolicyName": self.policy, "PolicyDocument": document.to_string() });
        world.stack.call("iam", "put_role_policy", put).await.map(drop)
    }
}

/// Lets a queue's messages come back soon; answers how long they were hidden before.
async fn hide_briefly<'a>(world: &World, queue: &'a str) -> Result<(&'a str, u32), Failed> {
    let asked = json!({ "QueueUrl": world.stack.physical(queue)?, "AttributeNames": ["VisibilityTimeout"] });
    let answer = world.stack.call("sqs", "get_queue_attributes", asked).await?;
    let seconds = answer["Attributes"]["VisibilityTimeout"].as_str().and_then(|it| it.parse().ok());
    let seconds = seconds.ok_or_else(|| Failed::new(format!("{queue} hides nothing: {answer}")))?;
    hide_for(world, queue, HIDDEN_S).await?;
    Ok((queue, seconds))
}

async fn hide_for(world: &World, queue: &str, seconds: u32) -> Result<(), Failed> {
    set(world, world.stack.physical(queue)?, "VisibilityTimeout", &json!(seconds.to_string())).await
}

async fn set(world: &World, queue: &str, name: &str, value: &Value) -> Result<(), Failed> {
    let set = json!({ "QueueUrl": queue, "Attributes": { name: value } });
    world.stack.call("sqs", "set_queue_attributes", set).await.map(drop)
}
