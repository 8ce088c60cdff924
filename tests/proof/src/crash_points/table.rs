//! The outcome, a line a function.

use std::collections::BTreeSet;

use super::plays::{Job, Outcome, Way};

/// All of it in a few numbers.
pub(super) struct Tally {
    pub equal: usize,
    pub not_equal: usize,
    /// Functions of which no call was seen.
    pub untouched: Vec<String>,
}

/// Prints the table.
pub(super) fn print(functions: &BTreeSet<String>, jobs: &[Job], outcomes: &[Outcome]) -> Tally {
    let mut tally = Tally { equal: 0, not_equal: 0, untouched: Vec::new() };
    println!("{:<28} {:>6} {:>8} {:>8} {:>8}", "function", "points", "before =", "after =", "not =");
    for function in functions {
        let of = |way: Way| {
            let all =
                jobs.iter().zip(outcomes).filter(move |(job, _)| job.point.function == *function && job.way == way);
            let (equal, not): (Vec<_>, Vec<_>) = all.partition(|(_, outcome)| **outcome == Outcome::Equal);
            (equal.len(), not.len())
        };
        let ((before, not_before), (after, not_after)) = (of(Way::Before), of(Way::After));
        let not = not_before + not_after;
        println!("{function:<28} {:>6} {before:>8} {after:>8} {not:>8}", before + not_before);
        if before + not_before == 0 {
            tally.untouched.push(function.clone());
        }
        tally.equal += before + after;
        tally.not_equal += not;
    }
    tally
}
