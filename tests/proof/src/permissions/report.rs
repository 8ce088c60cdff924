//! What was found, for people.

use std::{collections::BTreeSet, time::Duration};

use granary::{
    iam::{Denial, Part},
    template::Plan,
};

use super::run::Played;
use crate::Failed;

/// What may go missing unnoticed, as the report names it, and why it stands in the template all the same.
const REASONS: [(&str, &str); 0] = [];

/// What became of a bank without one part of its permissions.
pub struct Finding {
    pub unit: Part,
    pub journey: Option<String>,
    pub outcome: Outcome,
}

/// See [`Finding`].
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// It was refused something, in words that name who, what and where.
    Refused(Denial),
    /// It was refused something, and the words do not say what.
    Speechless(Denial),
    /// No journey uses it.
    NeverUsed,
    /// A journey that used it went on without.
    Unnoticed,
}

impl Outcome {
    /// Of a refusal.
    pub fn of(denial: Denial) -> Self {
        let named =
            [&denial.principal, &denial.action, &denial.resource].into_iter().all(|it| denial.text.contains(it));
        if named { Self::Refused(denial) } else { Self::Speechless(denial) }
    }
}

/// The whole of it.
pub struct Report<'a> {
    pub plan: &'a Plan,
    pub journeys: &'a [Played<'a>],
    pub findings: Vec<Finding>,
    pub played_in: Duration,
    pub took: Duration,
}

impl Report<'_> {
    /// The table, then totals.
    pub fn print(&self, all: bool) {
        for finding in &self.findings {
            let (verdict, why) = match &finding.outcome {
                Outcome::Refused(denial) => ("needed", self.request(denial)),
                Outcome::Speechless(denial) => ("REFUSED IN OTHER WORDS", denial.text.clone()),
                Outcome::NeverUsed => ("NEVER USED", String::new()),
                Outcome::Unnoticed => ("NOT MISSED", String::new()),
            };
            if all || !matches!(finding.outcome, Outcome::Refused(_)) {
                let journey = finding.journey.as_deref().unwrap_or("-");
                println!("{:<70} {verdict:<10} {why}   [{journey}]", self.unit(&finding.unit));
            }
        }
        let of = |wanted: &dyn Fn(&Finding) -> bool| self.findings.iter().filter(|it| wanted(it)).count();
        let implied = of(&|it| it.unit.is_implied());
        let whole = of(&|it| it.unit.action.is_none() && !it.unit.is_implied());
        let refused = of(&|it| matches!(it.outcome, Outcome::Refused(_)));
        println!(
            "{whole} statements, {} actions on resources of those that list several, and {implied} that SAM writes: each taken out of a bank",
            self.findings.len() - whole - implied
        );
        println!(
            "of its own. {refused} times something was refused, naming who, what and where; {} times nothing was.",
            self.findings.len() - refused
        );
        println!(
            "{} journeys in {:.1} s, all of it in {:.1} s.",
            self.journeys.len(),
            self.played_in.as_secs_f64(),
            self.took.as_secs_f64()
        );
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// When something can go missing unnoticed, and no reason is given; or when a reason is given for what is needed.
    pub fn verdict(&self) -> Result<(), Failed> {
        let unneeded = self.findings.iter().filter(|it| !matches!(it.outcome, Outcome::Refused(_)));
        let unneeded: BTreeSet<String> = unneeded.map(|it| self.unit(&it.unit)).collect();
        let reasons: BTreeSet<String> = REASONS.iter().map(|(unit, _)| (*unit).to_owned()).collect();
        let known: BTreeSet<String> = self.findings.iter().map(|it| self.unit(&it.unit)).collect();
        let without = unneeded.difference(&reasons).map(|unit| format!("{unit}: can go missing unnoticed"));
        let spent = reasons.intersection(&known).filter(|unit| !unneeded.contains(*unit));
        let spent = spent.map(|unit| format!("{unit}: is needed, and REASONS says why it is not"));
        let found: Vec<String> = without.chain(spent).collect();
        if found.is_empty() { Ok(()) } else { Err(Failed::new(found.join("\n"))) }
    }

    fn unit(&self, unit: &Part) -> String {
        match (&unit.action, &unit.resource) {
            (Some(action), Some(resource)) => {
                format!("{} {action} {}", unit.statement, super::short(self.plan, resource))
            }
            _ => unit.statement.clone(),
        }
    }

    fn request(&self, denial: &Denial) -> String {
        format!("{} {} on {}", denial.principal, denial.action, super::short(self.plan, &denial.resource))
    }
}
