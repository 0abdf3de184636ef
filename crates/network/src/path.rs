//! A connection's way through the cluster.
// Models pkg/proxy/iptables: what its rules let happen

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{EndpointSlice, Pod, Service, ServicePort};
use podyard_api::names::parse_ip;
use podyard_netpol::{Connection, Side, Verdict};
use serde::{Deserialize, Serialize};

use crate::Objects;

/// The address of what is outside, as policies see it.
pub(crate) const SOMEBODY: &str = "203.0.113.1";

/// Where a connection begins.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    Pod(&'a Value),
    /// A node, by its name.
    Node(&'a str),
    /// A machine outside of the cluster, which reaches the nodes only.
    Outside,
}

/// A connection's way, and where it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    pub hops: Vec<Hop>,
    pub outcome: Outcome,
}

/// A station of the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hop {
    /// The address and port are those of a service.
    Service { namespace: EcoString, name: EcoString, port: u16 },
    /// The service's port has so many endpoints, and this one is taken.
    Endpoint { address: EcoString, port: u16, of: usize },
    /// The policies of both ends have spoken.
    Policies(Verdict),
}

/// Where a connection ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// At this pod's port, whether or not anybody listens there.
    Pod {
        namespace: EcoString,
        name: EcoString,
        port: u16,
    },
    /// At a node's own port.
    Node {
        name: EcoString,
        port: u16,
    },
    Refused(Why),
    TimedOut(Why),
    /// No route to the host.
    Unreachable,
}

/// Why a connection comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The service has no such port.
    NoSuchPort,
    /// No ready endpoint stands behind the service's port.
    NoEndpoints,
    /// Nothing on the node makes service addresses lead anywhere.
    NoServiceProxy,
    Policy,
    /// The address is of the cluster's inside, and the source is not.
    NotRouted,
    /// The address is of nobody here.
    Outside,
}

/// Follows a connection. `draw` chooses among several endpoints.
pub fn connect(objects: &dyn Objects, source: Source<'_>, address: &str, port: u16, protocol: &str, draw: u64) -> Path {
    let mut walk = Walk { objects, source, protocol, draw, hops: Vec::new() };
    let outcome = walk.to(address, port);
    Path { hops: walk.hops, outcome }
}

struct Walk<'a> {
    objects: &'a dyn Objects,
    source: Source<'a>,
    protocol: &'a str,
    draw: u64,
    hops: Vec<Hop>,
}

impl<'a> Walk<'a> {
    fn to(&mut self, address: &str, port: u16) -> Outcome {
        let objects = self.objects;
        if let Some(node) = objects.node_at(address) {
            let service = objects.services().find_map(|service| {
                let spec = Service(service).spec();
                let own = spec.ports().find(|own| own.node_port() == i64::from(port) && self.speaks(*own))?;
                matches!(spec.kind(), "NodePort" | "LoadBalancer").then_some((service, own))
            });
            return match service {
                Some((service, own)) if objects.has_service_proxy() => {
                    let is_local = Service(service).spec().external_traffic_policy() == "Local";
                    self.service(service, own, is_local.then_some(node.as_str()))
                }
                _ => self.judged(None, Outcome::Node { name: node, port }, address, port),
            };
        }
        if let Some(service) = objects.services().find(|service| has_address(service, address)) {
            if matches!(self.source, Source::Outside) {
                return Outcome::TimedOut(Why::NotRouted);
            }
            if !objects.has_service_proxy() {
                return Outcome::TimedOut(Why::NoServiceProxy);
            }
            let spec = Service(service).spec();
            let Some(own) = spec.ports().find(|own| own.port() == i64::from(port) && self.speaks(*own)) else {
                return Outcome::TimedOut(Why::NoSuchPort);
            };
            let is_local = spec.internal_traffic_policy() == "Local";
            return self.service(service, own, self.own_node().filter(|_| is_local));
        }
        match objects.pod_at(address) {
            Some(_) if matches!(self.source, Source::Outside) => Outcome::TimedOut(Why::NotRouted),
            Some(pod) => self.pod(pod, port),
            None if address.starts_with("10.244.") => Outcome::Unreachable,
            None => self.judged(None, Outcome::TimedOut(Why::Outside), address, port),
        }
    }

