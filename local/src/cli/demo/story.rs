//! The story, step by step.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    costs::Costs,
    customer::Customer,
    look::{at, expect, list_at, text_at, unexpected, wait_for},
    statement,
};
use crate::cli::{CliError, client::Client};

/// Tells what happens, with what it cost.
pub struct Teller {
    number: u8,
    costs: Costs,
}

impl Teller {
    pub async fn step(&mut self, what: &str) -> Result<(), CliError> {
        self.number += 1;
        let cost = self
            .costs
            .step()
            .await?
            .map_or_else(String::new, |it| format!("   [{} read, {} write]", it.read, it.write));
        println!("{:4}. {what}{cost}", self.number);
        Ok(())
    }
}

pub async fn play(url: &str, costs: Costs) -> Result<(), CliError> {
    println!("A customer's story at {url}\n");
    let client = Client::new(url);
    let mut teller = Teller { number: 0, costs };
    let mut ada = Customer::sign_up(&client, url).await?;
    teller.step(&format!("signed up {} as {}", ada.email, ada.sub)).await?;
    let code = ada.confirm().await?;
    teller.step(&format!("confirmed with the mailed code {code}")).await?;
    ada.log_in().await?;
    teller.step("logged in, with an access token for an hour").await?;

    apply(&ada, &mut teller).await?;
    pay_in_pounds(&ada, &mut teller).await?;
    pay_in_crypto(&ada, &mut teller, "USDC", "500.000000").await?;
    pay_in_crypto(&ada, &mut teller, "ETH", "0.500000000000000000").await?;
    let since = save(&ada, &mut teller).await?;

    client.post("/dev/clock/advance", None, &json!({ "by": "P8D" })).await?;
    ada.log_in().await?; // The token was for an hour.
    teller.step("eight days passed on the bank's clock, and with them the weekly payout").await?;
    statement::tell(&ada, &mut teller, &since).await?;
    if let Some(total) = teller.costs.total() {
        println!("\nAll of it: {} read and {} write units of DynamoDB.", total.read, total.write);
    }
    println!("\nEverything was as expected.");
    Ok(())
}

async fn apply(ada: &Customer<'_>, teller: &mut Teller) -> Result<(), CliError> {
    let application = json!({
        "applicationId": Uuid::new_v4(),
        "firstName": "Ada", "lastName": "Byron", "birthDate": "1990-12-10", "nationality": "GB",
        "address": { "street": "12 St James's Square", "town": "London", "postcode": "SW1Y 4JH", "country": "GB" },
        "document": { "kind": "PASSPORT", "number": "925076473", "issuingCountry": "GB" },
        "bankAccount": { "holder": "Ada Byron", "sortCode": "040004", "accountNumber": "00012345" },
    });
    let mutation =
        "mutation($input: SubmitApplicationInput!) { submitApplication(input: $input) { application { id status } } }";
    let first = ada.send(mutation, &application).await?;
    let again = ada.send(mutation, &application).await?;
    let id = text_at(&first, "/submitApplication/application/id");
    expect("the application that was sent twice", &id, &text_at(&again, "/submitApplication/application/id"))?;
    teller.step("application sent, twice: one application").await?;

    let asked = "{ viewer { status application { status identityCheck { provider sdkToken } } } }";
    let checking = wait_for("identity check", || async {
        let data = ada.ask(asked).await?;
        Ok(Some(data).filter(|data| at(data, "/viewer/application/identityCheck/sdkToken").is_string()))
    })
    .await?;
    expect("the application's status", "IDENTITY_CHECK", &text_at(&checking, "/viewer/application/status"))?;
    let runs = ada.client.get(&format!("/dev/onfido/runs?customer={}", ada.sub)).await?;
    let run = list_at(&runs, "").first().map(|run| text_at(run, "/id")).ok_or_else(|| unexpected("no run"))?;
    teller.step(&format!("the identity provider runs {run}; the app has its token")).await?;

    let answer = ada
        .client
        .post(&format!("/dev/onfido/runs/{run}"), None, &json!({ "status": "approved", "duplicate": true }))
        .await?;
    for delivery in list_at(&answer, "/deliveries") {
        expect("the webhook's status", "200", &text_at(&delivery, "/status"))?;
    }
    teller.step("the identity provider's signed webhook: approved, told twice").await?;

    let asked = "{ viewer { status application { status steps { name status } } accounts { nodes { asset } } } }";
    let opened = wait_for("approval", || async {
        let data = ada.ask(asked).await?;
        let done = list_at(&data, "/viewer/application/steps").iter().all(|step| text_at(step, "/status") == "DONE");
        let open = list_at(&data, "/viewer/accounts/nodes").len() == 5;
        Ok(Some(data).filter(|data| done && open && text_at(data, "/viewer/status") == "ACTIVE"))
    })
    .await?;
    expect("the application's status", "APPROVED", &text_at(&opened, "/viewer/application/status"))?;
    let assets: Vec<_> = list_at(&opened, "/viewer/accounts/nodes").iter().map(|it| text_at(it, "/asset")).collect();
    let mails = ada.client.get(&format!("/dev/mail?to={}", ada.email)).await?;
    let subjects: Vec<_> = list_at(&mails, "").iter().map(|mail| text_at(mail, "/subject")).collect();
    expect("the mails to the customer", "Welcome to Granary", &subjects.join(", "))?;
    let assets = assets.join(", ");
    teller.step(&format!("approved: the customer is ACTIVE, welcomed by mail, accounts open in {assets}")).await
}

