//! What the story leaves out: what is done when something else fails.

use std::{fs, path::Path, sync::Arc, time::Duration};

use app::projection::savings::ALL_POSITIONS;
use granary::{
    iam::{self, Part},
    services::{OPERATOR, Outgoing, arn},
    template::{EventSource, FunctionPlan, Plan, RulePlan, SubscriptionPlan},
};
use serde_json::{Value, json};
use simulators::onfido::Verdict;
use uuid::Uuid;

use super::{
    erasure, halves,
    journeys::{FirstLate, Journey, Play},
    office,
};
use crate::{
    Failed,
    world::{APPLY, Bank, Person, application},
};

/// How long one redelivery takes at most.
pub(super) const REDELIVERY: Duration = Duration::from_secs(400);
/// What every function may do when it gives up; the rest of its permissions is what it fails without.
const GIVING_UP: &str = "GiveUpWithAReason";

pub fn all(plan: &Plan) -> Vec<Journey> {
    let parts = iam::parts(plan);
    let parked = plan.functions.iter().filter_map(|function| parked(&parts, function));
    let relays = plan.functions.iter().filter_map(|function| given_up(&parts, function));
    let undelivered = plan.subscriptions.iter().map(|it| undelivered(plan, it));
    let unmatched = plan.rules.iter().map(|it| off_the_bus(plan, it));
    let doors = ["clearbank", "onfido", "fireblocks"].map(refused_at_the_door);
    let others = [
        unscheduled(plan, "StartPayoutsQueue", "WeeklyPayoutRole/Send"),
        unscheduled(plan, "EscalateCasesQueue", "EscalateCasesScheduleRole/Send"),
        unscheduled(plan, "StartRescreeningQueue", "StartRescreeningScheduleRole/Send"),
        unscheduled(plan, "ErasePersonalDataQueue", "ErasePersonalDataScheduleRole/Send"),
        made_late(&parts),
        confirmed_again(),
        halves::confirmed(&parts),
        halves::paid_twice(),
        removed_though_claimed(),
        erasure::forgotten(),
        provider_unreachable(),
        unwelcomed(),
        office::unscreenable(),
        office::shown(),
        office::first_late(),
        office::operated(),
        many_positions(),
        looked_at(),
        first_late(),
        halves::opened_late(),
    ];
    let slow = super::slow::all(plan);
    parked.chain(relays).chain(undelivered).chain(unmatched).chain(doors).chain(others).chain(slow).collect()
}

pub(super) fn journey(name: impl Into<String>, broken: Vec<Part>, play: Play) -> Journey {
    Journey { name: name.into(), broken, faults: || None, play }
}

pub(super) fn failed(error: impl std::fmt::Debug) -> Failed {
    Failed::new(format!("{error:?}"))
}

pub(super) async fn pass(bank: &Bank, time: Duration) -> Result<(), Failed> {
    bank.local.advance(time).await.map_err(failed)
}

