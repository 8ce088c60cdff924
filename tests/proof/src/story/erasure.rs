//! A customer of whom the bank is to know nothing any more.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Customer, Story, WHILE};
use crate::Failed;

const ERASE: &str = "mutation($input: EraseCustomerInput!) { backOffice { eraseCustomer(input: $input) {
    customer { status erasure { requestedBy data { class dueOn atOnce legalGround } } } } } }";
/// The night's round of erasures and the day's of the lists are over.
const A_DAY: Duration = Duration::from_secs(24 * 3600);

impl Story<'_> {
    /// Staff ask for it, twice as hands do. What nothing requires is gone at once, and whoever looks through the lists does so
    /// without them.
    pub(super) async fn erased(&mut self, mia: &Customer) -> Result<(), Failed> {
        let grace = self.staff("grace").await?;
        for _ in 0..2 {
            let order = json!({ "customerId": mia.sub, "reason": "They wrote to us on paper." });
            let erased = self.at_work(&grace, ERASE, order).await?;
            self.seen.push(("erased by hand".to_owned(), erased));
        }
        self.pass(WHILE).await?;
        self.pass(A_DAY).await?;
        let file = format!(
            "{{ backOffice {{ customer(id: \"{}\") {{ status erasure {{ requestedAt data {{ class destroyedAt certificate }} }} }} }} }}",
            mia.sub
        );
        let file = self.at_work(&grace, &file, Value::Null).await?;
        self.seen.push((format!("{} is forgotten", mia.name), file));
        Ok(())
    }
}
