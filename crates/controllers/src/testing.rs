//! A bench for controllers: manifests and changes in, what became of them out.

use std::time::Duration;

use podyard_api::kinds::{Pod, pod};
use podyard_api::{PatchKind, Request, Response, Target, User, Value, Verb, json, value, yaml};
use podyard_apiserver::{ApiServer, Outcome as Answer, ResourceKey};
use podyard_sim::{Queue, Rng, Time};

use crate::{CONTROLLERS, Context, Key, Keys, Memory, Outcome, Queues};

/// Controllers at work on a server whose pods run as soon as they are made.
struct Bench {
    now: Time,
    api: ApiServer,
    queues: Queues,
    queue: Queue<(u8, Key)>,
    memory: Memory,
    rng: Rng,
    routed: u64,
}

/// How long a step of a test waits for calm.
const CALM: Duration = Duration::from_secs(2);

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            now: Time::from_secs(1_795_363_200),
            api: ApiServer::new(1),
            queues: Queues::default(),
            queue: Queue::default(),
            memory: Memory::default(),
            rng: Rng::new(1, "bench"),
            routed: 0,
        };
        for name in ["default", "kube-system"] {
            bench.api.seed(value!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
        for name in ["node01", "node02"] {
            bench.api.seed(value!({
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": name, "creationTimestamp": (bench.now.rfc3339())},
                "status": {"conditions": [{"type": "Ready", "status": "True"}]},
            }));
        }
        bench.run(CALM);
        bench
    }

    fn request(&mut self, verb: Verb, target: Target, change: impl FnOnce(Request) -> Request) -> Response {
        match self.api.handle(self.now, &change(Request::new(User::admin(), verb, target))) {
            Answer::Done(response) => response,
            other => panic!("{other:?}"),
        }
    }

    fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            self.kubelets();
            self.route();
            match self.queue.pop_due(end) {
                Some((at, (number, key))) => {
                    self.now = self.now.max(at);
                    self.reconcile(number, &key);
                }
                None => break,
            }
        }
        self.now = end;
    }

    fn route(&mut self) {
        let changes: Vec<_> = self.api.changes_since(self.routed).cloned().collect();
        self.routed = self.api.revision();
        for change in &changes {
            for (number, controller) in (0..).zip(CONTROLLERS) {
                let mut keys = Keys::default();
                (controller.route)(&self.api, change, &mut keys);
                for (key, delay) in keys.drain() {
                    if self.queues.add(number, &key) {
                        self.queue.push(self.now + delay, (number, key));
                    }
                }
            }
        }
    }

    fn reconcile(&mut self, number: u8, key: &Key) {
        let controller = &CONTROLLERS[usize::from(number)];
        self.queues.take(number, key, self.now);
        let mut context = Context {
            now: self.now,
            api: &mut self.api,
            user: User::admin(),
            component: controller.component,
            rng: &mut self.rng,
            memory: &mut self.memory,
        };
        let delay = match (controller.reconcile)(&mut context, key) {
            Outcome::Done => return,
            Outcome::After(delay) => delay,
            Outcome::Retry => self.queues.failed(number, key),
        };
        if self.queues.delay(number, key, self.now + delay) {
            self.queue.push(self.now + delay, (number, key.clone()));
        }
    }

    /// Pods run at once, or end at once if they are meant to; an image named `bad` fails.
    fn kubelets(&mut self) {
        let pods: Vec<Value> = self.api.list(ResourceKey::PODS, None).cloned().collect();
        for (index, mut object) in pods.into_iter().enumerate() {
            let view = Pod(&object);
            if view.is_terminating() {
                if view.metadata().finalizers().len() == 0 || !view.is_terminal() {
                    let target = Target::resource("", "v1", "pods", object.namespace(), object.name());
                    let now = value!({"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0});
                    self.request(Verb::Delete, target, |request| request.with_body(now));
                }
                continue;
            }
            if view.status().phase() != "Pending" {
                continue;
            }
            let image = view.spec().containers().next().map(|container| container.image()).unwrap_or_default();
            let phase = match (view.spec().restart_policy(), image) {
                (_, "slow") => continue,
                ("Always", _) => "Running",
                (_, "bad") => "Failed",
                _ => "Succeeded",
            };
            let now = self.now.rfc3339();
            if view.node_name().is_empty() {
                pod::set_node_name(&mut object, ["node01", "node02"][index % 2]);
            }
            pod::set_phase(&mut object, phase);
            pod::set_ips(&mut object, &[&format!("10.0.0.{}", index + 1)]);
            pod::set_condition(&mut object, "Ready", if phase == "Running" { "True" } else { "False" }, "", "", &now);
            self.api.seed(object);
        }
    }

    /// One line of a test: `scale deployments.apps/web 3`, `patch …/… {…}`, `delete …/… Foreground`, `wait 30`.
    fn step(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ');
        let (verb, what, rest) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or_default());
        if verb == "wait" {
            self.run(Duration::from_secs(what.parse().unwrap()));
            return;
        }
        let (resource, name) = what.split_once('/').unwrap();
        let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
        let key = ResourceKey::of(group, plural).unwrap();
        let namespace = if key.is_namespaced() { "default" } else { "" };
        let target = crate::context::target(key, namespace, name);
        let merge = |patch: Value| move |request: Request| request.with_patch(PatchKind::Merge, patch);
        let response = match verb {
            "scale" => {
                let patch = value!({"spec": {"replicas": (rest.parse::<i64>().unwrap())}});
                self.request(Verb::Patch, target, merge(patch))
            }
            "patch" => self.request(Verb::Patch, target, merge(json::parse(rest).unwrap())),
            _ => {
                let policy = if rest.is_empty() { "Background" } else { rest };
                let options = value!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy});
                self.request(Verb::Delete, target, |request| request.with_body(options))
            }
        };
        assert!(response.is_success(), "{line}: {}", json::to_string(&response.body));
        self.run(CALM);
    }

    fn create(&mut self, manifests: &str) {
        for document in yaml::documents(manifests) {
            let object = yaml::parse(document.text).unwrap();
            let key = ResourceKey::of_object(object.api_version(), object.kind()).unwrap();
            let namespace = if key.is_namespaced() { "default" } else { "" };
            let target = crate::context::target(key, namespace, "");
            let response = self.request(Verb::Create, target, |request| request.with_body(object));
            assert!(response.is_success(), "{}", json::to_string(&response.body));
        }
        self.run(CALM);
    }

    /// A text with generated parts of names taken out.
    fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for change in self.api.changes_since(0) {
            let Some(object) = change.new.as_ref().or(change.old.as_ref()) else { continue };
            let base = object.meta().generate_name();
            if !base.is_empty() {
                text = text.replace(object.name(), &format!("{base}*"));
            }
        }
        for change in self.api.changes_since(0) {
            let Some(object) = change.new.as_ref().or(change.old.as_ref()) else { continue };
            if let Some(hash) = object.meta().label("pod-template-hash") {
                text = text.replace(hash, "#");
            }
        }
        text
    }

    /// What the server holds of a resource: `events` as reason and message, else names and one field.
    fn show(&self, what: &str) -> Vec<String> {
        let (resource, path) = what.split_once(' ').unwrap_or((what, ""));
        let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
        let key = ResourceKey::of(group, plural).unwrap();
        let mut objects: Vec<&Value> = self.api.list(key, Some("default")).collect();
        objects.sort_by_key(|object| object.get("metadata").get("creationTimestamp").text());
        if key == ResourceKey::EVENTS {
            let mut events = objects;
            events.sort_by_key(|event| event.name().rsplit_once('.').map(|(_, at)| at.to_owned()));
            let line = |event: &&Value| format!("{}: {}", event.get("reason").str(), event.get("message").str());
            return events.iter().map(line).map(|line| self.plain(&line)).collect();
        }
        let fields: Vec<Vec<&str>> = path.split(' ').map(|path| path.split('.').collect()).collect();
        let mut lines: Vec<String> = objects
            .iter()
            .map(|object| {
                let shown = fields.iter().map(|path| json::to_string(object.at(path)));
                self.plain(&format!("{} {}", object.name(), shown.collect::<Vec<_>>().join(" ")))
            })
            .collect();
        lines.sort();
        lines
    }
}

/// Creates what is in `manifests`, takes the steps, and compares what is then shown of a resource.
#[track_caller]
pub(crate) fn check(manifests: &str, steps: &[&str], show: &str, expect: &[&str]) {
    let mut bench = Bench::new();
    bench.create(manifests);
    for step in steps {
        bench.step(step);
    }
    assert_eq!(bench.show(show), expect, "{show}");
}
