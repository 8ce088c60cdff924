//! Work that is to come again later: a fresh copy of the message takes its place, so that waiting spends no receive.
//!
//! The copy is in the queue before the message is acknowledged: whoever dies in between leaves two, which every function survives.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use app::ports::Urgency;
use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::{primitives::Blob, types::MessageAttributeValue};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_types::SdkConfig;

/// When the work was first asked for, in milliseconds since 1970.
pub(super) const FIRST_SEEN_AT: &str = "firstSeenAt";
/// How many copies came before this one.
pub(super) const COPIES: &str = "copies";
/// When it was set aside: whoever sends it back keeps this.
pub(super) const SET_ASIDE_AT: &str = "setAsideAt";
/// Work that was asked to slow down for so long is parked.
pub(super) const PATIENCE_MS: i64 = 6 * 3_600_000;
/// Older work lets newer work go first.
const LIVE_MS: i64 = 10 * 60_000;
/// The longest delay of what came some minutes ago: it looks again about as often as what came just now.
const DELAY_S_SOON: u64 = 20;
/// Later it looks again after this part of its age, so that hours of waiting cost hundreds of messages and not thousands.
const DELAYS_IN_AGE: u64 = 60;
/// SQS delays no longer.
const DELAY_S_MAX: u64 = 900;
/// An SQS message has no more attributes.
const ATTRIBUTES_MAX: usize = 10;

/// What time it is, and whether it is time to give up.
#[derive(Debug, Clone)]
pub(super) struct Watch(SharedTimeSource);

/// How a message came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Past {
    first_seen_ms: i64,
    copies: u32,
    was_set_aside: bool,
}

impl Watch {
    pub fn new(aws: &SdkConfig) -> Self {
        Self(aws.time_source().unwrap_or_else(|| SharedTimeSource::new(SystemTimeSource::new())))
    }

    pub fn now_ms(&self) -> i64 {
        let since = self.0.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Past {
    /// What a message says of itself. One that says nothing was first seen when it was sent.
    pub fn of(record: &SqsMessage, now_ms: i64) -> Self {
        let said = |name: &str| record.message_attributes.get(name).and_then(|it| it.string_value.as_deref());
        let sent_ms = record.attributes.get("SentTimestamp").and_then(|it| it.parse().ok()).unwrap_or(now_ms);
        Self {
            first_seen_ms: said(FIRST_SEEN_AT).and_then(|it| it.parse().ok()).unwrap_or(sent_ms),
            copies: said(COPIES).and_then(|it| it.parse().ok()).unwrap_or(0),
            was_set_aside: said(SET_ASIDE_AT).is_some() || record.attributes.contains_key("DeadLetterQueueSourceArn"),
        }
    }

    pub fn age_ms(self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.first_seen_ms)
    }

    pub fn urgency(self, now_ms: i64) -> Urgency {
        if self.was_set_aside || self.age_ms(now_ms) > LIVE_MS { Urgency::Replay } else { Urgency::Live }
    }

    /// How long the next copy stays hidden: longer from copy to copy, and never as long as the neighbour's.
    pub fn delay_s(self, id: &str, now_ms: i64) -> i32 {
        let age_s = u64::try_from(self.age_ms(now_ms)).unwrap_or(0) / 1_000;
        let longest_s = (age_s / DELAYS_IN_AGE).clamp(DELAY_S_SOON, DELAY_S_MAX.saturating_sub(1));
        let ceiling = 2_u64.saturating_pow(self.copies.saturating_add(1)).min(longest_s);
        let mut hasher = DefaultHasher::new();
        (id, now_ms, self.copies).hash(&mut hasher);
        let delay = hasher.finish().checked_rem(ceiling).unwrap_or_default().saturating_add(1);
        i32::try_from(delay).unwrap_or(1)
    }

    /// The attributes of the next copy: those of the message, and where it stands.
    pub fn attributes(self, record: &SqsMessage) -> Option<HashMap<String, MessageAttributeValue>> {
        let number =
            |it: i64| MessageAttributeValue::builder().data_type("Number").string_value(it.to_string()).build();
        let mut attributes = HashMap::from([
            (FIRST_SEEN_AT.to_owned(), number(self.first_seen_ms).ok()?),
            (COPIES.to_owned(), number(i64::from(self.copies).saturating_add(1)).ok()?),
        ]);
        for (name, attribute) in &record.message_attributes {
            if attributes.contains_key(name) || attributes.len() >= ATTRIBUTES_MAX {
                continue;
            }
            let value = MessageAttributeValue::builder()
                .set_data_type(attribute.data_type.clone())
                .set_string_value(attribute.string_value.clone())
                .set_binary_value(attribute.binary_value.as_ref().map(|it| Blob::new(it.0.clone())));
            attributes.insert(name.clone(), value.build().ok()?);
        }
        Some(attributes)
    }
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::SqsMessageAttribute;

    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn message(attributes: &[(&str, &str)]) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.attributes.insert("SentTimestamp".to_owned(), (NOW_MS - 1_000).to_string());
        for (name, value) in attributes {
            let mut attribute = SqsMessageAttribute::default();
            attribute.data_type = Some("String".to_owned());
            attribute.string_value = Some((*value).to_owned());
            message.message_attributes.insert((*name).to_owned(), attribute);
        }
        message
    }

