//! The part of a plan that faces the outside: who may log in, and where the API answers.

/// One Cognito user pool.
#[derive(Debug, Clone, PartialEq)]
pub struct UserPoolPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The pool id, `eu-west-1_granary`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The issuer of its tokens.
    pub issuer: String,
    /// The password policy.
    pub password_policy: PasswordPolicy,
    /// Logical id of the PreSignUp function.
    pub pre_sign_up: Option<String>,
    /// Logical id of the PostConfirmation function.
    pub post_confirmation: Option<String>,
    /// Group names.
    pub groups: Vec<String>,
    /// App clients.
    pub clients: Vec<UserPoolClientPlan>,
}

/// What a password must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Characters at least.
    pub minimum_length: u32,
    /// Whether a lower-case letter is required.
    pub lowercase: bool,
    /// Whether an upper-case letter is required.
    pub uppercase: bool,
    /// Whether a digit is required.
    pub numbers: bool,
    /// Whether a special character is required.
    pub symbols: bool,
}

/// One app client of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPoolClientPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The client id: made from the logical id, so that it is the same at every start.
    pub id: String,
    /// The name that AWS shows.
    pub name: String,
    /// `ALLOW_USER_PASSWORD_AUTH` and the like.
    pub auth_flows: Vec<String>,
    /// Life of an access token in seconds.
    pub access_token_s: u32,
    /// Life of an id token in seconds.
    pub id_token_s: u32,
    /// Life of a refresh token in seconds.
    pub refresh_token_s: u32,
    /// Whether an unknown user looks like a wrong password.
    pub hide_unknown_users: bool,
}

/// One `AWS::Lambda::Permission`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// Logical id of the function.
    pub function: String,
    /// The service that may invoke it.
    pub principal: String,
    /// On whose behalf it may.
    pub source_arn: String,
}

/// The HTTP API.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApiPlan {
    /// Its name in the template; empty when there is none.
    pub logical_id: String,
    /// The API id.
    pub id: String,
    /// Routes.
    pub routes: Vec<RoutePlan>,
}

/// One route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePlan {
    /// Upper-case method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Logical id of the function.
    pub function: String,
}
