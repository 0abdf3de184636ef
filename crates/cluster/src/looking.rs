//! What front ends and checks see of a cluster: objects, and summaries for the map and the inspector.

mod services;

use std::collections::BTreeSet;

use podyard_api::Value;
use podyard_api::kinds::{Node, Pod};
use podyard_apiserver::ResourceKey;
use podyard_printers::table::summary as pod_summary;
use podyard_sim::Time;

use crate::Cluster;

pub use services::{EndpointSummary, ServiceSummary};

/// A node in a few words.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeSummary {
    pub name: String,
    pub ready: bool,
    pub schedulable: bool,
    /// As `kubectl get nodes` shows them.
    pub roles: String,
    /// As `key=value:Effect`.
    pub taints: Vec<String>,
}

/// A pod in a few words.
#[derive(Clone, Debug, PartialEq)]
pub struct PodSummary {
    pub uid: String,
    pub namespace: String,
    pub name: String,
    /// Empty until it is bound.
    pub node: String,
    /// The STATUS column of `kubectl get pods`.
    pub status: String,
    pub tone: Tone,
    /// As `1/1`.
    pub ready: String,
    pub restarts: u32,
    pub labels: Vec<(String, String)>,
    pub ip: String,
    pub images: Vec<String>,
}

/// How a state is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Pending,
    Good,
    Done,
    Bad,
    Leaving,
}

/// What has changed of nodes, pods and services.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub nodes: Vec<NodeSummary>,
    pub removed_nodes: Vec<String>,
    pub pods: Vec<PodSummary>,
    /// Their uids.
    pub removed_pods: Vec<String>,
    pub services: Vec<ServiceSummary>,
    /// Their uids.
    pub removed_services: Vec<String>,
}

/// One object in full.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// As `kubectl describe` prints it.
    pub summary: String,
    pub yaml: String,
    pub events: Vec<EventSummary>,
    /// What owns it, and the node on which it runs: kind, namespace and name.
    pub related: Vec<(String, String, String)>,
}

/// An event of an object.
#[derive(Clone, Debug)]
pub struct EventSummary {
    pub warning: bool,
    pub reason: String,
    pub message: String,
    pub count: u32,
    pub at: Time,
}

/// How long looking at one object may take, in virtual time.
const LOOK: std::time::Duration = std::time::Duration::from_secs(5);

impl Cluster {
    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.api.revision()
    }

    /// The object of a kind (`Pod`, or `Deployment.apps`) by its name, if there is one.
    ///
    /// # Errors
    /// There is no such kind.
    pub fn find_object(&self, kind: &str, namespace: &str, name: &str) -> Result<Option<Value>, String> {
        let resource = resource(kind)?;
        let namespace = if resource.is_namespaced() { namespace } else { "" };
        Ok(self.api.get(resource, namespace, name).cloned())
    }

    /// All objects of a kind; of all namespaces for an empty one.
    ///
    /// # Errors
    /// There is no such kind.
    pub fn find_objects(&self, kind: &str, namespace: &str) -> Result<Vec<Value>, String> {
        let resource = resource(kind)?;
        let namespace = Some(namespace).filter(|namespace| !namespace.is_empty() && resource.is_namespaced());
        Ok(self.api.list(resource, namespace).cloned().collect())
    }

    pub fn node_summaries(&self) -> Vec<NodeSummary> {
        self.api.list(ResourceKey::NODES, None).map(node_summary).collect()
    }

    pub fn pod_summaries(&self) -> Vec<PodSummary> {
        self.api.list(ResourceKey::PODS, None).map(summarize_pod).collect()
    }

    /// What has changed of nodes, pods and services after `revision`.
    pub fn summaries_since(&self, revision: u64) -> Changes {
        let mut changes = Changes::default();
        let mut services = BTreeSet::new();
        for change in self.api.changes_since(revision) {
            match change.resource {
                ResourceKey::NODES => {
                    changes.nodes.retain(|node| node.name != change.name);
                    match &change.new {
                        Some(node) => changes.nodes.push(node_summary(node)),
                        None => changes.removed_nodes.push(change.name.to_string()),
                    }
                }
                ResourceKey::PODS => {
                    let uid = change.new.as_ref().or(change.old.as_ref()).map_or("", Value::uid);
                    changes.pods.retain(|pod| pod.uid != uid);
                    match &change.new {
                        Some(pod) => changes.pods.push(summarize_pod(pod)),
                        None => changes.removed_pods.push(uid.to_string()),
                    }
                }
                ResourceKey::SERVICES => {
                    if let (Some(old), None) = (&change.old, &change.new) {
                        changes.removed_services.push(old.uid().to_string());
                    }
                    services.insert((change.namespace.to_string(), change.name.to_string()));
                }
                ResourceKey::ENDPOINT_SLICES => {
                    let slices = [&change.old, &change.new].into_iter().flatten();
                    services.extend(
                        slices.map(|slice| (change.namespace.to_string(), services::service_of(slice).to_string())),
                    );
                }
                _ => {}
            }
        }
        let summaries = services.iter().filter_map(|(namespace, name)| self.service_summary(namespace, name));
        changes.services = summaries.collect();
        changes
    }

    /// An object in full: what the console would print of it, on a copy.
    pub fn inspect(&self, kind: &str, namespace: &str, name: &str) -> Inspection {
        let mut copy = self.clone();
        let of = namespace;
        let object = format!("{} {}", quoted(kind), quoted(name));
        let namespace = if namespace.is_empty() { String::new() } else { format!("-n {}", quoted(namespace)) };
        let describe = copy.run_line(&format!("kubectl describe {object} {namespace}"), LOOK);
        let get = copy.run_line(&format!("kubectl get {object} {namespace} -o yaml"), LOOK);
        let events = self.api.list(ResourceKey::EVENTS, None).filter(|event| {
            let about = event.get("involvedObject");
            about.get("kind") == kind && about.get("name") == name && about.get("namespace").str() == of
        });
        Inspection {
            summary: describe.stdout + &describe.stderr,
            yaml: get.stdout + &get.stderr,
            events: events.map(event_summary).collect(),
            related: self.find_object(kind, of, name).ok().flatten().map(|object| related(&object)).unwrap_or_default(),
        }
    }
}

