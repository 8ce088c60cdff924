//! Somebody at the bank's doors: the identity pool by AWS's SDK, the rest over HTTP.

use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use serde_json::{Value, json};
use simulators::onfido::Verdict;
use uuid::Uuid;

use super::{
    providers::now_ms,
    stack::failed,
    world::{World, expect, wait_for},
};
use crate::{
    Failed,
    world::{APPLY, OFFICE, PASSWORD, application},
};

/// Whether Cognito's trigger is played after a confirmation, which the emulator does not call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// As Cognito would.
    Called,
    /// As if Cognito had lost it, which it may.
    Lost,
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Person {
    pub sub: String,
    pub token: String,
}

impl Person {
    /// Signs up, confirms with the mailed code, and logs in.
    pub async fn newcomer(world: &World, name: &str, trigger: Trigger) -> Result<Self, Failed> {
        let email = format!("{name}.{}@example.com", Uuid::new_v4().simple());
        let client_id = world.stack.output("UserPoolClientId")?;
        let signed_up = world.pool.sign_up().client_id(client_id).username(&email).password(PASSWORD).send().await;
        let sub = signed_up.map_err(failed("sign up"))?.user_sub().to_owned();
        let code = code_for(world, &email).await?;
        let confirm = world.pool.confirm_sign_up().client_id(client_id).username(&email);
        confirm.confirmation_code(&code).send().await.map_err(failed("confirm"))?;
        if trigger == Trigger::Called {
            call_post_confirmation(world, client_id, &sub, &email).await?;
        }
        let login = world.pool.initiate_auth().client_id(client_id).auth_flow(AuthFlowType::UserPasswordAuth);
        let login = login.auth_parameters("USERNAME", &email).auth_parameters("PASSWORD", PASSWORD).send().await;
        let login = login.map_err(failed("log in"))?;
        let token = login.authentication_result().and_then(|it| it.access_token());
        let token = token.ok_or_else(|| Failed::new("no access token"))?.to_owned();
        Ok(Self { sub, token })
    }

    /// A newcomer who applied, and whom the provider is to check: with its run.
    pub async fn applicant(world: &World, name: &str) -> Result<(Self, Uuid), Failed> {
        let person = Self::newcomer(world, name, Trigger::Called).await?;
        person.send(world, APPLY, application(Uuid::new_v4())).await?;
        let run = person.run(world).await?;
        Ok((person, run))
    }

    /// An applicant who was approved, and whose accounts are open with their instructions.
    pub async fn customer(world: &World, name: &str) -> Result<Self, Failed> {
        let (person, run) = Self::applicant(world, name).await?;
        person.decided(world, run, Verdict::Approved).await?;
        person.opened(world).await?;
        Ok(person)
    }

    /// Somebody who works here, as an administrator creates them.
    pub async fn staff(world: &World, name: &str, group: &str) -> Result<Self, Failed> {
        let (email, pool) = (format!("{name}.{}@granary.example", Uuid::new_v4().simple()), &world.pool);
        let (pool_id, client_id) = (world.stack.output("UserPoolId")?, world.stack.output("UserPoolClientId")?);
        let created = pool.admin_create_user().user_pool_id(pool_id).username(&email).send().await;
        let created = created.map_err(failed("create a user"))?;
        let sub = created.user().and_then(|user| user.username()).unwrap_or_default().to_owned();
        let password = pool.admin_set_user_password().user_pool_id(pool_id).username(&sub);
        password.password(PASSWORD).permanent(true).send().await.map_err(failed("set a password"))?;
        let add = pool.admin_add_user_to_group().user_pool_id(pool_id).username(&sub).group_name(group);
        add.send().await.map_err(failed("add to a group"))?;
        let login = pool.initiate_auth().client_id(client_id).auth_flow(AuthFlowType::UserPasswordAuth);
        let login = login.auth_parameters("USERNAME", &email).auth_parameters("PASSWORD", PASSWORD).send().await;
        let login = login.map_err(failed("log in"))?;
        let token = login.authentication_result().and_then(|it| it.access_token());
        let token = token.ok_or_else(|| Failed::new("no access token"))?.to_owned();
        Ok(Self { sub, token })
    }

    /// The whole answer of the back office.
    pub async fn at_work(&self, world: &World, query: &str, input: Value) -> Result<Value, Failed> {
        let bearer = format!("Bearer {}", self.token);
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        let (status, answer) = world.post(OFFICE, &[("authorization", &bearer)], body).await?;
        if answer.is_object() { Ok(answer) } else { Err(Failed::new(format!("{OFFICE} answered {status}: {answer}"))) }
    }

    /// The provider's run of this person, once it is there and the app has its token.
    pub async fn run(&self, world: &World) -> Result<Uuid, Failed> {
        wait_for("identity check", || async {
            let data = self.ask(world, "{ viewer { application { identityCheck { sdkToken } } } }").await?;
            let has_token = data.pointer("/viewer/application/identityCheck/sdkToken").is_some_and(Value::is_string);
            let runs = world.providers.onfido.runs();
            let run = runs.iter().find(|run| run.customer_user_id.as_deref() == Some(&self.sub)).map(|run| run.id);
            Ok(run.filter(|_| has_token))
        })
        .await
    }

    /// The provider decides, and its webhook is taken.
    pub async fn decided(&self, world: &World, run: Uuid, verdict: Verdict) -> Result<Uuid, Failed> {
        let told = world.providers.onfido.complete(run, verdict, now_ms(), &world.ways.onfido).await;
        let told = told.map_err(failed("end a run"))?;
        expect("the webhook's status", told.status, Some(200))?;
        Ok(told.id)
    }

