//! Who reaches whom.

use std::collections::BTreeMap;

use podyard_api::kinds::{Pod, Service};
use podyard_api::{About, Value};
use podyard_apiserver::ResourceKey;
use podyard_network::{Outcome, Path, Source, Why, connect};

use super::{Cell, Head, Table, omitted};
use crate::{Cluster, Tone};

/// How many sources and destinations are shown, and over how many endpoints of a service a verdict is.
const MAX_SIDE: usize = 20;
const MAX_ENDPOINTS: u64 = 3;
const SYSTEM: &str = "kube-system";
const CHOICES: [&str; 2] = ["without kube-system", "with kube-system"];
/// Somebody outside, for what leaves the cluster.
const OUTSIDE: &str = "203.0.113.1";

/// Pods of one template: one speaks for all.
struct Group<'a> {
    name: String,
    pod: &'a Value,
    count: usize,
}

/// Where connections go: its head, how `why` writes it, its address and port.
struct Goal {
    head: Head,
    word: String,
    address: String,
    port: u16,
}

impl Cluster {
    /// Which groups of pods, and the workstation, reach which services and pods.
    pub fn network_table(&self, choice: &str) -> Table {
        let choice = CHOICES.into_iter().find(|own| *own == choice).unwrap_or(CHOICES[0]);
        let groups = self.groups(choice == CHOICES[1]);
        let goals = self.goals(&groups, choice == CHOICES[1]);
        let (all_sources, all_goals) = (groups.len() + 1, goals.len());
        let mut rows =
            vec![self.network_row(Head::new("workstation", "outside", None), Source::Outside, "workstation", &goals)];
        for group in groups.iter().take(MAX_SIDE) {
            let word = format!("pod/{}/{}", group.pod.namespace(), group.pod.name());
            rows.push(self.network_row(group_head(group), Source::Pod(group.pod), &word, &goals));
        }
        let parts = [omitted(all_sources, rows.len(), "sources"), omitted(all_goals, MAX_SIDE, "destinations")];
        Table {
            caption: "Who reaches whom. Pods of one owner are one row, and the first of them is asked.".into(),
            choices: CHOICES.map(str::to_owned).into(),
            choice: choice.into(),
            corner: "From \\ to",
            columns: goals.iter().take(MAX_SIDE).map(|goal| goal.head.clone()).collect(),
            rows,
            omitted: parts.join(" ").trim().into(),
        }
    }

    fn network_row(&self, head: Head, source: Source<'_>, word: &str, goals: &[Goal]) -> (Head, Vec<Cell>) {
        let cells = goals.iter().take(MAX_SIDE).map(|goal| {
            let (text, tone) = self.verdict(source, goal);
            Cell::new(text, tone, &["reach".into(), word.into(), goal.word.clone()])
        });
        (head, cells.collect())
    }

    /// The verdict over the endpoints: the worst counts.
    fn verdict(&self, source: Source<'_>, goal: &Goal) -> (&'static str, Tone) {
        let network = self.network();
        let paths = (0..MAX_ENDPOINTS).map(|draw| connect(&network, source, &goal.address, goal.port, "TCP", draw));
        let words = paths.map(|path| self.path_word(&path));
        words.reduce(|a, b| if a.1 == Tone::Good { b } else { a }).unwrap_or(("yes", Tone::Good))
    }

    fn path_word(&self, path: &Path) -> (&'static str, Tone) {
        let heard = match &path.outcome {
            Outcome::Pod { namespace, name, port } => self.listener_in_pod(namespace, name, *port).is_some(),
            Outcome::Node { name, port } => self.listener_on_node(name, *port).is_some(),
            _ => true,
        };
        match &path.outcome {
            Outcome::TimedOut(Why::Policy) => ("policy", Tone::Bad),
            Outcome::TimedOut(Why::Outside) => ("let out", Tone::Good),
            Outcome::TimedOut(Why::NotRouted) => ("no route", Tone::Done),
            Outcome::TimedOut(_) | Outcome::Unreachable => ("times out", Tone::Bad),
            Outcome::Refused(_) => ("refused", Tone::Pending),
            _ if heard => ("yes", Tone::Good),
            _ => ("refused", Tone::Pending),
        }
    }

    fn groups(&self, system: bool) -> Vec<Group<'_>> {
        let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
        for object in self.api.list(ResourceKey::PODS, None) {
            let pod = Pod(object);
            let runs =
                pod.status().phase() == "Running" && !pod.status().pod_ip().is_empty() && !pod.spec().host_network();
            if !runs || (object.namespace() == SYSTEM && !system) {
                continue;
            }
            let name = owner(object);
            let key = (object.namespace().to_owned(), name.clone());
            groups.entry(key).and_modify(|group| group.count += 1).or_insert(Group { name, pod: object, count: 1 });
        }
        groups.into_values().collect()
    }

    fn goals(&self, groups: &[Group], system: bool) -> Vec<Goal> {
        let mut goals = Vec::new();
        for object in self.api.list(ResourceKey::SERVICES, None) {
            let spec = Service(object).spec();
            let address = spec.cluster_ip();
            if matches!(address, "" | "None") || (object.namespace() == SYSTEM && !system) {
                continue;
            }
            for port in spec.ports().filter(|port| port.protocol() == "TCP") {
                let Ok(port) = u16::try_from(port.port()) else { continue };
                goals.push(Goal {
                    head: Head::new(
                        format!("{}:{port}", object.name()),
                        "service",
                        Some(About::object("Service", object)),
                    ),
                    word: format!("svc/{}/{}:{port}", object.namespace(), object.name()),
                    address: address.into(),
                    port,
                });
            }
        }
        for group in groups {
            let Some(port) = self.port_of(group.pod) else { continue };
            let mut head = group_head(group);
            head.text = format!("{}:{port}", head.text);
            goals.push(Goal {
                head,
                word: format!("pod/{}/{}:{port}", group.pod.namespace(), group.pod.name()),
                address: Pod(group.pod).status().pod_ip().into(),
                port,
            });
        }
        let word = format!("{OUTSIDE}:443");
        goals.push(Goal { head: Head::new(&*word, "outside", None), word, address: OUTSIDE.into(), port: 443 });
        goals
    }

    /// The first port that its containers name, or on which they listen.
    fn port_of(&self, pod: &Value) -> Option<u16> {
        let named = Pod(pod).spec().containers().flat_map(|container| container.ports());
        let named =
            named.filter(|port| port.protocol() == "TCP").find_map(|port| u16::try_from(port.container_port()).ok());
        named.or_else(|| self.kernel.ports(self.net_of_pod(pod.namespace(), pod.name())?).next())
    }
}

fn group_head(group: &Group) -> Head {
    let pods = if group.count == 1 { "pod".into() } else { format!("{} pods", group.count) };
    let note = format!("{pods} in {}", group.pod.namespace());
    Head::new(&*group.name, note, Some(About::object("Pod", group.pod)))
}

/// The name of what made the pod: of a replica set, the deployment's.
fn owner(pod: &Value) -> String {
    let hash =
        pod.meta().labels().iter().find(|(key, _)| key.as_str() == "pod-template-hash").map(|(_, value)| value.str());
    let Some(owner) = Pod(pod).metadata().owner_references().next() else { return pod.name().into() };
    let name = owner.name();
    match hash.and_then(|hash| name.strip_suffix(hash)).and_then(|rest| rest.strip_suffix('-')) {
        Some(deployment) if owner.kind() == "ReplicaSet" => deployment.into(),
        _ => name.into(),
    }
}