    #[test]
    fn a_message_that_says_nothing_was_first_seen_when_it_was_sent() {
        let past = Past::of(&message(&[]), NOW_MS);
        assert_eq!((past.age_ms(NOW_MS), past.urgency(NOW_MS)), (1_000, Urgency::Live));
    }

    #[test]
    fn a_copy_keeps_when_it_was_first_seen_and_counts() {
        let first = Past::of(&message(&[("kind", "account")]), NOW_MS);
        let copy = first.attributes(&message(&[("kind", "account")])).unwrap();
        let text = |name: &str| copy[name].string_value().unwrap().to_owned();
        assert_eq!(
            [text(FIRST_SEEN_AT), text(COPIES), text("kind")],
            [(NOW_MS - 1_000).to_string(), "1".to_owned(), "account".to_owned()]
        );
        let again = message(&[(FIRST_SEEN_AT, &text(FIRST_SEEN_AT)), (COPIES, "1")]);
        let second = Past::of(&again, NOW_MS + 7);
        assert_eq!((second.first_seen_ms, second.copies), (first.first_seen_ms, 1));
        assert_eq!(second.attributes(&again).unwrap()[COPIES].string_value(), Some("2"));
    }

    #[test]
    fn what_is_old_or_was_set_aside_lets_others_go_first() {
        let old = (NOW_MS - LIVE_MS - 1).to_string();
        for attributes in [[(FIRST_SEEN_AT, old.as_str())], [(SET_ASIDE_AT, "1")]] {
            assert_eq!(Past::of(&message(&attributes), NOW_MS).urgency(NOW_MS), Urgency::Replay);
        }
        let mut redriven = message(&[]);
        redriven.attributes.insert("DeadLetterQueueSourceArn".to_owned(), "arn".to_owned());
        assert_eq!(Past::of(&redriven, NOW_MS).urgency(NOW_MS), Urgency::Replay);
    }

    #[test]
    fn delays_are_whole_seconds_within_what_a_queue_takes_and_differ() {
        for (copies, age_ms, longest_s) in
            [(0, 0, 2), (1, 60_000, 4), (5, 60_000, 20), (u32::MAX, 3_600_000, 60), (u32::MAX, i64::MAX / 2, 899)]
        {
            let past = Past { first_seen_ms: NOW_MS - age_ms, copies, was_set_aside: false };
            let delays: Vec<_> = (0..200).map(|id| past.delay_s(&id.to_string(), NOW_MS)).collect();
            assert!(delays.iter().all(|it| (1..=longest_s).contains(it)), "{delays:?}");
            assert!(delays.iter().any(|it| it != &delays[0]), "{delays:?}");
        }
    }
}
