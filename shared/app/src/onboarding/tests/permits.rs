//! Who works holds a permit, and who waits does not.

use contracts::tasks::{Awaited, Decision};
use domain::error::{Class, Classify as _};
use futures::executor::block_on;

use super::world::{Fault, World, checked, execution, works};
use crate::ports::{IdentityStanding, Permits as _, Purpose, Standing};

fn holds(world: &World) -> bool {
    world.kept().permits.contains_key(&execution())
}

fn told(world: &World) -> usize {
    world.kept().resumed.len()
}

#[test]
fn a_pause_gives_the_permit_back_and_news_take_it_again() {
    let world = checked();
    world.pause(Awaited::Identity, "t1").unwrap();
    assert!(!holds(&world));
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    assert!(holds(&world) && told(&world) == 1);
}

#[test]
fn news_wait_for_a_permit_and_are_recorded_meanwhile() {
    let world = checked();
    world.pause(Awaited::Identity, "t1").unwrap();
    world.kept().full = true;
    let refused = world.news(world.run(), IdentityStanding::Approved).unwrap_err();
    assert_eq!((refused.class(), told(&world)), (Class::Throttled, 0));
    assert!(world.first().identity.is_some());
    world.kept().full = false;
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    assert!(holds(&world) && told(&world) == 1);
}

#[test]
fn what_is_there_before_the_wait_is_no_wait_and_keeps_the_permit() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    world.kept().full = true;
    world.pause(Awaited::Identity, "t1").unwrap();
    assert!(holds(&world) && told(&world) == 1);
    assert!(world.kept().jobs.is_empty());
}

#[test]
fn who_comes_without_a_permit_to_what_is_there_already_is_resumed_later() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    world.kept().permits.clear(); // By a timeout, or by somebody of operations.
    world.kept().full = true;
    world.pause(Awaited::Identity, "t1").unwrap();
    assert!(!holds(&world) && told(&world) == 0);
    let job = world.kept().jobs.pop().unwrap();
    let job = serde_json::from_str(&job).unwrap();
    assert_eq!(block_on(world.waiting().resume_paused(&job)).unwrap_err().class(), Class::Throttled);
    world.kept().full = false;
    block_on(world.waiting().resume_paused(&job)).unwrap();
    assert!(holds(&world) && told(&world) == 1);
    block_on(world.waiting().resume_paused(&job)).unwrap();
    assert_eq!(told(&world), 1);
}

/// Given back after the pause was noted, a permit could be the one that somebody has just taken to resume it.
#[test]
fn a_permit_is_given_back_before_anybody_can_find_the_pause() {
    let world = checked();
    world.fails(Fault::Before("give_back"));
    assert!(world.pause(Awaited::Identity, "t1").is_err());
    assert!(world.kept().pauses.is_empty());
    world.pause(Awaited::Identity, "t2").unwrap();
    assert!(!holds(&world));
}

#[test]
fn a_permit_that_was_taken_to_resume_nobody_is_given_back() {
    let world = checked();
    world.pause(Awaited::Identity, "t1").unwrap();
    // Resumed, and whoever resumed it died before the pause was forgotten. By now the execution waits for something else.
    world.fails(Fault::After("succeed"));
    assert!(world.news(world.run(), IdentityStanding::Approved).is_err());
    world.kept().permits.clear();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    assert!(!holds(&world) && world.kept().pauses.is_empty());
    // Had it still been at work, it would have kept its permit.
    works(&world);
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    assert!(holds(&world));
}

#[test]
fn a_decision_that_ends_an_application_ends_its_work() {
    let world = checked();
    world.news(world.run(), IdentityStanding::Approved).unwrap();
    world.decide(Decision::Approve).unwrap();
    assert!(holds(&world), "an approval goes on");
    assert!(world.decide(Decision::Complete).is_err());
    assert!(holds(&world), "what could not be decided is tried again");

    let world = checked();
    world.news(world.run(), IdentityStanding::Declined).unwrap();
    for _ in 0..2 {
        world.decide(Decision::Decline).unwrap();
        assert!(!holds(&world));
    }
}

#[test]
fn a_taking_in_vain_undoes_only_itself() {
    let world = checked();
    let mine = block_on(world.take("another", Purpose::GoOn)).unwrap();
    let since = block_on(world.take("another", Purpose::GoOn)).unwrap();
    assert_eq!((mine.standing, since.standing), (Standing::New, Standing::Held));
    block_on(world.undo(&mine)).unwrap();
    block_on(world.undo(&since)).unwrap();
    assert!(world.kept().permits.contains_key("another"));
}