/// The committed sample event of a function.
pub(super) fn sample(folder: &str) -> Value {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/samples/{}.json"), folder);
    let text = fs::read_to_string(Path::new(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A function that may do nothing but give up: each of its messages is tried to the end, and parked.
fn parked(parts: &[Part], function: &FunctionPlan) -> Option<Journey> {
    let queue = function.events.iter().find_map(|event| match event {
        EventSource::Sqs { queue_arn, .. } => Some(arn::name(queue_arn).to_owned()),
        EventSource::Stream { .. } | EventSource::Http { .. } => None,
    })?;
    let own = format!("{}/", function.logical_id);
    let broken = parts.iter().filter(|it| it.statement.starts_with(&own) && !it.statement.ends_with(GIVING_UP));
    let bodies: Vec<String> = sample(&function.name)["Records"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|record| record["body"].as_str().map(str::to_owned))
        .collect();
    let receives: u32 = function.env.get("MAX_RECEIVES").and_then(|it| it.parse().ok()).unwrap_or(5);
    let play: Play = Box::new(move |bank| {
        let (queue, bodies) = (queue.clone(), bodies.clone());
        Box::pin(async move {
            let body = on_time(&bodies.into_iter().next().unwrap_or_default());
            bank.local.aws().sqs.send(&queue, &Outgoing { body, ..Outgoing::default() }).map_err(failed)?;
            pass(bank, REDELIVERY * receives).await
        })
    });
    Some(journey(format!("parked by {}", function.logical_id), broken.cloned().collect(), play))
}

/// What a schedule sends, as it sends it now: whatever is late may have been overtaken.
pub(super) fn on_time(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut job) if job["scheduledAt"].is_string() => {
            job["scheduledAt"] = json!("2026-11-20T12:00:00Z"); // The beginning of every journey.
            job.to_string()
        }
        _ => body.to_owned(),
    }
}

/// A relay that may not publish: what it gives up goes to the bucket.
fn given_up(parts: &[Part], function: &FunctionPlan) -> Option<Journey> {
    let table = function.events.iter().find_map(|event| match event {
        EventSource::Stream { table, .. } => Some(arn::name(table).to_owned()),
        EventSource::Sqs { .. } | EventSource::Http { .. } => None,
    })?;
    let essential = ["Publish", "RemoveTheUser"].map(|sid| format!("{}/{sid}", function.logical_id));
    let broken = parts.iter().filter(|it| essential.contains(&it.statement));
    let play: Play = Box::new(move |bank| {
        let table = table.clone();
        Box::pin(async move {
            match table.as_str() {
                "granary-identity-events" => bank.newcomer("ada@example.com").await,
                "granary-onboarding-events" => applicant(bank).await,
                "granary-compliance-events" => {
                    let ada = applicant(bank).await;
                    bank.identified(&ada, Verdict::Approved).await;
                    ada
                }
                "granary-sign-ups" => {
                    bank.sign_up("ada@example.com").await;
                    return pass(bank, Duration::from_secs(31 * 24 * 3600)).await;
                }
                _ => {
                    bank.pay("nobody", "GBP", "1.00").await;
                    return pass(bank, Duration::from_secs(3600)).await;
                }
            };
            pass(bank, Duration::from_secs(3600)).await
        })
    });
    Some(journey(format!("given up by {}", function.logical_id), broken.cloned().collect(), play))
}

pub(super) async fn applicant(bank: &Bank) -> Person {
    let ada = bank.newcomer("ada@example.com").await;
    bank.graphql_with(&ada, APPLY, application(Uuid::new_v4())).await;
    bank.settle().await;
    ada
}

fn policy_of(plan: &Plan, queue_arn: &str) -> Vec<Part> {
    let queue = plan.queue_by_arn(queue_arn).map(|queue| queue.logical_id.clone()).unwrap_or_default();
    let statements = iam::parts(plan).into_iter().filter(|it| it.statement.starts_with(&format!("{queue}.policy/")));
    statements.collect()
}

/// A queue that lets its topic not in: its messages go to the topic's dead letters.
fn undelivered(plan: &Plan, subscription: &SubscriptionPlan) -> Journey {
    let filter = subscription.filter_policy.clone().unwrap_or_default();
    let topic = subscription.topic_arn.clone();
    let play: Play = Box::new(move |bank| {
        let (filter, topic) = (filter.clone(), topic.clone());
        Box::pin(async move {
            let sns = aws_sdk_sns::Client::new(&bank.local.sdk_config(OPERATOR));
            let mut publish = sns.publish().topic_arn(topic).message("x");
            for (name, wanted) in filter.as_object().into_iter().flatten() {
                let wanted = wanted[0].as_str().unwrap_or_default();
                let (kind, text) = match name.as_str() {
                    "types" => ("String.Array", json!([wanted]).to_string()),
                    _ => ("String", wanted.to_owned()),
                };
                let value = aws_sdk_sns::types::MessageAttributeValue::builder().data_type(kind).string_value(text);
                publish = publish.message_attributes(name, value.build().map_err(failed)?);
            }
            publish.send().await.map_err(failed)?;
            Ok(())
        })
    });
    journey(format!("undelivered to {}", subscription.logical_id), policy_of(plan, &subscription.queue_arn), play)
}

/// A queue that lets its rule not in: its events go to the rule's dead letters.
fn off_the_bus(plan: &Plan, rule: &RulePlan) -> Journey {
    let (bus, pattern) = (rule.bus.clone(), rule.pattern.clone());
    let play: Play = Box::new(move |bank| {
        let (bus, pattern) = (bus.clone(), pattern.clone());
        Box::pin(async move {
            let text = |name: &str| pattern[name][0].as_str().unwrap_or_default().to_owned();
            let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
                .event_bus_name(bus)
                .source(text("source"))
                .detail_type(text("detail-type"))
                .detail("{}")
                .build();
            let events = aws_sdk_eventbridge::Client::new(&bank.local.sdk_config(OPERATOR));
            events.put_events().entries(entry).send().await.map_err(failed)?;
            Ok(())
        })
    });
    let broken = rule.targets.iter().flat_map(|target| policy_of(plan, &target.queue_arn)).collect();
    journey(format!("undelivered by {}", rule.name), broken, play)
}

/// A schedule whose queue it may not send to.
fn unscheduled(plan: &Plan, queue: &str, statement: &'static str) -> Journey {
    let queue = plan.queue(queue).map(|queue| queue.arn.clone()).unwrap_or_default();
    let broken = vec![Part::one(statement, "sqs:SendMessage", &queue)];
    let play: Play = Box::new(|bank| Box::pin(pass(bank, Duration::from_secs(7 * 24 * 3600))));
    journey(format!("undelivered under {statement}"), broken, play)
}

/// What anybody sends without a signature, and what the provider signed and nobody can read.
fn refused_at_the_door(provider: &'static str) -> Journey {
    let play: Play = Box::new(move |bank| {
        Box::pin(async move {
            let body = "{}".to_owned();
            let local = &bank.local;
            let (header, signature) = match provider {
                "clearbank" => ("digitalsignature", local.payments().bank.sign(body.as_bytes()).map_err(failed)?),
                "onfido" => ("x-sha2-signature", local.identity_provider().provider.sign(body.as_bytes())),
                _ => {
                    let signed = local.custodian().custodian.sign(body.as_bytes()).map_err(failed)?;
                    ("fireblocks-webhook-signature", signed)
                }
            };
            let path = format!("/webhooks/{provider}");
            for (signature, status) in [(String::new(), 401), (signature, 400)] {
                let (answered, answer) = bank.post(&path, &[(header, &signature)], body.clone()).await;
                if answered != status {
                    return Err(Failed::new(format!("{path} answered {answered} and not {status}: {answer}")));
                }
            }
            Ok(())
        })
    });
    journey(format!("refused at {provider}'s door"), Vec::new(), play)
}

/// Cognito calls again when it did not hear the answer.
fn confirmed_again() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let event = sample("cognito-post-confirmation").to_string();
            let begun = sample("cognito-pre-sign-up").to_string();
            bank.local.lambdas().invoke("CognitoPreSignUp", begun.into()).await.map_err(failed)?;
            for _ in 0..2 {
                let invoked = bank.local.lambdas().invoke("CognitoPostConfirmation", event.clone().into()).await;
                invoked.map_err(failed)?;
            }
            Ok(())
        })
    });
    journey("confirmed again", Vec::new(), play)
}