    fn speaks(&self, port: ServicePort<'_>) -> bool {
        port.protocol() == self.protocol
    }

    /// The node on which the source is.
    fn own_node(&self) -> Option<&'a str> {
        match self.source {
            Source::Pod(pod) => Some(Pod(pod).spec().node_name()),
            Source::Node(name) => Some(name),
            Source::Outside => None,
        }
    }

    /// On to one of the endpoints of a service's port; of those on `node`, if one is given.
    fn service(&mut self, object: &Value, port: ServicePort<'_>, node: Option<&str>) -> Outcome {
        let (namespace, name) = (object.namespace_text(), object.name_text());
        let number = u16::try_from(port.port()).unwrap_or_default();
        self.hops.push(Hop::Service { namespace: namespace.clone(), name: name.clone(), port: number });
        let all = endpoints(self.objects, &namespace, &name, port.name());
        let local = |(_, _, at): &&(EcoString, u16, EcoString)| node.is_none_or(|node| at == node);
        let usable: Vec<_> = all.iter().filter(local).collect();
        let Some((address, port, _)) = usable.get(self.draw as usize % usable.len().max(1)) else {
            // What has endpoints elsewhere only is dropped, what has none is rejected.
            return if all.is_empty() {
                Outcome::Refused(Why::NoEndpoints)
            } else {
                Outcome::TimedOut(Why::NoEndpoints)
            };
        };
        self.hops.push(Hop::Endpoint { address: address.clone(), port: *port, of: usable.len() });
        match self.objects.pod_at(address) {
            Some(pod) => self.pod(pod, *port),
            None => match self.objects.node_at(address) {
                Some(name) => self.judged(None, Outcome::Node { name, port: *port }, address, *port),
                None => Outcome::Unreachable,
            },
        }
    }

    fn pod(&mut self, object: &Value, port: u16) -> Outcome {
        let reached = Outcome::Pod { namespace: object.namespace_text(), name: object.name_text(), port };
        self.judged(Some(object), reached, "", port)
    }

    /// What was reached, if the policies let the connection through.
    fn judged(&mut self, pod: Option<&Value>, reached: Outcome, address: &str, port: u16) -> Outcome {
        let objects = self.objects;
        let side_of = |address: &str| parse_ip(address).map(Side::Address);
        let source = match self.source {
            Source::Pod(pod) => Some(Side::Pod(pod)),
            Source::Node(name) => {
                objects.node(name).and_then(|address| parse_ip(&address)).map(|address| Side::Node(name, address))
            }
            Source::Outside => None,
        };
        let node = objects.node_at(address);
        let target = match (pod, &node) {
            (Some(pod), _) => Some(Side::Pod(pod)),
            (None, Some(node)) => parse_ip(address).map(|address| Side::Node(node, address)),
            (None, None) => side_of(address),
        };
        let from = source.or_else(|| side_of(SOMEBODY));
        let (Some(from), Some(to)) = (from, target) else { return reached };
        let verdict = objects.policies().verdict(&Connection { from, to, port, protocol: self.protocol });
        let is_allowed = verdict.allowed;
        if !(verdict.egress.isolated_by.is_empty() && verdict.ingress.isolated_by.is_empty()) {
            self.hops.push(Hop::Policies(verdict));
        }
        if is_allowed { reached } else { Outcome::TimedOut(Why::Policy) }
    }
}

/// Whether an address is one of a service's.
fn has_address(object: &Value, address: &str) -> bool {
    let service = Service(object);
    let spec = service.spec();
    spec.kind() != "ExternalName"
        && (spec.cluster_ip() == address
            || spec.external_ips().any(|own| own == address)
            || service.status().load_balancer().ingress().any(|ingress| ingress.ip() == address))
}

