//! Rules about the schema itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fakes::World;
use crate::{Outcome, PUBLIC_FIELDS, limits, sdl};

#[test]
fn the_committed_schema_is_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == sdl(),
        "schema.graphql is not what the code serves: `cargo run -p graph --example sdl > schema.graphql`, and read the diff"
    );
}

/// What tools send first.
pub(super) fn introspection() -> String {
    let type_ref = (0..9).fold("kind name".to_owned(), |inner, _| format!("kind name ofType {{ {inner} }}"));
    format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name }} mutationType {{ name }} \
         subscriptionType {{ name }} types {{ ...FullType }} \
         directives {{ name description isRepeatable locations args {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL \
         fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }} \
         type {{ ...TypeRef }} isDeprecated deprecationReason }} \
         inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} \
         possibleTypes {{ ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue }} \
         fragment TypeRef on __Type {{ {type_ref} }}"
    )
}

/// The schema as it tells of itself, without a token.
async fn types() -> BTreeMap<String, Value> {
    let answer = World::usual().ask(None, &introspection(), json!({})).await;
    assert_eq!(answer.outcome, Outcome::Complete, "{}", answer.body);
    let types = answer.body["data"]["__schema"]["types"].as_array().unwrap();
    types.iter().map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty.clone())).collect()
}

pub(super) fn fields(ty: &Value) -> &[Value] {
    ty["fields"].as_array().map_or(&[], Vec::as_slice)
}

/// The name within any lists and non-nulls.
pub(super) fn named(ty: &Value) -> &str {
    if ty["ofType"].is_null() { ty["name"].as_str().unwrap() } else { named(&ty["ofType"]) }
}

/// A value that the type takes.
fn any_value(types: &BTreeMap<String, Value>, ty: &Value) -> String {
    let name = named(ty);
    match types[name]["kind"].as_str().unwrap() {
        "ENUM" => types[name]["enumValues"][0]["name"].as_str().unwrap().to_owned(),
        "INPUT_OBJECT" => format!("{{ {} }}", any_values(types, &types[name]["inputFields"])),
        _ => match name {
            "Int" | "Float" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "AssetCode" => "\"GBP\"".to_owned(),
            "Date" => "\"2026-01-31\"".to_owned(),
            _ => "\"1\"".to_owned(),
        },
    }
}

fn any_values(types: &BTreeMap<String, Value>, inputs: &Value) -> String {
    let inputs = inputs.as_array().into_iter().flatten().filter(|input| input["type"]["kind"] == "NON_NULL");
    let inputs = inputs.map(|it| format!("{}: {}", it["name"].as_str().unwrap(), any_value(types, &it["type"])));
    inputs.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn every_root_field_is_guarded_or_named_as_public() {
    let types = types().await;
    let mut public = BTreeSet::new();
    for (root, keyword) in [("Query", "query"), ("Mutation", "mutation")] {
        for field in fields(&types[root]) {
            let name = field["name"].as_str().unwrap();
            let arguments = any_values(&types, &field["args"]);
            let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
            let is_leaf = matches!(types[named(&field["type"])]["kind"].as_str(), Some("SCALAR" | "ENUM"));
            let selection = if is_leaf { "" } else { "{ __typename }" };
            let query = format!("{keyword} {{ {name}{arguments} {selection} }}");
            let answer = World::usual().ask(None, &query, json!({})).await;
            match answer.outcome {
                Outcome::Complete => assert!(public.insert(format!("{root}.{name}"))),
                Outcome::Partial => {
                    assert_eq!(answer.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{query}");
                }
                other => panic!("{query}: {other:?} {}", answer.body),
            }
        }
    }
    assert_eq!(public, PUBLIC_FIELDS.map(str::to_owned).into(), "a root field has no guard");
}

/// The longest path from a type down, in fields.
pub(super) fn depth(types: &BTreeMap<String, Value>, name: &str, path: &mut Vec<String>) -> usize {
    assert!(!path.iter().any(|above| above == name), "{path:?} leads back to {name}: a query could go round for ever");
    path.push(name.to_owned());
    let ty = &types[name];
    let possible = ty["possibleTypes"].as_array().into_iter().flatten().map(|ty| depth(types, named(ty), path)).max();
    let below = fields(ty).iter().map(|field| 1 + depth(types, named(&field["type"]), path)).max();
    path.pop();
    below.max(possible).unwrap_or_default()
}

#[tokio::test]
async fn no_type_leads_back_to_itself_and_the_deepest_query_is_allowed() {
    let types = types().await;
    for root in ["Query", "Mutation"] {
        let depth = depth(&types, root, &mut Vec::new());
        assert!(depth <= limits::DEPTH_MAX, "{root} is {depth} deep");
    }
}