/// A table that removes a sign-up whose activation was begun: it is put back, and the activation can be finished.
fn removed_though_claimed() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let sub = bank.sign_up("ada@example.com").await;
            let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
            let update = bank.dynamodb().update_item().table_name(bank.table("SignUps"));
            let update = update.key("pk", text(&format!("sign-up#{sub}"))).update_expression("SET claimed = :at");
            let claimed = update.expression_attribute_values(":at", text("2026-11-20T12:00:00.000Z"));
            claimed.send().await.map_err(failed)?;
            pass(bank, Duration::from_secs(31 * 24 * 3600)).await?;
            let pool = bank.pool();
            let again = pool.resend_confirmation_code().client_id(bank.client_id()).username("ada@example.com");
            again.send().await.map_err(failed)?;
            bank.confirm("ada@example.com").await.map_err(failed)
        })
    });
    journey("removed though claimed", Vec::new(), play)
}

/// A vault that cannot be read for the provider: in the end the workflow is told.
fn provider_unreachable() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            applicant(bank).await;
            pass(bank, REDELIVERY * 6).await
        })
    });
    journey("told to the workflow", vec![Part::whole("CallOnfido/ReadVault")], play)
}

/// A vault that cannot be read for a mail: in the end the workflow is told.
fn unwelcomed() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            bank.identified(&ada, Verdict::Approved).await;
            pass(bank, REDELIVERY * 6).await
        })
    });
    journey("told to the workflow by mail", vec![Part::whole("SendMail/ReadVault")], play)
}

