//! Who is listed.

use serde::{Deserialize, Serialize};

use super::likeness::{Name, Person};

const ID_CHARS_MAX: usize = 64;
const TEXT_CHARS_MAX: usize = 200;
const VALUES_MAX: usize = 20;
/// The list of whoever was added without one.
const NO_LIST: &str = "simulated_list";

/// Somebody on the provider's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entity {
    /// The provider's id of them: letters, digits, hyphens, underscores and points.
    pub id: String,
    /// What they are called, the usual name first, in any script.
    pub names: Vec<String>,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Sources may disagree.
    #[serde(default)]
    pub birth_dates: Vec<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Why they are listed: `sanction`, `role.pep`, `role.rca`, `crime.fraud` and others.
    pub topics: Vec<String>,
    /// The lists that they are on.
    #[serde(default)]
    pub datasets: Vec<String>,
}

impl Entity {
    /// With everything written as the provider would; or what is wrong.
    pub(super) fn tidied(mut self) -> Result<Self, &'static str> {
        let is_id = |text: &str, more: &[char], max: usize| {
            !text.is_empty()
                && text.len() <= max
                && !text.starts_with('.')
                && text.chars().all(|it| it.is_ascii_alphanumeric() || more.contains(&it))
        };
        if !is_id(&self.id, &['-', '_', '.'], ID_CHARS_MAX) {
            return Err("id is not of letters, digits, hyphens, underscores and points");
        }
        let lists = [&self.names, &self.birth_dates, &self.countries, &self.topics, &self.datasets];
        if lists.iter().any(|list| list.len() > VALUES_MAX || list.iter().any(|it| it.len() > TEXT_CHARS_MAX)) {
            return Err("there is too much of something");
        }
        if self.names.is_empty() || self.names.iter().any(|name| Name::of(name).is_empty()) {
            return Err("names has no name, or one without a letter");
        }
        if !self.birth_dates.iter().all(|date| is_date(date)) {
            return Err("birthDates are YYYY, YYYY-MM or YYYY-MM-DD");
        }
        self.countries = self.countries.iter().map(|country| country.to_ascii_lowercase()).collect();
        if !self.countries.iter().all(|it| it.len() == 2 && it.bytes().all(|byte| byte.is_ascii_lowercase())) {
            return Err("countries are codes of two letters");
        }
        if self.topics.is_empty() || !self.topics.iter().all(|topic| is_id(topic, &['.'], ID_CHARS_MAX)) {
            return Err("topics has no topic, or one that is none");
        }
        if self.datasets.is_empty() {
            self.datasets.push(NO_LIST.to_owned());
        }
        if !self.datasets.iter().all(|dataset| is_id(dataset, &['_'], ID_CHARS_MAX)) {
            return Err("datasets are of letters, digits and underscores");
        }
        Ok(self)
    }

    pub(super) fn person(&self) -> Person {
        Person {
            names: self.names.iter().map(|name| Name::of(name)).collect(),
            birth_dates: self.birth_dates.clone(),
            countries: self.countries.clone(),
        }
    }

    /// Whether a search in this dataset, or collection of datasets, would see them.
    pub(super) fn is_in(&self, dataset: &str) -> bool {
        let has = |wanted: &[&str]| {
            let is_wanted =
                |topic: &String| wanted.iter().any(|it| topic == it || topic.starts_with(&format!("{it}.")));
            self.topics.iter().any(is_wanted)
        };
        match dataset {
            "default" => true,
            "sanctions" => has(&["sanction"]),
            "peps" => has(&["role.pep", "role.rca"]),
            "crime" => has(&["crime", "wanted"]),
            name => self.datasets.iter().any(|dataset| dataset == name),
        }
    }
}

pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: &[usize] = &[4, 2, 2];
    parts.len() <= lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Who is listed from the start. All of them are invented.
pub(super) fn invented() -> Vec<Entity> {
    let of = |id: &str, names: &[&str], birth_date: &str, country: &str, topics: &[&str], datasets: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Entity {
            id: id.to_owned(),
            names: texts(names),
            birth_dates: texts(&[birth_date]),
            countries: texts(&[country]),
            topics: texts(topics),
            datasets: texts(datasets),
        }
    };
    vec![
        of(
            "NK-Velodarsky61",
            &["Arkhip Velodarsky", "Архип Семёнович Велодарский", "Arkhip Semyonovich Velodarskiy"],
            "1961-03-14",
            "ru",
            &["sanction"],
            &["eu_fsf", "gb_hmt_sanctions", "us_ofac_sdn"],
        ),
        of(
            "NK-Zankrawi70",
            &["Qasim al-Zankrawi", "قاسم الزنكراوي"],
            "1970-11-02",
            "iq",
            &["sanction", "crime.terror"],
            &["un_sc_sanctions", "us_ofac_sdn"],
        ),
        of("NK-Tolsoi55", &["Pak Tolsoi", "박돌쇠이"], "1955", "kp", &["sanction"], &["un_sc_sanctions"]),
        of(
            "Q900000001",
            &["Honorata Wiszkowiak-Brzęcz"],
            "1968-07-30",
            "pl",
            &["role.pep", "gov.national"],
            &["wd_peps"],
        ),
        of("Q900000002", &["Teodolindo Malaspineta"], "1974-02-19", "it", &["role.rca"], &["wd_peps"]),
        of("Q900000003", &["欧阳溪兰泊", "Ouyang Xilanbo"], "1959-12-01", "cn", &["role.pep"], &["wd_peps"]),
        of(
            "NK-Thornquist79",
            &["Barnaby Thornquist-Vane", "Barney Vane"],
            "1979-05-23",
            "gb",
            &["crime.fraud"],
            &["gb_insolvency_register"],
        ),
        of(
            "NK-Grubescak83",
            &["Zvjezdana Grubešćak"],
            "1983-09-09",
            "hr",
            &["crime", "wanted"],
            &["interpol_red_notices"],
        ),
    ]
}
