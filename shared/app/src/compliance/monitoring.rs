//! Screening that goes on: customers are looked for again every day, and whenever the lists have changed.

use contracts::jobs::{RescreenCustomer, Round as Told, StartRescreening};
use domain::{
    compliance::{
        case::{Case, CaseCommand, Evidence, decide as decide_case},
        screening::{
            Check, Hit, Match, Round, Screening, ScreeningCommand, ScreeningEvent, UNSCORED, decide, freeze_for,
            risk_of,
        },
        watch::{ListWatch, ListWatchEvent},
    },
    ids::{ApplicationId, CaseId, CustomerId, IdError, ScreenedId, StreamId},
    moment::Moment,
};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use money::BusinessDate;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{ComplianceError, Screenings};
use crate::{
    commit::Cause,
    ports::{Jobs, MonitoredIndex, PortError, ScreeningProvider, WatchlistMonitors},
    streams::Streams,
};

/// How many customers one call sends off to be looked for.
const CUSTOMERS_PAGE: u16 = 100;
/// How many of them at the same time.
const SENDS_AT_ONCE: usize = 10;
/// How often it is asked how the lists stand: whoever asks that much too late was overtaken.
const OVERTAKEN_AFTER: time::Duration = time::Duration::hours(4);

/// The stream of the rounds over the provider's lists.
const WATCH: &str = "watch#opensanctions";

/// Begins to look for somebody ever after, whose application was approved.
///
/// # Errors
/// See [`ComplianceError`]: somebody who was never screened is a bug. Asking again is safe.
pub async fn begin_monitoring(
    streams: &Streams,
    customer: CustomerId,
    application: ApplicationId,
    cause: &Cause,
) -> Result<(), ComplianceError> {
    ask(streams, customer, &ScreeningCommand::BeginMonitoring { application }, cause).await
}

/// Looks for somebody no more, who is to be forgotten. An approval that is heard of later begins nothing.
///
/// # Errors
/// See [`ComplianceError`]. Asking again is safe.
pub async fn end_monitoring(streams: &Streams, customer: CustomerId, cause: &Cause) -> Result<(), ComplianceError> {
    ask(streams, customer, &ScreeningCommand::EndMonitoring, cause).await
}

async fn ask(
    streams: &Streams,
    customer: CustomerId,
    command: &ScreeningCommand,
    cause: &Cause,
) -> Result<(), ComplianceError> {
    let (stream, at) = (StreamId::from(ScreenedId(customer)), Moment::of(streams.now()));
    let decided = |state: &_| Ok(decide(state, command, at)?);
    streams.dispatch::<Screening, ComplianceError>(&stream, cause, decided).await?;
    Ok(())
}

impl Screenings {
    /// Looks for a customer again, unless that was done in this round; answers the case, if there is something to decide. What is
    /// recorded and the case are one commit each of one transaction: neither is ever there without the other.
    ///
    /// # Errors
    /// See [`ComplianceError`]. Asking again is safe.
    pub async fn rescreen(&self, job: &RescreenCustomer, cause: &Cause) -> Result<Option<CaseId>, ComplianceError> {
        let (customer, round) = (CustomerId::new(job.customer), round_of(&job.round)?);
        let before = self.streams.load::<Screening>(StreamId::from(ScreenedId(customer))).await?;
        let Some(monitoring) = &before.state.monitoring else { return Ok(None) };
        if monitoring.round.as_ref().is_some_and(|last| round.is_over(last)) {
            return Ok(None);
        }
        let why = format!("the screening provider is asked again on {}", round.day);
        let person = self.read(customer, monitoring.content.as_str(), why).await?;
        let mut found = Vec::new();
        for check in Check::ALL {
            found.push((check, self.provider.look_up(check, &person).await?));
        }
        record_found(&self.streams, customer, Some(round), found, cause).await
    }
}

/// Records who was found and, if there is somebody to decide about, opens the case that freezes what policy says.
///
/// # Errors
/// See [`ComplianceError`]. Telling it again is safe: whoever is known is no news.
pub async fn record_found(
    streams: &Streams,
    customer: CustomerId,
    round: Option<Round>,
    found: Vec<(Check, Vec<Match>)>,
    cause: &Cause,
) -> Result<Option<CaseId>, ComplianceError> {
    let command = ScreeningCommand::Rescreen { customer, round, found };
    streams
        .retrying(|| async {
            let loaded = streams.load::<Screening>(StreamId::from(ScreenedId(customer))).await?;
            let mut unit = streams.unit(cause);
            let at = Moment::of(unit.at());
            let events = decide(&loaded.state, &command, at)?;
            let mut opened = None;
            for event in &events {
                let Some((id, hits)) = case_of(event) else { continue };
                let case = streams.load::<Case>(StreamId::from(id)).await?;
                let (risk, freeze) = (risk_of(hits), freeze_for(hits));
                let evidence = hits.iter().map(evidence_of).collect();
                let command = CaseCommand::OpenMonitoring { customer, risk, evidence, freeze };
                let opening = decide_case(&case.state, &command, at)?;
                unit.commit(case, opening)?;
                opened = Some(id);
            }
            unit.commit(loaded, events)?;
            streams.append(unit).await?;
            Ok(opened)
        })
        .await
}

