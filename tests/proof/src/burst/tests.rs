use super::{Args, run};

#[test]
fn a_small_burst_keeps_within_every_limit_and_loses_nobody() {
    run(&Args { applications: 30, permits: 8 }).unwrap();
}
