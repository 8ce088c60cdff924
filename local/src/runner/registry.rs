//! The functions that this binary holds. The template names them by their folder.

use lambda_kit::Function;

/// Every function in `functions/`.
#[must_use]
pub fn registry() -> Vec<Function> {
    vec![
        allocate_addresses::FUNCTION,
        apply_identity_result::FUNCTION,
        assess_risk::FUNCTION,
        call_onfido::FUNCTION,
        call_screening::FUNCTION,
        clearbank_webhook::FUNCTION,
        cognito_post_confirmation::FUNCTION,
        cognito_pre_sign_up::FUNCTION,
        decide_application::FUNCTION,
        end_monitoring::FUNCTION,
        erase_personal_data::FUNCTION,
        escalate_cases::FUNCTION,
        expire_sign_up::FUNCTION,
        fireblocks_webhook::FUNCTION,
        follow_application::FUNCTION,
        follow_controls::FUNCTION,
        follow_information::FUNCTION,
        graphql::FUNCTION,
        graphql_backoffice::FUNCTION,
        milestones::FUNCTION,
        onfido_webhook::FUNCTION,
        open_accounts::FUNCTION,
        pause_onboarding::FUNCTION,
        pay_yield::FUNCTION,
        project_accounts::FUNCTION,
        project_applications::FUNCTION,
        project_cases::FUNCTION,
        project_customers::FUNCTION,
        project_operations::FUNCTION,
        project_savings::FUNCTION,
        relay::FUNCTION,
        release_suspense::FUNCTION,
        rescreen_customer::FUNCTION,
        resume_onboarding::FUNCTION,
        review_case::FUNCTION,
        review_monitor::FUNCTION,
        send_mail::FUNCTION,
        settle_crypto_deposit::FUNCTION,
        settle_deposit::FUNCTION,
        start_monitoring::FUNCTION,
        start_onboarding::FUNCTION,
        start_payouts::FUNCTION,
        start_rescreening::FUNCTION,
    ]
}
