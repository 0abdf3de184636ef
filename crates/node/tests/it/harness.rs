//! A node by itself: an API server, a kernel and one kubelet, stepped by virtual time.

use std::time::Duration;

use podyard_api::{Request, Target, User, Value, Verb, yaml};
use podyard_apiserver::{ApiServer, Outcome, ResourceKey};
use podyard_kernel::{Answer, Args, Errno, Kernel, Outcall, Program, Syscall};
use podyard_node::programs::ContainerProgram;
use podyard_node::{Context, Event, Kubelet, Profile};
use podyard_shell::{Shell, tools};
use podyard_sim::{Queue, Time};
use serde::{Deserialize, Serialize};

/// What containers run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Programs {
    Container(Box<ContainerProgram>),
    Shell(Box<Shell>),
    Tool(Box<tools::Tool>),
}

impl Program for Programs {
    fn load(id: &str, args: &Args) -> Option<Self> {
        let shell = Shell::load(id, args).map(|shell| Self::Shell(Box::new(shell)));
        let tool = || tools::load(id, args).map(|tool| Self::Tool(Box::new(tool)));
        let container = || podyard_node::programs::load(id, args).map(|program| Self::Container(Box::new(program)));
        shell.or_else(tool).or_else(container)
    }

    fn step(&mut self, answer: Answer) -> Syscall {
        match self {
            Self::Container(program) => program.step(answer),
            Self::Shell(shell) => shell.step(answer),
            Self::Tool(tool) => tool.step(answer),
        }
    }
}

/// A node with all that it needs.
#[derive(Clone)]
pub(crate) struct World {
    pub now: Time,
    pub api: ApiServer,
    pub kernel: Kernel<Programs>,
    pub kubelet: Kubelet,
    queue: Queue<Event>,
    profile: Profile,
    routed: u64,
}

const BASE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: default}
status: {phase: Active}
---
apiVersion: v1
kind: Namespace
metadata: {name: kube-node-lease}
status: {phase: Active}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: default}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-root-ca.crt, namespace: default}
data: {ca.crt: CA}
---
apiVersion: v1
kind: Node
metadata: {name: node01, labels: {kubernetes.io/hostname: node01}}
spec: {podCIDR: 10.244.1.0/24}
status:
  allocatable: {cpu: '2', memory: 4Gi, pods: '110'}
  capacity: {cpu: '2', memory: 4Gi, pods: '110'}
  addresses: [{type: InternalIP, address: 172.30.2.2}]
