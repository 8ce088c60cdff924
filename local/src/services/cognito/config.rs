//! What the template says about the pool.

const HOUR_S: i64 = 60 * 60;
const DAY_S: i64 = 24 * HOUR_S;

/// A user pool's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolConfig {
    /// Such as `eu-west-1_granary`.
    pub pool_id: String,
    /// What tokens carry as `iss`; the documents are below its `.well-known`.
    pub issuer: String,
    /// Told to triggers.
    pub region: String,
    /// The app clients.
    pub clients: Vec<ClientConfig>,
    /// The groups that users can be added to.
    pub groups: Vec<String>,
    /// What a password must have.
    pub password_policy: PasswordPolicy,
}

/// An app client's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// The id, which is `aud` or `client_id` in tokens.
    pub client_id: String,
    /// How long an access token is good for.
    pub access_token_s: i64,
    /// How long an id token is good for.
    pub id_token_s: i64,
    /// How long a refresh token is good for.
    pub refresh_token_s: i64,
    /// How the client may log in.
    pub auth_flows: Vec<AuthFlow>,
    /// What it is told about users that do not exist.
    pub unknown_users: UnknownUsers,
}

impl ClientConfig {
    /// A client with Cognito's usual validities that hides whether a user exists.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            access_token_s: HOUR_S,
            id_token_s: HOUR_S,
            refresh_token_s: 30 * DAY_S,
            auth_flows: vec![AuthFlow::UserPassword, AuthFlow::RefreshToken],
            unknown_users: UnknownUsers::Hidden,
        }
    }
}

/// `ExplicitAuthFlows`, as far as they are played here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthFlow {
    /// `ALLOW_USER_PASSWORD_AUTH`.
    UserPassword,
    /// `ALLOW_REFRESH_TOKEN_AUTH`.
    RefreshToken,
}

/// `PreventUserExistenceErrors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownUsers {
    /// `ENABLED`: an unknown user looks like a wrong password or code.
    Hidden,
    /// `LEGACY`: an unknown user is named as such, except at log-in, which never tells here.
    Told,
}

/// `Policies.PasswordPolicy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The least number of characters.
    pub length_min: usize,
    /// Whether a lower-case letter is needed.
    pub lowercase: bool,
    /// Whether an upper-case letter is needed.
    pub uppercase: bool,
    /// Whether a digit is needed.
    pub numbers: bool,
    /// Whether a symbol is needed.
    pub symbols: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { length_min: 8, lowercase: true, uppercase: true, numbers: true, symbols: true }
    }
}
