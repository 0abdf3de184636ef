//! The kubelet: brings the pods bound to its node to life, and says how they are.
//!
//! Its state is plain data. Whatever takes time is an [`Event`] that comes back to [`Kubelet::handle`] later.

mod admit;
mod api;
mod ended;
mod env;
mod hooks;
mod logs;
mod node;
mod pod;
mod probes;
mod pull;
mod start;
mod status;
mod sync;
mod tasks;
mod terminate;
mod volumes;

use ecow::EcoString;
use imbl::OrdMap;
use podyard_api::{User, Value};
use podyard_apiserver::ApiServer;
use podyard_apiserver::events::{Recorder, Style};
use podyard_kernel::{Exit, Kernel, NetId, ProcessId, Program};
use podyard_sim::{Rng, Time};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

pub use pod::Container;
use pod::{Phase, PodState};
use tasks::{Host, Task};

use crate::Profile;

/// A node's kubelet as plain data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kubelet {
    name: EcoString,
    address: EcoString,
    /// The first three numbers of its pods' addresses, as `10.244.1`.
    subnet: EcoString,
    next_address: u8,
    pods: OrdMap<EcoString, Arc<PodState>>,
    /// Pods by namespace and name.
    names: OrdMap<(EcoString, EcoString), EcoString>,
    /// The networks of pods by address.
    networks: OrdMap<EcoString, NetId>,
    /// Which container a process is the first of: pod uid and container name.
    processes: OrdMap<ProcessId, (EcoString, EcoString)>,
    /// Processes of probes and hooks.
    tasks: OrdMap<ProcessId, Task>,
    /// Images that are on this machine, in full.
    images: imbl::OrdSet<EcoString>,
    /// Until when the registry is busy: images are pulled one after the other.
    pulling_until: Time,
    host: Option<Host>,
    is_stopped: bool,
    /// Counts its starts, so that heartbeats of an earlier one end.
    boots: u32,
    rng: Rng,
    recorder: Recorder,
}

/// What a kubelet does later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Looks at a pod.
    Sync { uid: EcoString },
    /// Looks at what a pod's containers did.
    Relist { uid: EcoString },
    /// An image has been pulled, or could not be.
    Pulled { uid: EcoString, container: EcoString, asked: Time, started: Time },
    /// Says that it waits with another pull.
    PullBackoff { uid: EcoString, container: EcoString, failures: u32 },
    /// Says that it waits with another start.
    CrashBackoff { uid: EcoString, container: EcoString, starts: u32 },
    /// Probes a container.
    Probe { uid: EcoString, container: EcoString, starts: u32, kind: probes::Kind },
    /// A probe or a hook has had its time.
    TaskOver { process: ProcessId },
    /// A hook that only sleeps has slept.
    HookOver { uid: EcoString, container: EcoString, starts: u32, is_stop: bool },
    /// The grace period of a container is over.
    GraceOver { uid: EcoString, container: EcoString, starts: u32 },
    /// Brings a pod's volumes up to date with what they show.
    Refresh { uid: EcoString },
    /// Renews the lease and, less often, the node's status.
    Heartbeat { count: u32, boot: u32 },
}

/// What a kubelet works with.
pub struct Context<'a, P: Program> {
    pub now: Time,
    pub api: &'a mut ApiServer,
    pub kernel: &'a mut Kernel<P>,
    pub profile: &'a Profile,
    /// What is to happen later.
    pub later: Vec<(Time, Event)>,
}

/// How soon the kubelet acts on what it hears of.
const REACTION: Duration = Duration::from_millis(2);

impl<P: Program> Context<'_, P> {
    fn after(&mut self, delay: Duration, event: Event) {
        self.later.push((self.now + delay, event));
    }
}

