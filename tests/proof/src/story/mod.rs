//! One journey through the whole bank, told the same way every time: everything that customers, providers and strangers do, and what
//! the bank is like afterwards.
//!
//! Whoever takes part behaves as in life. A customer's app sends the same request with the same ids again when it got no good
//! answer; a provider sends its webhook again by its own schedule. Nothing else heals anything, so a story that ends as it always does
//! although something befell the bank shows that the bank healed itself. Time passes in equal parts however it went, so the days on
//! which things happen are the same in each telling.

mod client;
mod compliance;
mod customers;
mod erasure;
mod flat;
mod money;
mod monitoring;
mod noise;
mod picture;
mod roles;

use std::time::Duration;

pub use picture::Picture;

use crate::{Failed, world::Bank};
use client::{Customer, TRIES_MAX};
use roles::Roles;

/// Longer than any one redelivery takes: the longest is the bank partner's, a quarter of an hour.
const WHILE: Duration = Duration::from_secs(30 * 60);

/// A part of the journey that stands by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scene {
    /// Sign-up, application, approval, accounts and addresses.
    Welcome,
    /// Pounds for an account, pounds for nobody, and webhooks that are none.
    Pounds,
    /// Crypto that is announced and settles, that fails, that is too little, that is nobody's.
    Crypto,
    /// Saving, taking, and a weekly payout, reinvested and to the account.
    Savings,
    /// An applicant who is looked at and then declined.
    Declined,
    /// A result that is only learnt by asking, and one of a run that nobody knows.
    Unheard,
    /// An applicant who never proves who they are.
    Expired,
    /// An identity provider that is away for longer than a message is tried, so that the workflow has to ask again.
    Outage,
    /// An applicant whom a list may know, two people who decide, and a question.
    Judged,
    /// A customer whom a list knows since, who is frozen until people have decided, and again when the identity provider finds somebody.
    Monitored,
    /// A case that nobody decides in time, and then somebody says no.
    Overdue,
    /// Somebody who signs up and never comes back.
    Forgotten,
    /// A customer of whom the bank is to know nothing any more.
    Erased,
    /// A message that is none, for every queue that feeds a function.
    Noise,
}

impl Scene {
    /// All of them, in the order in which they are told on one bank.
    pub const ALL: [Self; 14] = [
        Self::Welcome,
        Self::Pounds,
        Self::Crypto,
        Self::Savings,
        Self::Declined,
        Self::Unheard,
        Self::Expired,
        Self::Outage,
        Self::Judged,
        Self::Monitored,
        Self::Overdue,
        Self::Forgotten,
        Self::Erased,
        Self::Noise,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Pounds => "pounds",
            Self::Crypto => "crypto",
            Self::Savings => "savings",
            Self::Declined => "declined",
            Self::Unheard => "unheard",
            Self::Expired => "expired",
            Self::Outage => "outage",
            Self::Judged => "judged",
            Self::Monitored => "monitored",
            Self::Overdue => "overdue",
            Self::Forgotten => "forgotten",
            Self::Erased => "erased",
            Self::Noise => "noise",
        }
    }

    /// Plays the scene on a fresh bank, what led to it first. `curtain` is called when that is over: what led to it is another scene's.
    ///
    /// # Errors
    /// When something does not go as the story tells it.
    pub async fn play(self, bank: &Bank, curtain: &(dyn Fn() + Sync)) -> Result<Picture, Failed> {
        let mut story = Story::new(bank);
        story.scene(self, curtain).await?;
        story.end().await
    }
}

/// Tells the whole journey on a fresh bank.
///
/// # Errors
/// When something does not go as the story tells it.
pub async fn play(bank: &Bank) -> Result<Picture, Failed> {
    let mut story = Story::new(bank);
    for scene in Scene::ALL {
        story.scene(scene, &|| ()).await?;
    }
    story.end().await
}

/// A story that is being told.
struct Story<'a> {
    bank: &'a Bank,
    roles: Roles,
    /// What customers saw, with who and when.
    seen: Vec<(String, serde_json::Value)>,
}

impl<'a> Story<'a> {
    fn new(bank: &'a Bank) -> Self {
        Self { bank, roles: Roles::default(), seen: Vec::new() }
    }

    async fn scene(&mut self, scene: Scene, curtain: &(dyn Fn() + Sync)) -> Result<(), Failed> {
        let led = match scene {
            Scene::Welcome => {
                curtain();
                self.welcome("ada").await.map(|_| ())
            }
            Scene::Pounds => {
                let eve = self.welcome("eve").await?;
                curtain();
                self.pounds(&eve).await
            }
            Scene::Crypto => {
                let fay = self.welcome("fay").await?;
                curtain();
                self.crypto(&fay).await
            }
            Scene::Savings => {
                let gus = self.welcome("gus").await?;
                self.fund(&gus).await?;
                curtain();
                self.savings(&gus).await
            }
            Scene::Declined => {
                let bob = self.applied("bob").await?;
                curtain();
                self.declined(&bob).await
            }
            Scene::Unheard => {
                let cleo = self.applied("cleo").await?;
                curtain();
                self.unheard(&cleo).await
            }
            Scene::Expired => {
                let dan = self.applied("dan").await?;
                curtain();
                self.expired(&dan).await
            }
            Scene::Outage => {
                let hal = self.member("hal").await?;
                curtain();
                self.outage(&hal).await
            }
            Scene::Judged => {
                let mut ivy = self.suspected("ivy", "sanction").await?;
                curtain();
                self.judged(&mut ivy).await
            }
            Scene::Monitored => {
                let mut kim = self.unlisted("kim").await?;
                self.learns_where_to_pay_in(&mut kim).await?;
                curtain();
                self.monitored(&kim).await
            }
            Scene::Overdue => {
                let joe = self.suspected("joe", "role.pep").await?;
                curtain();
                self.overdue(&joe).await
            }
            Scene::Forgotten => {
                curtain();
                self.forgotten("lou").await
            }
            Scene::Erased => {
                let mia = self.welcome("mia").await?;
                curtain();
                self.erased(&mia).await
            }
            Scene::Noise => {
                curtain();
                self.noise().await
            }
        };
        led.map_err(|failed| Failed::new(format!("{}: {failed}", scene.name())))
    }

    /// Time passes, and whatever falls due is worked at.
    async fn pass(&self, time: Duration) -> Result<(), Failed> {
        self.bank.local.advance(time).await.map_err(|error| Failed::new(format!("the bank stopped: {error}")))
    }

    async fn end(self) -> Result<Picture, Failed> {
        picture::take(&self).await
    }
}
