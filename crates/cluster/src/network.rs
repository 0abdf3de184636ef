//! Names and connections of processes, by what the store says of services, endpoints, pods and policies.

use std::time::Duration;

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{Node, Pod};
use podyard_apiserver::{ApiServer, ResourceKey};
use podyard_kernel::{Answer, Errno, NetId, ProcessId};
use podyard_netpol::Policies;
use podyard_network::{NoAnswer, Objects, Outcome, Path, Resolver, Source, connect, resolve};

use crate::cluster::{Cluster, Event};

/// How long a resolver asks a nameserver that does not answer: twice for five seconds.
const NAME_PATIENCE: Duration = Duration::from_secs(10);
/// The cluster's nameserver, as the kubelets' configuration has it.
pub(crate) const NAMESERVER: &str = "10.96.0.10";
/// The label by which an endpoint slice says whose it is.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Who asks: a pod, or something beside the cluster.
pub(crate) enum Asker {
    Pod(Value),
    Workstation,
}

impl Asker {
    pub(crate) fn source(&self) -> Source<'_> {
        match self {
            Self::Pod(pod) => Source::Pod(pod),
            Self::Workstation => Source::Outside,
        }
    }
}

impl Cluster {
    /// Answers a process that asks for a name's addresses.
    pub(crate) fn resolve(&mut self, process: ProcessId, ticket: u32, name: &str) {
        let asker = self.asker(process);
        match self.addresses(&asker, name) {
            Ok(addresses) => self.kernel.answer(process, ticket, Answer::Addresses(addresses), self.now),
            Err(NoAnswer::NoName) => self.kernel.answer(process, ticket, Answer::Error(Errno::NoName), self.now),
            Err(NoAnswer::TimedOut) => {
                let answer = Box::new(Answer::Error(Errno::NoName));
                self.queue.push(self.now + NAME_PATIENCE, Event::Answer { process, ticket, answer });
            }
        }
    }

    /// The addresses of a name, as somebody gets them.
    pub(crate) fn addresses(&self, asker: &Asker, name: &str) -> Result<Vec<EcoString>, NoAnswer> {
        let resolver = match asker {
            Asker::Pod(pod) => Resolver::of_pod(pod, NAMESERVER),
            Asker::Workstation => Resolver { hosts: self.hosts(), ..Resolver::default() },
        };
        resolve(&self.network(), asker.source(), &resolver, name)
    }

    /// Answers a process that connects.
    pub(crate) fn connect(&mut self, process: ProcessId, ticket: u32, address: &str, port: u16) {
        let own = self.kernel.process(process).and_then(|process| self.kernel.machine(process.machine)).map(|m| m.net);
        if address.starts_with("127.") {
            let net = own.map_or(NetId::default(), |net| self.loopback(net, port));
            return self.kernel.answer_connect(process, ticket, net, port, self.now);
        }
        let draw = self.network_rng.next_u64();
        let asker = self.asker(process);
        let path = connect(&self.network(), asker.source(), address, port, "TCP", draw);
        self.finish_connect(process, ticket, &path);
    }

    fn finish_connect(&mut self, process: ProcessId, ticket: u32, path: &Path) {
        let reached = match &path.outcome {
            Outcome::Pod { namespace, name, port } => {
                self.net_of_pod(namespace, name).map(|net| (net, *port)).ok_or(Errno::Refused)
            }
            Outcome::Node { name, port } => {
                self.listener_on_node(name, *port).map(|net| (net, *port)).ok_or(Errno::Refused)
            }
            Outcome::Refused(_) => Err(Errno::Refused),
            Outcome::TimedOut(_) => Err(Errno::TimedOut),
            Outcome::Unreachable => Err(Errno::Unreachable),
        };
        match reached {
            Ok((net, port)) => self.kernel.answer_connect(process, ticket, net, port, self.now),
            Err(errno) => self.kernel.answer(process, ticket, Answer::Error(errno), self.now),
        }
    }

