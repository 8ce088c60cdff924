//! Runs this function on the Lambda runtime.

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda_kit::run(send_mail::FUNCTION)
}
