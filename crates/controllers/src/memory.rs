//! What controllers remember between reconciliations that no object says.

use ecow::EcoString;
use imbl::OrdMap;
use podyard_api::User;
use podyard_apiserver::events::{Recorder, Style};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::job::Backoff;
use crate::serving::Triggers;

/// The memory of all controllers: plain data.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// What each component has reported.
    recorders: OrdMap<EcoString, Recorder>,
    /// By component, namespace and name of a service.
    triggers: OrdMap<(EcoString, EcoString, EcoString), Triggers>,
    /// Failures by namespace and name of a job.
    pub(crate) backoffs: OrdMap<(EcoString, EcoString), Backoff>,
    /// When a pod is to go from a tainted node, by its namespace and name.
    pub(crate) evictions: OrdMap<(EcoString, EcoString), Time>,
    /// When the pods of a node that is gone are to go.
    pub(crate) gone_nodes: OrdMap<EcoString, Time>,
}

impl Memory {
    /// The recorder of a component that writes as `user`.
    pub(crate) fn recorder(&mut self, component: &str, user: &User) -> &mut Recorder {
        let new = || Recorder::new(component, "", user.clone(), Style::Core);
        self.recorders.entry(component.into()).or_insert_with(new)
    }

    /// What a component last knew of a service's pods.
    pub(crate) fn triggers(&mut self, component: &str, namespace: &str, service: &str) -> &mut Triggers {
        self.triggers.entry((component.into(), namespace.into(), service.into())).or_default()
    }

    pub(crate) fn forget_triggers(&mut self, component: &str, namespace: &str, service: &str) {
        self.triggers.remove(&(component.into(), namespace.into(), service.into()));
    }
}