    pub(crate) fn net_of_pod(&self, namespace: &str, name: &str) -> Option<NetId> {
        self.nodes.values().find_map(|node| node.net_of(namespace, name))
    }

    /// The pod's network, if somebody listens there.
    pub(crate) fn listener_in_pod(&self, namespace: &str, name: &str, port: u16) -> Option<NetId> {
        self.net_of_pod(namespace, name).filter(|net| self.kernel.listens(*net, port))
    }

    /// The network of the node's own in which somebody listens.
    pub(crate) fn listener_on_node(&self, name: &str, port: u16) -> Option<NetId> {
        let mut nets = self.nodes.get(name).into_iter().flat_map(|node| node.host_nets());
        nets.find(|net| self.kernel.listens(*net, port))
    }

    /// The network behind the loopback address: its own, or that of a pod which shares the node's with it.
    fn loopback(&self, own: NetId, port: u16) -> NetId {
        let node = self.nodes.values().find(|node| node.host_nets().any(|net| net == own));
        let shared = node.and_then(|node| node.host_nets().find(|net| self.kernel.listens(*net, port)));
        shared.unwrap_or(own)
    }

    fn asker(&self, process: ProcessId) -> Asker {
        let machine = self.kernel.process(process).and_then(|process| self.kernel.machine(process.machine));
        let pod = machine.and_then(|machine| self.nodes.values().find_map(|node| node.pod_in(machine.net)));
        pod.map_or(Asker::Workstation, |pod| Asker::Pod(pod.clone()))
    }

    /// The nodes' names, as the workstation's `/etc/hosts` has them.
    fn hosts(&self) -> Vec<(EcoString, EcoString)> {
        let nodes = self.api.list(ResourceKey::NODES, None);
        nodes.map(|node| (node.name_text(), Node(node).address("InternalIP").into())).collect()
    }

    pub(crate) fn network(&self) -> Network<'_> {
        Network { api: &self.api, has_service_proxy: self.profile.has_service_proxy }
    }
}

/// The store, as the network sees it.
pub(crate) struct Network<'a> {
    api: &'a ApiServer,
    has_service_proxy: bool,
}

impl Objects for Network<'_> {
    fn service(&self, namespace: &str, name: &str) -> Option<&Value> {
        self.api.get(ResourceKey::SERVICES, namespace, name)
    }

    fn services(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        Box::new(self.api.list(ResourceKey::SERVICES, None))
    }

    fn slices(&self, namespace: &str, service: &str) -> Box<dyn Iterator<Item = &Value> + '_> {
        let is_its = |slice: &&Value| slice.meta().value().get("labels").get(SERVICE_NAME).str() == service;
        let slices = self.api.list(ResourceKey::ENDPOINT_SLICES, Some(namespace)).filter(is_its);
        Box::new(slices.collect::<Vec<_>>().into_iter())
    }

    fn pod_at(&self, address: &str) -> Option<&Value> {
        self.api.list(ResourceKey::PODS, None).find(|object| {
            let pod = Pod(object);
            let is_over = matches!(pod.status().phase(), "Succeeded" | "Failed");
            pod.status().pod_ip() == address && !pod.spec().host_network() && !is_over
        })
    }

    fn node_at(&self, address: &str) -> Option<EcoString> {
        let mut nodes = self.api.list(ResourceKey::NODES, None);
        nodes.find(|node| Node(node).address("InternalIP") == address).map(|node| node.name_text())
    }

    fn node(&self, name: &str) -> Option<EcoString> {
        let node = self.api.get(ResourceKey::NODES, "", name)?;
        Some(Node(node).address("InternalIP").into()).filter(|address: &EcoString| !address.is_empty())
    }

    fn policies(&self) -> Policies {
        let policies = self.api.list(ResourceKey::NETWORK_POLICIES, None);
        Policies::new(policies, self.api.list(ResourceKey::NAMESPACES, None))
    }

    fn has_service_proxy(&self) -> bool {
        self.has_service_proxy
    }
}
