//! Who may see and do what, field by field. A new field without a row fails.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::CaseId;
use serde_json::{Value, json};

use super::{
    super::shape::{depth, fields, introspection, named},
    world::{APPLICATION, CUSTOMER, EXECUTION, FORMER, FREEZE, FREEZE_REASON, GRACE, PARKED, World, deposit},
};
use crate::{
    Group::{self, Auditor, Compliance, Operations},
    back_office_sdl, limits,
};

const READERS: &[Group] = &[Compliance, Operations, Auditor];
const COMPLIANCE: &[Group] = &[Compliance];
const OPERATIONS: &[Group] = &[Operations];
const WORKERS: &[Group] = &[Compliance, Operations];

/// Each type, who may ask for these fields of it wherever they reach it, and the fields.
const TABLE: [(&str, &[Group], &str); 40] = [
    ("Query", READERS, "backOffice"),
    ("BackOffice", READERS, "reviews review customer applications execution suspense me"),
    ("ReviewConnection", READERS, "edges nodes pageInfo"),
    ("ReviewEdge", READERS, "node cursor"),
    ("PageInfo", READERS, "hasPreviousPage hasNextPage startCursor endCursor"),
    (
        "Review",
        READERS,
        "id status decision reason risk level approvalsNeeded dueAt openedAt closedAt assignee customerId applicationId \
         freezes evidence opinions timeline version",
    ),
    ("ReviewEvidence", READERS, "check entity score"),
    ("ReviewOpinion", READERS, "by verdict at"),
    ("ReviewEvent", READERS, "kind at actor assignee hasText textId"),
    ("CustomerFile", READERS, "id status applications frozen freezes closing erasure"),
    ("CustomerFreeze", READERS, "id side reviewId by at liftedAt liftedBy hasReason"),
    ("CustomerErasure", READERS, "requestedAt requestedBy data"),
    ("PersonalDataErasure", READERS, "class dueOn atOnce legalGround destroyedAt certificate"),
    ("ApplicationFile", READERS, "id customerId executionId status steps submittedAt decidedAt review"),
    ("ApplicationFileConnection", READERS, "edges nodes pageInfo"),
    ("ApplicationFileEdge", READERS, "node cursor"),
    ("Execution", READERS, "id customerId applicationId status startedAt endedAt definition states waits"),
    ("ExecutionState", READERS, "name type status enteredAt leftAt entered error"),
    ("ExecutionWait", READERS, "state for since error"),
    ("WorkflowStep", READERS, "name status startedAt endedAt"),
    ("SuspendedDepositConnection", READERS, "edges nodes pageInfo"),
    ("SuspendedDepositEdge", READERS, "node cursor"),
    ("SuspendedDeposit", READERS, "id amount reason customerId since"),
    ("Money", READERS, "asset amount"),
    ("StaffMember", READERS, "id groups"),
    ("Mutation", WORKERS, "backOffice"),
    (
        "BackOfficeMutation",
        COMPLIANCE,
        "assignReview addReviewNote requestInformation decideReview revealText revealPersonalData revealFreeze revealPayer eraseCustomer",
    ),
    ("BackOfficeMutation", OPERATIONS, "resumeExecution unwindExecution"),
    ("ExecutionPayload", OPERATIONS, "execution"),
    ("BackOfficeMutation", WORKERS, "freezeCustomer unfreezeCustomer releaseDeposit"),
    ("ReleaseDepositPayload", WORKERS, "depositId customerId amount"),
    ("CustomerPayload", WORKERS, "customer"),
    ("ReviewPayload", COMPLIANCE, "review"),
    ("RevealedText", COMPLIANCE, "text"),
    ("RevealedFreeze", COMPLIANCE, "text liftedText"),
    ("RevealedPayer", COMPLIANCE, "details wrote"),
    ("PersonalData", COMPLIANCE, "applicationId firstName lastName birthDate nationality address document bankAccount"),
    ("PersonalAddress", COMPLIANCE, "street town postcode country"),
    ("PersonalDocument", COMPLIANCE, "kind number issuingCountry"),
    ("PersonalBankAccount", COMPLIANCE, "holder iban sortCode accountNumber"),
];

fn rows() -> BTreeMap<String, &'static [Group]> {
    let types = TABLE.iter();
    types
        .flat_map(|(ty, allowed, names)| names.split(' ').map(move |name| (format!("{ty}.{name}"), *allowed)))
        .collect()
}

async fn types() -> BTreeMap<String, Value> {
    let told = World::with_risk(50).await.ask(None, &introspection(), json!({})).await;
    let types = told.body["data"]["__schema"]["types"].as_array().unwrap();
    types.iter().map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty.clone())).collect()
}

/// A way from a root down to a field: each step by its row and as it is asked for.
#[derive(Clone)]
struct Way {
    keyword: &'static str,
    steps: Vec<(String, String)>,
    is_leaf: bool,
}

impl Way {
    fn query(&self) -> String {
        let end = if self.is_leaf { "" } else { "{ __typename }" };
        let asked: Vec<_> = self.steps.iter().map(|(_, asked)| asked.as_str()).collect();
        format!("{} {{ {} {end} {}", self.keyword, asked.join(" { "), "}".repeat(self.steps.len()))
    }
}

