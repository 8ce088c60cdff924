//! What the API accepts, field by field.

use serde_json::{Map, Value, json};
use time::{Date, macros::format_description};
use uuid::Uuid;

const TAGS_MAX: usize = 30;
const TAG_CHARS_MAX: usize = 128;
const CUSTOMER_USER_ID_CHARS_MAX: usize = 256;
/// What must not stand in a name, and what must not in a line of an address.
const NOT_IN_NAMES: &str = "!#$%*=<>;{}\"";
const NOT_IN_LINES: &str = "!$%^*=<>";

/// What is wrong, by field: the `fields` of an error.
pub(super) type Wrong = Map<String, Value>;

/// The country codes of the API's own list.
const COUNTRIES: &str = "\
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM \
    BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR \
    CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB \
    GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA \
    JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA \
    MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR \
    NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU RKS ROU RUS RWA SAU SDN SEN SGP \
    SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS \
    TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE";

/// Checks the body that creates an applicant.
pub(super) fn applicant(body: &Map<String, Value>, today: Date) -> Result<(), Wrong> {
    let mut wrong = Wrong::new();
    for name in ["first_name", "last_name"] {
        match body.get(name).and_then(Value::as_str) {
            Some(text) if text.trim().is_empty() => say(&mut wrong, name, "can't be blank"),
            Some(text) if text.contains(|c| NOT_IN_NAMES.contains(c)) => {
                say(&mut wrong, name, "invalid characters in field")
            }
            Some(_) => {}
            None => say(&mut wrong, name, "can't be blank"),
        }
    }
    if let Some(dob) = body.get("dob") {
        let format = format_description!("[year]-[month]-[day]");
        match dob.as_str().and_then(|text| Date::parse(text, format).ok()) {
            Some(dob) if dob <= today => {}
            Some(_) | None => say(&mut wrong, "dob", "is invalid"),
        }
    }
    if let Some(address) = body.get("address") {
        match address.as_object().map(self::address) {
            Some(Ok(())) => {}
            Some(Err(fields)) => {
                wrong.insert("address".to_owned(), json!([fields]));
            }
            None => say(&mut wrong, "address", "is invalid"),
        }
    }
    answer(wrong)
}

fn address(body: &Map<String, Value>) -> Result<(), Wrong> {
    let mut wrong = Wrong::new();
    match body.get("country").and_then(Value::as_str) {
        Some(code) if code.len() == 3 && COUNTRIES.split(' ').any(|known| known == code) => {}
        Some(_) => say(&mut wrong, "country", "is not included in the list"),
        None => say(&mut wrong, "country", "can't be blank"),
    }
    match body.get("postcode").and_then(Value::as_str) {
        Some(text) if !text.trim().is_empty() => {}
        Some(_) | None => say(&mut wrong, "postcode", "can't be blank"),
    }
    for name in ["flat_number", "building_number", "building_name", "street", "sub_street", "town", "state"] {
        if body.get(name).is_some_and(|value| !value.is_string()) {
            say(&mut wrong, name, "is invalid");
        }
    }
    for name in ["line1", "line2", "line3"] {
        let unfit = |value: &Value| match value {
            Value::Null => false,
            Value::String(text) => text.contains(|c| NOT_IN_LINES.contains(c)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
        };
        if body.get(name).is_some_and(unfit) {
            say(&mut wrong, name, "invalid characters in field");
        }
    }
    answer(wrong)
}

/// The body that starts a workflow run.
pub(super) struct RunOrder {
    pub(super) applicant_id: Uuid,
    pub(super) workflow_id: Uuid,
    pub(super) tags: Vec<String>,
    pub(super) customer_user_id: Option<String>,
}

/// Checks and reads the body that starts a workflow run.
pub(super) fn run(body: &Map<String, Value>) -> Result<RunOrder, Wrong> {
    let mut wrong = Wrong::new();
    let mut id = |name: &str| match body.get(name).and_then(Value::as_str).map(str::parse) {
        Some(Ok(id)) => id,
        Some(Err(_)) => {
            say(&mut wrong, name, "is not a valid UUID");
            Uuid::nil()
        }
        None => {
            say(&mut wrong, name, "can't be blank");
            Uuid::nil()
        }
    };
    let (applicant_id, workflow_id) = (id("applicant_id"), id("workflow_id"));
    let tags = match body.get("tags") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(tags)) => tags.iter().map(|tag| tag.as_str().map(str::to_owned)).collect(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => None,
    };
    let fits = |tag: &String| (1..=TAG_CHARS_MAX).contains(&tag.chars().count());
    let tags = tags.filter(|tags| tags.len() <= TAGS_MAX && tags.iter().all(fits)).unwrap_or_else(|| {
        say(&mut wrong, "tags", "is invalid");
        Vec::new()
    });
    let customer_user_id = match body.get("customer_user_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.chars().count() <= CUSTOMER_USER_ID_CHARS_MAX => Some(text.clone()),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            say(&mut wrong, "customer_user_id", "is invalid");
            None
        }
    };
    answer(wrong).map(|()| RunOrder { applicant_id, workflow_id, tags, customer_user_id })
}

/// One field that is wrong.
pub(super) fn wrong(field: &str, message: &str) -> Wrong {
    let mut wrong = Wrong::new();
    say(&mut wrong, field, message);
    wrong
}

fn say(wrong: &mut Wrong, field: &str, message: &str) {
    wrong.insert(field.to_owned(), json!([message]));
}

fn answer(wrong: Wrong) -> Result<(), Wrong> {
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
