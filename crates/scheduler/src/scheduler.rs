//! The scheduler: what it knows, what waits, and one scheduling cycle at a time.
// Models pkg/scheduler/{scheduler,eventhandlers,schedule_one}.go

use std::sync::Arc;

use ecow::EcoString;
use imbl::OrdMap;
use podyard_api::Value;
use podyard_api::kinds::Pod;
use podyard_sim::{Rng, Time};
use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::config::Profile;
use crate::decide::{Decision, Options, Outcome, decide};
use crate::decisions::Decisions;
use crate::effects::{Attempt, Effect, PodRef};
use crate::events::{ADD, Actions, Changed, DELETE, Hint, UPDATE, node_actions, pod_actions};
use crate::plugins::{BeforeBind, Plugin, PluginSet};
use crate::pod_info::{PodInfo, key};
use crate::queue::{Queue, QueuedPod, SortKey};
use crate::status::Status;
use crate::trace::Trace;

/// The resources whose changes [`Scheduler::observe`] wants to hear of.
pub const RESOURCES: [&str; 12] = [
    "csinodes",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "poddisruptionbudgets",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "services",
    "statefulsets",
    "storageclasses",
];

/// A kube-scheduler as plain data. A clone is O(1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scheduler {
    profiles: Arc<Vec<Profile>>,
    cache: Cache,
    queue: Queue,
    /// Pods with a node whose volumes are not ready.
    binding: OrdMap<EcoString, Arc<Binding>>,
    decisions: Decisions,
    /// Where the search for nodes goes on.
    next_start: usize,
    rng: Rng,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Binding {
    pod: QueuedPod,
    node: EcoString,
}

/// What a pod is to the scheduler.
enum Stage {
    /// Gone, finished, or another scheduler's.
    None,
    Waiting,
    Assigned,
}

impl Scheduler {
    /// A scheduler with the default profile.
    pub fn new(seed: u64) -> Self {
        Self::with_profiles(seed, vec![Profile::default()])
    }

    /// A scheduler with the profiles of a configuration.
    pub fn with_profiles(seed: u64, profiles: Vec<Profile>) -> Self {
        Self {
            profiles: Arc::new(profiles),
            cache: Cache::default(),
            queue: Queue::default(),
            binding: OrdMap::new(),
            decisions: Decisions::default(),
            next_start: 0,
            rng: Rng::new(seed, "scheduler"),
        }
    }

    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// The profiles, each for the pods of its scheduler's name.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Takes over a node without asking who might profit: for copies on which something is tried.
    pub(crate) fn set_node(&mut self, node: &Value) {
        self.cache.set_node(node);
    }

    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The last decision for a pod, by its uid, if it was one of the last.
    pub fn decision(&self, uid: &str) -> Option<&Arc<Trace>> {
        self.decisions.get(uid)
    }

    /// The uids of the pods of which there is a decision, the last decided first.
    pub fn decided(&self) -> impl Iterator<Item = &EcoString> {
        self.decisions.keys()
    }

    /// Takes note of a change: of an object that came (no `old`), changed, or went (no `new`).
    pub fn observe(&mut self, now: Time, resource: &str, old: Option<&Value>, new: Option<&Value>) {
        match (resource, new.or(old)) {
            ("pods", Some(pod)) => self.pod_changed(now, &key(pod), old, new),
            ("nodes", Some(node)) => self.node_changed(now, &node.name_text(), old, new),
            (_, Some(object)) if RESOURCES.contains(&resource) => {
                match new {
                    Some(object) => self.cache.set_object(resource, object),
                    None => self.cache.remove_object(resource, object),
                }
                let actions = match (old, new) {
                    (None, _) => ADD,
                    (_, None) => DELETE,
                    _ => UPDATE,
                };
                if let Some(resource) = event_resource(resource) {
                    self.move_waiting(now, resource, actions, old, new);
                }
            }
            _ => {}
        }
    }

    /// The API server did not take a binding, or a step before it: the pod is tried again.
    pub fn binding_failed(&mut self, now: Time, pod: &PodRef) {
        self.binding.remove(&pod.key());
        let Some(info) = self.cache.remove_pod(&pod.key()) else { return };
        let gone = info.object.clone();
        self.move_waiting(now, Changed::AssignedPod, DELETE, Some(&gone), None);
        let pod = QueuedPod::new(info, now);
        let sort = self.sort_key(&pod);
        self.queue.recover(pod, sort, now);
    }

