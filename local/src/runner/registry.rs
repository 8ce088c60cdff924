//! The functions that this binary holds. The template names them by their folder.

use lambda_kit::Function;

/// Every function in `functions/`.
#[must_use]
pub fn registry() -> Vec<Function> {
    vec![
        clearbank_webhook::FUNCTION,
        cognito_post_confirmation::FUNCTION,
        cognito_pre_sign_up::FUNCTION,
        graphql::FUNCTION,
        milestones::FUNCTION,
        open_accounts::FUNCTION,
        project_accounts::FUNCTION,
        project_customers::FUNCTION,
        project_operations::FUNCTION,
        relay::FUNCTION,
        settle_deposit::FUNCTION,
    ]
}