async fn pay_in_pounds(ada: &Customer<'_>, teller: &mut Teller) -> Result<(), CliError> {
    let asked = "{ viewer { depositInstructions(asset: \"GBP\") { accountName sortCode accountNumber reference } } }";
    let instructions = ada.ask(asked).await?;
    let reference = text_at(&instructions, "/viewer/depositInstructions/reference");
    let order = json!({ "reference": reference, "asset": "GBP", "amount": "1000.00", "duplicate": true });
    let answer = ada.client.post("/dev/clearbank/payments", None, &order).await?;
    let deliveries = list_at(&answer, "/deliveries");
    expect("the number of deliveries", "2", &deliveries.len().to_string())?;
    for delivery in &deliveries {
        expect("the webhook's status", "200", &text_at(delivery, "/status"))?;
        expect("the bank partner's verdict on our reply", "delivered", &text_at(delivery, "/outcome/state"))?;
    }
    available(ada, "GBP", "1000.00").await?;
    teller.step(&format!("1000.00 GBP by bank transfer with reference {reference}; its webhook came twice")).await?;
    let account = account(ada, "GBP").await?;
    expect("the number of entries", "1", &list_at(&account, "/entries/nodes").len().to_string())
}

async fn pay_in_crypto(ada: &Customer<'_>, teller: &mut Teller, asset: &str, amount: &str) -> Result<(), CliError> {
    let asked = format!("{{ viewer {{ depositInstructions(asset: \"{asset}\") {{ address }} }} }}");
    let instructions = ada.ask(&asked).await?;
    let address = text_at(&instructions, "/viewer/depositInstructions/address");
    let order = json!({ "asset": asset, "address": address, "amount": amount, "confirm": "slowly" });
    ada.client.post("/dev/fireblocks/deposits", None, &order).await?;
    wait_for("pending deposit", || async {
        let account = account(ada, asset).await?;
        Ok(Some(account).filter(|account| text_at(account, "/pending/amount") == amount))
    })
    .await?;
    let spendable = text_at(&account(ada, asset).await?, "/available/amount");
    expect("what is available before it is final", "", spendable.trim_matches(['0', '.']))?;
    teller.step(&format!("{amount} {asset} seen by the custodian at {address}: pending")).await?;

    ada.client.post("/dev/clock/advance", None, &json!({ "by": "PT20M" })).await?;
    available(ada, asset, amount).await?;
    expect(
        "what is still pending",
        "",
        text_at(&account(ada, asset).await?, "/pending/amount").trim_matches(['0', '.']),
    )?;
    teller.step(&format!("twenty minutes and its confirmations later: {amount} {asset} available")).await
}

async fn save(ada: &Customer<'_>, teller: &mut Teller) -> Result<String, CliError> {
    let input = json!({ "operationId": Uuid::new_v4(), "money": { "asset": "USDC", "amount": "400" } });
    let mutation = "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { operation { id } account { version available { amount } } } }";
    let saved = ada.send(mutation, &input).await?;
    let again = ada.send(mutation, &input).await?;
    expect(
        "the operation that was sent twice",
        &text_at(&saved, "/saveToSavings/operation/id"),
        &text_at(&again, "/saveToSavings/operation/id"),
    )?;
    expect("what is left on the account", "100.000000", &text_at(&saved, "/saveToSavings/account/available/amount"))?;
    // Nobody waits for projections: a query may ask for at least the version that the mutation answered.
    let version = at(&saved, "/saveToSavings/account/version");
    let asked =
        format!("{{ viewer {{ account(asset: \"USDC\", atLeastVersion: {version}) {{ available {{ amount }} }} }} }}");
    expect("its own write", "100.000000", &text_at(&ada.ask(&asked).await?, "/viewer/account/available/amount"))?;
    let now = ada.client.get("/dev/clock").await?;
    let since = text_at(&now, "/now").get(..10).map(str::to_owned).ok_or_else(|| unexpected("no date"))?;
    teller.step("400 USDC to savings, sent twice: one operation, 100.000000 USDC left, read back at once").await?;
    Ok(since)
}

async fn account(ada: &Customer<'_>, asset: &str) -> Result<Value, CliError> {
    let asked = format!(
        "{{ viewer {{ account(asset: \"{asset}\") {{ version available {{ amount }} pending {{ amount }} held {{ amount }}
        entries(first: 10) {{ nodes {{ at amount {{ amount }} balanceAfter {{ amount }} operation {{ id }} }} }} }} }} }}"
    );
    Ok(at(&ada.ask(&asked).await?, "/viewer/account").clone())
}

async fn available(ada: &Customer<'_>, asset: &str, amount: &str) -> Result<(), CliError> {
    wait_for("balance", || async {
        let account = account(ada, asset).await?;
        Ok(Some(account).filter(|account| text_at(account, "/available/amount") == amount))
    })
    .await
    .map(|_| ())
}