/// Looks at what the identity provider's monitor of somebody has found.
///
/// # Errors
/// See [`ComplianceError`]. Looking again is safe: whoever is known is no news.
pub async fn review_monitor(
    streams: &Streams,
    monitors: &dyn WatchlistMonitors,
    monitor: Uuid,
    cause: &Cause,
) -> Result<Option<CaseId>, ComplianceError> {
    let news = monitors.monitor(monitor).await?;
    let alike = |id: &String| {
        let entity = format!("onfido:{id}").parse()?;
        Ok::<_, ComplianceError>(Match { entity, score: UNSCORED, lists: Vec::new() })
    };
    let matches = news.matches.iter().map(alike).collect::<Result<_, _>>()?;
    // It does not say which kind of list: the gravest, until a person has looked.
    record_found(streams, news.customer, None, vec![(Check::Sanctions, matches)], cause).await
}

fn case_of(event: &ScreeningEvent) -> Option<(CaseId, &[Hit])> {
    match event {
        ScreeningEvent::Rescreened { case, hits, .. } => Some(((*case)?, hits)),
        ScreeningEvent::CheckCompleted { .. }
        | ScreeningEvent::RiskAssessed { .. }
        | ScreeningEvent::SubjectNoted { .. }
        | ScreeningEvent::MonitoringBegan { .. }
        | ScreeningEvent::MonitoringEnded { .. } => None,
    }
}

fn evidence_of(hit: &Hit) -> Evidence {
    Evidence { check: hit.check, entity: hit.entity.clone(), score: hit.score }
}

/// Where rounds are begun, and where their jobs go.
pub struct Rounds<'a> {
    /// The context's streams.
    pub streams: &'a Streams,
    /// Who knows how the lists stand.
    pub provider: &'a dyn ScreeningProvider,
    /// Who is looked for.
    pub index: &'a dyn MonitoredIndex,
    /// Where somebody is looked for.
    pub rescreen: &'a dyn Jobs,
    /// Where this goes on with the next page.
    pub next_page: &'a dyn Jobs,
}

impl Rounds<'_> {
    /// Begins a round, if this day has had none or the lists have changed since, or goes on with one. The first page is sent off
    /// before the round is recorded: dying in between sends it off once more, and whoever is looked for twice is so once.
    ///
    /// # Errors
    /// See [`ComplianceError`]. Asking again is safe.
    pub async fn start(
        &self,
        job: &StartRescreening,
        due: OffsetDateTime,
        cause: &Cause,
    ) -> Result<usize, ComplianceError> {
        let Some(told) = &job.round else {
            if self.streams.now() - due > OVERTAKEN_AFTER {
                return Ok(0); // The next one has asked how the lists stand since, or is about to.
            }
            let round = Round { day: BusinessDate::of(due), index: self.provider.index_version().await? };
            self.begin(job, round, cause).await?;
            return Ok(0);
        };
        round_of(told)?;
        let (customers, after) = self.index.page(job.after.clone(), CUSTOMERS_PAGE).await?;
        let sent = customers.len();
        let sends = customers.into_iter().map(|customer| async move {
            let job = RescreenCustomer { customer: customer.0, round: told.clone() };
            self.rescreen.send(written(&job)?, &customer.to_string()).await
        });
        futures::stream::iter(sends).buffer_unordered(SENDS_AT_ONCE).try_collect::<()>().await?;
        if let Some(after) = after {
            let next = StartRescreening { after: Some(after), ..job.clone() };
            self.next_page.send(written(&next)?, "rescreening").await?;
        }
        Ok(sent)
    }

    async fn begin(&self, job: &StartRescreening, round: Round, cause: &Cause) -> Result<(), ComplianceError> {
        let stream: StreamId = WATCH.parse()?;
        let watch = self.streams.load::<ListWatch>(stream.clone()).await?;
        if !watch.state.is_due(&round) {
            return Ok(());
        }
        let told = Told { day: round.day.to_string(), index: round.index.to_string() };
        let first = StartRescreening { round: Some(told), after: None, ..job.clone() };
        self.next_page.send(written(&first)?, "rescreening").await?;
        let at = Moment::of(self.streams.now());
        let started = |round: &Round| ListWatchEvent::RoundStarted { round: round.clone(), at };
        let decided = |state: &domain::compliance::watch::ListWatchState| {
            Ok(state.is_due(&round).then(|| started(&round)).into_iter().collect())
        };
        self.streams.dispatch::<ListWatch, ComplianceError>(&stream, cause, decided).await?;
        Ok(())
    }
}

fn round_of(told: &Told) -> Result<Round, ComplianceError> {
    let day = told.day.parse().map_err(|_| ComplianceError::RoundMalformed)?;
    let index = told.index.parse().map_err(|_: IdError| ComplianceError::RoundMalformed)?;
    Ok(Round { day, index })
}

fn written<T: serde::Serialize>(job: &T) -> Result<String, PortError> {
    serde_json::to_string(job).map_err(|_| PortError::Corrupt { attempted: "write a job" })
}

#[cfg(test)]
#[path = "monitoring_tests.rs"]
mod tests;
