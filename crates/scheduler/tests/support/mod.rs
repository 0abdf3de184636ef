//! A cluster of one scheduler, to which things happen line by line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use podyard_api::kinds::pod;
use podyard_api::{Value, value};
use podyard_scheduler::{BeforeBind, Effect, PodRef, Scheduler};
use podyard_sim::Time;

/// A cluster of one scheduler, that carries out what the scheduler asks for.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) scheduler: Scheduler,
    now: Time,
    /// By resource and name.
    pub(crate) objects: BTreeMap<(String, String), Value>,
    fail_next_binding: bool,
    out: String,
}

impl Story {
    pub(crate) fn new() -> Self {
        Self {
            scheduler: Scheduler::new(1),
            now: Time::from_secs(1000),
            objects: BTreeMap::new(),
            fail_next_binding: false,
            out: String::new(),
        }
    }

    /// Lets the lines of a story happen; returns what the scheduler did.
    pub(crate) fn tell(&mut self, story: &str) -> String {
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["node", name, rest @ ..] => self.set("nodes", node(name, rest)),
                ["pod", name, rest @ ..] => self.set("pods", new_pod(name, rest)),
                ["ungate", name] => self.change("pods", name, |pod| {
                    pod.field_mut("spec").remove("schedulingGates");
                }),
                ["finish", name] => self.change("pods", name, |object| pod::set_phase(object, "Succeeded")),
                ["delete", resource, name] => self.delete(resource, name),
                ["class", name, mode] => self.set(
                    "storageclasses",
                    value!({"metadata": {"name": *name}, "provisioner": "csi.example.com", "volumeBindingMode": *mode}),
                ),
                ["claim", name, class] => self.set("persistentvolumeclaims", claim(name, class)),
                ["provision", name] => self.change("persistentvolumeclaims", name, |claim| {
                    claim.field_mut("spec").set("volumeName", format!("pv-{name}"));
                    claim.meta_mut().set("annotations", value!({"pv.kubernetes.io/bind-completed": "yes"}));
                }),
                ["fail-binding"] => self.fail_next_binding = true,
                ["wait", seconds] => self.now += Duration::from_secs(seconds.parse().expect("a number")),
                ["run"] => self.run(),
                _ => panic!("{line}"),
            }
        }
        std::mem::take(&mut self.out)
    }

    fn set(&mut self, resource: &str, object: Value) {
        let key = (resource.to_owned(), object.name().to_owned());
        let old = self.objects.insert(key, object.clone());
        self.scheduler.observe(self.now, resource, old.as_ref(), Some(&object));
    }

    fn change(&mut self, resource: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let mut object = self.objects[&(resource.to_owned(), name.to_owned())].clone();
        change(&mut object);
        self.set(resource, object);
    }

    fn delete(&mut self, resource: &str, name: &str) {
        let old = self.objects.remove(&(resource.to_owned(), name.to_owned())).expect("it is there");
        self.scheduler.observe(self.now, resource, Some(&old), None);
    }

    /// Runs cycles until nothing is ready.
    fn run(&mut self) {
        for _ in 0..100 {
            if self.scheduler.next_wake().is_none_or(|wake| wake > self.now) {
                return;
            }
            let Some(attempt) = self.scheduler.schedule_one(self.now) else { return };
            for effect in attempt.effects {
                if let Err(pod) = self.carry_out(effect) {
                    self.scheduler.binding_failed(self.now, &pod);
                    break;
                }
            }
        }
        panic!("the scheduler does not come to rest");
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), PodRef> {
        match effect {
            Effect::Bind { pod, .. } if std::mem::take(&mut self.fail_next_binding) => {
                self.say(&format!("{}: binding fails", pod.name));
                return Err(pod);
            }
            Effect::Bind { pod, node } => {
                self.change("pods", &pod.name, |object| pod::set_node_name(object, &node));
            }
            Effect::Event { pod, reason, message, .. } => self.say(&format!("{}: {reason}: {message}", pod.name)),
            Effect::Unscheduled { pod, nominated_node, message, .. } => self.change("pods", &pod.name, |object| {
                let status = object.field_mut("status");
                let condition = value!({
                    "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
                });
                status.set("conditions", vec![condition]);
                if let Some(node) = nominated_node {
                    status.set("nominatedNodeName", node);
                }
            }),
            Effect::ClearNomination { pod } => self.change("pods", &pod.name, |object| {
                object.field_mut("status").remove("nominatedNodeName");
            }),
            Effect::Evict { pod, .. } => {
                self.say(&format!("{}: evicted", pod.name));
                self.change("pods", &pod.name, |object| {
                    object.meta_mut().set("deletionTimestamp", "2026-01-01T00:00:00Z");
                    let condition = value!({
                        "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
                    });
                    object.field_mut("status").set("conditions", vec![condition]);
                });
            }
            Effect::BeforeBind(BeforeBind::SelectNode { claim, node, .. }) => {
                self.say(&format!("{claim}: to be provisioned for {node}"));
            }
            Effect::BeforeBind(BeforeBind::ClaimVolume { volume, claim, .. }) => {
                self.say(&format!("{claim}: to have {volume}"));
            }
        }
        Ok(())
    }

    fn say(&mut self, what: &str) {
        let since = self.now.since(Time::from_secs(1000)).as_secs();
        writeln!(self.out, "{since}s {what}").expect("a text takes more");
    }
}

