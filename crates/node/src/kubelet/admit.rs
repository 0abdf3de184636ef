//! Whether a pod may run here at all, and how long.
// Models pkg/kubelet/lifecycle/predicate.go and pkg/kubelet/active_deadline.go

use std::time::Duration;

use ecow::{EcoString, eco_format};
use podyard_api::kinds::{Node, Pod};
use podyard_api::{Quantity, Value};
use podyard_apiserver::ResourceKey;
use podyard_kernel::Program;

use super::{Context, Event, Kubelet};

const DEADLINE: &str = "Pod was active on the node longer than the specified deadline";

impl Kubelet {
    /// Takes a new pod on; `false` if it is refused, which is said.
    pub(super) fn admit<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, object: &Value) -> bool {
        let now = context.now;
        self.pod_mut(uid).started = Some(now);
        if let Some((reason, message)) = self.refusal(context, uid, object) {
            self.event(context, object, None, ("Warning", &reason), &message);
            self.pod_mut(uid).failed = Some((reason, eco_format!("Pod was rejected: {message}")));
            self.write_status(context, uid);
            return false;
        }
        if let Some(seconds) = Pod(object).spec().active_deadline_seconds() {
            let limit = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            context.after(limit, Event::Sync { uid: uid.clone() });
        }
        if super::volumes::needs_refresh(object) {
            context.after(super::volumes::REFRESH, Event::Refresh { uid: uid.clone() });
        }
        true
    }

    /// Why a pod cannot run here: reason and message.
    fn refusal<P: Program>(
        &self,
        context: &Context<'_, P>,
        uid: &EcoString,
        object: &Value,
    ) -> Option<(EcoString, EcoString)> {
        let node = context.api.get(ResourceKey::NODES, "", &self.name)?;
        let selector = Pod(object).spec().node_selector();
        let labels = node.meta().labels();
        let matches =
            selector.iter().all(|(key, value)| labels.iter().any(|(known, label)| known == key && label == value));
        if !matches {
            let message = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
            return Some(("NodeAffinity".into(), message.into()));
        }
        let allocatable = Node(node).status().value().get("allocatable");
        for resource in ["cpu", "memory"] {
            let capacity = amount(allocatable.get(resource), resource);
            let wanted = requested(object, resource);
            if wanted == 0 || capacity == 0 {
                continue;
            }
            let others = self.pods.iter().filter(|(other, state)| {
                *other != uid && state.started.is_some() && state.failed.is_none() && !Pod(&state.object).is_terminal()
            });
            let used: i64 = others.map(|(_, state)| requested(&state.object, resource)).sum();
            if used + wanted > capacity {
                let message = eco_format!(
                    "Node didn't have enough resource: {resource}, requested: {wanted}, used: {used}, capacity: {capacity}"
                );
                return Some((eco_format!("OutOf{resource}"), message));
            }
        }
        None
    }

    /// Whether a pod has been active for longer than it may; then it is ended.
    pub(super) fn deadline_is_over<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) -> bool {
        let Some(state) = self.pods.get(uid) else { return false };
        let (Some(seconds), Some(started)) = (state.spec().active_deadline_seconds(), state.started) else {
            return false;
        };
        if context.now.since(started) < Duration::from_secs(u64::try_from(seconds).unwrap_or(0)) {
            return false;
        }
        let object = state.object.clone();
        self.event(context, &object, None, ("Normal", "DeadlineExceeded"), DEADLINE);
        let grace = state_grace(&object);
        self.pod_mut(uid).failed = Some(("DeadlineExceeded".into(), DEADLINE.into()));
        self.stop_all(context, uid, grace);
        self.write_status(context, uid);
        true
    }
}

fn state_grace(pod: &Value) -> i64 {
    Pod(pod).spec().termination_grace_period_seconds()
}

/// What a pod's containers ask for of a resource: thousandths of a CPU, or bytes.
fn requested(pod: &Value, resource: &str) -> i64 {
    let spec = Pod(pod).spec();
    let of = |container: podyard_api::kinds::Container<'_>| amount(container.resources().request(resource), resource);
    let sidecars: i64 = spec.init_containers().filter(|c| c.is_sidecar()).map(of).sum();
    let mains: i64 = spec.containers().map(of).sum();
    let init = spec.init_containers().filter(|c| !c.is_sidecar()).map(of).max().unwrap_or(0);
    (mains + sidecars).max(init)
}

fn amount(quantity: &Value, resource: &str) -> i64 {
    if quantity.is_null() {
        return 0;
    }
    let quantity = Quantity::of(quantity);
    if resource == "cpu" { quantity.milli_value() } else { quantity.value() }
}
