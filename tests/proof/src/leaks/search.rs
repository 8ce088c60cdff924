//! Finds texts in bytes, also as base64, as hex, inside JSON strings, in URLs and as Rust prints bytes.

use std::collections::{BTreeSet, HashMap};

use base64::{
    Engine as _,
    engine::{GeneralPurpose, general_purpose},
};

/// How much of a form is looked up before the rest is compared. A shorter form could stand anywhere by chance.
const HEAD: usize = 4;

/// Looks for many texts at once, in any form that they could have leaked in.
pub struct Search {
    texts: Vec<String>,
    /// Letters may have changed their case on the way,
    folded: Forms,
    /// but not inside base64.
    exact: Forms,
}

#[derive(Default)]
struct Forms {
    by_head: HashMap<[u8; HEAD], Vec<Form>>,
    /// By its first two bytes, whether any form begins so: asked at every single byte, so it has to be fast.
    begins: Vec<bool>,
}

struct Form {
    bytes: Vec<u8>,
    /// Of which text, by its place.
    text: usize,
    /// A few digits are in every long number: they count only where they stand alone.
    alone: bool,
}

impl Search {
    pub fn of(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        let (mut folded, mut exact) = (Forms::default(), Forms::default());
        for (place, text) in texts.iter().enumerate() {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let lower = text.to_ascii_lowercase();
            for form in printed(&lower).into_iter().chain(encoded_bytes(&lower)).chain(encoded_bytes(text)) {
                let alone = is_number && form == lower;
                folded.add(Form { bytes: form.to_ascii_lowercase().into_bytes(), text: place, alone });
            }
            for text in BTreeSet::from([text.clone(), lower, text.to_ascii_uppercase()]) {
                for engine in [general_purpose::STANDARD_NO_PAD, general_purpose::URL_SAFE_NO_PAD] {
                    for offset in 0..3 {
                        let bytes = encoded(&engine, &text, offset).into_bytes();
                        exact.add(Form { bytes, text: place, alone: false });
                    }
                }
            }
        }
        Self { texts, folded, exact }
    }

    /// The texts that `bytes` hold.
    pub fn found(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut places = BTreeSet::new();
        self.folded.find(&bytes.to_ascii_lowercase(), &mut places);
        self.exact.find(bytes, &mut places);
        places.into_iter().map(|place| self.texts[place].as_str()).collect()
    }
}

impl Forms {
    fn add(&mut self, form: Form) {
        assert!(form.bytes.len() >= HEAD, "too short to be told from chance: {}", form.bytes.escape_ascii());
        self.begins.resize(1 << 16, false);
        let head: [u8; HEAD] = form.bytes[..HEAD].try_into().unwrap();
        self.begins[beginning(&head)] = true;
        let forms = self.by_head.entry(head).or_default();
        if !forms.iter().any(|it| (it.text, &it.bytes) == (form.text, &form.bytes)) {
            forms.push(form);
        }
    }

    fn find(&self, bytes: &[u8], into: &mut BTreeSet<usize>) {
        for (at, window) in bytes.windows(HEAD).enumerate() {
            if !self.begins[beginning(window)] {
                continue;
            }
            let Some(forms) = self.by_head.get(window) else { continue };
            for form in forms.iter().filter(|form| bytes[at..].starts_with(&form.bytes)) {
                let is_inside =
                    |at: Option<usize>| at.is_some_and(|at| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric));
                if !form.alone || !(is_inside(at.checked_sub(1)) || is_inside(Some(at + form.bytes.len()))) {
                    into.insert(form.text);
                }
            }
        }
    }
}

fn beginning(window: &[u8]) -> usize {
    usize::from(window[0]) << 8 | usize::from(window[1])
}

/// Whether `bytes` hold `text` in any form that it could have leaked in.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    !Search::of([text]).found(bytes).is_empty()
}

/// As it is; as a JSON string holds it; as a JSON string inside a JSON string does; and both with only ASCII.
fn printed(text: &str) -> Vec<String> {
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

/// As hex, in a URL, and as Rust prints bytes: `b"Zo\xc3\xab"` and `[90, 111, 195, 171]`.
fn encoded_bytes(text: &str) -> Vec<String> {
    let of_each = |form: &dyn Fn(u8) -> String| text.bytes().map(form).collect::<String>();
    let in_url = of_each(&|byte| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    });
    let list: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    vec![
        of_each(&|byte| format!("{byte:02x}")),
        in_url.replace("%20", "+"),
        in_url,
        of_each(&|byte| byte.escape_ascii().to_string()),
        list.join(", "),
        list.join(","),
    ]
}

/// What stays the same of the text's base64 when `offset` bytes stand before it and anything behind it.
fn encoded(engine: &GeneralPurpose, text: &str, offset: usize) -> String {
    let with_prefix = [vec![0; offset], text.as_bytes().to_vec()].concat();
    let whole = with_prefix.len() * 8 / 6;
    engine.encode(&with_prefix)[(offset * 8).div_ceil(6)..whole].to_owned()
}

#[test]
fn a_text_is_found_in_every_form() {
    let text = "Zoë \"Zed\" Pemberton";
    let json = serde_json::json!({ "name": text }).to_string();
    let json_in_json = serde_json::json!({ "commit": json }).to_string();
    let ascii = json.replace('ë', "\\u00eb");
    let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    let in_url = "Zo%C3%AB%20%22Zed%22%20Pemberton".to_owned();
    let bytes = bytes::Bytes::from(text);
    for found in [
        text.to_owned(),
        text.to_uppercase().replace('Ë', "ë"),
        hex,
        json,
        json_in_json,
        ascii,
        in_url.replace("%20", "+"),
        in_url,
        format!("{bytes:?}"),
        format!("{:?}", bytes.to_vec()),
    ] {
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

#[test]
fn digits_are_found_where_they_stand_alone() {
    for found in ["609104", "{\"sortCode\":\"609104\"}", "60-91-04 or 609104, please", "NjA5MTA0"] {
        assert!(holds(found.as_bytes(), "609104"), "{found}");
    }
    for innocent in ["1609104", "6091041", "9f609104ab", "1795176091043"] {
        assert!(!holds(innocent.as_bytes(), "609104"), "{innocent}");
    }
}

#[test]
fn each_of_many_texts_is_found_by_itself() {
    let search = Search::of(["Quillfeather", "feather", "Winterbourne"]);
    assert_eq!(search.found(b"QUILLFEATHER"), BTreeSet::from(["Quillfeather", "feather"]));
    assert_eq!(search.found(b"a feather of thaddeus winterbourne"), BTreeSet::from(["Winterbourne", "feather"]));
    assert_eq!(search.found(b"nobody"), BTreeSet::new());
}
