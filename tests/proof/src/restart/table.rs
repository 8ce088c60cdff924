//! What is printed, and what is demanded.

use std::time::Duration;

use granary::runner::Left;

use super::audit::Audit;
use crate::Failed;

const SHOWN_MAX: usize = 12;

/// What one kill hit.
#[derive(Debug)]
pub struct Hit {
    /// Commands that were under way and not answered.
    pub unanswered: u64,
    /// What the dead bank had left to do.
    pub left: Left,
    /// Whether the bank was just starting.
    pub at_a_start: bool,
}

impl Hit {
    fn in_flight(&self) -> bool {
        self.unanswered > 0 || self.left.is_anything()
    }
}

/// Everything that is counted on the way.
#[derive(Debug, Default)]
pub struct Table {
    /// Kills at the very first start, when nobody uses the bank yet.
    pub first_starts: u64,
    pub hits: Vec<Hit>,
    pub starts: Vec<Duration>,
    pub journeys: usize,
    pub repeats: u64,
}

impl Table {
    fn kills(&self) -> usize {
        self.hits.len() + usize::try_from(self.first_starts).unwrap()
    }

    fn count(&self, of: impl Fn(&Hit) -> bool) -> usize {
        self.hits.iter().filter(|hit| of(hit)).count()
    }

    pub fn print(&self, audit: &Audit, took: Duration) {
        let at_a_start = self.count(|hit| hit.at_a_start);
        println!(
            "kills                      {:>6}, {at_a_start} of them at a start, {} at the very first start",
            self.kills(),
            self.first_starts
        );
        println!("  with work in flight      {:>6}", self.count(Hit::in_flight));
        println!("    commands unanswered    {:>6}", self.count(|hit| hit.unanswered > 0));
        println!("    messages in queues     {:>6}", self.count(|hit| hit.left.messages > 0));
        println!("    stream records         {:>6}", self.count(|hit| hit.left.records > 0));
        println!("    steps of executions    {:>6}", self.count(|hit| hit.left.steps > 0));
        println!("    executions open        {:>6}", self.count(|hit| hit.left.executions > 0));
        println!("journeys completed         {:>6}", self.journeys);
        println!("commands accepted          {:>6}, {} requests asked again", audit.commands, self.repeats);
        println!("effects, once each         {:>6}, and {} payouts of interest", audit.effects, audit.payouts);
        println!("  duplicates               {:>6}", audit.doubled.len());
        println!("  lost                     {:>6}", audit.lost.len());
        println!("  wrong or left over       {:>6}", audit.wrong.len());
        let orphans = audit.left_behind;
        println!("applicants left behind     {orphans:>6}, as the identity provider knows no idempotency keys");
        for printed in &audit.printed {
            println!("{}", printed.trim_end());
        }
        let mut starts: Vec<_> = self.starts.iter().collect();
        starts.sort();
        let median = starts.get(starts.len() / 2).map_or(0, |it| it.as_millis());
        let longest = starts.last().map_or(0, |it| it.as_millis());
        println!(
            "{} commits; a start takes {median} ms, {longest} at most; {} s in all",
            audit.commits,
            took.as_secs()
        );
    }

    /// Whether all of it is as it must be.
    pub fn verdict(&self, audit: &Audit) -> Result<(), Failed> {
        let mut found = Vec::new();
        let in_flight = self.count(Hit::in_flight);
        if in_flight * 2 < self.kills() {
            found.push(format!("only {in_flight} kills hit work in flight: half of them must"));
        }
        for (what, list) in [("lost", &audit.lost), ("doubled", &audit.doubled), ("wrong", &audit.wrong)] {
            found.extend(list.iter().take(SHOWN_MAX).map(|it| format!("{what}: {it}")));
            if list.len() > SHOWN_MAX {
                found.push(format!("{what}: and {} more", list.len() - SHOWN_MAX));
            }
        }
        if audit.holds() && found.is_empty() { Ok(()) } else { Err(Failed::new(found.join("\n"))) }
    }
}
