use super::{ApplicationError, ApplicationEvent, ComplianceReview, Request, ReviewResult, Stage, Submission};
use crate::ids::VaultRef;
use crate::onboarding::Moment;

type Decided = Result<Vec<ApplicationEvent>, ApplicationError>;

/// Compliance is to judge, from now on.
pub fn begin(submission: &Submission, at: Moment) -> Decided {
    super::decide::under_way(submission)?;
    Ok(began(submission, at))
}

/// Compliance asks. It may do so before the application has learnt that it is being judged: news come in any order.
pub fn request(submission: &Submission, question: &VaultRef, at: Moment) -> Vec<ApplicationEvent> {
    let is_known = submission.review.iter().flat_map(|it| &it.requests).any(|it| it.question == *question);
    if is_known || is_over(submission) {
        return vec![];
    }
    let mut events = began(submission, at);
    events.push(ApplicationEvent::InformationRequested { application: submission.id, question: question.clone(), at });
    events
}

/// The customer answers.
pub fn provide(submission: &Submission, question: &VaultRef, answer: &VaultRef, at: Moment) -> Decided {
    let mut requests = submission.review.iter().flat_map(|it| &it.requests);
    let request = requests.find(|it| it.question == *question).ok_or(ApplicationError::NothingAsked)?;
    match &request.answer {
        Some(given) if given == answer => Ok(vec![]),
        Some(_) => Err(ApplicationError::AnsweredBefore),
        None if is_over(submission) => Err(ApplicationError::Ended),
        None => Ok(vec![ApplicationEvent::InformationProvided {
            application: submission.id,
            question: question.clone(),
            answer: answer.clone(),
            at,
        }]),
    }
}

/// Compliance decided. The first decision stands.
pub fn decide(submission: &Submission, result: ReviewResult, at: Moment) -> Vec<ApplicationEvent> {
    if is_over(submission) {
        return vec![];
    }
    let mut events = began(submission, at);
    events.push(ApplicationEvent::ReviewDecided { application: submission.id, result, at });
    events
}

/// Whether compliance stands in the way of an approval.
pub fn allows_approval(submission: &Submission) -> Result<(), ApplicationError> {
    match submission.review.as_ref().map(|it| it.decided) {
        None | Some(Some((ReviewResult::Approved, _))) => Ok(()),
        Some(Some((ReviewResult::Declined, _))) => Err(ApplicationError::ReviewDeclined),
        Some(None) => Err(ApplicationError::InReview),
    }
}

pub fn evolve(submission: &mut Submission, event: &ApplicationEvent) {
    if let ApplicationEvent::ComplianceReviewBegan { at, .. } = event {
        submission.review = Some(ComplianceReview { began_at: *at, requests: vec![], decided: None });
    }
    let Some(review) = submission.review.as_mut() else { return };
    match event {
        ApplicationEvent::InformationRequested { question, at, .. } => {
            review.requests.push(Request { question: question.clone(), asked_at: *at, answer: None });
        }
        ApplicationEvent::InformationProvided { question, answer, .. } => {
            let asked = review.requests.iter_mut().filter(|it| it.question == *question);
            asked.for_each(|it| it.answer = Some(answer.clone()));
        }
        ApplicationEvent::ReviewDecided { result, at, .. } => review.decided = Some((*result, *at)),
        _ => {}
    }
}

fn began(submission: &Submission, at: Moment) -> Vec<ApplicationEvent> {
    let event = ApplicationEvent::ComplianceReviewBegan { application: submission.id, at };
    if submission.review.is_none() { vec![event] } else { vec![] }
}

/// Decided by compliance, or ended by another way.
fn is_over(submission: &Submission) -> bool {
    submission.stage != Stage::Open || submission.review.as_ref().is_some_and(|it| it.decided.is_some())
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
