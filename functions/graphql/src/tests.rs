//! The whole function, asked as API Gateway asks it. Behind the SDK's HTTP client stands a script.

mod http;
pub(crate) mod script;
