//! What must not come in, and what cannot be done.

use serde_json::{Value, json};
use simulators::{
    clearbank::{Bank as Stranger, Payment},
    onfido::Onfido,
};

use super::money::pay;
use crate::{
    Failed,
    emulate::{
        person::{Person, list},
        stack::failed,
        world::{World, expect, wait_for},
    },
};

/// Unsigned, altered, or signed by somebody else: refused with 401, kept for a look, and nothing is handed over.
pub async fn signatures(world: &World) -> Result<(), Failed> {
    let payment = Payment::credit("GBP", "5.00", "nobody").webhook_body(0, 1).map_err(failed("write a webhook"))?;
    let altered = String::from_utf8_lossy(&payment).replace("5.00", "9.00");
    let ours = world.providers.clearbank.sign(&payment).map_err(failed("sign"))?;
    let stranger = Stranger::open(None).and_then(|stranger| stranger.sign(&payment)).map_err(failed("sign"))?;
    let payment = String::from_utf8_lossy(&payment).into_owned();
    let onfido = r#"{"payload":{}}"#.to_owned();
    let theirs = Onfido::open(None).map_err(failed("open"))?.sign(onfido.as_bytes());
    let fireblocks = r#"{"id":"x"}"#.to_owned();
    let cases = [
        ("clearbank", None, &payment),
        ("clearbank", Some(("digitalsignature", ours)), &altered),
        ("clearbank", Some(("digitalsignature", stranger)), &payment),
        ("onfido", Some(("x-sha2-signature", theirs)), &onfido),
        ("fireblocks", Some(("fireblocks-webhook-signature", "e30..AA".to_owned())), &fireblocks),
    ];
    for (provider, signature, body) in cases {
        let before = quarantined(world, provider).await?;
        let headers: Vec<_> = signature.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, answer) = world.post(&format!("/webhooks/{provider}"), &headers, body.clone()).await?;
        if status != 401 {
            return Err(Failed::new(format!("{provider} was answered {status} {answer}")));
        }
        expect(provider, quarantined(world, provider).await?, before + 1)?;
    }
    for queue in ["SettleDepositQueue", "ApplyIdentityResultQueue", "SettleCryptoDepositQueue"] {
        expect(queue, world.waiting_in(queue).await?, 0)?;
    }
    Ok(())
}

async fn quarantined(world: &World, provider: &str) -> Result<usize, Failed> {
    let asked = json!({ "Bucket": world.stack.physical("RawWebhooks")?, "Prefix": format!("quarantine/{provider}/") });
    let listed = world.stack.call("s3", "list_objects_v2", asked).await?;
    Ok(list(&listed, "/Contents").len())
}

/// A message that nobody understands goes to the dead letters with its reason; the money beside it arrives.
pub async fn poison(world: &World) -> Result<(), Failed> {
    let ada = Person::customer(world, "ada").await?;
    world.send_to("SettleDepositQueue", &json!({ "object": 1 })).await?;
    pay(world, &ada.instruction(world, "GBP", "reference").await?, "7.00").await?;
    ada.has(world, "GBP", "7.00").await?;
    let dead = wait_for("dead letter", || async {
        let messages = world.take_from("SettleDepositDeadLetters").await?;
        Ok(messages.into_iter().next())
    })
    .await?;
    let attributes = dead.message_attributes.unwrap_or_default();
    let said = |name: &str| attributes.get(name).and_then(|it| it.string_value.clone()).unwrap_or_default();
    if said("errorCode").is_empty()
        || said("errorReason").is_empty()
        || !said("source").ends_with(":granary-settle-deposit")
    {
        return Err(Failed::new(format!("the dead letter does not say why: {attributes:?}")));
    }
    let body: Value = serde_json::from_str(&dead.body.unwrap_or_default()).map_err(failed("read the dead letter"))?;
    expect("the dead letter", body, json!({ "object": 1 }))
}