    /// When something is ready or becomes so; a time that is past if it is already.
    pub fn next_wake(&self) -> Option<Time> {
        if self.binding.iter().any(|(_, binding)| self.is_ready(binding)) {
            return Some(Time::default());
        }
        self.queue.next_wake()
    }

    /// One scheduling cycle for the next pod. The requests to be made are in the result; a pod that got a node
    /// counts there at once.
    pub fn schedule_one(&mut self, now: Time) -> Option<Attempt> {
        for key in self.queue.flush(now) {
            self.let_in(now, &key);
        }
        if let Some(attempt) = self.bind_ready() {
            return Some(attempt);
        }
        let mut pod = self.queue.pop()?;
        if pod.info.terminating {
            let mut attempt = Attempt::of(&pod.info);
            let message = ecow::eco_format!("skip schedule deleting pod: {}/{}", pod.info.namespace, pod.info.name);
            attempt.effects.push(attempt.pod.event("Warning", "FailedScheduling", "Scheduling", message));
            self.cache.release(&pod.info);
            return Some(attempt);
        }
        self.cache.prepare(&pod.info);
        let profiles = self.profiles.clone();
        let profile = profiles.iter().find(|profile| serves(profile, &pod.info.object))?;
        let mut options = Options { start: self.next_start, rng: &mut self.rng, explain: false };
        let Decision { outcome, trace, next_start } = decide(&self.cache, profile, &pod.info, &mut options);
        self.next_start = next_start;
        let mut attempt = Attempt::of(&pod.info);
        match outcome {
            Outcome::Place { node, before_bind } => self.assume(pod, node, before_bind, &mut attempt),
            Outcome::Unschedulable { by, nominate, clear_nomination } => {
                let nomination = match &nominate {
                    Some(candidate) => Some(candidate.node.clone()),
                    None => clear_nomination.then(EcoString::new),
                };
                if let Some(candidate) = nominate {
                    attempt.preempt(&pod.info, &candidate, &self.cache);
                    self.cache.nominate(&pod.info, &candidate.node);
                } else if clear_nomination {
                    self.cache.remove_nomination(&pod.info.key);
                }
                attempt.reject(&pod.info, &trace.message, nomination);
                if by.is_empty() {
                    let sort = self.sort_key(&pod);
                    self.queue.recover(pod, sort, now);
                } else {
                    pod.rejected_by = by;
                    self.queue.park(pod, by, now);
                }
            }
        }
        attempt.trace = Arc::new(trace);
        self.decisions.note(attempt.pod.key(), attempt.trace.clone());
        Some(attempt)
    }

    /// How a pod would be placed now; nothing is changed by asking. Nodes are all looked at and scored.
    pub fn explain(&self, pod: &Value) -> Trace {
        let mut cache = self.cache.clone();
        let info = cache.info(pod);
        cache.prepare(&info);
        let fallback = Profile::default();
        let profile = self.profiles.iter().find(|profile| serves(profile, pod)).unwrap_or(&fallback);
        let mut whole = profile.clone();
        whole.percentage_of_nodes_to_score = 100;
        let mut rng = self.rng.clone();
        decide(&cache, &whole, &info, &mut Options { start: 0, rng: &mut rng, explain: true }).trace
    }

    /// Whether a pod may enter the queue; if not, the plugin that keeps it out, and why.
    pub fn pre_enqueue(&self, pod: &Value) -> Result<(), (Plugin, Status)> {
        self.keeps_out(&PodInfo::new(pod)).map_or(Ok(()), Err)
    }

    fn keeps_out(&self, pod: &PodInfo) -> Option<(Plugin, Status)> {
        let profile = self.profiles.iter().find(|profile| serves(profile, &pod.object))?;
        profile.points.pre_enqueue.iter().find_map(|plugin| {
            let check = plugin.spec().pre_enqueue?;
            check(&self.cache, pod).err().map(|status| (*plugin, status))
        })
    }

    /// Counts the pod on its node and asks for it to be bound, or first for what it needs there.
    fn assume(&mut self, pod: QueuedPod, node: EcoString, before: Vec<BeforeBind>, attempt: &mut Attempt) {
        self.cache.remove_nomination(&pod.info.key);
        let info = PodInfo::clone(&pod.info);
        self.cache.assume(info, &node);
        if before.is_empty() {
            attempt.bind(&node);
            return;
        }
        attempt.effects.extend(before.into_iter().map(Effect::BeforeBind));
        self.binding.insert(pod.info.key.clone(), Arc::new(Binding { pod, node }));
    }

