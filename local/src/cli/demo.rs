//! `granary demo`: a customer's first day, through the public doors only.
//!
//! The identity pool is called by the AWS SDK as an app would; the rest is plain HTTP. Every amount is compared.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider as cognito;
use clap::Args;
use cognito::types::AuthFlowType;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{CliError, TEMPLATE, client::Client, run::Served};
use crate::{
    runner::RunnerError,
    template::{self, Pseudo},
};

/// How long something may take that happens behind the scenes.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nothing more may happen after a repeated webhook.
const STILLNESS: Duration = Duration::from_secs(2);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

const ACCOUNT: &str =
    "{ viewer { account(asset: \"GBP\") { version available { asset amount } pending { amount } held { amount }
    entries(first: 10) { nodes { amount { amount } balanceAfter { amount } operation { id } } } } } }";

/// Plays a customer's first day.
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
            let played = play(&served.url).await;
            served.stop().await?;
            return played;
        };
        play(url.trim_end_matches('/')).await
    }
}

async fn play(url: &str) -> Result<(), CliError> {
    println!("A first day at {url}\n");
    let client = Client::new(url);
    let pool = pool_client(url).await;
    let token = become_a_customer(&client, &pool, &client_id()?).await?;

    let opened = wait_for("accounts", || async {
        let data = client.graphql(&token, "{ viewer { status accounts { nodes { asset } } } }").await;
        // Until the accounts are open, the viewer may not be there yet.
        Ok(data.ok().filter(|data| at(data, "/viewer/accounts/nodes").as_array().is_some_and(|it| it.len() == 5)))
    })
    .await?;
    let assets: Vec<_> = list(at(&opened, "/viewer/accounts/nodes")).iter().map(|it| text(at(it, "/asset"))).collect();
    step(4, &format!("customer is {}, accounts open in {}", text(at(&opened, "/viewer/status")), assets.join(", ")));
    expect("the status", "ACTIVE", &text(at(&opened, "/viewer/status")))?;

    let asked = "{ viewer { depositInstructions(asset: \"GBP\") { accountName sortCode accountNumber reference } } }";
    let instructions = client.graphql(&token, asked).await?;
    let instructions = at(&instructions, "/viewer/depositInstructions").clone();
    let reference = text(at(&instructions, "/reference"));
    step(
        5,
        &format!(
            "deposit instructions: {}, sort code {}, account {}, reference {reference}",
            text(at(&instructions, "/accountName")),
            text(at(&instructions, "/sortCode")),
            text(at(&instructions, "/accountNumber")),
        ),
    );

    // The bank partner delivers at least once: here it sends the very same bytes twice.
    let order = json!({ "reference": reference, "asset": "GBP", "amount": "1000.00", "duplicate": true });
    let answer = client.post("/dev/clearbank/payments", None, &order).await?;
    let deliveries = list(at(&answer, "/deliveries"));
    expect("the number of deliveries", "2", &deliveries.len().to_string())?;
    for (number, (delivery, what)) in (6..).zip(deliveries.iter().zip([
        "the bank's signed webhook: 1000.00 GBP, our signed nonce came back",
        "the same webhook again: acknowledged again",
    ])) {
        expect("the webhook's status", "200", &at(delivery, "/status").to_string())?;
        expect("the bank partner's verdict on our reply", "delivered", &text(at(delivery, "/outcome/state")))?;
        step(number, what);
    }

    wait_for("balance", || async {
        let data = client.graphql(&token, ACCOUNT).await?;
        Ok(Some(data).filter(|data| at(data, "/viewer/account/available/amount") != "0.00"))
    })
    .await?;
    tokio::time::sleep(STILLNESS).await;
    let account = client.graphql(&token, ACCOUNT).await?;
    let account = at(&account, "/viewer/account").clone();
    expect("the available balance", "1000.00", &text(at(&account, "/available/amount")))?;
    expect("the pending balance", "0.00", &text(at(&account, "/pending/amount")))?;
    expect("the held balance", "0.00", &text(at(&account, "/held/amount")))?;
    step(
        8,
        &format!(
            "balance: {} GBP available, version {}",
            text(at(&account, "/available/amount")),
            at(&account, "/version")
        ),
    );

    let entries = list(at(&account, "/entries/nodes"));
    expect("the number of entries", "1", &entries.len().to_string())?;
    for entry in entries {
        expect("the entry's amount", "1000.00", &text(at(&entry, "/amount/amount")))?;
        expect("the balance after it", "1000.00", &text(at(&entry, "/balanceAfter/amount")))?;
        step(
            9,
            &format!(
                "entry: +{} GBP, balance after {} GBP, operation {}",
                text(at(&entry, "/amount/amount")),
                text(at(&entry, "/balanceAfter/amount")),
                text(at(&entry, "/operation/id")),
            ),
        );
    }
    println!("\nEverything was as expected.");
    Ok(())
}

