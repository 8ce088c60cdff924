//! One applicant, and everybody who has to do with them: each looks at what is there and does what is theirs, so that the journey goes on
//! wherever it was broken, and after a restart.

use granary::runner::LocalBank;
use serde_json::{Value, json};
use simulators::onfido::{Status, Verdict};
use std::sync::Arc;
use time::Duration;
use uuid::Uuid;

use crate::{
    Failed,
    world::{APPLY, Bank, Person, application, suspect},
};

/// How an application goes when nothing is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Journey {
    /// The identity provider says yes, and lists know nobody alike.
    Approved,
    /// The identity provider says no.
    Declined,
    /// It says yes, and its webhook is lost.
    Unheard,
    /// The applicant never shows who they are.
    Expired,
    /// A list knows somebody alike, and two people say yes.
    Cleared,
    /// A list knows somebody alike, and somebody says no.
    Refused,
}

impl Journey {
    pub const ALL: [Self; 6] =
        [Self::Approved, Self::Declined, Self::Unheard, Self::Expired, Self::Cleared, Self::Refused];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Unheard => "unheard",
            Self::Expired => "expired",
            Self::Cleared => "cleared",
            Self::Refused => "refused",
        }
    }

    /// The longest that it takes, and how far the clock moves at a time.
    const fn patience(self) -> (Duration, Duration) {
        match self {
            Self::Expired => (Duration::days(20), Duration::hours(13)),
            Self::Unheard => (Duration::days(4), Duration::hours(5)),
            Self::Approved | Self::Declined | Self::Cleared | Self::Refused => (Duration::days(2), Duration::hours(1)),
        }
    }
}

/// What somebody of operations does about what is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// Lets it go on.
    Resumes,
    /// Gives it up; lets go on what cannot be.
    Unwinds,
}

/// The people of one play.
pub(super) struct People {
    ada: Person,
    application: Uuid,
    staff: Vec<Person>,
    omar: Person,
    operator: Operator,
    /// What operations were told when they gave something up.
    pub refused: Vec<String>,
}

const INBOX: &str = "{ backOffice { reviews(status: OPEN) { nodes { id } } } }";
const DECIDE: &str =
    "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) { review { status } } } }";

impl People {
    /// Staff are hired, and Ada applies.
    pub async fn begin(bank: &Bank, journey: Journey, operator: Operator) -> Self {
        if matches!(journey, Journey::Cleared | Journey::Refused) {
            bank.list("sanction", "1961-03-05");
        }
        let (grace, alan) =
            (bank.staff("grace@x.example", &["compliance"]).await, bank.staff("alan@x.example", &["compliance"]).await);
        let omar = bank.staff("omar@x.example", &["operations"]).await;
        let ada = bank.newcomer("ada@x.example").await;
        let id = Uuid::new_v4();
        let written =
            if matches!(journey, Journey::Cleared | Journey::Refused) { suspect(id) } else { application(id) };
        bank.graphql_with(&ada, APPLY, written).await;
        Self { ada, application: id, staff: vec![grace, alan], omar, operator, refused: Vec::new() }
    }

    /// Everybody does what is theirs until the execution is over and a while longer.
    pub async fn live(&mut self, bank: &Bank, journey: Journey, gave_up: &dyn Fn()) -> Result<(), Failed> {
        let (patience, step) = journey.patience();
        let mut passed = Duration::ZERO;
        while passed < patience {
            settle(&bank.local).await?;
            self.provider(bank, journey).await;
            self.compliance(bank, journey).await;
            self.operations(bank, gave_up).await?;
            advance(bank, step).await?;
            passed += step;
            if self.execution(bank).await["status"] != "RUNNING" {
                break;
            }
        }
        // Longer than any message waits to be delivered again.
        advance(bank, Duration::hours(7)).await
    }

