//! Finds a text in bytes, also as base64, as hex and inside JSON strings.

use base64::{
    Engine as _,
    engine::{GeneralPurpose, general_purpose},
};

/// Whether `bytes` hold `text` in any form that it could have leaked in.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    // Letters may have changed their case on the way, but not inside base64.
    let folded = bytes.to_ascii_lowercase();
    let lower = text.to_ascii_lowercase();
    escaped(&lower).iter().any(|form| contains(&folded, form.as_bytes()))
        || contains(&folded, hex(lower.as_bytes()).as_bytes())
        || contains(&folded, hex(text.as_bytes()).as_bytes())
        || [text, &lower, &text.to_ascii_uppercase()].iter().any(|text| {
            [general_purpose::STANDARD_NO_PAD, general_purpose::URL_SAFE_NO_PAD]
                .iter()
                .flat_map(|engine| (0..3).map(|offset| encoded(engine, text, offset)))
                .any(|form| contains(bytes, form.as_bytes()))
        })
}

/// As it is; as a JSON string holds it; as a JSON string inside a JSON string does; and both with only ASCII.
fn escaped(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    for inside in [text.to_owned(), ascii_only(text)] {
        let once = within_json(&inside, inside != text);
        forms.push(within_json(&once, false));
        forms.push(once);
    }
    forms
}

fn within_json(text: &str, is_escaped: bool) -> String {
    if is_escaped {
        return text.replace('"', "\\\"");
    }
    serde_json::to_string(text).unwrap().trim_start_matches('"').strip_suffix('"').unwrap().to_owned()
}

fn ascii_only(text: &str) -> String {
    let mut units = [0; 2];
    text.chars().fold(String::new(), |mut ascii, letter| {
        if letter.is_ascii() {
            ascii.push(letter);
        } else {
            letter.encode_utf16(&mut units).iter().for_each(|unit| ascii.push_str(&format!("\\u{unit:04x}")));
        }
        ascii
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stays the same of the text's base64 when `offset` bytes stand before it and anything behind it.
fn encoded(engine: &GeneralPurpose, text: &str, offset: usize) -> String {
    let with_prefix = [vec![0; offset], text.as_bytes().to_vec()].concat();
    let whole = with_prefix.len() * 8 / 6;
    engine.encode(&with_prefix)[(offset * 8).div_ceil(6)..whole].to_owned()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_text_is_found_in_every_form() {
    let text = "Zoë \"Zed\" Pemberton";
    let json = serde_json::json!({ "name": text }).to_string();
    let json_in_json = serde_json::json!({ "commit": json }).to_string();
    let ascii = json.replace('ë', "\\u00eb");
    for found in
        [text.to_owned(), text.to_uppercase().replace('Ë', "ë"), hex(text.as_bytes()), json, json_in_json, ascii]
    {
        assert!(holds(format!("before {found} behind").as_bytes(), text), "{found}");
    }
    for prefix in ["", "1", "12", "123"] {
        for suffix in ["", "4", "45"] {
            let hidden = general_purpose::STANDARD.encode(format!("{prefix}{text}{suffix}"));
            assert!(holds(format!("{{\"x\":\"{hidden}\"}}").as_bytes(), text), "{hidden}");
        }
    }
    for innocent in ["", "Zoë", "Pemberton \"Zed\" Zoë", "eyJuYW1lIjoiWm/DqyJ9"] {
        assert!(!holds(innocent.as_bytes(), text), "{innocent}");
    }
}