    /// Waits until everything that an approval leads to is done.
    pub async fn opened(&self, world: &World) -> Result<(), Failed> {
        let asked = "{ viewer { status application { status steps { status } } accounts { nodes { asset } } } }";
        wait_for("open accounts", || async {
            let data = self.ask(world, asked).await?;
            let done = list(&data, "/viewer/application/steps").iter().all(|step| step["status"] == "DONE");
            let open = list(&data, "/viewer/accounts/nodes").len() == 5;
            Ok((done && open && data["viewer"]["status"] == "ACTIVE").then_some(()))
        })
        .await
    }

    /// The data of a document that must not fail.
    pub async fn ask(&self, world: &World, query: &str) -> Result<Value, Failed> {
        self.data(world, &json!({ "query": query })).await
    }

    /// The same of a mutation with an input.
    pub async fn send(&self, world: &World, mutation: &str, input: Value) -> Result<Value, Failed> {
        self.data(world, &json!({ "query": mutation, "variables": { "input": input } })).await
    }

    /// The code of the error that a mutation fails with.
    pub async fn refusal(&self, world: &World, mutation: &str, input: Value) -> Result<String, Failed> {
        let answer = self.answer(world, &json!({ "query": mutation, "variables": { "input": input } })).await?;
        let code = answer.pointer("/errors/0/extensions/code").and_then(Value::as_str);
        code.map(str::to_owned).ok_or_else(|| Failed::new(format!("it was not refused: {answer}")))
    }

    /// Balances and entries of an account.
    pub async fn account(&self, world: &World, asset: &str) -> Result<Value, Failed> {
        let asked = format!(
            "{{ viewer {{ account(asset: \"{asset}\") {{ version available {{ amount }} pending {{ amount }}
            entries(first: 20) {{ nodes {{ at amount {{ amount }} balanceAfter {{ amount }} }} }} }} }} }}"
        );
        Ok(self.ask(world, &asked).await?["viewer"]["account"].take())
    }

    /// Waits until so much is available.
    pub async fn has(&self, world: &World, asset: &str, amount: &str) -> Result<(), Failed> {
        let what = format!("{amount} {asset}");
        wait_for(&what, || async {
            Ok((self.account(world, asset).await?["available"]["amount"] == amount).then_some(()))
        })
        .await
    }

    /// Where to pay, or what to write on a payment.
    pub async fn instruction(&self, world: &World, asset: &str, field: &str) -> Result<String, Failed> {
        let asked = format!("{{ viewer {{ depositInstructions(asset: \"{asset}\") {{ {field} }} }} }}");
        let data = self.ask(world, &asked).await?;
        let found = data["viewer"]["depositInstructions"][field].as_str();
        found.map(str::to_owned).ok_or_else(|| Failed::new(format!("no {field} for {asset}")))
    }

    /// As an app does, what may be tried again is tried again.
    async fn data(&self, world: &World, body: &Value) -> Result<Value, Failed> {
        wait_for("answer that is final", || async {
            let mut answer = self.answer(world, body).await?;
            if answer.pointer("/errors/0/extensions/retryable") == Some(&Value::Bool(true)) {
                return Ok(None);
            }
            match (answer.get("errors"), answer.get("data")) {
                (None, Some(_)) => Ok(Some(answer["data"].take())),
                _ => Err(Failed::new(format!("GraphQL answered {answer}"))),
            }
        })
        .await
    }

    async fn answer(&self, world: &World, body: &Value) -> Result<Value, Failed> {
        let bearer = format!("Bearer {}", self.token);
        let (status, answer) = world.post("/graphql", &[("authorization", &bearer)], body.to_string()).await?;
        if answer.is_object() { Ok(answer) } else { Err(Failed::new(format!("GraphQL answered {status}: {answer}"))) }
    }
}

/// The items of a list; nothing has none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The code in the newest mail to an address.
async fn code_for(world: &World, email: &str) -> Result<String, Failed> {
    let mails = world.emulator_says("/_ministack/ses/messages").await?;
    let mails = list(&mails, &format!("/messages/{}", world.stack.up.account));
    let to_them = |mail: &&Value| list(mail, "/To").iter().any(|to| to == email);
    let text = mails.iter().rev().find(to_them).and_then(|mail| mail["BodyText"].as_str()).unwrap_or_default();
    let code: String = text.chars().filter(char::is_ascii_digit).collect();
    if code.is_empty() { Err(Failed::new(format!("no code was mailed to {email}: {mails:?}"))) } else { Ok(code) }
}

/// What Cognito does after a confirmation, with the event that it documents.
async fn call_post_confirmation(world: &World, client_id: &str, sub: &str, email: &str) -> Result<(), Failed> {
    let event = json!({
        "version": "1",
        "region": world.stack.up.region,
        "userPoolId": world.stack.output("UserPoolId")?,
        "userName": sub,
        "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id },
        "triggerSource": "PostConfirmation_ConfirmSignUp",
        "request": { "userAttributes": { "sub": sub, "email": email, "email_verified": "true",
            "cognito:user_status": "CONFIRMED" } },
        "response": {},
    });
    let function = world.stack.physical("CognitoPostConfirmation")?;
    let called = json!({ "FunctionName": function, "Payload": event.to_string() });
    let answer = world.stack.call("lambda", "invoke", called).await?;
    match answer.get("FunctionError") {
        None => Ok(()),
        Some(_) => Err(Failed::new(format!("PostConfirmation failed: {}", answer["Payload"]))),
    }
}