fn resource(kind: &str) -> Result<ResourceKey, String> {
    let (kind, group) = kind.split_once('.').unwrap_or((kind, ""));
    ResourceKey::all()
        .find(|key| key.kind() == kind && (group.is_empty() || key.group() == group))
        .ok_or_else(|| format!("there is no kind {kind:?}"))
}

/// What owns an object, and the node on which it runs.
fn related(object: &Value) -> Vec<(String, String, String)> {
    let owners = object.meta().owner_references().map(|owner| {
        let is_namespaced = resource(owner.kind()).is_ok_and(|key| key.is_namespaced());
        let namespace = if is_namespaced { object.namespace() } else { "" };
        (owner.kind().to_string(), namespace.to_string(), owner.name().to_string())
    });
    let node = (object.get("kind") == "Pod").then(|| Pod(object).node_name()).filter(|node| !node.is_empty());
    let node = node.map(|node| ("Node".to_string(), String::new(), node.to_string()));
    let mut related: Vec<_> = owners.chain(node).collect();
    related.dedup();
    related
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn node_summary(object: &Value) -> NodeSummary {
    let node = Node(object);
    let roles: Vec<_> = object
        .meta()
        .labels()
        .iter()
        .filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/").filter(|role| !role.is_empty()))
        .collect();
    NodeSummary {
        name: object.name().to_string(),
        ready: node.is_ready(),
        schedulable: !node.spec().unschedulable(),
        roles: if roles.is_empty() { "<none>".into() } else { roles.join(",") },
        taints: node
            .spec()
            .taints()
            .map(|taint| match taint.val() {
                "" => format!("{}:{}", taint.key(), taint.effect()),
                value => format!("{}={value}:{}", taint.key(), taint.effect()),
            })
            .collect(),
    }
}

fn summarize_pod(object: &Value) -> PodSummary {
    let pod = Pod(object);
    let summary = pod_summary(pod);
    let all_ready = summary.ready == summary.total;
    let tone = match summary.status.as_str() {
        "Terminating" => Tone::Leaving,
        "Running" if all_ready => Tone::Good,
        "Completed" | "Succeeded" => Tone::Done,
        "Pending" | "ContainerCreating" | "PodInitializing" | "Running" => Tone::Pending,
        status if status.starts_with("Init:") && !status.contains("rror") && !status.contains("Back") => Tone::Pending,
        _ => Tone::Bad,
    };
    PodSummary {
        uid: object.uid().to_string(),
        namespace: object.namespace().to_string(),
        name: object.name().to_string(),
        node: pod.node_name().to_string(),
        ready: format!("{}/{}", summary.ready, summary.total),
        restarts: u32::try_from(summary.restarts).unwrap_or(0),
        status: summary.status,
        tone,
        labels: object.meta().labels().iter().map(|(key, value)| (key.to_string(), value.str().to_string())).collect(),
        ip: pod.status().pod_ip().to_string(),
        images: pod.spec().containers().map(|container| container.image().to_string()).collect(),
    }
}

fn event_summary(event: &Value) -> EventSummary {
    EventSummary {
        warning: event.get("type") == "Warning",
        reason: event.get("reason").str().to_string(),
        message: event.get("message").str().to_string(),
        count: event.get("count").as_i64().and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
        at: Time::parse_rfc3339(event.get("lastTimestamp").str()).unwrap_or_default(),
    }
}
