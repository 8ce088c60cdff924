//! What the services' tests share: an AWS in memory, real SDK clients, a clock that stands still.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use aws_types::SdkConfig;

use super::{AllowAll, Authorizer, Aws, Denied, Facts, NoOutbound, connector, sdk_config};
use crate::engine::{Engine, clock::ManualClock};

/// 2026-01-05T10:00:00Z.
pub(crate) const MONDAY_MS: i64 = 1_767_607_200_000;

pub(crate) struct World {
    pub aws: Arc<Aws>,
    pub clock: Arc<ManualClock>,
    pub config: SdkConfig,
}

impl World {
    pub fn new() -> Self {
        Self::with(None, Arc::new(AllowAll))
    }

    pub fn guarded(rules: Rules) -> Self {
        Self::with(None, Arc::new(rules))
    }

    pub fn in_folder(dir: &Path) -> Self {
        Self::with(Some(dir), Arc::new(AllowAll))
    }

    fn with(dir: Option<&Path>, authorizer: Arc<dyn Authorizer>) -> Self {
        let clock = Arc::new(ManualClock::new(MONDAY_MS));
        let engine = Engine::open(dir, clock.clone()).unwrap();
        let aws = Aws::new(engine, authorizer);
        let config = sdk_config("Tester", connector(Arc::clone(&aws), Arc::new(NoOutbound)), clock.clone());
        Self { aws, clock, config }
    }

    pub fn seconds_pass(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1_000);
    }
}

/// Allows everything but what it lists, as "action resource".
#[derive(Default)]
pub(crate) struct Rules {
    pub denied: BTreeSet<String>,
    pub denied_services: BTreeSet<String>,
}

impl Rules {
    pub fn deny(action: &str, resource: &str) -> Self {
        Self { denied: BTreeSet::from([format!("{action} {resource}")]), ..Self::default() }
    }

    pub fn deny_service(service: &str, resource: &str) -> Self {
        Self { denied_services: BTreeSet::from([format!("{service} {resource}")]), ..Self::default() }
    }
}

impl Authorizer for Rules {
    fn allow_given(&self, principal: &str, action: &str, resource: &str, _facts: Facts<'_>) -> Result<(), Denied> {
        if self.denied.contains(&format!("{action} {resource}")) {
            return Err(Denied::new(principal, action, resource, "because no identity-based policy allows it"));
        }
        Ok(())
    }

    fn allow_service(&self, service: &str, action: &str, resource: &str, _source_arn: &str) -> Result<(), Denied> {
        if self.denied_services.contains(&format!("{service} {resource}")) {
            return Err(Denied::new(service, action, resource, "because no resource-based policy allows it"));
        }
        Ok(())
    }
}