/// The endpoints of a service's port that take connections: address, port and node. Those that are ready, or, if there
/// are none, those that still serve while they terminate.
fn endpoints(objects: &dyn Objects, namespace: &str, service: &str, port: &str) -> Vec<(EcoString, u16, EcoString)> {
    let (mut ready, mut serving) = (Vec::new(), Vec::new());
    for slice in objects.slices(namespace, service) {
        let slice = EndpointSlice(slice);
        let Some(number) = slice.ports().find(|own| own.name() == port).and_then(|own| own.port()) else { continue };
        let number = u16::try_from(number).unwrap_or_default();
        for endpoint in slice.endpoints() {
            let conditions = endpoint.conditions();
            let found = || endpoint.addresses().map(|address| (address.into(), number, endpoint.node_name().into()));
            if conditions.ready().unwrap_or(true) {
                ready.extend(found());
            } else if conditions.serving().unwrap_or(false) && conditions.terminating().unwrap_or(false) {
                serving.extend(found());
            }
        }
    }
    let mut usable = if ready.is_empty() { serving } else { ready };
    usable.sort();
    usable.dedup();
    usable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    /// Where a connection of the pod `client` ends, in words.
    fn check(world: &str, address: &str, port: u16, expected: &str) {
        let world = World::new(world);
        let path = connect(&world, Source::Pod(world.pod("client")), address, port, "TCP", 0);
        let end = match path.outcome {
            Outcome::Pod { name, port, .. } => format!("pod {name}:{port}"),
            Outcome::Node { name, port } => format!("node {name}:{port}"),
            other => format!("{other:?}"),
        };
        assert_eq!(end, expected, "{address}:{port}");
    }

    const CLUSTER: &str = "
node node01 172.30.1.2
pod client 10.244.1.2
pod web-1 10.244.1.3
pod web-2 10.244.2.3
service web 10.96.1.1 default 80->8080/TCP nodeport=30080
endpoint web 10.244.1.3 default 8080/TCP
unready web 10.244.2.3 default 8080/TCP
service empty 10.96.1.2 default 80->8080/TCP
unready empty 10.244.2.3 default 8080/TCP
service last 10.96.1.3 default 80->8080/TCP
terminating last 10.244.2.3 default 8080/TCP
";

    #[test]
    fn a_service_leads_to_its_ready_endpoints() {
        check(CLUSTER, "10.96.1.1", 80, "pod web-1:8080");
        check(CLUSTER, "10.96.1.1", 81, "TimedOut(NoSuchPort)");
        check(CLUSTER, "10.96.1.2", 80, "Refused(NoEndpoints)");
        check(CLUSTER, "10.96.1.3", 80, "pod web-2:8080");
        check(CLUSTER, "10.96.9.9", 80, "TimedOut(Outside)");
    }

    #[test]
    fn a_node_port_leads_to_the_service_from_any_node() {
        check(CLUSTER, "172.30.1.2", 30080, "pod web-1:8080");
        check(CLUSTER, "172.30.1.2", 30081, "node node01:30081");
    }

    #[test]
    fn pods_are_reached_directly() {
        check(CLUSTER, "10.244.2.3", 9999, "pod web-2:9999");
        check(CLUSTER, "10.244.2.99", 80, "Unreachable");
    }

    #[test]
    fn policies_of_either_end_cut_a_connection() {
        check(&format!("{CLUSTER}policy default ingress"), "10.96.1.1", 80, "TimedOut(Policy)");
        check(&format!("{CLUSTER}policy default egress"), "10.244.1.3", 80, "TimedOut(Policy)");
        check(&format!("{CLUSTER}policy other ingress"), "10.244.1.3", 80, "pod web-1:80");
    }

    #[test]
    fn endpoints_take_turns() {
        let world = World::new(&format!("{CLUSTER}endpoint web 10.244.2.3 default 8080/TCP"));
        let name = |draw| match connect(&world, Source::Node("node01"), "10.96.1.1", 80, "TCP", draw).outcome {
            Outcome::Pod { name, .. } => name,
            other => panic!("{other:?}"),
        };
        assert_eq!([name(0), name(1), name(2)], ["web-1", "web-2", "web-1"]);
    }

    #[test]
    fn from_outside_only_nodes_are_reached() {
        let world = World::new(CLUSTER);
        let outcome = |address| connect(&world, Source::Outside, address, 80, "TCP", 0).outcome;
        assert_eq!(outcome("10.96.1.1"), Outcome::TimedOut(Why::NotRouted));
        assert_eq!(outcome("10.244.1.3"), Outcome::TimedOut(Why::NotRouted));
        assert!(matches!(outcome("172.30.1.2"), Outcome::Node { .. }));
    }
}
