//! Cluster and scenario progress as views: the façade that front ends use.
//!
//! A front end hands in [`ToEngine`] messages and shows the [`ToPage`] messages it gets. Nothing in here waits:
//! virtual time moves in [`Lab::turn`], as long as its caller lets it.

mod checking;
mod map;
mod probe;
pub mod recording;
mod session;
mod state;
mod why;

use podyard_view::{Envelope, ModelledItem, ModelledPart, PROTOCOL, ToEngine, ToPage};

pub use podyard_cluster::{Cluster, Output, PRESETS, presets};
pub use podyard_scenario::{Scenario, prove};
pub use podyard_view as view;
pub use probe::{ClusterProbe, start};
use session::Session;

/// A lab: nothing open yet, or a session of a scenario.
#[derive(Default)]
pub struct Lab {
    session: Option<Session>,
    cancelled: Vec<u64>,
}

impl Lab {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a message; answers what it brings about at once.
    pub fn handle(&mut self, envelope: Envelope<ToEngine>) -> Vec<Envelope<ToPage>> {
        let Envelope { protocol, id, body } = envelope;
        if protocol != PROTOCOL {
            let message = format!("the page speaks version {protocol} of the messages, the engine {PROTOCOL}: reload");
            return answer(id, vec![ToPage::Failed { message }]);
        }
        if let Some(index) = self.cancelled.iter().position(|cancelled| *cancelled == id) {
            self.cancelled.remove(index);
            return Vec::new();
        }
        match body {
            ToEngine::Modelled => answer(id, vec![modelled()]),
            ToEngine::Open { scenario, seed, saved } => match Session::open(&scenario, seed, saved) {
                Ok((session, messages)) => {
                    self.session = Some(session);
                    answer(id, messages)
                }
                Err(message) => answer(id, vec![ToPage::Failed { message }]),
            },
            ToEngine::Cancel { question } => {
                // Questions are answered in order, so only one that is still to come can be cancelled.
                self.cancelled.push(question);
                let excess = self.cancelled.len().saturating_sub(64);
                self.cancelled.drain(..excess);
                Vec::new()
            }
            other => match &mut self.session {
                Some(session) => answer(id, session.handle(other)),
                None => answer(id, vec![ToPage::Failed { message: "no lab is open".into() }]),
            },
        }
    }

    /// Does what is due in virtual time, until it is done or `may_go_on` says stop; answers what has changed.
    pub fn turn(&mut self, may_go_on: &mut dyn FnMut() -> bool) -> Vec<Envelope<ToPage>> {
        self.session.as_mut().map(|session| answer(0, session.turn(may_go_on))).unwrap_or_default()
    }

    /// Whether a turn would find something to do.
    pub fn is_busy(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_busy)
    }
}

/// What the engine models, from its registries.
fn modelled() -> ToPage {
    let parts = podyard_cluster::modelled().into_iter().map(|part| ModelledPart {
        id: part.id.to_string(),
        present: part.present.into_iter().map(|(name, about)| ModelledItem { name, about }).collect(),
        absent: part.absent,
    });
    ToPage::Modelled { parts: parts.collect() }
}

fn answer(id: u64, messages: Vec<ToPage>) -> Vec<Envelope<ToPage>> {
    messages.into_iter().map(|message| Envelope::new(id, message)).collect()
}
