//! User pools with their groups, clients and triggers.

use super::Resource;
use crate::template::{
    error::Log,
    plan::{PasswordPolicy, Plan, Pseudo, UserPoolClientPlan, UserPoolPlan},
    read::Node,
    symbols,
};

// Cognito's own limits and defaults.
const PASSWORD_DEFAULT: u32 = 8;
const PASSWORD_MIN: u32 = 6;
const PASSWORD_MAX: u32 = 99;
const TOKEN_MIN_S: u32 = 300;
const TOKEN_MAX_S: u32 = 86_400;
const REFRESH_MIN_S: u32 = 3_600;
const REFRESH_MAX_S: u32 = 315_360_000;

pub(super) fn pools(plan: &mut Plan, resources: &[&Resource], pseudo: &Pseudo, log: &Log) {
    for resource in resources.iter().skip(1) {
        log.refuse(format!("Resources.{}", resource.logical_id), "is a second user pool: ids here know only one");
    }
    if let [resource, ..] = resources {
        let pool = pool(plan, resource, pseudo, log);
        plan.user_pools.push(pool);
    }
}

fn pool(plan: &Plan, resource: &Resource, pseudo: &Pseudo, log: &Log) -> UserPoolPlan {
    let node = resource.node(log);
    for property in ["UsernameAttributes", "AutoVerifiedAttributes"] {
        if node.get(property).texts().is_empty() {
            node.get(property).refuse("must be [email]: the local pool knows people by their address");
        }
    }
    // CloudFormation's default is a pool that tells Ada@ from ada@, which the local one does not.
    node.get("UsernameConfiguration").get("CaseSensitive").text();
    let policy = node.get("Policies").get("PasswordPolicy");
    let id = symbols::user_pool_id(pseudo);
    UserPoolPlan {
        logical_id: resource.logical_id.clone(),
        arn: symbols::user_pool_arn(&id),
        issuer: symbols::issuer(&id, pseudo),
        id,
        password_policy: PasswordPolicy {
            minimum_length: policy.get("MinimumLength").number(Some(PASSWORD_DEFAULT), PASSWORD_MIN..=PASSWORD_MAX),
            lowercase: policy.get("RequireLowercase").flag(),
            uppercase: policy.get("RequireUppercase").flag(),
            numbers: policy.get("RequireNumbers").flag(),
            symbols: policy.get("RequireSymbols").flag(),
        },
        pre_sign_up: trigger(plan, &node.get("LambdaConfig").get("PreSignUp")),
        post_confirmation: trigger(plan, &node.get("LambdaConfig").get("PostConfirmation")),
        groups: Vec::new(),
        clients: Vec::new(),
    }
}

fn trigger(plan: &Plan, node: &Node<'_>) -> Option<String> {
    let arn = node.optional_text()?;
    let function = plan.functions.iter().find(|function| function.arn == arn);
    if function.is_none() {
        node.refuse(format!("{arn:?} is no function of this template"));
    }
    function.map(|function| function.logical_id.clone())
}

pub(super) fn client(plan: &mut Plan, resource: &Resource, pseudo: &Pseudo, log: &Log) {
    let node = resource.node(log);
    let validity = |token: &str, (default, unit): (u32, &str), range: std::ops::RangeInclusive<u32>| {
        let count = node.get(&format!("{token}Validity")).number(Some(default), 1..=REFRESH_MAX_S);
        let units = node.get("TokenValidityUnits").get(token).optional_text();
        let seconds = match units.as_deref().unwrap_or(unit) {
            "seconds" => 1,
            "minutes" => 60,
            "hours" => 3_600,
            _ => 86_400,
        };
        let life = count.saturating_mul(seconds);
        if !range.contains(&life) {
            let place = node.get(&format!("{token}Validity"));
            place.refuse(format!("must come to {} to {} seconds", range.start(), range.end()));
        }
        life
    };
    let client = UserPoolClientPlan {
        logical_id: resource.logical_id.clone(),
        id: symbols::client_id(&resource.logical_id, pseudo),
        name: node.get("ClientName").text(),
        auth_flows: node.get("ExplicitAuthFlows").texts(),
        access_token_s: validity("AccessToken", (1, "hours"), TOKEN_MIN_S..=TOKEN_MAX_S),
        id_token_s: validity("IdToken", (1, "hours"), TOKEN_MIN_S..=TOKEN_MAX_S),
        refresh_token_s: validity("RefreshToken", (30, "days"), REFRESH_MIN_S..=REFRESH_MAX_S),
        hide_unknown_users: node.get("PreventUserExistenceErrors").optional_text().as_deref() == Some("ENABLED"),
    };
    if let Some(pool) = pool_of(plan, &node) {
        pool.clients.push(client);
    }
}

pub(super) fn group(plan: &mut Plan, resource: &Resource, log: &Log) {
    let node = resource.node(log);
    let name = node.get("GroupName").text();
    if let Some(pool) = pool_of(plan, &node) {
        pool.groups.push(name);
    }
}

fn pool_of<'a>(plan: &'a mut Plan, node: &Node<'_>) -> Option<&'a mut UserPoolPlan> {
    let wanted = node.get("UserPoolId").text();
    let pool = plan.user_pools.iter_mut().find(|pool| pool.id == wanted);
    if pool.is_none() {
        node.get("UserPoolId").refuse(format!("{wanted:?} is no user pool of this template"));
    }
    pool
}
