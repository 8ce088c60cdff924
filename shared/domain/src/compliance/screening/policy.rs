use std::cmp::Reverse;

use super::{Check, Hit, LISTS_MAX, MATCHES_MAX, Match, RiskVerdict, ScreeningError, Subject};
use crate::freeze::FreezeSide;

/// From this risk on a person decides, in percent.
pub const REVIEW_FROM: u8 = 40;

/// From this risk on two people have to agree.
pub const TWO_PEOPLE_FROM: u8 = 70;

/// A sanctioned person who is this much alike is the person. Nobody may let them in, so nobody is asked.
pub const DECLINE_FROM: u8 = 98;

/// By how much a score has to rise, in percent, before somebody who was decided about is somebody to decide about again.
pub const SCORE_CHANGES_BY: u8 = 5;

/// What a match counts for whose provider says no score, in percent: enough for two people to look at it.
pub const UNSCORED: u8 = 80;

/// The most that a score can be.
const WHOLE: u8 = 100;

/// How much a match counts for, in percent: being exposed is no offence, being sanctioned rules a customer out.
const fn weight(check: Check) -> u16 {
    match check {
        Check::Sanctions => 100,
        Check::Fraud => 80,
        Check::Pep => 60,
    }
}

/// What is frozen of a customer until people have decided, by the list on which somebody like them stands: money of somebody under
/// sanctions may neither go out nor come in; money that may stem from a crime stays where it is; being exposed is no offence.
const fn frozen(check: Check) -> Option<FreezeSide> {
    match check {
        Check::Sanctions => Some(FreezeSide::Both),
        Check::Fraud => Some(FreezeSide::Debits),
        Check::Pep => None,
    }
}

/// What is frozen because of all of these together.
#[must_use]
pub fn freeze_for(hits: &[Hit]) -> Option<FreezeSide> {
    hits.iter().filter_map(|hit| frozen(hit.check)).reduce(FreezeSide::and)
}

/// The risk of the worst of these: two namesakes are no more dangerous than one.
#[must_use]
pub fn risk_of(hits: &[Hit]) -> u8 {
    hits.iter().map(|hit| weighted(hit.check, hit.score)).max().unwrap_or_default()
}

/// Whether a person has to look at it.
pub(super) fn is_over(check: Check, score: u8) -> bool {
    weighted(check, score) >= REVIEW_FROM
}

/// What a match is as a risk, rounded down.
fn weighted(check: Check, score: u8) -> u8 {
    let risk = u16::from(score).saturating_mul(weight(check)) / u16::from(WHOLE);
    u8::try_from(risk).unwrap_or(WHOLE).min(WHOLE)
}

/// What counts of an answer, the same however it was ordered: the best matches, each person once, the most alike first.
pub(super) fn best_of(matches: &[Match]) -> Result<Vec<Match>, ScreeningError> {
    if matches.iter().any(|it| it.score > WHOLE) {
        return Err(ScreeningError::ScoreTooHigh);
    }
    let mut best = matches.to_vec();
    best.sort_by(|one, other| (Reverse(one.score), &one.entity).cmp(&(Reverse(other.score), &other.entity)));
    let mut kept: Vec<Match> = Vec::new();
    for mut it in best {
        if kept.len() < MATCHES_MAX && kept.iter().all(|known| known.entity != it.entity) {
            it.lists.sort();
            it.lists.dedup();
            it.lists.truncate(LISTS_MAX);
            kept.push(it);
        }
    }
    Ok(kept)
}

/// The risk is that of the worst match, rounded down: two namesakes are no more dangerous than one.
pub(super) fn assess(subject: &Subject) -> (u8, RiskVerdict) {
    let matches = subject.checks.iter().flat_map(|(check, found)| found.matches.iter().map(|it| (*check, it.score)));
    let score = matches.clone().map(|(check, score)| weighted(check, score)).max().unwrap_or_default();
    let is_sanctioned = matches.into_iter().any(|(check, score)| check == Check::Sanctions && score >= DECLINE_FROM);
    let verdict = if is_sanctioned {
        RiskVerdict::Decline
    } else if score >= REVIEW_FROM {
        RiskVerdict::Review
    } else {
        RiskVerdict::Approve
    };
    (score, verdict)
}