/// Signs up, confirms with the mailed code, logs in; answers the access token.
async fn become_a_customer(client: &Client, pool: &cognito::Client, client_id: &str) -> Result<String, CliError> {
    let email = format!("ada.{}@example.com", Uuid::new_v4().simple());
    let password = "Correct-horse-7-battery";
    let signed_up = pool.sign_up().client_id(client_id).username(&email).password(password).send().await;
    let sub = signed_up.map_err(sdk)?.user_sub().to_owned();
    step(1, &format!("signed up {email} as {sub}"));

    let mails = client.get(&format!("/dev/outbox?to={email}")).await?;
    let code = list(&mails).last().map(|mail| text(at(mail, "/code"))).unwrap_or_default();
    pool.confirm_sign_up().client_id(client_id).username(&email).confirmation_code(&code).send().await.map_err(sdk)?;
    step(2, &format!("confirmed with the mailed code {code}"));

    let login = pool
        .initiate_auth()
        .client_id(client_id)
        .auth_flow(AuthFlowType::UserPasswordAuth)
        .auth_parameters("USERNAME", &email)
        .auth_parameters("PASSWORD", password)
        .send()
        .await
        .map_err(sdk)?;
    let tokens = login.authentication_result();
    let token = tokens.and_then(|it| it.access_token()).ok_or_else(|| unexpected("no access token"))?;
    step(3, "logged in, with an access token for an hour");
    Ok(token.to_owned())
}

async fn pool_client(url: &str) -> cognito::Client {
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .no_credentials()
        .region("eu-west-1")
        .endpoint_url(format!("{url}/cognito"))
        .load()
        .await;
    cognito::Client::new(&config)
}

/// The app client's id, which a real app has in its configuration: the template's.
fn client_id() -> Result<String, CliError> {
    let parameters = [("ClearBankPublicKeys".to_owned(), String::new())].into();
    let plan = template::load(TEMPLATE, &parameters, &Pseudo::default()).map_err(RunnerError::from)?;
    let client = plan.user_pools.first().and_then(|pool| pool.clients.first());
    Ok(client.ok_or(RunnerError::Absent("user pool client"))?.id.clone())
}

async fn wait_for<F>(what: &str, mut look: impl FnMut() -> F) -> Result<Value, CliError>
where
    F: Future<Output = Result<Option<Value>, CliError>>,
{
    let patience = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    });
    patience.await.map_err(|_| unexpected(&format!("no {what} within {PATIENCE:?}")))?
}

fn step(number: u8, what: &str) {
    println!("  {number}. {what}");
}

fn expect(what: &str, expected: &str, seen: &str) -> Result<(), CliError> {
    if expected == seen { Ok(()) } else { Err(unexpected(&format!("{what} is {seen}, not {expected}"))) }
}

fn unexpected(what: &str) -> CliError {
    CliError::Unexpected(what.to_owned())
}

fn sdk<E: std::error::Error + 'static>(error: E) -> CliError {
    CliError::Unexpected(lambda_kit::sqs::chain(&error))
}

/// The value at a place, or null.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
