//! What nobody can make sense of.

use granary::{
    services::{Outgoing, arn},
    template::EventSource,
};

use super::{Story, WHILE};
use crate::Failed;

impl Story<'_> {
    /// A message that is none, on every queue that feeds a function: each is to end among its dead letters, with the reason.
    pub(super) async fn noise(&mut self) -> Result<(), Failed> {
        let plan = self.bank.local.plan();
        for event in plan.functions.iter().flat_map(|function| &function.events) {
            let EventSource::Sqs { queue_arn, .. } = event else { continue };
            let message = Outgoing { body: "noise".to_owned(), ..Outgoing::default() };
            let sent = self.bank.local.aws().sqs.send(arn::name(queue_arn), &message);
            sent.map_err(|error| Failed::new(format!("a queue does not work: {error}")))?;
        }
        self.pass(WHILE).await
    }
}
