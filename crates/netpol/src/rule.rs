//! One rule of a policy: which peers, on which ports.
// Models staging/src/k8s.io/api/networking/v1/types.go

use std::net::IpAddr;

use ecow::EcoString;
use podyard_api::kinds::{Container, IpBlock, NetworkPolicyPeer, NetworkPolicyPort, Pod};
use podyard_api::{Selector, Value, names};
use serde::{Deserialize, Serialize};

use crate::verdict::Side;

/// Of what a policy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Direction {
    Ingress,
    Egress,
}

/// A rule: a connection must match one of the peers and one of the ports; an empty list matches all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) peers: Vec<Peer>,
    pub(crate) ports: Vec<Port>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Peer {
    /// Pods by their own labels (all, if nothing is said) and their namespace's (the policy's, if nothing is said).
    Pods {
        pods: Option<Selector>,
        namespaces: Option<Selector>,
    },
    Block {
        cidr: Option<Cidr>,
        except: Vec<Cidr>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cidr {
    address: IpAddr,
    bits: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Port {
    pub(crate) protocol: EcoString,
    pub(crate) number: Number,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Number {
    All,
    /// From, to, both included.
    Range(i64, i64),
    Named(EcoString),
}

impl Rule {
    pub(crate) fn new<'a>(
        peers: impl Iterator<Item = NetworkPolicyPeer<'a>>,
        ports: impl Iterator<Item = NetworkPolicyPort<'a>>,
    ) -> Self {
        Self { peers: peers.map(Peer::of).collect(), ports: ports.map(Port::of).collect() }
    }

    /// The first peer that the other side is; 0 where the rule names none, for all are meant.
    pub(crate) fn peer(&self, other: Side, own: &str, labels: impl Fn(&str) -> Value) -> Option<usize> {
        if self.peers.is_empty() {
            return Some(0);
        }
        self.peers.iter().position(|peer| peer.is(other, own, &labels))
    }

    /// The first port that is meant; 0 where the rule names none, for all are meant.
    pub(crate) fn port(&self, target: Side, port: u16, protocol: &str) -> Option<usize> {
        if self.ports.is_empty() {
            return Some(0);
        }
        self.ports.iter().position(|own| own.is(target, port, protocol))
    }
}

impl Peer {
    fn of(peer: NetworkPolicyPeer<'_>) -> Self {
        let selector = |selector| Selector::of(Some(selector)).unwrap_or_else(|_| Selector::nothing());
        match peer.ip_block() {
            Some(block) => Self::block(block),
            None => Self::Pods {
                pods: peer.pod_selector().map(selector),
                namespaces: peer.namespace_selector().map(selector),
            },
        }
    }

    fn block(block: IpBlock<'_>) -> Self {
        Self::Block { cidr: Cidr::parse(block.cidr()), except: block.except().filter_map(Cidr::parse).collect() }
    }

    fn is(&self, other: Side, own: &str, labels: impl Fn(&str) -> Value) -> bool {
        match self {
            Self::Block { cidr, except } => other.addresses().any(|address| {
                let inside = |cidr: &Cidr| cidr.contains(address);
                cidr.as_ref().is_some_and(inside) && !except.iter().any(inside)
            }),
            Self::Pods { pods, namespaces } => {
                let Some(pod) = other.selectable() else { return false };
                let namespace = match namespaces {
                    None => pod.namespace() == own,
                    Some(selector) => selector.matches(&labels(pod.namespace())),
                };
                namespace && pods.as_ref().is_none_or(|selector| selector.matches_object(pod.value()))
            }
        }
    }
}

impl Port {
    fn of(port: NetworkPolicyPort<'_>) -> Self {
        let number = match (port.port(), port.port().as_i64()) {
            (Value::Null, _) => Number::All,
            (_, Some(first)) => Number::Range(first, port.end_port().unwrap_or(first)),
            (name, None) => Number::Named(name.text()),
        };
        Self { protocol: port.protocol().into(), number }
    }

    fn is(&self, target: Side, port: u16, protocol: &str) -> bool {
        self.protocol == protocol
            && match &self.number {
                Number::All => true,
                Number::Range(first, last) => (*first..=*last).contains(&port.into()),
                Number::Named(name) => target.selectable().is_some_and(|pod| {
                    named_ports(pod, name).any(|(number, own)| number == i64::from(port) && own == protocol)
                }),
            }
    }
}

/// Number and protocol of the ports that a pod's containers have under a name.
pub(crate) fn named_ports<'a>(pod: Pod<'a>, name: &str) -> impl Iterator<Item = (i64, &'a str)> {
    let sidecars = pod.spec().init_containers().filter(|c: &Container<'_>| *c.value().get("restartPolicy") == "Always");
    let ports = pod.spec().containers().chain(sidecars).flat_map(|container| container.ports());
    ports.filter(move |port| port.name() == name).map(|port| (port.container_port(), port.protocol()))
}

impl Cidr {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address = names::parse_ip(address)?;
        let bits: u8 = bits.parse().ok()?;
        (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some(Self { address, bits })
    }

    fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.bits.into()
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        let check = |cidr: &str, address: &str, expect| {
            let inside = Cidr::parse(cidr).is_some_and(|cidr| cidr.contains(address.parse().unwrap()));
            assert_eq!(inside, expect, "{address} in {cidr}");
        };
        check("10.0.0.0/8", "10.244.1.7", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.1.2.3/32", "10.1.2.3", true);
        check("10.1.2.3/32", "10.1.2.2", false);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "::1", false);
        check("fd00::/8", "fd12::1", true);
        check("10.0.0.0/33", "10.0.0.0", false);
        check("nonsense", "10.0.0.0", false);
    }
}
