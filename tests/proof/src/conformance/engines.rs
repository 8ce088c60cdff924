//! The engines, each with the template in it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures::{StreamExt as _, future::join_all, stream};
use granary::{
    engine::clock::{Clock, ManualClock},
    runner::Stack,
    template::{self, Plan, Pseudo},
};
use time::{OffsetDateTime, macros::format_description};

use super::{
    Args, Asked, Engine, ask,
    cases::Case,
    finding::Finding,
    target::{Ask, Target},
};
use crate::{
    Failed,
    emulate::stack::{Stack as Emulator, Wanted, root},
};

/// 2026-01-05T10:00:00Z, a Monday.
const MONDAY_MS: i64 = 1_767_607_200_000;
/// How long after the deployment the schedule is due that is due once.
const ONCE_AFTER: Duration = Duration::from_secs(75);
/// The local engine is asked so many questions at a time.
const AT_A_TIME: usize = 4;

/// Asks every question.
pub async fn ask_all(args: &Args, cases: Vec<Case>) -> Result<Vec<Asked>, Failed> {
    match args.engine {
        Engine::Local => local(args, cases).await,
        Engine::Emulator => emulator(args, cases).await,
        Engine::Aws => {
            let mut config = aws_config::defaults(aws_config::BehaviorVersion::latest());
            if let Some(profile) = &args.profile {
                config = config.profile_name(profile);
            }
            if let Some(endpoint) = &args.endpoint {
                config = config.endpoint_url(endpoint);
            }
            let config = config.load().await;
            let target = Target::new(Engine::Aws, &config, None).await.map_err(not_there)?;
            Ok(by_lanes(args, cases, Arc::new(target)).await)
        }
    }
}

/// Every question to an engine of its own, so that none moves the time of another.
async fn local(args: &Args, cases: Vec<Case>) -> Result<Vec<Asked>, Failed> {
    let plan = Arc::new(plan()?);
    let asked = stream::iter(cases)
        .map(|case| {
            let plan = Arc::clone(&plan);
            async move {
                let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(MONDAY_MS));
                let stack = Stack::open(&plan, &[conformance_probe::FUNCTION], clock).await;
                let stack = stack.map_err(|error| not_there(error.into()))?;
                let config = stack.sdk_config(granary::services::OPERATOR);
                let target = Target::new(Engine::Local, &config, Some(stack)).await.map_err(not_there)?;
                Ok(ask(&case, args, Ask::new(Arc::new(target))).await)
            }
        })
        .buffered(AT_A_TIME);
    asked.collect::<Vec<_>>().await.into_iter().collect()
}

fn plan() -> Result<Plan, Failed> {
    let folder = root().join("tests/conformance");
    let read = |path: &std::path::Path| {
        std::fs::read_to_string(path).map_err(|error| Failed::new(format!("{}: {error}", path.display())))
    };
    let mut definitions = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| Failed::new(format!("{}: {error}", folder.display())))? {
        let path = entry.map_err(|error| Failed::new(error.to_string()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.ends_with(".asl.json") {
            definitions.insert(name, read(&path)?);
        }
    }
    let monday = SystemTime::UNIX_EPOCH + Duration::from_millis(MONDAY_MS.unsigned_abs());
    let parameters = BTreeMap::from([("Once".to_owned(), moment(monday + ONCE_AFTER))]);
    let pseudo = Pseudo { stack_name: "conformance".to_owned(), ..Pseudo::default() };
    let text = read(&folder.join("template.yaml"))?;
    template::load(&text, &definitions, &parameters, &pseudo)
        .map_err(|error| Failed::new(format!("the local engine refuses the template:\n{error}")))
}

async fn emulator(args: &Args, cases: Vec<Case>) -> Result<Vec<Asked>, Failed> {
    let parameters = BTreeMap::from([("Once".to_owned(), moment(SystemTime::now() + ONCE_AFTER))]);
    let wanted = Wanted {
        template: Some(root().join("tests/conformance/template.yaml")),
        run: Some(root().join("target/conformance-run")),
        parameters,
        plain: true,
        ..Wanted::default()
    };
    let emulator = Emulator::up(&wanted).await?;
    let target = Target::new(Engine::Emulator, &emulator.sdk_config(), None).await.map_err(not_there)?;
    let asked = by_lanes(args, cases, Arc::new(target)).await;
    emulator.down().await?;
    Ok(asked)
}

/// Cases of one lane share their queues, so they are asked one after another; lanes are not, so they are asked at once.
async fn by_lanes(args: &Args, cases: Vec<Case>, target: Arc<Target>) -> Vec<Asked> {
    let mut lanes: BTreeMap<&'static str, Vec<(usize, Case)>> = BTreeMap::new();
    for (number, case) in cases.into_iter().enumerate() {
        lanes.entry(case.lane).or_default().push((number, case));
    }
    let lanes = lanes.into_values().map(|lane| {
        let target = Arc::clone(&target);
        async move {
            let mut asked = Vec::new();
            for (number, case) in lane {
                asked.push((number, ask(&case, args, Ask::new(Arc::clone(&target))).await));
            }
            asked
        }
    });
    let mut asked: Vec<_> = join_all(lanes).await.into_iter().flatten().collect();
    asked.sort_by_key(|(number, _)| *number);
    asked.into_iter().map(|(_, asked)| asked).collect()
}

/// A moment as schedules write it.
fn moment(at: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    OffsetDateTime::from(at).format(format).unwrap_or_default()
}

fn not_there(Finding(found): Finding) -> Failed {
    Failed::new(format!("the template is not there: {found}"))
}
