use time::Duration;

use super::{
    Assignee, CaseCommand, CaseDecision, CaseError, CaseEvent, CaseReason, CaseState, DUE_AFTER, ENTRIES_MAX,
    ESCALATION_GIVES, Entry, EntryKind, Evidence, GivenOpinion, Opinion, Review, Standing, URGENT_DUE_AFTER,
    URGENT_FROM,
};
use crate::compliance::screening::TWO_PEOPLE_FROM;
use crate::ids::{ApplicationId, CustomerId, StaffId, TextId, VaultRef};
use crate::moment::Moment;

type Decided = Result<Vec<CaseEvent>, CaseError>;

/// What happens to a case because of a command.
///
/// # Errors
///
/// See [`CaseError`].
pub fn decide(state: &CaseState, command: &CaseCommand, at: Moment) -> Decided {
    match command {
        CaseCommand::Open { customer, application, risk, evidence } => {
            let opened = || opened(*customer, *application, *risk, evidence, at);
            Ok(is_new(state).then(opened).into_iter().collect())
        }
        CaseCommand::OpenMonitoring { customer, risk, evidence, freeze } => {
            let opened = || CaseEvent::MonitoringOpened {
                customer: *customer,
                reason: CaseReason::of(evidence),
                risk: *risk,
                evidence: evidence.clone(),
                approvals: approvals(*risk),
                freeze: *freeze,
                due: after(at, may_take(*risk)),
                at,
            };
            Ok(is_new(state).then(opened).into_iter().collect())
        }
        CaseCommand::Assign { to, by } => {
            let review = not_about(known(state)?, *to)?;
            assign(not_about(review, *by)?, *to, *by, at)
        }
        CaseCommand::AddNote { id, note, by } => {
            let review = not_about(known(state)?, *by)?;
            let written = Written { id: *id, by: *by, kind: EntryKind::NoteAdded, text: note };
            if written.is_there(review)? {
                return Ok(vec![]);
            }
            changeable(review)?;
            has_room(review, ENTRIES_MAX)?;
            Ok(vec![CaseEvent::NoteAdded { id: *id, note: note.clone(), by: *by, at }])
        }
        CaseCommand::RequestInformation { id, question, by } => {
            let review = not_about(known(state)?, *by)?;
            let written = Written { id: *id, by: *by, kind: EntryKind::InformationRequested, text: question };
            if written.is_there(review)? {
                return Ok(vec![]);
            }
            open(review)?;
            has_room(review, ENTRIES_MAX)?;
            let Review { customer, application, .. } = *review;
            let application = application.ok_or(CaseError::NoApplication)?;
            let (id, question, by) = (*id, question.clone(), *by);
            Ok(vec![CaseEvent::InformationRequested { customer, application, id, question, by, at }])
        }
        CaseCommand::ReceiveInformation { question, answer } => receive(known(state)?, question, answer, at),
        CaseCommand::GiveOpinion { id, by, verdict, reason } => {
            let written = Written { id: *id, by: *by, kind: kind_of(*verdict), text: reason };
            give_opinion(not_about(known(state)?, *by)?, &written, *verdict, at)
        }
        CaseCommand::Escalate => Ok(escalate(known(state)?, at).into_iter().collect()),
        CaseCommand::Withdraw => {
            // A late opening has to find that nobody is to look any more, whether anybody was before or not.
            let is_pending = is_new(state) || state.opened().is_some_and(|review| !review.is_closed());
            Ok(is_pending.then_some(CaseEvent::Withdrawn { at }).into_iter().collect())
        }
    }
}

const fn is_new(state: &CaseState) -> bool {
    match state {
        CaseState::NotOpened => true,
        CaseState::Barred | CaseState::Opened(_) => false,
    }
}

const fn may_take(risk: u8) -> Duration {
    if risk >= URGENT_FROM { URGENT_DUE_AFTER } else { DUE_AFTER }
}

const fn approvals(risk: u8) -> u8 {
    if risk >= TWO_PEOPLE_FROM { 2 } else { 1 }
}

fn opened(customer: CustomerId, application: ApplicationId, risk: u8, evidence: &[Evidence], at: Moment) -> CaseEvent {
    CaseEvent::Opened {
        customer,
        application,
        reason: CaseReason::of(evidence),
        risk,
        evidence: evidence.to_vec(),
        approvals: approvals(risk),
        due: after(at, may_take(risk)),
        at,
    }
}

fn assign(review: &Review, to: StaffId, by: StaffId, at: Moment) -> Decided {
    if review.assignee == Some(Assignee { to, by }) {
        return Ok(vec![]);
    }
    changeable(review)?;
    has_room(review, ENTRIES_MAX)?;
    Ok(vec![CaseEvent::Assigned { to, by, at }])
}