/// Every way to every field.
fn ways(types: &BTreeMap<String, Value>, note: &str) -> Vec<Way> {
    let mut ways = Vec::new();
    let mut open: Vec<(String, Way)> = [("Query", "query"), ("Mutation", "mutation")]
        .map(|(root, keyword)| (root.to_owned(), Way { keyword, steps: vec![], is_leaf: false }))
        .into();
    while let Some((ty, to)) = open.pop() {
        for field in fields(&types[&ty]) {
            let name = field["name"].as_str().unwrap();
            let below = named(&field["type"]);
            let mut way = to.clone();
            way.steps.push((format!("{ty}.{name}"), format!("{name}{}", arguments(types, field, note))));
            way.is_leaf = fields(&types[below]).is_empty();
            open.push((below.to_owned(), way.clone()));
            ways.push(way);
        }
    }
    ways
}

fn arguments(types: &BTreeMap<String, Value>, field: &Value, note: &str) -> String {
    match field["name"].as_str().unwrap() {
        "review" if field["args"] != json!([]) => {
            format!("(id: \"{}\")", CaseId::of_application(CUSTOMER, APPLICATION))
        }
        "customer" if field["args"] != json!([]) => format!("(id: \"{CUSTOMER}\")"),
        // Of the other one an application is under way.
        "eraseCustomer" => format!("(input: {{ customerId: \"{FORMER}\", reason: \"{FREEZE_REASON}\" }})"),
        "execution" if field["args"] != json!([]) => format!("(id: \"{EXECUTION}\")"),
        _ => match values(types, &field["args"], note) {
            values if values.is_empty() => values,
            values => format!("({values})"),
        },
    }
}

/// Values for what must be given, so that what is asked for is there.
fn values(types: &BTreeMap<String, Value>, inputs: &Value, note: &str) -> String {
    let inputs = inputs.as_array().into_iter().flatten();
    let needed = inputs.filter(|it| it["type"]["kind"] == "NON_NULL" && it["defaultValue"].is_null());
    let value = |it: &Value| {
        let (name, ty) = (it["name"].as_str().unwrap(), named(&it["type"]));
        let case = CaseId::of_application(CUSTOMER, APPLICATION);
        let value = match name {
            "input" => format!("{{ {} }}", values(types, &types[ty]["inputFields"], note)),
            "decision" | "side" => types[ty]["enumValues"][0]["name"].as_str().unwrap().to_owned(),
            "customerId" => format!("\"{CUSTOMER}\""),
            "reviewId" => format!("\"{case}\""),
            "to" => format!("\"{GRACE}\""),
            "executionId" => format!("\"{EXECUTION}\""),
            "state" => format!("\"{PARKED}\""),
            "textId" => format!("\"{note}\""),
            "depositId" => format!("\"{}\"", deposit()),
            "freezeId" => format!("\"{FREEZE}\""),
            "noteId" | "questionId" | "decisionId" => format!("\"{APPLICATION}\""),
            "text" | "reason" => format!("\"{FREEZE_REASON}\""),
            other => panic!("say what to give for `{other}`"),
        };
        format!("{name}: {value}")
    };
    needed.map(value).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn every_field_has_a_row_and_every_row_a_field() {
    let types = types().await;
    let objects = types.iter().filter(|(name, ty)| ty["kind"] == "OBJECT" && !name.starts_with("__"));
    let served = objects.flat_map(|(name, ty)| {
        fields(ty).iter().map(move |field| format!("{name}.{}", field["name"].as_str().unwrap()))
    });
    assert_eq!(served.collect::<BTreeSet<_>>(), rows().into_keys().collect::<BTreeSet<_>>());
}

#[tokio::test]
async fn every_field_is_for_whom_the_table_says_and_for_nobody_else() {
    let (types, rows) = (types().await, rows());
    let note = World::with_risk(50).await.note().await;
    let customer: &[Group] = &[];
    let each = Group::ALL.map(|group| vec![group]);
    let groups = [None, Some(customer)].into_iter().chain(each.iter().map(|group| Some(group.as_slice())));
    let groups: Vec<_> = groups.collect();
    for way in ways(&types, &note) {
        let query = way.query();
        for groups in &groups {
            let world = World::with_risk(50).await;
            let told = world.ask(groups.map(|groups| (GRACE, groups)), &query, json!({})).await;
            let code = told.body["errors"][0]["extensions"]["code"].as_str();
            let may = |groups: &[Group]| {
                way.steps.iter().all(|(row, _)| groups.iter().any(|group| rows[row].contains(group)))
            };
            let expected = match groups {
                None => Some("UNAUTHENTICATED"),
                Some(groups) if may(groups) => None,
                Some(_) => Some("FORBIDDEN"),
            };
            assert_eq!(code, expected, "{groups:?}: {query}\n{}", told.body);
        }
    }
}

#[tokio::test]
async fn no_type_leads_back_to_itself_and_the_deepest_query_is_allowed() {
    let types = types().await;
    for root in ["Query", "Mutation"] {
        assert!(depth(&types, root, &mut Vec::new()) <= limits::DEPTH_MAX, "{root}");
    }
}

#[test]
fn the_committed_schema_is_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../backoffice.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == back_office_sdl(),
        "backoffice.graphql is not what the code serves: \
         `cargo run -p graph --example sdl -- back-office > backoffice.graphql`, and read the diff"
    );
}
