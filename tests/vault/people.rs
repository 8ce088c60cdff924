//! Recognisable people: whatever they write or is written about them is found nowhere else.

use serde_json::{Value, json};
use uuid::Uuid;

pub const EMAIL: &str = "wilhelmina.quillfeather@example.org";
pub const OTHER_EMAIL: &str = "caspian.vandersloot@example.org";
pub const PAYER: &str = "Zoë \"Zed\" Ångström-Pemberton";
pub const STRANGER: &str = "Bartholomew Featherstonehaugh";
pub const REMITTANCE: &str = "rent from Thaddeus Winterbourne";
pub const STRANGERS_REMITTANCE: &str = "birthday money for Ermintrude";
/// What the simulated bank says of every payer.
pub const BANK_DETAILS: [&str; 3] = ["GB33BUKB20201555555555", "BUKB20201555555555", "DE89370400440532013000"];
/// What the identity provider is told, and tells on in its webhooks.
pub const TOLD_BY_THE_PROVIDER: [&str; 6] =
    ["Wilhelmina Zoë", "Quillfeather-Ångström", "1961-02-27", "Caspian-Étienne", "Vandersloot-Brontë", "1958-11-03"];

/// Pays from an account with a sort code, and is approved.
pub fn wilhelmina(id: Uuid) -> Value {
    json!({
        "applicationId": id,
        "firstName": "Wilhelmina Zoë", "lastName": "Quillfeather-Ångström", "birthDate": "1961-02-27", "nationality": "TV",
        "address": {
            "street": "7 Perspicacity Crescent", "town": "Llanfairpwll Minor", "postcode": "QZ9 8XW", "country": "GB",
        },
        "document": { "kind": "PASSPORT", "number": "ZK-7704219-Q", "issuingCountry": "NU" },
        "bankAccount": { "holder": "W Z Quillfeather", "sortCode": "60-91-04", "accountNumber": "83917264" },
    })
}

/// Pays from an account with an IBAN, and is declined.
pub fn caspian(id: Uuid) -> Value {
    json!({
        "applicationId": id,
        "firstName": "Caspian-Étienne", "lastName": "Vandersloot-Brontë", "birthDate": "1958-11-03", "nationality": "PW",
        "address": {
            "street": "41 Rue de la Fontaine-Dorée", "town": "Sainte-Marmoréale", "postcode": "F-90417", "country": "FR",
        },
        "document": { "kind": "DRIVING_LICENCE", "number": "pp55 x20917", "issuingCountry": "TK" },
        "bankAccount": { "holder": "Caspian Vandersloot", "iban": "FR14 2004 1010 0505 0001 3M02 606" },
    })
}

/// Nothing of these may even reach the vault: somebody too young, an IBAN with a wrong digit, and what is no application at all.
pub fn refused() -> Vec<Value> {
    let altered = |fields: &[(&str, Value)]| {
        let mut input = wilhelmina(Uuid::new_v4());
        for (field, value) in fields {
            *input.pointer_mut(field).unwrap() = value.clone();
        }
        input
    };
    vec![
        altered(&[("/firstName", json!("Persephone-Minor")), ("/birthDate", json!("2011-08-19"))]),
        altered(&[("/bankAccount", json!({ "holder": "Lysander Cobblepot", "iban": "GB33BUKB20201555555556" }))]),
        altered(&[("/bankAccount/sortCode", json!("609104-Cobblepot"))]),
        altered(&[("/birthDate", json!("1961-13-77"))]),
        altered(&[("/birthDate", json!(19_610_227))]),
        altered(&[("/lastName", json!(["Ravenscroft-Altered"]))]),
        altered(&[("/address", json!("7 Perspicacity Crescent"))]),
        altered(&[("/document/kind", json!("ZK7704219Q"))]),
        altered(&[("/applicationId", json!("Ravenscroft-Altered"))]),
    ]
}

/// An application as part of the GraphQL document itself, where clients should not write it but can.
pub fn written_out(input: &Value) -> Value {
    json!({ "query": format!("mutation {{\n submitApplication(input: {}) {{ version }} }}", literal(input)) })
}

/// A document that is none, with personal data on the very line where it ends to be one.
pub fn misspelt() -> Value {
    json!({ "query": "mutation { submitApplication(input: { firstName: \"Persephone-Minor\", lastName: }) { version } }" })
}

/// A value as GraphQL writes it: names of fields stand without quotes, and so do enums.
fn literal(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| match value.as_str() {
                Some(text) if name == "kind" => format!("{name}: {text}"),
                _ => format!("{name}: {}", literal(value)),
            };
            format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Everything planted, whole and in its most telling parts.
pub fn planted() -> Vec<String> {
    let of_payments = [PAYER, STRANGER, REMITTANCE, STRANGERS_REMITTANCE].into_iter().chain(BANK_DETAILS);
    let of_applications = [
        EMAIL,
        OTHER_EMAIL,
        "7 Perspicacity Crescent",
        "Llanfairpwll Minor",
        "QZ9 8XW",
        "QZ98XW",
        "ZK7704219Q",
        "ZK-7704219-Q",
        "W Z Quillfeather",
        "60-91-04",
        "609104",
        "83917264",
        "60910483917264",
        "41 Rue de la Fontaine-Dorée",
        "Sainte-Marmoréale",
        "F-90417",
        "pp55 x20917",
        "pp55x20917",
        "Caspian Vandersloot",
        "FR1420041010050500013M02606",
        "FR14 2004 1010 0505 0001 3M02 606",
        "Persephone",
        "2011-08-19",
        "Cobblepot",
        "GB33BUKB20201555555556",
        "1961-13-77",
        "19610227",
        "Ravenscroft",
        "\"nationality\":\"TV\"",
        "\"nationality\":\"PW\"",
        "\"issuingCountry\":\"NU\"",
        "\"documentCountry\":\"NU\"",
    ];
    let parts = [
        "quillfeather",
        "Ångström",
        "Pemberton",
        "Featherstonehaugh",
        "Winterbourne",
        "Ermintrude",
        "20201555555555",
        "Wilhelmina",
        "Vandersloot",
        "Caspian",
        "Perspicacity",
        "Marmoréale",
    ];
    let all = of_payments.chain(of_applications).chain(TOLD_BY_THE_PROVIDER).chain(parts);
    all.map(str::to_owned).collect()
}
