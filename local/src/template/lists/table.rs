//! The lists as a table for people: `local/README.md` holds exactly this, and a test compares.

use std::fmt::Write;

use super::{ATTRIBUTES, GLOBALS, Handling, OUTPUT, PARAMETER, REFUSED, SECTIONS, TYPES, TypeList};

/// The three lists in Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| Part of the template | Executed | Deploy-only, and why |\n|---|---|---|\n");
    for list in [&SECTIONS, &PARAMETER, &GLOBALS, &ATTRIBUTES, &OUTPUT].into_iter().chain(TYPES) {
        row(&mut text, list);
    }
    text.push_str("\nEverything else is refused, by name and place. On purpose:\n\n| Refused | Why |\n|---|---|\n");
    for (name, why) in REFUSED {
        line(&mut text, &format!("| `{name}` | {why} |"));
    }
    text
}

fn row(text: &mut String, list: &TypeList) {
    let mut executed = Vec::new();
    let mut deploy_only = Vec::new();
    for property in list.properties {
        let path = property.path;
        match property.handling {
            Handling::Executed => executed.push(format!("`{path}`")),
            Handling::ExecutedAs(values) => executed.push(format!("`{path}` ({})", values.join(", "))),
            Handling::DeployOnly(why) => deploy_only.push(format!("`{path}`: {why}")),
        }
    }
    line(text, &format!("| `{}` | {} | {} |", list.name, executed.join(", "), deploy_only.join("; ")));
}

fn line(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
