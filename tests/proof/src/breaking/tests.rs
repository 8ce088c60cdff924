use super::*;

fn wrong(definition: &str, state: &str) -> usize {
    let broken = broken(definition, Some(state), 1).unwrap();
    let verdicts = broken.iter().flat_map(|(_, verdicts)| verdicts);
    verdicts.filter(|(_, verdict)| matches!(verdict, Verdict::Wrong(_))).count()
}

#[test]
fn an_approval_that_was_broken_in_every_way_leaves_one_customer_or_none() {
    assert_eq!(wrong(DEFINITION, "OpenCase"), 0);
}

#[test]
fn a_compensation_that_is_left_out_is_found() {
    // Whoever is refused while a case is open would keep it.
    let mut definition: Value = serde_json::from_str(DEFINITION).unwrap();
    for state in ["AwaitReview", "ParkAtAwaitReview"] {
        for catcher in definition["States"][state]["Catch"].as_array_mut().unwrap() {
            if catcher["Next"] == "WithdrawCase" {
                catcher["Next"] = "CloseRun".into();
            }
        }
    }
    assert!(wrong(&definition.to_string(), "AwaitReview") > 0);
}
