//! Names instead of ids, so that two tellings can be compared.

use std::collections::BTreeMap;

/// The shortest run of hexadecimal digits that is taken for a hash.
const HASH_DIGITS_MIN: usize = 16;

/// Who or what each id of a story is.
#[derive(Default)]
pub(super) struct Roles(BTreeMap<String, String>);

impl Roles {
    /// From now on this id is called so.
    pub fn name(&mut self, id: &str, role: impl Into<String>) {
        self.0.entry(id.to_owned()).or_insert_with(|| role.into());
    }

    /// A text with names for ids; what is another in each telling and was never named is masked.
    pub fn tell(&self, text: &str) -> String {
        let mut told = text.to_owned();
        for (id, role) in &self.0 {
            if told.contains(id.as_str()) {
                told = told.replace(id.as_str(), role);
            }
        }
        masked(&told)
    }
}

/// Without ids, moments and hashes.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut inside = false; // A word that began before is not cut in its middle.
    let hyphened = |out: &str| {
        out.strip_suffix('-').is_some_and(|it| it.ends_with(|it: char| it.is_ascii_alphanumeric() || it == '>'))
    };
    while let Some(first) = rest.chars().next() {
        let found = if inside {
            None
        } else {
            id_at(rest).or_else(|| moment_at(rest)).or_else(|| hash_at(rest, hyphened(&out)))
        };
        if let Some((mask, length)) = found {
            out.push_str(mask);
            rest = &rest[length..];
            inside = true;
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            inside = first.is_ascii_alphanumeric();
        }
    }
    out
}

/// A UUID.
fn id_at(text: &str) -> Option<(&'static str, usize)> {
    uuid::Uuid::try_parse(text.get(..36)?).ok().map(|_| ("<id>", 36))
}

/// A moment after RFC 3339 in UTC.
fn moment_at(text: &str) -> Option<(&'static str, usize)> {
    let bytes = text.as_bytes();
    let shape = b"0000-00-00T00:00:00";
    let head = bytes.get(..shape.len())?;
    let fits = |(it, like): (&u8, &u8)| if *like == b'0' { it.is_ascii_digit() } else { it == like };
    if !head.iter().zip(shape).all(fits) {
        return None;
    }
    let fraction = bytes[shape.len()..].iter().take_while(|it| it.is_ascii_digit() || **it == b'.').count();
    let zone = usize::from(bytes.get(shape.len() + fraction) == Some(&b'Z'));
    Some(("<moment>", shape.len() + fraction + zone))
}

/// A long run of hexadecimal digits. Amounts are long, too; they have no letters, and are no part of a name.
fn hash_at(text: &str, is_part_of_a_name: bool) -> Option<(&'static str, usize)> {
    let length = text.bytes().take_while(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(it)).count();
    let is_lettered = text[..length].bytes().any(|it| it.is_ascii_lowercase());
    (length >= HASH_DIGITS_MIN && (is_lettered || is_part_of_a_name)).then_some(("<hash>", length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_moments_and_hashes_are_masked_and_amounts_and_days_are_not() {
        let text = r#"op#x#1b9a7c5e-0d2f-4d55-9b3e-0e6d4f3b2a10 at 2026-11-20T12:00:00.123Z on 2026-11-20 of -500000000000000001, #e3b0c44298fc1c14, a-8336221950688244, b-1b9a7c5e-0d2f-4d55-9b3e-0e6d4f3b2a10-3386003409999207"#;
        assert_eq!(
            masked(text),
            "op#x#<id> at <moment> on 2026-11-20 of -500000000000000001, #<hash>, a-<hash>, b-<id>-<hash>"
        );
    }

    #[test]
    fn what_was_named_is_called_by_its_name() {
        let mut roles = Roles::default();
        roles.name("1b9a7c5e-0d2f-4d55-9b3e-0e6d4f3b2a10", "ada");
        assert_eq!(roles.tell("customer#1b9a7c5e-0d2f-4d55-9b3e-0e6d4f3b2a10#GBP"), "customer#ada#GBP");
    }
}