/// `node n1 cpu=4 zone=a taint=key:NoSchedule cordoned`.
fn node(name: &str, words: &[&str]) -> Value {
    let mut node = value!({
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "spec": {},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
    });
    for word in words {
        match word.split_once('=') {
            Some(("cpu", cpu)) => node.field_mut("status").field_mut("allocatable").set("cpu", cpu),
            Some(("zone", zone)) => {
                node.meta_mut().field_mut("labels").set("topology.kubernetes.io/zone", zone);
            }
            Some(("taint", taint)) => {
                let (key, effect) = taint.split_once(':').expect("two parts");
                node.field_mut("spec").set("taints", vec![value!({"key": key, "effect": effect})]);
            }
            Some((key, value)) => node.meta_mut().field_mut("labels").set(key, value),
            None if *word == "cordoned" => node.field_mut("spec").set("unschedulable", true),
            None => panic!("{word}"),
        }
    }
    node
}

/// An unbound claim of a class.
fn claim(name: &str, class: &str) -> Value {
    value!({
        "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}")},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": class,
        },
        "status": {"phase": "Pending"},
    })
}

/// `pod web cpu=1 priority=100 select=disk:ssd app=web away-from=web gated`.
pub(crate) fn new_pod(name: &str, words: &[&str]) -> Value {
    let mut object = value!({
        "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}"), "labels": {}},
        "spec": {"containers": [{"name": "c", "image": "nginx", "resources": {"requests": {}}}], "priority": 0},
        "status": {"phase": "Pending"},
    });
    for word in words {
        let (key, text) = word.split_once('=').unwrap_or((word, ""));
        let spec = object.field_mut("spec");
        match key {
            "cpu" => spec.field_mut("containers").items_mut()[0].at_mut(&["resources", "requests"]).set("cpu", text),
            "port" => {
                let port = value!({"containerPort": 80, "hostPort": text.parse::<i64>().expect("a number")});
                spec.field_mut("containers").items_mut()[0].set("ports", vec![port]);
            }
            "priority" => spec.set("priority", text.parse::<i64>().expect("a number")),
            "scheduler" => spec.set("schedulerName", text),
            "select" => {
                let (label, value) = text.split_once(':').expect("two parts");
                spec.at_mut(&["nodeSelector"]).set(label, value);
            }
            "away-from" => {
                let term = value!({
                    "labelSelector": {"matchLabels": {"app": text}},
                    "topologyKey": "kubernetes.io/hostname",
                });
                let path = ["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
                *spec.at_mut(&path) = vec![term].into();
            }
            "claim" => {
                let volume = value!({"name": "data", "persistentVolumeClaim": {"claimName": text}});
                spec.set("volumes", vec![volume]);
            }
            "gated" => spec.set("schedulingGates", vec![value!({"name": "example.com/quota"})]),
            label => object.meta_mut().field_mut("labels").set(label, text),
        }
    }
    object
}
