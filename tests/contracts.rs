//! What others read is committed: schemas are as generated, every example ever committed still decodes, and what is published is
//! as its schema says.

use std::{collections::BTreeMap, fs, path::Path};

use contracts::milestones;
use granary::services::Outgoing;
use serde_json::Value;

use crate::support::Bank;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn schemas() -> BTreeMap<String, Value> {
    milestones::schemas()
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), serde_json::to_value(schema).unwrap()))
        .collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    let folder = Path::new(ROOT).join("events/schemas");
    for (name, schema) in schemas() {
        let path = folder.join(format!("{name}.json"));
        assert_eq!(read(&path), schema, "run `make schemas` and read the diff of {}", path.display());
    }
    let committed = fs::read_dir(folder).unwrap().count();
    assert_eq!(committed, schemas().len(), "a committed schema has no type: milestones are never removed");
}

#[test]
fn every_milestone_has_examples_and_each_obeys_its_schema() {
    for (name, schema) in schemas() {
        let folder = Path::new(ROOT).join("events/examples/milestones").join(&name);
        let judge = jsonschema::validator_for(&schema).unwrap();
        let mut examples = 0;
        for file in fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} has no examples", folder.display())) {
            let example = read(&file.unwrap().path());
            assert!(judge.is_valid(&example), "{name}: {example}");
            examples += 1;
        }
        assert!(examples > 0, "{name} has no example");
    }
}

#[tokio::test]
async fn the_milestone_on_the_bus_obeys_its_schema() {
    let bank = Bank::open().await;
    let ada = bank.newcomer("ada@example.com").await;
    let news = serde_json::json!({ "detail-type": milestones::APPLICATION_APPROVED_V1, "detail": {
        "id": uuid::Uuid::new_v4(), "occurredAt": "2026-11-20T12:00:00.000Z",
        "data": { "customerId": ada.sub, "applicationId": uuid::Uuid::new_v4() } } });
    let approved = Outgoing { body: news.to_string(), ..Outgoing::default() };
    let follow = bank.queue("FollowApplicationQueue");
    bank.local.aws().sqs.send(&follow, &approved).unwrap();
    let taken = bank.local.aws().sqs.receive(&follow, 1, None).unwrap();
    let event = serde_json::json!({ "Records": [taken[0].lambda_record(&follow)] });
    bank.local.lambdas().invoke("FollowApplication", event.to_string().into()).await.unwrap();
    // What reaches the queue behind the rule is looked at before the function takes it.
    let queue = bank.queue("OpenAccountsQueue");
    let sqs = &bank.local.aws().sqs;
    let relay = &bank.local.plan().functions.iter().find(|it| it.logical_id == "IdentityRelay").unwrap().logical_id;
    let table = bank.table("IdentityEvents");
    let records = bank.local.aws().dynamodb.stream_records(&table, 0, 10).unwrap();
    let event = serde_json::json!({ "Records": records.iter().map(|it| &it.json).collect::<Vec<_>>() });
    bank.local.lambdas().invoke(relay, event.to_string().into()).await.unwrap();
    let from = bank.queue("MilestonesQueue");
    let commits = sqs.receive(&from, 10, None).unwrap();
    let records: Vec<_> = commits.iter().map(|it| it.lambda_record(&from)).collect();
    let event = serde_json::json!({ "Records": records }).to_string();
    bank.local.lambdas().invoke("PublishMilestones", event.into()).await.unwrap();

    let message = sqs.peek(&queue, 1).unwrap().remove(0);
    let envelope: Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!(envelope["source"], "granary.identity");
    assert_eq!(envelope["detail-type"], milestones::CUSTOMER_ACTIVATED_V1);
    assert_eq!(envelope["detail"]["data"]["customerId"], ada.sub.as_str());
    let judge = jsonschema::validator_for(&schemas()[milestones::CUSTOMER_ACTIVATED_V1]).unwrap();
    assert!(judge.is_valid(&envelope["detail"]), "{envelope}");
}