    fn is_ready(&self, binding: &Binding) -> bool {
        let profile = self.profiles.iter().find(|profile| serves(profile, &binding.pod.info.object));
        let waits = profile.into_iter().flat_map(|profile| &profile.points.pre_bind);
        waits.filter_map(|plugin| plugin.spec().pre_bind_done).all(|done| done(&self.cache, &binding.pod.info))
    }

    /// Binds a pod whose volumes have become ready.
    fn bind_ready(&mut self) -> Option<Attempt> {
        let key = self.binding.iter().find(|(_, binding)| self.is_ready(binding)).map(|(key, _)| key.clone())?;
        let binding = self.binding.remove(&key)?;
        let mut attempt = Attempt::of(&binding.pod.info);
        attempt.trace = self.decisions.get(&key).cloned().unwrap_or_default();
        attempt.bind(&binding.node);
        Some(attempt)
    }

    fn pod_changed(&mut self, now: Time, key: &EcoString, old: Option<&Value>, new: Option<&Value>) {
        let stage = new.map_or(Stage::None, |pod| self.stage(pod));
        match (stage, new) {
            (Stage::Assigned, Some(pod)) => self.assigned(now, key, old, pod),
            (Stage::Waiting, Some(pod)) => self.waiting(now, key, old, pod),
            _ => self.gone(now, key, old.or(new)),
        }
    }

    fn stage(&self, object: &Value) -> Stage {
        let pod = Pod(object);
        if pod.is_terminal() {
            Stage::None
        } else if !pod.node_name().is_empty() {
            Stage::Assigned
        } else if self.profiles.iter().any(|profile| serves(profile, object)) {
            Stage::Waiting
        } else {
            Stage::None
        }
    }

    fn gone(&mut self, now: Time, key: &EcoString, last: Option<&Value>) {
        self.decisions.forget(key);
        self.binding.remove(key);
        if let Some(queued) = self.queue.remove(key) {
            self.cache.remove_nomination(key);
            self.cache.release(&queued.info);
        }
        if let Some(info) = self.cache.remove_pod(key) {
            self.cache.release(&info);
            let last = last.unwrap_or(&info.object).clone();
            self.move_waiting(now, Changed::AssignedPod, DELETE, Some(&last), None);
        }
    }

    fn assigned(&mut self, now: Time, key: &EcoString, old: Option<&Value>, pod: &Value) {
        if let Some(queued) = self.queue.remove(key) {
            self.cache.remove_nomination(key);
            self.cache.release(&queued.info);
        }
        let node = Pod(pod).node_name();
        let was_assumed = self.cache.is_assumed(key);
        self.cache.confirm(key);
        let known = self.cache.node_of(key).is_some_and(|info| info.name == node);
        if known && self.cache.pod(key).is_some_and(|before| before.still_describes(pod)) {
            self.cache.refresh_pod(key, pod);
            if was_assumed {
                self.move_waiting(now, Changed::AssignedPod, ADD, None, Some(pod));
            }
            return;
        }
        let info = self.cache.info(pod);
        let is = info.requests.requests.clone();
        let before = self.cache.remove_pod(key);
        self.cache.add_pod(info, node);
        if let Some(before) = &before {
            self.cache.release(before);
        }
        match (before, old) {
            (Some(before), Some(old)) if known && !was_assumed => {
                let actions = pod_actions(old, pod, &before.requests.requests, &is);
                self.move_waiting(now, Changed::AssignedPod, actions, Some(old), Some(pod));
            }
            _ => self.move_waiting(now, Changed::AssignedPod, ADD, None, Some(pod)),
        }
    }