fn receive(review: &Review, question: &VaultRef, answer: &VaultRef, at: Moment) -> Decided {
    match review.answered(question) {
        None => Err(CaseError::QuestionUnknown),
        Some(Some(known)) if known == answer => Ok(vec![]),
        Some(Some(_)) => Err(CaseError::AnsweredBefore),
        Some(None) => {
            changeable(review)?; // Only a withdrawal comes between a question and its answer.
            Ok(vec![CaseEvent::InformationReceived { question: question.clone(), answer: answer.clone(), at }])
        }
    }
}

fn give_opinion(review: &Review, written: &Written<'_>, verdict: Opinion, at: Moment) -> Decided {
    if written.is_there(review)? {
        return Ok(vec![]);
    }
    let by = written.by;
    if review.standing != Standing::Withdrawn && review.opinion_of(by) == Some(verdict) {
        return Ok(vec![]); // Once more and in other words it still counts once.
    }
    open(review)?;
    has_room(review, ENTRIES_MAX.saturating_mul(2))?;
    let mut opinions = review.opinions.clone();
    put(&mut opinions, GivenOpinion { by, verdict, at });
    let mut events = vec![CaseEvent::OpinionGiven { id: written.id, by, verdict, reason: written.text.clone(), at }];
    events.extend(decision(review, &opinions).map(|(decision, by)| {
        let Review { customer, application, freeze, .. } = *review;
        match application {
            Some(application) => CaseEvent::Decided { customer, application, decision, by, at },
            None => CaseEvent::MonitoringDecided { customer, decision, freeze, by, at },
        }
    }));
    Ok(events)
}

/// What these opinions lead to, and whose they are: a majority that is large enough.
fn decision(review: &Review, opinions: &[GivenOpinion]) -> Option<(CaseDecision, Vec<StaffId>)> {
    let of = |verdict| -> Vec<StaffId> { opinions.iter().filter(|it| it.verdict == verdict).map(|it| it.by).collect() };
    let (approving, declining) = (of(Opinion::Approve), of(Opinion::Decline));
    let needed = usize::from(review.approvals);
    // Whoever picked the case for themselves does not also wave it through: that takes a second pair of eyes.
    let are_volunteers = approving.iter().all(|it| review.volunteers.contains(it));
    let needed_to_approve = if are_volunteers { needed.max(2) } else { needed };
    if approving.len() > declining.len() && approving.len() >= needed_to_approve {
        Some((CaseDecision::Approved, approving))
    } else if declining.len() > approving.len() && declining.len() >= needed {
        Some((CaseDecision::Declined, declining))
    } else {
        None
    }
}

/// A late timer is harmless: it finds the case decided, or due at another time.
fn escalate(review: &Review, at: Moment) -> Option<CaseEvent> {
    if !review.can_escalate() || at < review.due {
        return None;
    }
    // After an outage the next date would have passed as well, and each look would go up by a level.
    let days_missed = (at.time() - review.due.time()).whole_days();
    let due = after(review.due, Duration::days(days_missed).saturating_add(ESCALATION_GIVES));
    Some(CaseEvent::Escalated { level: review.level.saturating_add(1), due, at })
}

/// The pool gives everybody one id, as a customer and as one who works here.
fn not_about(review: &Review, staff: StaffId) -> Result<&Review, CaseError> {
    if review.customer.as_uuid() == staff.as_uuid() { Err(CaseError::Own) } else { Ok(review) }
}

/// The end of time is as good as any date after it.
fn after(at: Moment, by: Duration) -> Moment {
    Moment::of(at.time().saturating_add(by))
}

/// A text that somebody wants to write.
struct Written<'a> {
    id: TextId,
    by: StaffId,
    kind: EntryKind,
    text: &'a VaultRef,
}

impl Written<'_> {
    /// Whether it was written before. Its reference tells it from every other text under the id.
    fn is_there(&self, review: &Review) -> Result<bool, CaseError> {
        match review.written(self.id) {
            None => Ok(false),
            Some(it) if it.kind == self.kind && it.by == Some(self.by) && it.text.as_ref() == Some(self.text) => {
                Ok(true)
            }
            Some(_) => Err(CaseError::TextReused),
        }
    }
}

const fn kind_of(verdict: Opinion) -> EntryKind {
    match verdict {
        Opinion::Approve => EntryKind::ApprovalGiven,
        Opinion::Decline => EntryKind::DeclineGiven,
    }
}

fn known(state: &CaseState) -> Result<&Review, CaseError> {
    state.opened().ok_or(CaseError::Unknown)
}

const fn changeable(review: &Review) -> Result<(), CaseError> {
    if review.is_closed() { Err(CaseError::Closed) } else { Ok(()) }
}

