//! Writes calls down, and strikes at one of them.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use granary::runner::{Call, Fate, Faults};

use crate::story::Scene;

/// One call of one function in one scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub scene: Scene,
    pub function: String,
    /// Which call of this function in this scene it is, from 0.
    pub nth: u32,
    /// What is called.
    pub what: String,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<9} {:<28} call {:>3}  {}", self.scene.name(), self.function, self.nth, self.what)
    }
}

/// Where the process dies, and what becomes of the call.
#[derive(Debug, Clone)]
pub(super) struct Strike {
    pub point: Point,
    pub fate: Fate,
}

/// Who decides in one play.
#[derive(Debug)]
pub(super) struct Watch {
    scene: Scene,
    strike: Option<Strike>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    is_up: bool,
    counts: HashMap<String, u32>,
    points: Vec<Point>,
    struck: Struck,
}

/// Whether the strike was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Struck {
    /// Not yet.
    #[default]
    No,
    /// Where it was meant to.
    Yes,
    /// The call at that place was another one.
    Elsewhere(String),
}

impl Watch {
    pub fn new(scene: Scene, strike: Option<Strike>) -> Self {
        Self { scene, strike, state: Mutex::default() }
    }

    /// From here on calls are counted.
    pub fn curtain(&self) {
        self.state().is_up = true;
    }

    pub fn points(&self) -> Vec<Point> {
        self.state().points.clone()
    }

    pub fn struck(&self) -> Struck {
        self.state().struck.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults for Watch {
    fn call(&self, call: &Call) -> Fate {
        let mut state = self.state();
        if !state.is_up {
            return Fate::Pass;
        }
        let count = state.counts.entry(call.function.clone()).or_default();
        let nth = *count;
        *count += 1;
        let what = format!("{} {} {}", call.service, call.operation, call.target);
        let point = Point { scene: self.scene, function: call.function.clone(), nth, what: what.trim_end().to_owned() };
        let Some(strike) = &self.strike else {
            state.points.push(point);
            return Fate::Pass;
        };
        if (&strike.point.function, strike.point.nth) != (&point.function, point.nth) {
            return Fate::Pass;
        }
        if strike.point != point {
            state.struck = Struck::Elsewhere(point.what);
            return Fate::Pass;
        }
        state.struck = Struck::Yes;
        strike.fate
    }
}
