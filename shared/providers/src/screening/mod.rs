//! OpenSanctions: looks people up in lists of sanctioned, exposed and criminal people, over the matching API of its server `yente`.
//!
//! The API is documented at <https://www.opensanctions.org/docs/api/matching/>, its parameters at
//! <https://www.opensanctions.org/docs/api/scoring/>, the key's header at <https://www.opensanctions.org/docs/api/authentication/>,
//! properties and topics at <https://www.opensanctions.org/reference/>. Whoever may not send names to a service runs `yente` in a
//! network of their own: the URL is all that changes.

mod client;
mod score;
mod wire;

pub use client::{ConfigError, OpenSanctions};
