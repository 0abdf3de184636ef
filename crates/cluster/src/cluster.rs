//! The step loop: nothing happens but by [`Cluster::step`].

use std::time::Duration;

use ecow::EcoString;
use imbl::{OrdMap, Vector};
use podyard_api::Request;
use podyard_apiserver::events::{Recorder, Style};
use podyard_apiserver::{ApiServer, Watch};
use podyard_controllers::{CONTROLLERS, Context as ControllerContext, Key, Memory, Outcome, Queues};
use podyard_kernel::{Answer, FileId, Kernel, MachineId, ProcessId};
use podyard_node::{Context as NodeContext, Kubelet, Profile};
use podyard_scheduler::Scheduler;
use podyard_sim::{Queue, Rng, Time};
use serde::{Deserialize, Serialize};

use crate::console::Console;
use crate::programs::Programs;
use crate::streams::Streams;
use crate::{Preset, identity};

/// A whole cluster as plain data. A clone is cheap: everything large is shared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cluster {
    pub(crate) now: Time,
    pub(crate) began: Time,
    pub(crate) preset: EcoString,
    pub(crate) profile: Profile,
    pub(crate) queue: Queue<Event>,
    pub(crate) api: ApiServer,
    pub(crate) kernel: Kernel<Programs>,
    pub(crate) scheduler: Scheduler,
    pub(crate) controllers: Queues,
    pub(crate) controller_rng: Rng,
    pub(crate) controller_memory: Memory,
    pub(crate) network_rng: Rng,
    pub(crate) scheduler_events: Recorder,
    pub(crate) nodes: OrdMap<EcoString, Kubelet>,
    pub(crate) workstation: MachineId,
    pub(crate) consoles: OrdMap<u32, Console>,
    pub(crate) streams: Streams,
    /// Open watches by the file that their events go to.
    pub(crate) watches: OrdMap<FileId, Watch>,
    /// Store changes up to here have been routed to whom they concern.
    pub(crate) routed: u64,
    /// Whether an event for the scheduler is queued, and for when.
    pub(crate) scheduler_due: Option<Time>,
    /// The moment of the last write other than leases and node heartbeats.
    pub(crate) last_write: Time,
    /// How many such writes there have been.
    pub(crate) writes: u64,
    /// Ends of processes that somebody outside the step loop waits for.
    pub(crate) ended: Vector<(ProcessId, u8)>,
}

/// What can happen, but for the steps of processes, which the kernel queues itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// A controller looks at a key.
    Reconcile { controller: u8, key: Key },
    /// A kubelet goes on with something.
    Node { node: EcoString, event: podyard_node::Event },
    /// The scheduler takes its next pod.
    Schedule,
    /// The API server's answer reaches a process.
    Answer { process: ProcessId, ticket: u32, answer: Box<Answer> },
}

/// How long one scheduling cycle takes.
const SCHEDULING_CYCLE: Duration = Duration::from_millis(1);
/// What settling and waiting may cost at most, in steps.
const MAX_STEPS: usize = 5_000_000;

impl Cluster {
    /// A cluster as `preset` describes it, booted.
    pub fn new(preset: &Preset, seed: u64) -> Self {
        let mut kernel = Kernel::default();
        let workstation = crate::console::workstation(&mut kernel, preset.start);
        let mut cluster = Self {
            now: preset.start,
            began: preset.start,
            preset: preset.name.into(),
            profile: (preset.profile)(),
            queue: Queue::default(),
            api: ApiServer::new(seed),
            kernel,
            scheduler: Scheduler::new(seed),
            controllers: Queues::default(),
            controller_rng: Rng::new(seed, "controllers"),
            controller_memory: Memory::default(),
            network_rng: Rng::new(seed, "network"),
            scheduler_events: Recorder::new(
                "default-scheduler",
                "default-scheduler-controlplane",
                identity::scheduler(),
                Style::Series,
            ),
            nodes: OrdMap::new(),
            workstation,
            consoles: OrdMap::new(),
            streams: Streams::default(),
            watches: OrdMap::new(),
            routed: 0,
            scheduler_due: None,
            last_write: preset.start,
            writes: 0,
            ended: Vector::new(),
        };
        crate::presets::boot(&mut cluster, preset, seed);
        cluster
    }

    pub fn now(&self) -> Time {
        self.now
    }

    /// When the lab began.
    pub fn began(&self) -> Time {
        self.began
    }

    /// The API server, for cached reads.
    pub fn api(&self) -> &ApiServer {
        &self.api
    }

    /// The scheduler with its last decisions.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// When something happens next.
    pub fn next_time(&self) -> Option<Time> {
        [self.queue.next_time(), self.kernel.next_time()].into_iter().flatten().min()
    }

