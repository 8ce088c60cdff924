//! `granary demo`: a customer's story from the sign-up to the first weekly payout, through the public doors only.
//!
//! The identity pool is called by the AWS SDK as an app would; the rest is plain HTTP. Every amount is compared, and the payout
//! is computed again from the strings that the graph gave.

mod costs;
mod customer;
mod look;
mod recompute;
mod statement;
mod story;

use clap::Args;

use super::{CliError, run::Served};
use costs::Costs;

/// Plays a customer's story.
#[derive(Args)]
pub struct Demo {
    /// A bank that is running; without it the demo opens one of its own, in memory.
    #[arg(long)]
    url: Option<String>,
}

impl Demo {
    pub async fn run(self) -> Result<(), CliError> {
        let Some(url) = self.url else {
            let served = Served::start(None, 0).await?;
            let played = story::play(&served.url, Costs::of(&served.bank)).await;
            served.stop().await?;
            return played;
        };
        story::play(url.trim_end_matches('/'), Costs::unknown()).await
    }
}
