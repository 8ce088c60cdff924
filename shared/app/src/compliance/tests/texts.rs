use std::sync::Arc;

use domain::{
    compliance::case::{Case, EntryKind, Opinion, TEXT_CHARS_MAX},
    error::{Class, Classify as _},
    ids::{CaseId, VaultRef},
};
use futures::executor::block_on;
use secrecy::SecretString;
use uuid::Uuid;

use super::cases::{ADA, BEN, ask, by, case, cases, commits, give, id, opened, review};
use crate::{
    compliance::ComplianceError,
    onboarding::tests::world::{ALICE, Fault, World},
    streams::Loaded,
};

fn note(world: &Arc<World>, number: u128, text: &str) -> Result<Loaded<Case>, ComplianceError> {
    block_on(cases(world).add_note(case(), ADA, id(number), &SecretString::from(text), &by(ADA)))
}

fn kept(world: &Arc<World>) -> Vec<(VaultRef, String)> {
    world.kept().vault.clone().into_iter().collect()
}

#[test]
fn what_was_written_is_in_the_vault_and_nowhere_else() {
    let world = opened(50);
    note(&world, 1, "Lives with Mr Lovelace.").unwrap();
    let [(reference, text)] = kept(&world).try_into().unwrap();
    assert_eq!(text, "Lives with Mr Lovelace.");
    assert_eq!(reference.subject(), format!("customer:{ALICE}"));
    let digits = reference.slot().strip_prefix(&format!("case-note-{}-", id(1))).unwrap();
    assert_eq!(digits.len(), 16);
    for commit in &world.kept().commits {
        assert!(!commit.body.contains("Lovelace") && !commit.state.contains("Lovelace"), "{commit:?}");
    }
    let entry = review(&world).history.last().unwrap().clone();
    assert_eq!((entry.kind, entry.by, entry.text), (EntryKind::NoteAdded, Some(ADA), Some(reference)));
}

#[test]
fn every_kind_of_text_finds_its_place() {
    let world = opened(70);
    let longest = Uuid::from_u128(u128::MAX).as_u128();
    note(&world, longest, "A note.").unwrap();
    give(&world, ADA, Opinion::Approve, longest - 1).unwrap();
    ask(&world, longest - 2).unwrap();
    let slots: Vec<_> = kept(&world).iter().map(|(reference, _)| reference.slot().to_owned()).collect();
    for kind in ["note", "reason", "question"] {
        assert_eq!(slots.iter().filter(|slot| slot.starts_with(&format!("case-{kind}-"))).count(), 1, "{slots:?}");
    }
}

#[test]
fn a_note_sent_twice_is_written_once() {
    let world = opened(50);
    let first = note(&world, 1, "A note.").unwrap();
    let again = note(&world, 1, "A note.").unwrap();
    assert_eq!((again.version, again.state), (first.version, first.state));
    assert_eq!((commits(&world), kept(&world).len()), (2, 1));
}

#[test]
fn another_text_under_the_same_id_is_refused_and_not_kept() {
    let world = opened(50);
    note(&world, 1, "A note.").unwrap();
    assert_eq!(note(&world, 1, "Another note.").unwrap_err().code(), "CASE_TEXT_REUSED");
    let text = SecretString::from("A note.");
    let stranger = block_on(cases(&world).add_note(case(), BEN, id(1), &text, &by(BEN)));
    assert_eq!(stranger.unwrap_err().code(), "CASE_TEXT_REUSED");
    assert_eq!((commits(&world), kept(&world).len()), (2, 1));
}

#[test]
fn what_is_refused_is_not_kept() {
    let world = opened(50);
    let codes = ["", " \n", &"x".repeat(TEXT_CHARS_MAX + 1)].map(|text| note(&world, 1, text).unwrap_err().code());
    assert_eq!(codes, ["TEXT_EMPTY", "TEXT_EMPTY", "TEXT_TOO_LONG"]);
    let unknown = CaseId::new(id(9));
    let text = SecretString::from("A note.");
    let refused = block_on(cases(&world).add_note(unknown, ADA, id(1), &text, &by(ADA))).unwrap_err();
    assert_eq!((refused.code(), refused.class()), ("CASE_UNKNOWN", Class::Invalid));
    give(&world, ADA, Opinion::Approve, 2).unwrap();
    assert_eq!(note(&world, 1, "A note.").unwrap_err().code(), "CASE_CLOSED");
    assert_eq!(kept(&world).len(), 1, "only the reason");
}

#[test]
fn a_text_is_kept_before_anything_points_at_it() {
    let world = opened(50);
    world.fails(Fault::Before("keep"));
    assert_eq!(note(&world, 1, "A note.").unwrap_err().code(), "PORT_UNAVAILABLE");
    assert_eq!((commits(&world), kept(&world).len()), (1, 0));
    world.fails(Fault::Before("append"));
    assert_eq!(note(&world, 1, "A note.").unwrap_err().code(), "STORE_UNAVAILABLE");
    assert_eq!((commits(&world), kept(&world).len()), (1, 1));
    note(&world, 1, "A note.").unwrap();
    assert_eq!((commits(&world), kept(&world).len()), (2, 1));
}

#[test]
fn a_text_that_was_kept_for_nothing_does_not_stand_in_for_another() {
    let world = opened(50);
    world.fails(Fault::Before("append"));
    note(&world, 1, "A note.").unwrap_err();
    note(&world, 1, "A better note.").unwrap();
    let reference = review(&world).history.last().unwrap().text.clone().unwrap();
    assert_eq!(world.kept().vault[&reference], "A better note.");
}

#[test]
fn a_reason_in_other_words_is_not_kept() {
    let world = opened(70);
    give(&world, ADA, Opinion::Approve, 1).unwrap();
    give(&world, ADA, Opinion::Approve, 2).unwrap();
    assert_eq!((commits(&world), kept(&world).len()), (2, 1));
}