    /// Lets the next thing happen, and virtual time move to it; `false` if nothing will ever happen.
    pub fn step(&mut self) -> bool {
        let Some(at) = self.next_time() else { return false };
        self.now = self.now.max(at);
        if let Some((_, event)) = self.queue.pop_due(self.now) {
            self.handle(event);
        } else {
            for outcall in self.kernel.run(self.now) {
                self.serve(outcall);
            }
        }
        self.route();
        true
    }

    /// Takes a request to the API server, now.
    pub fn request(&mut self, request: &Request) -> podyard_apiserver::Outcome {
        let outcome = self.api.handle(self.now, request);
        self.route();
        outcome
    }

    /// Calls this moment the lab's beginning.
    pub fn begin(&mut self) {
        self.began = self.now;
    }

    /// Runs up to and through the next write other than a lease or a heartbeat, or to `end`.
    pub fn run_to_next_write(&mut self, end: Time) {
        let before = self.writes;
        while self.writes == before && self.next_time().is_some_and(|next| next <= end) {
            self.step();
        }
    }

    /// Runs what is due now.
    pub fn settle(&mut self) {
        self.run_until(self.now);
    }

    /// Lets `duration` of virtual time pass.
    pub fn advance(&mut self, duration: Duration) {
        self.run_until(self.now + duration);
    }

    /// Lets virtual time pass until `end`, or as long as `may_go_on` says; `true` if `end` was reached.
    pub fn run_while(&mut self, end: Time, may_go_on: &mut dyn FnMut() -> bool) -> bool {
        while self.next_time().is_some_and(|next| next <= end) {
            if !may_go_on() {
                return false;
            }
            self.step();
        }
        self.now = self.now.max(end);
        true
    }

    fn run_until(&mut self, end: Time) {
        let mut steps = 0;
        self.run_while(end, &mut || {
            steps += 1;
            steps < MAX_STEPS
        });
    }

    /// Lets time pass until nothing but leases and node heartbeats has been written for `quiet`, at most `max`.
    pub fn quiesce(&mut self, quiet: Duration, max: Duration) {
        let deadline = self.now + max;
        let from = self.now;
        loop {
            let calm = self.last_write.max(from) + quiet;
            if self.next_time().is_none_or(|next| next > calm.min(deadline)) {
                self.now = self.now.max(calm.min(deadline));
                return;
            }
            self.step();
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Reconcile { controller, key } => self.reconcile(controller, &key),
            Event::Node { node, event } => self.with_node(&node, |kubelet, context| kubelet.handle(context, event)),
            Event::Schedule => self.schedule(),
            Event::Answer { process, ticket, answer } => self.kernel.answer(process, ticket, *answer, self.now),
        }
    }

    fn reconcile(&mut self, number: u8, key: &Key) {
        let Some(controller) = CONTROLLERS.get(usize::from(number)) else { return };
        self.controllers.take(number, key, self.now);
        let mut context = ControllerContext {
            now: self.now,
            api: &mut self.api,
            user: identity::controller(controller.account),
            component: controller.component,
            rng: &mut self.controller_rng,
            memory: &mut self.controller_memory,
        };
        let outcome = (controller.reconcile)(&mut context, key);
        let delay = match outcome {
            Outcome::Done => {
                self.controllers.succeeded(number, key);
                return;
            }
            Outcome::After(delay) => {
                self.controllers.succeeded(number, key);
                delay
            }
            Outcome::Retry => self.controllers.failed(number, key),
        };
        let at = self.now + delay;
        if self.controllers.delay(number, key, at) {
            self.queue.push(at, Event::Reconcile { controller: number, key: key.clone() });
        }
    }

    /// Lets a controller look at a key that a change concerns, unless it is about to.
    pub(crate) fn inform(&mut self, controller: u8, key: Key, delay: Duration) {
        if self.controllers.add(controller, &key) {
            self.queue.push(self.now + delay, Event::Reconcile { controller, key });
        }
    }

    /// Works with a node's kubelet and queues what it will do later.
    pub(crate) fn with_node<T: Default>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Kubelet, &mut NodeContext<'_, Programs>) -> T,
    ) -> T {
        let Some(kubelet) = self.nodes.get_mut(name) else { return T::default() };
        let mut context = NodeContext {
            now: self.now,
            api: &mut self.api,
            kernel: &mut self.kernel,
            profile: &self.profile,
            later: Vec::new(),
        };
        let result = work(kubelet, &mut context);
        for (at, event) in context.later {
            self.queue.push(at, Event::Node { node: name.into(), event });
        }
        result
    }

    /// Queues the scheduler's next cycle if it has something to do.
    pub(crate) fn wake_scheduler(&mut self) {
        let Some(wake) = self.scheduler.next_wake() else { return };
        let at = wake.max(self.now + SCHEDULING_CYCLE);
        if self.scheduler_due.is_none_or(|due| at < due) {
            self.queue.push(at, Event::Schedule);
            self.scheduler_due = Some(at);
        }
    }
}
