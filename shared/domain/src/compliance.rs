//! Who may be a customer: what is found about people, and who decides.

pub mod case;
pub mod screening;
pub mod watch;
