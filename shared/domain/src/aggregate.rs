//! What every aggregate has in common.

use std::fmt::{self, Debug, Display};

use serde::Serialize;
use serde::de::value::MapDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Error as DeError};

use crate::error::Classify;

/// One kind of stream: its events, and the state that they add up to.
pub trait Aggregate: 'static + Send + Sync {
    /// The first segment of the id of each of its streams.
    const KIND: &'static str;

    /// Raised on any change of `evolve` or of the state's shape: a stored state of another version is folded anew.
    const STATE_VERSION: u32;

    /// What the events add up to. The default is the state before the first event.
    type State: Default + Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync;

    /// What happened. Stored for ever, under explicit names that carry a version.
    type Event: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync;

    /// The state after one more event. It only assigns, and never fails.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;
}

/// An aggregate that takes commands.
///
/// Each aggregate's module has the same function by the plain name `decide`; this is for code that serves them all.
pub trait Decider: Aggregate {
    /// What may be asked of it.
    type Command: Clone + Debug + Send + Sync;

    /// Why it may say no.
    type Error: std::error::Error + Classify + Clone + PartialEq + Send + Sync + 'static;

    /// What happens because of the command. Nothing, if it has happened already.
    ///
    /// # Errors
    ///
    /// The rules, or the request itself, do not allow it.
    fn decide(state: &Self::State, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Error>;
}

/// The state that these events add up to.
pub fn fold<'a, A: Aggregate>(events: impl IntoIterator<Item = &'a A::Event>) -> A::State {
    events.into_iter().fold(A::State::default(), A::evolve)
}

/// The stored names of all events that this aggregate knows, as its deserialiser lists them.
///
/// An event of another name was written by newer code. It has to wait for that code, never to be skipped.
#[must_use]
pub fn event_names<A: Aggregate>() -> &'static [&'static str] {
    // No event is called "?", so the deserialiser refuses it and says which names it would have taken.
    let asked = MapDeserializer::<_, Names>::new(std::iter::once(("type", "?")));
    A::Event::deserialize(asked).map_or_else(|Names(names)| names, |_| &[])
}

/// An error that remembers nothing but the variants that were expected.
#[derive(Debug)]
struct Names(&'static [&'static str]);

impl DeError for Names {
    fn custom<T: Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

impl Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected one of {}", self.0.join(", "))
    }
}

impl std::error::Error for Names {}
