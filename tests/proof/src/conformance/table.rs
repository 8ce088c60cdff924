//! What became of the questions, for people.

use std::{collections::BTreeMap, time::Duration};

use super::{Answer, Args, Asked};
use crate::Failed;

/// More of a finding nobody reads.
const FOUND_CHARS_MAX: usize = 800;

#[derive(Default)]
struct Row {
    pass: u32,
    known: u32,
    fail: u32,
    slow: u32,
}

impl Row {
    fn add(&mut self, answer: &Answer) {
        match answer {
            Answer::Pass => self.pass += 1,
            Answer::Known(_) => self.known += 1,
            Answer::Fail(_) | Answer::Outlived => self.fail += 1,
            Answer::Slow => self.slow += 1,
        }
    }

    fn print(&self, area: &str) {
        let Self { pass, known, fail, slow } = self;
        println!("{area:<28} {:>5} {pass:>6} {fail:>6} {known:>6} {slow:>6}", pass + known + fail + slow);
    }
}

/// Prints the table, and everything that is not as documented.
pub fn print(args: &Args, asked: &[Asked], took: Duration) -> Result<(), Failed> {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut sum = Row::default();
    for it in asked {
        let area = it.name.split(':').next().unwrap_or_default();
        rows.entry(area).or_default().add(&it.answer);
        sum.add(&it.answer);
    }
    for Asked { name, page, answer, took } in asked {
        let seconds = took.as_secs_f32();
        match answer {
            Answer::Pass if args.verbose => println!("PASS   {name} ({seconds:.1} s)"),
            Answer::Slow if args.verbose => println!("SLOW   {name}"),
            Answer::Pass | Answer::Slow => {}
            Answer::Known(why) => println!("KNOWN  {name}\n       {why}"),
            Answer::Fail(found) => {
                let found: String = found.chars().take(FOUND_CHARS_MAX).collect();
                println!("FAIL   {name} ({seconds:.1} s)\n       {page}\n       {found}");
            }
            Answer::Outlived => {
                println!("FAIL   {name}\n       it passes although it is known not to: take it from the list")
            }
        }
    }
    println!(
        "\n{:<28} {:>5} {:>6} {:>6} {:>6} {:>6}",
        format!("{:?}", args.engine),
        "asked",
        "pass",
        "FAIL",
        "known",
        "slow"
    );
    for (area, row) in &rows {
        row.print(area);
    }
    sum.print("all");
    println!("{:.1} s", took.as_secs_f32());
    if sum.fail > 0 || sum.pass == 0 {
        return Err(Failed::new(format!("{} of {} questions are not answered as documented", sum.fail, asked.len())));
    }
    Ok(())
}
