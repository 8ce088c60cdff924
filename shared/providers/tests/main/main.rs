//! The outside parties' simulators against this bank's view of them.

#[cfg(test)]
mod clearbank;
#[cfg(test)]
mod fireblocks;
#[cfg(test)]
mod onfido;
#[cfg(test)]
mod onfido_monitors;
#[cfg(test)]
mod screening;