/// A trigger that failed: whoever is confirmed becomes a customer all the same, when they first come back.
fn made_late(parts: &[Part]) -> Journey {
    let broken = parts.iter().filter(|it| it.statement.starts_with("CognitoPostConfirmation/"));
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let email = "ada@example.com".to_owned();
            let sub = bank.sign_up(&email).await;
            let _the_trigger_fails = bank.confirm(&email).await;
            let token = bank.log_in(&email).await;
            let ada = Person { email, sub, token };
            bank.graphql(&ada, "mutation { ensureCustomer { status } }").await;
            bank.graphql_with(&ada, APPLY, application(Uuid::new_v4())).await;
            Ok(())
        })
    });
    journey("made late", broken.cloned().collect(), play)
}

/// What comes later is seen first, and what was before it is read from the events.
fn first_late() -> Journey {
    const SAVE: &str = "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { operation { id } } }";
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            bank.identified(&ada, Verdict::Approved).await;
            let address = bank.address(&ada, "USDC").await;
            let order = json!({ "asset": "USDC", "address": address, "amount": "500", "confirm": "slowly" });
            let order = serde_json::from_value(order).map_err(failed)?;
            bank.local.custodian().deposit(order).await.map_err(failed)?;
            pass(bank, Duration::from_secs(1800)).await?;
            for _ in 0..2 {
                let money = json!({ "asset": "USDC", "amount": "100" });
                bank.graphql_with(&ada, SAVE, json!({ "operationId": Uuid::new_v4(), "money": money })).await;
                bank.settle().await;
            }
            Ok(())
        })
    });
    Journey { faults: || Some(Arc::new(FirstLate::default())), ..journey("first commits late", Vec::new(), play) }
}

/// What people open in a browser, and what watches the bank.
fn looked_at() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            for path in ["/health", "/graphql", "/backoffice/graphql"] {
                let request = http::Request::get(path).header("accept", "text/html").body(bytes::Bytes::new());
                let status = bank.local.call(request.map_err(failed)?).await.status();
                if !status.is_success() {
                    return Err(Failed::new(format!("{path} answered {status}")));
                }
            }
            Ok(())
        })
    });
    journey("looked at", Vec::new(), play)
}

/// More positions than are handed out at once.
fn many_positions() -> Journey {
    const A_PAGE: u32 = 100;
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let (dynamodb, table) = (bank.dynamodb(), bank.table("LedgerProjections"));
            for number in 0..=A_PAGE {
                let position = format!("{}#usdc-savings", Uuid::from_u128(number.into()));
                let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
                let put =
                    dynamodb.put_item().table_name(&table).item("pk", text(ALL_POSITIONS)).item("sk", text(&position));
                put.item("d", text(&json!(position).to_string())).send().await.map_err(failed)?;
            }
            let body = json!({ "scheduledAt": "2026-11-16T01:00:00Z" }).to_string();
            let queue = bank.queue("StartPayoutsQueue");
            bank.local.aws().sqs.send(&queue, &Outgoing { body, ..Outgoing::default() }).map_err(failed)?;
            bank.settle().await;
            Ok(())
        })
    });
    journey("many positions", Vec::new(), play)
}
