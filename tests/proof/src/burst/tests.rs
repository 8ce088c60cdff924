use super::{Args, run};

#[test]
fn few_permits_are_never_exceeded_and_everybody_comes_to_an_end() {
    run(&Args { applications: 20, permits: 6 }).unwrap();
}

/// With a permit for everybody, all would call at the same moment.
#[test]
fn with_permits_for_all_the_providers_are_called_no_more_often_than_they_allow() {
    run(&Args { applications: 30, permits: 50 }).unwrap();
}
