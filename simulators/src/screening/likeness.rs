//! How alike two people are, in ten-thousandths.

use std::cmp::Reverse;

use deunicode::deunicode;
use icu_normalizer::ComposingNormalizerBorrowed;

/// The same.
pub(super) const WHOLE: u32 = 10_000;
/// Words that are less alike are other words: any two have some letters in common.
const WORDS_FROM: u32 = 6_500;
/// Names that were split into words in another way are the same when their letters are nearly so.
const LETTERS_FROM: u32 = 8_000;
/// Assumed, as is the next: another day of the same year may be a slip, another year hardly.
const OTHER_DAY: u32 = 2_500;
const OTHER_YEAR: u32 = 4_000;
/// Assumed: people have more than one nationality.
const OTHER_COUNTRY: u32 = 2_000;

/// What is known of somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub(super) names: Vec<Name>,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub(super) birth_dates: Vec<String>,
    /// ISO 3166-1 alpha-2, in lower case.
    pub(super) countries: Vec<String>,
}

/// A name's words, in small Latin letters, whatever script it was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(Vec<String>);

impl Name {
    pub(super) fn of(text: &str) -> Self {
        let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
        let latin = deunicode(&composed).to_lowercase();
        // An apostrophe stands within a word, as in O'Neill, or for a soft sign.
        let letters: String = latin.chars().filter(|it| !matches!(it, '\'' | '`')).collect();
        let words = letters.split(|it: char| !it.is_alphanumeric()).filter(|word| !word.is_empty());
        Self(words.map(str::to_owned).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn likeness(&self, other: &Self) -> u32 {
        let letters = ratio(&self.0.concat(), &other.0.concat());
        let letters = if letters >= LETTERS_FROM { letters } else { 0 };
        letters.max(self.words_in_common(other))
    }

    /// The share of all letters that stand in words which both have, in whatever order. Each word has one counterpart at most.
    fn words_in_common(&self, other: &Self) -> u32 {
        let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
        for (here, word) in self.0.iter().enumerate() {
            for (there, counterpart) in other.0.iter().enumerate() {
                pairs.push((ratio(word, counterpart), here, there));
            }
        }
        pairs.retain(|(likeness, ..)| *likeness >= WORDS_FROM);
        pairs.sort_by_key(|pair| Reverse(pair.0));
        let (mut taken, mut common) = (Vec::new(), 0_u32);
        for (likeness, here, there) in pairs {
            if taken.iter().all(|(one, another)| *one != here && *another != there) {
                taken.push((here, there));
                let letters = length(self.0.get(here)).saturating_add(length(other.0.get(there)));
                common = common.saturating_add(likeness.saturating_mul(letters));
            }
        }
        let all = self.0.iter().chain(&other.0).map(|word| length(Some(word))).fold(0, u32::saturating_add);
        common.checked_div(all).unwrap_or_default()
    }
}

impl Person {
    /// The best of all names against all names, less what contradicts it.
    pub(super) fn likeness(&self, other: &Self) -> u32 {
        let names = self.names.iter().flat_map(|name| other.names.iter().map(|it| name.likeness(it)));
        let names = names.max().unwrap_or_default();
        names.saturating_sub(self.other_birth(other)).saturating_sub(self.other_country(other))
    }

    fn other_birth(&self, other: &Self) -> u32 {
        let pairs = self.birth_dates.iter().flat_map(|date| other.birth_dates.iter().map(move |it| (date, it)));
        let contradiction = |(one, another): (&String, &String)| {
            if one.starts_with(another.as_str()) || another.starts_with(one.as_str()) {
                0
            } else if one.get(..4) == another.get(..4) {
                OTHER_DAY
            } else {
                OTHER_YEAR
            }
        };
        pairs.map(contradiction).min().unwrap_or_default()
    }

    fn other_country(&self, other: &Self) -> u32 {
        let is_known = !self.countries.is_empty() && !other.countries.is_empty();
        let is_shared = self.countries.iter().any(|country| other.countries.contains(country));
        if is_known && !is_shared { OTHER_COUNTRY } else { 0 }
    }
}

/// The share of letters that need not be changed, added, dropped or swapped.
fn ratio(one: &str, another: &str) -> u32 {
    let longest = one.chars().count().max(another.chars().count());
    let same = longest.saturating_sub(strsim::osa_distance(one, another));
    let (same, longest) = (u32::try_from(same).unwrap_or(u32::MAX), u32::try_from(longest).unwrap_or(u32::MAX));
    same.saturating_mul(WHOLE).checked_div(longest).unwrap_or_default()
}

fn length(word: Option<&String>) -> u32 {
    word.and_then(|word| u32::try_from(word.chars().count()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, another: &str) -> u32 {
        let (there, back) = (Name::of(one).likeness(&Name::of(another)), Name::of(another).likeness(&Name::of(one)));
        assert_eq!(there, back, "{one} / {another}");
        there
    }

    fn person(name: &str, birth_date: &str, country: &str) -> Person {
        let some = |text: &str| if text.is_empty() { vec![] } else { vec![text.to_owned()] };
        Person { names: vec![Name::of(name)], birth_dates: some(birth_date), countries: some(country) }
    }

    #[test]
    fn the_same_name_is_the_same_however_it_is_written() {
        for (one, another) in [
            ("Arkhip Velodarsky", "VELODARSKY, Arkhip"),
            ("José Ñandú-Peña", "Jose Nandu Pena"),
            ("Jose\u{301} N\u{303}andu\u{301}", "José Ñandú"),
            ("Søren Ærøskøbing", "Soren AEroskobing"),
            ("Łucja Brzęcz", "lucja brzecz"),
            ("Straße", "STRASSE"),
            ("Padraig O’Haluskey", "padraig ohaluskey"),
            ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
            ("Архип Велодарский", "Arkhip Velodarskii"),
            ("Γαλήνη Ζωγράφου", "Galene Zographou"),
            ("歐陽溪蘭", "Ou Yang Xi Lan"),
            ("ﾔﾏﾀﾞ", "ヤマダ"),
        ] {
            assert!(alike(one, another) >= 9_000, "{one} / {another}: {}", alike(one, another));
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_nearly_the_same() {
        for (one, another) in
            [("Arkhip Velodarsky", "Arkip Velodarski"), ("Nasrin Qadirogh", "Nasreen Qadirogh"), ("Iwan", "Ivan")]
        {
            let likeness = alike(one, another);
            assert!((7_000..10_000).contains(&likeness), "{one} / {another}: {likeness}");
        }
    }

    #[test]
    fn a_name_that_one_has_more_makes_them_less_alike() {
        let likeness = alike("Arkhip Velodarsky", "Arkhip Semyonovich Velodarsky");
        assert!((6_000..9_000).contains(&likeness), "{likeness}");
    }

    #[test]
    fn other_people_are_not_alike() {
        for (one, another) in [
            ("Ada Byron", "Arkhip Velodarsky"),
            ("Ada Byron", "Ada Velodarskaya"),
            ("Wang", "Velodarsky"),
            ("", "Arkhip"),
            ("", ""),
            ("…", "—"),
        ] {
            assert!(alike(one, another) < 4_000, "{one} / {another}: {}", alike(one, another));
        }
    }

    #[test]
    fn a_namesake_of_another_age_or_country_is_less_likely_the_person() {
        let listed = person("Arkhip Velodarsky", "1961-03-14", "ru");
        for (birth_date, country, expected) in [
            ("1961-03-14", "ru", 10_000),
            ("1961", "ru", 10_000),
            ("", "", 10_000),
            ("1961-03-15", "ru", 7_500),
            ("1962-03-14", "ru", 6_000),
            ("1961-03-14", "gb", 8_000),
            ("1990-01-01", "gb", 4_000),
        ] {
            let asked = person("Arkhip Velodarsky", birth_date, country);
            assert_eq!(asked.likeness(&listed), expected, "{birth_date} {country}");
        }
    }

    #[test]
    fn the_best_of_several_names_and_dates_counts() {
        let mut listed = person("Arkhip Velodarsky", "1961-03-14", "ru");
        listed.names.push(Name::of("The Gardener"));
        listed.birth_dates.push("1963".to_owned());
        assert_eq!(person("the gardener", "1963-07-01", "ru").likeness(&listed), WHOLE);
    }
}
