//! Reading what one has just written: an entity at least at a version.

use app::{
    streams::{Loaded, Streams},
    views::AtVersion,
};
use domain::{aggregate::Aggregate, ids::StreamId};

use crate::errors::ApiError;

/// Where an entity was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// In the projection, and so is everything that belongs to it.
    Projected,
    /// In the store only. What belongs to it may be behind.
    Folded,
}

impl Found {
    /// Refuses a list of what belongs to an entity that the projection does not show yet.
    pub(crate) fn has_lists(self) -> Result<(), ApiError> {
        match self {
            Self::Projected => Ok(()),
            Self::Folded => Err(ApiError::behind()),
        }
    }
}

/// An entity, and where it was found.
pub(crate) type Fresh<V> = (AtVersion<V>, Found);

/// The entity as the projection shows it, if that is not behind the version asked for; otherwise as its stream has it.
pub(crate) async fn at_least<A: Aggregate, V>(
    streams: &Streams,
    stream: StreamId,
    row: Option<AtVersion<V>>,
    version: Option<u32>,
    view: impl Fn(&A::State) -> Option<V>,
) -> Result<Option<Fresh<V>>, ApiError> {
    let Some(wanted) = version.filter(|wanted| row.as_ref().is_none_or(|row| row.version < *wanted)) else {
        return Ok(row.map(|row| (row, Found::Projected)));
    };
    let loaded: Loaded<A> = streams.load(stream).await?;
    let Some(reached) = loaded.version.filter(|reached| reached.number() >= wanted) else {
        return Err(ApiError::bad_input(format!("there is no version {wanted} yet")));
    };
    Ok(view(&loaded.state).map(|view| (AtVersion { view, version: reached.number() }, Found::Folded)))
}