    async fn provider(&self, bank: &Bank, journey: Journey) {
        let verdict = match journey {
            Journey::Expired => return,
            Journey::Declined => Verdict::Declined,
            Journey::Approved | Journey::Unheard | Journey::Cleared | Journey::Refused => Verdict::Approved,
        };
        let waits = |status: Status| !status.is_over();
        let runs = bank.local.identity_provider().provider.runs();
        let Some(run) = runs.iter().find(|run| waits(run.status)).map(|run| run.id) else { return };
        if journey == Journey::Unheard {
            bank.onfido_webhook_of(run, verdict).await;
        } else {
            let door = bank.local.identity_provider();
            // A provider whose webhook finds nobody sends it again by itself.
            let _later = door.provider.complete(run, verdict, bank.now_ms(), &door.endpoint).await;
        }
    }

    async fn compliance(&self, bank: &Bank, journey: Journey) {
        let grace = bank.again(&self.staff[0]).await;
        let inbox = bank.office(&grace, INBOX, Value::Null).await;
        let Some(review) = inbox["reviews"]["nodes"][0]["id"].as_str() else { return };
        let decision = if journey == Journey::Refused { "DECLINE" } else { "APPROVE" };
        for staff in &self.staff {
            let staff = bank.again(staff).await;
            let input = json!({ "reviewId": review, "decisionId": Uuid::new_v4(), "decision": decision, "reason": "I looked." });
            // The second of two who say no finds it decided.
            bank.office_raw(&staff.token, DECIDE, &json!(input)).await;
        }
    }

    async fn operations(&mut self, bank: &Bank, gave_up: &dyn Fn()) -> Result<(), Failed> {
        let parked = self.execution(bank).await["waits"].as_array().cloned().unwrap_or_default();
        for wait in parked.iter().filter(|it| it["for"] == "OPERATOR") {
            let input = json!({ "executionId": self.id(), "state": wait["state"], "reason": "it was looked into" });
            if self.operator == Operator::Unwinds {
                let answer = self.ask(bank, "unwindExecution", &input).await;
                let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() else {
                    gave_up();
                    continue;
                };
                self.refused.push(code.to_owned());
                if !["EXECUTION_PAST_APPROVAL", "EXECUTION_UNWINDING"].contains(&code) {
                    return Err(Failed::new(format!("nothing could be given up: {answer}")));
                }
            }
            let answer = self.ask(bank, "resumeExecution", &input).await;
            if !answer["errors"].is_null() {
                return Err(Failed::new(format!("what is parked cannot be resumed: {answer}")));
            }
        }
        Ok(())
    }

    async fn ask(&self, bank: &Bank, name: &str, input: &Value) -> Value {
        let mutation = format!(
            "mutation($input: ExecutionInput!) {{ backOffice {{ {name}(input: $input) {{ execution {{ id }} }} }} }}"
        );
        let omar = bank.again(&self.omar).await;
        bank.office_raw(&omar.token, &mutation, input).await.1
    }

    fn id(&self) -> String {
        format!("{}.{}", self.ada.sub, self.application)
    }

    /// The execution, as operations see it.
    pub async fn execution(&self, bank: &Bank) -> Value {
        let query = format!(
            "{{ backOffice {{ execution(id: \"{}\") {{ status states {{ name status }} waits {{ state for }} }} }} }}",
            self.id()
        );
        let omar = bank.again(&self.omar).await;
        bank.office(&omar, &query, Value::Null).await["execution"].clone()
    }

    /// What she sees of herself.
    pub async fn standing(&self, bank: &Bank) -> Value {
        let ada = bank.again(&self.ada).await;
        bank.graphql(
            &ada,
            "{ viewer { status application { status steps { name status } } accounts { nodes { asset } } } }",
        )
        .await
    }
}

async fn settle(local: &Arc<LocalBank>) -> Result<(), Failed> {
    local.settle().await.map_err(|error| Failed::new(format!("the bank stopped: {error}")))
}

async fn advance(bank: &Bank, by: Duration) -> Result<(), Failed> {
    let by = std::time::Duration::try_from(by).unwrap();
    bank.local.advance(by).await.map_err(|error| Failed::new(format!("the bank stopped: {error}")))
}