    fn waiting(&mut self, now: Time, key: &EcoString, old: Option<&Value>, object: &Value) {
        if self.cache.is_assumed(key) {
            return;
        }
        let known = self.queue.get(key).map(|pod| pod.info.clone()).filter(|info| info.still_describes(object));
        let info = match known {
            Some(info) => {
                self.cache.retain(&info);
                Arc::new(PodInfo { object: object.clone(), ..PodInfo::clone(&info) })
            }
            None => Arc::new(self.cache.info(object)),
        };
        let nominated = Pod(object).status().nominated_node_name();
        if nominated.is_empty() {
            self.cache.remove_nomination(key);
        } else {
            self.cache.nominate(&info, nominated);
        }
        if !self.queue.contains(key) {
            return self.admit(now, QueuedPod::new(info, now), false);
        }
        let Some(before) = self.queue.get(key).map(|pod| pod.info.clone()) else { return };
        self.cache.release(&before);
        let (was, is) = (&before.requests.requests, &info.requests.requests);
        let actions = old.map_or(0, |old| pod_actions(old, object, was, is));
        self.queue.refresh(key, info);
        if actions != 0 && matches!(self.queue.place(key), Some("gated" | "unschedulable")) {
            let helps = |pod: &QueuedPod| self.may_help(pod, Changed::Pod, actions, old, Some(object));
            if self.queue.get(key).is_some_and(helps) {
                self.let_in(now, key);
            }
        }
    }

    fn node_changed(&mut self, now: Time, name: &EcoString, old: Option<&Value>, new: Option<&Value>) {
        let Some(node) = new else {
            self.cache.remove_node(name);
            return self.move_waiting(now, Changed::Node, DELETE, old, None);
        };
        let actions = match old.filter(|_| self.cache.node(name).is_some()) {
            Some(old) => node_actions(old, node),
            None => ADD,
        };
        self.cache.set_node(node);
        self.move_waiting(now, Changed::Node, actions, old, new);
    }

    /// Lets in the waiting pods for which a change may matter.
    fn move_waiting(
        &mut self,
        now: Time,
        resource: Changed,
        actions: Actions,
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        if actions == 0 {
            return;
        }
        let helps = |pod: &&QueuedPod| self.may_help(pod, resource, actions, old, new);
        let keys: Vec<_> = self.queue.waiting().filter(helps).map(|pod| pod.info.key.clone()).collect();
        for key in keys {
            self.let_in(now, &key);
        }
    }

    /// Whether one of the plugins that rejected the pod thinks that the change might help it.
    fn may_help(
        &self,
        pod: &QueuedPod,
        resource: Changed,
        actions: Actions,
        old: Option<&Value>,
        new: Option<&Value>,
    ) -> bool {
        let hint = Hint { cache: &self.cache, pod: &pod.info, old, new };
        let mut interests = pod.rejected_by.iter().flat_map(|plugin| plugin.spec().events);
        interests
            .any(|interest| interest.resource == resource && interest.actions & actions != 0 && (interest.hint)(&hint))
    }

    fn let_in(&mut self, now: Time, key: &str) {
        if let Some(pod) = self.queue.remove(key) {
            self.admit(now, pod, true);
        }
    }

    /// Puts a pod into the queue, if the `PreEnqueue` plugins let it.
    fn admit(&mut self, now: Time, mut pod: QueuedPod, back_off: bool) {
        if let Some((plugin, _)) = self.keeps_out(&pod.info) {
            return self.queue.gate(pod, plugin, now);
        }
        // A pod that was only kept out has nothing to back off from.
        let back_off = back_off && pod.gated_by.take().is_none();
        pod.rejected_by = PluginSet::default();
        let sort = self.sort_key(&pod);
        if back_off {
            self.queue.requeue(pod, sort, now);
        } else {
            self.queue.activate(pod, sort);
        }
    }

    fn sort_key(&self, pod: &QueuedPod) -> SortKey {
        let profile = self.profiles.iter().find(|profile| serves(profile, &pod.info.object));
        let plugin = profile.and_then(|profile| profile.points.queue_sort.first());
        let key = plugin.and_then(|plugin| plugin.spec().queue_sort);
        key.map_or((std::cmp::Reverse(pod.info.priority), pod.queued_at), |key| key(pod))
    }
}

fn serves(profile: &Profile, pod: &Value) -> bool {
    profile.scheduler_name == Pod(pod).spec().scheduler_name()
}

/// The resource of events, of those that plugins wait for.
fn event_resource(resource: &str) -> Option<Changed> {
    Some(match resource {
        "csinodes" => Changed::CsiNode,
        "persistentvolumeclaims" => Changed::PersistentVolumeClaim,
        "persistentvolumes" => Changed::PersistentVolume,
        "storageclasses" => Changed::StorageClass,
        _ => return None,
    })
}