impl Kubelet {
    pub fn new(name: &str, address: &str, seed: u64) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            subnet: EcoString::new(),
            next_address: 2,
            pods: OrdMap::new(),
            names: OrdMap::new(),
            networks: OrdMap::new(),
            processes: OrdMap::new(),
            tasks: OrdMap::new(),
            images: imbl::OrdSet::new(),
            pulling_until: Time::default(),
            host: None,
            is_stopped: false,
            boots: 0,
            rng: Rng::new(seed, &format!("kubelet-{name}")),
            recorder: Recorder::new("kubelet", name, User::node(name), Style::Core),
        }
    }

    /// A pod bound to this node has changed, or is gone.
    pub fn observe<P: Program>(&mut self, context: &mut Context<'_, P>, old: Option<&Value>, new: Option<&Value>) {
        if self.is_stopped {
            return;
        }
        let Some(pod) = new.or(old) else { return };
        let uid: EcoString = pod.uid().into();
        let Some(pod) = new else { return self.forget(context, &uid) };
        let is_new = !self.pods.contains_key(&uid);
        if is_new {
            self.names.insert((pod.namespace().into(), pod.name().into()), uid.clone());
        }
        let known = self.pod_mut(&uid);
        known.object = pod.clone();
        let is_leaving = pod.meta().deletion_timestamp().is_some() && known.phase != Phase::Terminating;
        // The kubelet's own status writes tell it nothing new.
        let is_own = old.is_some_and(|old| old.get("spec").same(pod.get("spec")) && !is_leaving);
        if is_new || !is_own {
            context.after(REACTION, Event::Sync { uid });
        }
    }

    /// Goes on with something.
    pub fn handle<P: Program>(&mut self, context: &mut Context<'_, P>, event: Event) {
        if self.is_stopped {
            return;
        }
        match event {
            Event::Sync { uid } => self.sync(context, &uid),
            Event::Relist { uid } => self.relist(context, &uid),
            Event::Pulled { uid, container, asked, started } => {
                self.pulled(context, &uid, &container, asked, started);
            }
            Event::PullBackoff { uid, container, failures } => self.pull_waits(context, &uid, &container, failures),
            Event::CrashBackoff { uid, container, starts } => self.crash_waits(context, &uid, &container, starts),
            Event::Probe { uid, container, starts, kind } => self.probe(context, &uid, &container, starts, kind),
            Event::TaskOver { process } => self.task_timed_out(context, process),
            Event::HookOver { uid, container, starts, is_stop } => {
                self.hook_over(context, &uid, &container, starts, is_stop);
            }
            Event::GraceOver { uid, container, starts } => self.kill(context, &uid, &container, starts),
            Event::Refresh { uid } => self.refresh(context, &uid),
            Event::Heartbeat { count, boot } => self.beat(context, count, boot),
        }
    }

    /// A process that has no parent has ended; `false` if it is not of a container here.
    pub fn exited<P: Program>(&mut self, context: &mut Context<'_, P>, process: ProcessId, exit: Exit) -> bool {
        if let Some(task) = self.tasks.remove(&process) {
            self.task_ended(context, task, exit);
            return true;
        }
        let Some((uid, container)) = self.processes.remove(&process) else { return false };
        self.container_exited(context, &uid, &container, exit);
        true
    }

    /// The network of a pod.
    pub fn net_of(&self, namespace: &str, pod: &str) -> Option<NetId> {
        let is_it = |state: &&Arc<PodState>| {
            (state.object.namespace(), state.object.name()) == (namespace, pod) && state.sandbox.is_some()
        };
        self.pods.values().find(is_it).and_then(|state| state.sandbox.as_ref()).map(|sandbox| sandbox.net)
    }

    /// The pod whose network this is.
    pub fn pod_in(&self, net: NetId) -> Option<&Value> {
        let is_it = |state: &&Arc<PodState>| state.sandbox.as_ref().is_some_and(|own| own.net == net);
        self.pods.values().find(is_it).map(|state| &state.object)
    }

    /// The networks of the pods that use the node's own.
    pub fn host_nets(&self) -> impl Iterator<Item = NetId> {
        let sandboxes = self.pods.values().filter_map(|state| state.sandbox.as_ref());
        sandboxes.filter(|sandbox| sandbox.address == self.address).map(|sandbox| sandbox.net)
    }

    fn pod_mut(&mut self, uid: &EcoString) -> &mut PodState {
        Arc::make_mut(self.pods.entry(uid.clone()).or_default())
    }

    /// Lets the kubelet notice soon what a pod's containers did: the generic PLEG looks once a second.
    // Models pkg/kubelet/pleg/generic.go
    fn relist_soon<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let state = self.pod_mut(uid);
        if !std::mem::replace(&mut state.relist_due, true) {
            let delay = context.profile.relist;
            context.after(delay, Event::Relist { uid: uid.clone() });
        }
    }

    /// The next free pod address of this node.
    fn allocate_address(&mut self) -> EcoString {
        for _ in 0..253 {
            let address = ecow::eco_format!("{}.{}", self.subnet, self.next_address);
            self.next_address = if self.next_address >= 254 { 2 } else { self.next_address + 1 };
            if !self.networks.contains_key(&address) {
                return address;
            }
        }
        ecow::eco_format!("{}.254", self.subnet)
    }
}
