//! What is played: the scenes of the story, and the mishaps that it leaves out.

use std::{
    collections::BTreeSet,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use granary::{
    iam::Part,
    runner::{Delivery, Faults},
    template::Plan,
};

use super::mishaps;
use crate::{Failed, story::Scene, world::Bank};

/// What is done with a bank.
pub type Play = Box<dyn Fn(&Bank) -> Pin<Box<dyn Future<Output = Result<(), Failed>> + '_>> + Send + Sync>;

/// Every second commit comes to its projector ten minutes late, behind some that were made after it.
#[derive(Debug, Default)]
struct Shuffled(AtomicU32);

impl Faults for Shuffled {
    fn delivery(&self, queue: &str, receives: u32) -> Delivery {
        let is_second = || self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        if queue.starts_with("granary-project-") && receives == 1 && is_second() {
            Delivery::Later(600_000)
        } else {
            Delivery::Now
        }
    }
}

/// The first commits of a customer, an application, a case, an operation and a position come to their projectors hours late.
#[derive(Debug, Default)]
pub struct FirstLate(Mutex<BTreeSet<String>>);

impl Faults for FirstLate {
    fn delivery(&self, queue: &str, receives: u32) -> Delivery {
        const QUEUES: [&str; 5] = [
            "granary-project-customers",
            "granary-project-applications",
            "granary-project-cases",
            "granary-project-operations",
            "granary-project-savings",
        ];
        let is_first = || self.0.lock().unwrap().insert(queue.to_owned());
        if QUEUES.contains(&queue) && receives == 1 && is_first() {
            Delivery::Later(6 * 3600 * 1000)
        } else {
            Delivery::Now
        }
    }
}

/// What opens somebody's accounts comes to its projector hours late.
#[derive(Debug, Default)]
pub struct OpeningLate(Mutex<u32>);

impl Faults for OpeningLate {
    fn delivery(&self, queue: &str, receives: u32) -> Delivery {
        // Five accounts, two references and the holder.
        const OPENING: u32 = 8;
        let mut seen = self.0.lock().unwrap();
        if queue != "granary-project-accounts" || receives > 1 || *seen >= OPENING {
            return Delivery::Now;
        }
        *seen += 1;
        Delivery::Later(6 * 3600 * 1000)
    }
}

/// Something to do with a fresh bank.
pub struct Journey {
    /// What it is called.
    pub name: String,
    /// What the bank is without from the beginning: some permissions are only for when others fail.
    pub broken: Vec<Part>,
    /// What befalls it besides.
    pub faults: fn() -> Option<Arc<dyn Faults>>,
    /// What is done.
    pub play: Play,
}

impl Journey {
    /// All of them.
    pub fn all(plan: &Plan) -> Vec<Self> {
        let scenes = Scene::ALL.map(|scene| Self::of(scene, scene.name(), || None));
        let shuffled = [Scene::Pounds, Scene::Crypto, Scene::Savings].map(|scene| {
            Self::of(scene, &format!("{}, shuffled", scene.name()), || Some(Arc::new(Shuffled::default())))
        });
        scenes.into_iter().chain(shuffled).chain(mishaps::all(plan)).collect()
    }

    fn of(scene: Scene, name: &str, faults: fn() -> Option<Arc<dyn Faults>>) -> Self {
        let play: Play = Box::new(move |bank| Box::pin(async move { scene.play(bank, &|| ()).await.map(|_| ()) }));
        Self { name: name.to_owned(), broken: Vec::new(), faults, play }
    }
}
