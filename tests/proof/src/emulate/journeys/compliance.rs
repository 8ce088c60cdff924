//! Somebody whom a list may know, and the two people who decide.

use serde_json::{Value, json};
use simulators::onfido::Verdict;
use uuid::Uuid;

use crate::{
    Failed,
    emulate::{
        person::{Person, Trigger, list},
        stack::failed,
        world::{World, expect, wait_for},
    },
    world::{APPLY, suspect},
};

const INBOX: &str = "{ backOffice { reviews(status: OPEN) { nodes { id customerId approvalsNeeded } } } }";
const DECIDE: &str =
    "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) { review { decision } } } }";

/// Nobody is let in before two people of compliance agree; those who do not belong there are refused.
pub async fn judged(world: &World) -> Result<(), Failed> {
    let listed = json!({ "id": "NK-orlovsky", "names": ["Konstantin Orlovsky-Reznik"], "birthDates": ["1961-03-05"],
        "countries": ["gb"], "topics": ["sanction"], "datasets": ["gb_fcdo_sanctions"] });
    world.providers.screening.add(serde_json::from_value(listed).unwrap()).map_err(failed("list somebody"))?;
    let ivy = Person::newcomer(world, "ivy", Trigger::Called).await?;
    ivy.send(world, APPLY, suspect(Uuid::new_v4())).await?;
    let run = ivy.run(world).await?;
    ivy.decided(world, run, Verdict::Approved).await?;

    let grace = Person::staff(world, "grace", "compliance").await?;
    let alan = Person::staff(world, "alan", "compliance").await?;
    let case = wait_for("a case in the inbox", || async {
        let inbox = grace.at_work(world, INBOX, Value::Null).await?;
        let reviews = list(&inbox, "/data/backOffice/reviews/nodes");
        Ok(reviews.iter().find(|it| it["customerId"] == ivy.sub).cloned())
    })
    .await?;
    expect("how many have to agree", case["approvalsNeeded"].clone(), json!(2))?;
    let decision = || json!({ "reviewId": case["id"], "decisionId": Uuid::new_v4(), "decision": "APPROVE", "reason": "Another birth date." });
    let refused = ivy.at_work(world, DECIDE, decision()).await?;
    expect("the customer's own decision", refused["errors"][0]["extensions"]["code"].clone(), json!("FORBIDDEN"))?;
    for (staff, after) in [(&grace, Value::Null), (&alan, json!("APPROVED"))] {
        let answer = staff.at_work(world, DECIDE, decision()).await?;
        expect("the decision", answer["data"]["backOffice"]["decideReview"]["review"]["decision"].clone(), after)?;
    }
    ivy.opened(world).await
}