";

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            now: Time::from_secs(1_800_000_000),
            api: ApiServer::new(1),
            kernel: Kernel::default(),
            kubelet: Kubelet::new("node01", "172.30.2.2", 1),
            queue: Queue::default(),
            profile: Profile { pull_time: Some(Duration::from_millis(250)), ..Profile::default() },
            routed: 0,
        };
        for document in yaml::documents(BASE) {
            world.api.seed(yaml::parse(document.text).unwrap());
        }
        world.routed = world.api.revision();
        world.with(|kubelet, context| kubelet.boot(context));
        world
    }

    /// Creates what the text says, bound to the node.
    pub(crate) fn create(&mut self, text: &str) {
        for document in yaml::documents(text) {
            let mut object = yaml::parse(document.text).unwrap();
            let kind = object.get("kind").text();
            if kind == "Pod" {
                object.field_mut("spec").set("nodeName", "node01");
            }
            let resource = format!("{}s", kind.to_lowercase());
            let response = self.request(Verb::Create, Target::resource("", "v1", &resource, "default", ""), object);
            assert!(response.is_success(), "{:?}", response.body);
        }
        self.route();
    }

    pub(crate) fn request(&mut self, verb: Verb, target: Target, body: Value) -> podyard_api::Response {
        let request = Request::new(User::admin(), verb, target).with_body(body);
        match self.api.handle(self.now, &request) {
            Outcome::Done(response) => response,
            _ => panic!("a stream"),
        }
    }

    /// Works with the kubelet and keeps what it will do later.
    pub(crate) fn with<T>(&mut self, work: impl FnOnce(&mut Kubelet, &mut Context<'_, Programs>) -> T) -> T {
        let mut context = Context {
            now: self.now,
            api: &mut self.api,
            kernel: &mut self.kernel,
            profile: &self.profile,
            later: Vec::new(),
        };
        let result = work(&mut self.kubelet, &mut context);
        for (at, event) in context.later {
            self.queue.push(at, event);
        }
        result
    }

    pub(crate) fn route(&mut self) {
        while self.routed < self.api.revision() {
            let changes: Vec<_> = self.api.changes_since(self.routed).cloned().collect();
            self.routed = self.api.revision();
            for change in changes.iter().filter(|change| change.resource == ResourceKey::PODS) {
                self.with(|kubelet, context| kubelet.observe(context, change.old.as_ref(), change.new.as_ref()));
            }
        }
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, seconds: f64) {
        let end = self.now + Duration::from_secs_f64(seconds);
        while let Some(next) = [self.queue.next_time(), self.kernel.next_time()].into_iter().flatten().min() {
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            match self.queue.pop_due(self.now) {
                Some((_, event)) => self.with(|kubelet, context| kubelet.handle(context, event)),
                None => {
                    for outcall in self.kernel.run(self.now) {
                        self.serve(outcall);
                    }
                }
            }
            self.route();
        }
        self.now = end;
    }

    fn serve(&mut self, outcall: Outcall) {
        match outcall {
            Outcall::Exited { pid, exit } => {
                self.with(|kubelet, context| kubelet.exited(context, pid, exit));
            }
            Outcall::Connect { pid, ticket, address, port } => match self.kubelet.pod_net(&address) {
                Some(net) => self.kernel.answer_connect(pid, ticket, net, port, self.now),
                None => self.kernel.answer(pid, ticket, Answer::Error(Errno::TimedOut), self.now),
            },
            _ => {}
        }
    }

    pub(crate) fn pod(&self, name: &str) -> Value {
        self.api.get(ResourceKey::PODS, "default", name).cloned().unwrap_or_default()
    }

    /// What is seen of a pod: phase, then each container's state.
    pub(crate) fn seen(&self, name: &str) -> String {
        let pod = self.pod(name);
        let status = pod.get("status");
        let of = |list: &str| {
            let all = status.get(list).items().iter();
            all.map(|container| {
                let (kind, state) = &container.get("state").fields()[0];
                let ready = if container.get("ready").as_bool() == Some(true) { "ready" } else { "unready" };
                let detail = state.get("reason").text();
                let detail = if detail.is_empty() { kind.text() } else { detail };
                format!(
                    " {}:{detail}/{ready}/{}",
                    container.get("name").text(),
                    container.get("restartCount").as_i64().unwrap_or(-1)
                )
            })
            .collect::<String>()
        };
        format!(
            "{}{}{}{}",
            status.get("phase").text(),
            of("initContainerStatuses"),
            of("containerStatuses"),
            of("ephemeralContainerStatuses")
        )
    }

    /// The events of a pod, in their order: reason and message, with the count where there is one.
    pub(crate) fn events(&self, name: &str) -> Vec<String> {
        let mut all: Vec<(Value, String)> = self
            .api
            .list(ResourceKey::EVENTS, Some("default"))
            .filter(|event| event.at(&["involvedObject", "name"]) == name)
            .map(|event| {
                let count = event.get("count").as_i64().unwrap_or(1);
                let times = if count > 1 { format!(" x{count}") } else { String::new() };
                let text = format!("{}: {}{times}", event.get("reason").text(), event.get("message").text());
                (event.at(&["metadata", "resourceVersion"]).clone(), text)
            })
            .collect();
        all.sort_by_key(|(version, _)| version.text().parse::<u64>().unwrap_or(0));
        all.into_iter().map(|(_, text)| text).collect()
    }

    /// The log of a container.
    pub(crate) fn log(&self, pod: &str, container: &str, previous: bool) -> Result<String, String> {
        let sink = self.kubelet.log("default", pod, container, previous)?;
        Ok(self.kernel.sink(sink).into_iter().flat_map(|sink| sink.lines()).map(|line| line.text.as_str()).collect())
    }
}
