//! What a whole suite of processes never used.

use std::{collections::BTreeSet, path::Path};

use granary::{
    iam::{self, Part},
    template::Plan,
};

use crate::Failed;

/// Holds what was noted in a folder against the template.
///
/// # Errors
/// When any action on any resource of any statement was never used.
pub fn report(plan: &Plan, folder: &Path) -> Result<(), Failed> {
    let noted = iam::read_notes(folder).map_err(|error| Failed::new(format!("{}: {error}", folder.display())))?;
    let parts = iam::parts(plan);
    let statements = |parts: &[&Part]| parts.iter().map(|part| part.statement.as_str()).collect::<BTreeSet<_>>().len();
    let all: Vec<&Part> = parts.iter().collect();
    let unused: Vec<&Part> = parts.iter().filter(|part| !noted.contains(part)).collect();
    println!(
        "{} statements with {} actions on resources; {} of these were never used.",
        statements(&all),
        all.len(),
        unused.len()
    );
    if unused.is_empty() {
        return Ok(());
    }
    let line = |part: &&Part| {
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        format!("{} {} {}", part.statement, text(&part.action), super::short(plan, &text(&part.resource)))
    };
    Err(Failed::new(format!("never used:\n  {}", unused.iter().map(line).collect::<Vec<_>>().join("\n  "))))
}