const fn open(review: &Review) -> Result<(), CaseError> {
    match review.standing {
        Standing::Open => Ok(()),
        Standing::AwaitsCustomer => Err(CaseError::AwaitsCustomer),
        Standing::Decided(_) | Standing::Withdrawn => Err(CaseError::Closed),
    }
}

const fn has_room(review: &Review, entries_max: usize) -> Result<(), CaseError> {
    if review.history.len() < entries_max { Ok(()) } else { Err(CaseError::Full) }
}

fn put(opinions: &mut Vec<GivenOpinion>, given: GivenOpinion) {
    opinions.retain(|it| it.by != given.by);
    opinions.push(given);
}

/// The case after one more event.
#[must_use]
pub fn evolve(state: CaseState, event: &CaseEvent) -> CaseState {
    match event {
        CaseEvent::Opened { customer, application, reason, risk, evidence, approvals, due, at } => {
            let opened = review(*customer, *reason, *risk, evidence, [*due, *at]);
            let opened = Review { application: Some(*application), approvals: *approvals, ..opened };
            CaseState::Opened(Box::new(opened))
        }
        CaseEvent::MonitoringOpened { customer, reason, risk, evidence, approvals, freeze, due, at } => {
            let opened = review(*customer, *reason, *risk, evidence, [*due, *at]);
            CaseState::Opened(Box::new(Review { freeze: *freeze, approvals: *approvals, ..opened }))
        }
        CaseEvent::Assigned { to, by, at } => with(state, |it| {
            it.assignee = Some(Assignee { to: *to, by: *by });
            if to == by {
                it.volunteers.insert(*to);
            } else {
                it.volunteers.remove(to);
            }
            it.history.push(Entry { by: Some(*by), to: Some(*to), ..line(EntryKind::Assigned, *at) });
        }),
        CaseEvent::NoteAdded { id, note, by, at } => {
            with(state, |it| it.history.push(written(EntryKind::NoteAdded, *id, *by, note, *at)))
        }
        CaseEvent::InformationRequested { id, question, by, at, .. } => with(state, |it| {
            it.standing = Standing::AwaitsCustomer;
            it.history.push(written(EntryKind::InformationRequested, *id, *by, question, *at));
        }),
        CaseEvent::InformationReceived { answer, at, .. } => with(state, |it| {
            it.standing = Standing::Open;
            it.history.push(Entry { text: Some(answer.clone()), ..line(EntryKind::InformationReceived, *at) });
        }),
        CaseEvent::OpinionGiven { id, by, verdict, reason, at } => with(state, |it| {
            put(&mut it.opinions, GivenOpinion { by: *by, verdict: *verdict, at: *at });
            it.history.push(written(kind_of(*verdict), *id, *by, reason, *at));
        }),
        CaseEvent::Decided { decision, at, .. } | CaseEvent::MonitoringDecided { decision, at, .. } => {
            with(state, |it| close(it, Standing::Decided(*decision), line(EntryKind::Decided, *at)))
        }
        CaseEvent::Escalated { level, due, at } => with(state, |it| {
            it.level = *level;
            it.due = *due;
            it.history.push(line(EntryKind::Escalated, *at));
        }),
        CaseEvent::Withdrawn { at } => {
            if is_new(&state) {
                return CaseState::Barred;
            }
            with(state, |it| close(it, Standing::Withdrawn, line(EntryKind::Withdrawn, *at)))
        }
    }
}

fn review(customer: CustomerId, reason: CaseReason, risk: u8, evidence: &[Evidence], [due, at]: [Moment; 2]) -> Review {
    Review {
        customer,
        application: None,
        freeze: None,
        reason,
        risk,
        evidence: evidence.to_vec(),
        approvals: 1,
        opened_at: at,
        due,
        level: 0,
        standing: Standing::Open,
        closed_at: None,
        assignee: None,
        volunteers: Default::default(),
        opinions: Vec::new(),
        history: vec![line(EntryKind::Opened, at)],
    }
}

fn with(mut state: CaseState, assign: impl FnOnce(&mut Review)) -> CaseState {
    if let CaseState::Opened(review) = &mut state {
        assign(review);
    }
    state
}

fn close(review: &mut Review, standing: Standing, entry: Entry) {
    review.standing = standing;
    review.closed_at = Some(entry.at);
    review.history.push(entry);
}

const fn line(kind: EntryKind, at: Moment) -> Entry {
    Entry { kind, at, by: None, to: None, id: None, text: None }
}

fn written(kind: EntryKind, id: TextId, by: StaffId, text: &VaultRef, at: Moment) -> Entry {
    Entry { by: Some(by), id: Some(id), text: Some(text.clone()), ..line(kind, at) }
}
