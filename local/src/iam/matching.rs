//! Whether a statement speaks of a request: wildcards in actions, resources and conditions.

use crate::{
    services::authorizer::Facts,
    template::{Condition, ConditionOperator, Statement},
};

/// An ARN has this many parts; the last keeps its own colons.
const ARN_PARTS: usize = 6;

/// Actions are compared without regard to case, as IAM does.
pub(super) fn action(pattern: &str, action: &str) -> bool {
    text(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// Whether every condition of a statement holds.
pub(super) fn conditions(statement: &Statement, facts: Facts<'_>) -> bool {
    statement.conditions.iter().all(|it| condition(it, facts))
}

/// A key that the request does not bring makes its condition false, for every operator that can be written here.
fn condition(condition: &Condition, facts: Facts<'_>) -> bool {
    let given = facts.iter().find(|(key, _)| *key == condition.key);
    let Some((_, given)) = given else { return false };
    condition.values.iter().any(|wanted| match condition.operator {
        ConditionOperator::StringEquals => wanted == given,
        ConditionOperator::StringLike => text(wanted, given),
        ConditionOperator::ArnEquals | ConditionOperator::ArnLike => arn(wanted, given),
    })
}

/// Matches ARNs part by part, so that a wildcard in one part never reaches into the next.
pub(super) fn arn(pattern: &str, value: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let patterns: Vec<&str> = pattern.splitn(ARN_PARTS, ':').collect();
    let values: Vec<&str> = value.splitn(ARN_PARTS, ':').collect();
    patterns.len() == values.len() && patterns.iter().zip(values).all(|(pattern, value)| text(pattern, value))
}

/// `*` is any run of characters, `?` is any one.
pub(super) fn text(pattern: &str, value: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    // One row of the usual table: after each pattern character, which lengths of the value it can have covered.
    let value: Vec<char> = value.chars().collect();
    let mut covered = vec![false; value.len() + 1];
    if let Some(first) = covered.first_mut() {
        *first = true;
    }
    for wanted in pattern {
        let mut next = Vec::with_capacity(covered.len());
        let mut previous = false; // whether the value without its last character was covered before this one
        let mut here = false; // whether a star has already covered up to the character before
        for (length, &was) in covered.iter().enumerate() {
            let character = length.checked_sub(1).and_then(|index| value.get(index));
            let now = match wanted {
                '*' => was || here,
                '?' => previous && character.is_some(),
                _ => previous && character == Some(&wanted),
            };
            next.push(now);
            here = now;
            previous = was;
        }
        covered = next;
    }
    covered.last().copied().unwrap_or(false)
}
