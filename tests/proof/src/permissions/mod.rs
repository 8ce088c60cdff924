//! Every statement of the template is needed, and no more than every statement.
//!
//! Each statement, and each action on each resource of those that list several, is taken out of a bank of its own. A journey that
//! uses it must then be refused, in words that name who asked for what on what. What can go missing without anybody noticing is
//! either not needed, or nothing here shows that it is: both are findings.

mod erasure;
mod halves;
mod journeys;
mod mishaps;
mod office;
mod report;
mod run;
mod slow;
#[cfg(test)]
mod tests;
mod unused;

use std::{path::PathBuf, time::Instant};

use granary::{
    iam::{self, Part},
    template::Plan,
};

use crate::{Failed, world};
use journeys::Journey;
use report::{Finding, Report};

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Prints every line and not only findings
    #[arg(long)]
    all: bool,
    /// Takes out only what is in statements whose name holds this text
    #[arg(long)]
    only: Option<String>,
    /// Instead: reports what no process used that noted its use in this folder
    #[arg(long)]
    unused: Option<PathBuf>,
}

/// Runs the proof.
///
/// # Errors
/// When a statement can go missing unnoticed, or a refusal does not say what is missing.
pub fn run(args: &Args) -> Result<(), Failed> {
    let template = world::TEMPLATE;
    let plan = template_of(template);
    if let Some(folder) = &args.unused {
        return unused::report(&plan, folder);
    }
    let began = Instant::now();
    // What SAM writes for event sources and routes is needed as well, or the local bank asks less than AWS.
    let parts: Vec<Part> = iam::parts(&plan).into_iter().chain(iam::implied_parts(&plan)).collect();
    let units = run::units(&parts, args.only.as_deref());
    let journeys = Journey::all(&plan);
    let played = run::play_all(template, &journeys)?;
    let played_in = began.elapsed();
    let findings = run::take_out_each(template, &units, &played);
    let report = Report { plan: &plan, journeys: &played, findings, played_in, took: began.elapsed() };
    report.print(args.all);
    report.verdict()
}

/// What a template says.
fn template_of(text: &str) -> Plan {
    let parameters = granary::template::placeholders(text);
    let definitions = granary::cli::definitions();
    granary::template::load(text, &definitions, &parameters, &Default::default()).expect("the template loads")
}

/// An ARN in the template's own words, where it has any.
fn short(plan: &Plan, resource: &str) -> String {
    let tables = plan.tables.iter().map(|it| (&it.logical_id, &it.arn));
    let queues = plan.queues.iter().map(|it| (&it.logical_id, &it.arn));
    let topics = plan.topics.iter().map(|it| (&it.logical_id, &it.arn));
    let buckets = plan.buckets.iter().map(|it| (&it.logical_id, &it.arn));
    let keys = plan.keys.iter().map(|it| (&it.logical_id, &it.arn));
    let functions = plan.functions.iter().map(|it| (&it.logical_id, &it.arn));
    let others = plan.buses.iter().map(|it| (&it.logical_id, &it.arn));
    let machines = plan.state_machines.iter().map(|it| (&it.logical_id, &it.arn));
    let all =
        tables.chain(queues).chain(topics).chain(buckets).chain(keys).chain(functions).chain(others).chain(machines);
    // The longest that it begins with: one name may begin with another.
    let named = all.filter(|(_, arn)| resource.starts_with(arn.as_str())).max_by_key(|(_, arn)| arn.len());
    named.map_or_else(
        || resource.to_owned(),
        |(name, arn)| format!("{name}{}", resource.get(arn.len()..).unwrap_or_default()),
    )
}
