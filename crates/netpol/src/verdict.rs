//! Whether a connection may be made, with every policy and rule that has a say in it.

use std::net::IpAddr;

use podyard_api::Value;
use podyard_api::kinds::Pod;
use podyard_api::names::parse_ip;
use serde::{Deserialize, Serialize};

use crate::policy::{Policies, PolicyId};
use crate::rule::Direction;

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub enum Side<'a> {
    Pod(&'a Value),
    /// Something outside of the cluster.
    Address(IpAddr),
    /// A node of the cluster, by its name and address.
    Node(&'a str, IpAddr),
}

/// A connection to be judged. Its replies come with it.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    pub from: Side<'a>,
    /// What really answers: a pod, not a service.
    pub to: Side<'a>,
    pub port: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'a str,
}

/// The answer, and why. A connection needs both directions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub allowed: bool,
    /// Out of the source.
    pub egress: SideVerdict,
    /// Into the destination.
    pub ingress: SideVerdict,
}

/// What the policies of one end say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideVerdict {
    pub allowed: bool,
    /// Why no policy matters.
    pub exempt: Option<Exempt>,
    /// The policies that select the pod and isolate it in this direction; with none, everything is allowed.
    pub isolated_by: Vec<PolicyId>,
    /// Every rule of these policies, and how it fares; one that matches is enough.
    pub rules: Vec<RuleTrace>,
}

/// Why policies do not matter at one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exempt {
    /// It is no pod.
    NoPod,
    /// The pod uses its node's network.
    HostNetwork,
    /// A pod always reaches itself.
    Itself,
    /// A pod and its own node always reach each other.
    OwnNode,
}

/// How a rule fares. It allows the connection if both its peers and its ports match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTrace {
    pub policy: PolicyId,
    /// From 0, in the direction's list.
    pub rule: usize,
    /// The first entry of `from` or `to` that matches; 0 if the list is empty.
    pub peer: Option<usize>,
    /// The first entry of `ports` that matches; 0 if the list is empty.
    pub port: Option<usize>,
}

impl RuleTrace {
    /// Whether this rule lets the connection through.
    pub fn allows(&self) -> bool {
        self.peer.is_some() && self.port.is_some()
    }
}

impl Policies {
    /// Judges a connection.
    pub fn verdict(&self, connection: &Connection) -> Verdict {
        let egress = self.side(connection, Direction::Egress);
        let ingress = self.side(connection, Direction::Ingress);
        Verdict { allowed: egress.allowed && ingress.allowed, egress, ingress }
    }

    fn side(&self, connection: &Connection, direction: Direction) -> SideVerdict {
        let (own, other) = match direction {
            Direction::Egress => (connection.from, connection.to),
            Direction::Ingress => (connection.to, connection.from),
        };
        let mut side = SideVerdict { allowed: true, exempt: None, isolated_by: Vec::new(), rules: Vec::new() };
        let pod = match exempt(own, other) {
            Ok(pod) => pod,
            Err(exempt) => return SideVerdict { exempt: Some(exempt), ..side },
        };
        for (id, policy) in self.of(pod.namespace()).filter(|(_, policy)| policy.selects(pod)) {
            let Some(rules) = policy.rules(direction) else { continue };
            side.isolated_by.push(id.clone());
            side.rules.extend(rules.iter().enumerate().map(|(index, rule)| RuleTrace {
                policy: id.clone(),
                rule: index,
                peer: rule.peer(other, &id.namespace, |namespace| self.labels(namespace)),
                port: rule.port(connection.to, connection.port, connection.protocol),
            }));
        }
        side.allowed = side.isolated_by.is_empty() || side.rules.iter().any(RuleTrace::allows);
        side
    }
}

/// The pod whose policies matter, or why none do.
fn exempt<'a>(own: Side<'a>, other: Side<'_>) -> Result<Pod<'a>, Exempt> {
    let Side::Pod(object) = own else { return Err(Exempt::NoPod) };
    let pod = Pod(object);
    if pod.spec().host_network() {
        return Err(Exempt::HostNetwork);
    }
    match other {
        Side::Pod(object) => {
            let other = Pod(object);
            if (other.namespace(), other.name()) == (pod.namespace(), pod.name()) {
                return Err(Exempt::Itself);
            }
            let same_node = !pod.spec().node_name().is_empty() && other.spec().node_name() == pod.spec().node_name();
            if other.spec().host_network() && same_node {
                return Err(Exempt::OwnNode);
            }
        }
        Side::Node(name, _) if name == pod.spec().node_name() => return Err(Exempt::OwnNode),
        Side::Node(..) | Side::Address(_) => {}
    }
    Ok(pod)
}

impl<'a> Side<'a> {
    /// The pod, if policies can name it by its labels: one on its node's network is but an address.
    pub(crate) fn selectable(self) -> Option<Pod<'a>> {
        match self {
            Self::Pod(object) => Some(Pod(object)).filter(|pod| !pod.spec().host_network()),
            _ => None,
        }
    }

    /// Its addresses.
    pub(crate) fn addresses(self) -> impl Iterator<Item = IpAddr> {
        let (pod, own) = match self {
            Self::Pod(object) => (Some(Pod(object).status()), None),
            Self::Address(address) | Self::Node(_, address) => (None, Some(address)),
        };
        let first = pod.and_then(|status| parse_ip(status.pod_ip()));
        let more = pod.into_iter().flat_map(|status| status.pod_ips()).filter_map(|ip| parse_ip(ip.ip()));
        own.into_iter().chain(first).chain(more)
    }
}

#[cfg(test)]
mod tests {
    use podyard_api::value;

    use super::*;

    fn pod(namespace: &str, name: &str, host: bool) -> Value {
        value!({
            "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
            "spec": {"hostNetwork": host, "nodeName": "node01", "containers": [{"name": "c"}]},
            "status": {"podIP": "10.244.1.2"},
        })
    }

    fn deny_all() -> Policies {
        let policy = value!({
            "metadata": {"name": "deny", "namespace": "dev"},
            "spec": {
                "podSelector": {},
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "front"}}}], "ports": [{"port": 80}]}],
            },
        });
        Policies::new(&[policy], &[])
    }

    fn check(from: Side, to: Side, port: u16, expect: (bool, bool)) -> Verdict {
        let verdict = deny_all().verdict(&Connection { from, to, port, protocol: "TCP" });
        assert_eq!((verdict.egress.allowed, verdict.ingress.allowed), expect, "{verdict:?}");
        verdict
    }

    #[test]
    fn a_rule_that_nearly_matches_says_what_it_lacks() {
        let (front, db, other) = (pod("dev", "front", false), pod("dev", "db", false), pod("prod", "front", false));
        let verdict = check(Side::Pod(&front), Side::Pod(&db), 80, (false, true));
        let id = PolicyId { namespace: "dev".into(), name: "deny".into() };
        assert_eq!(verdict.egress.isolated_by, std::slice::from_ref(&id));
        assert_eq!(verdict.ingress.rules, [RuleTrace { policy: id.clone(), rule: 0, peer: Some(0), port: Some(0) }]);
        let verdict = check(Side::Pod(&front), Side::Pod(&db), 81, (false, false));
        assert_eq!(verdict.ingress.rules, [RuleTrace { policy: id.clone(), rule: 0, peer: Some(0), port: None }]);
        let verdict = check(Side::Pod(&other), Side::Pod(&db), 80, (true, false));
        assert_eq!(verdict.ingress.rules, [RuleTrace { policy: id, rule: 0, peer: None, port: Some(0) }]);
    }

    #[test]
    fn whom_policies_do_not_concern() {
        let (front, host) = (pod("dev", "front", false), pod("dev", "host", true));
        let node = Side::Node("node01", [192, 168, 0, 1].into());
        let outside = Side::Address([203, 0, 113, 1].into());
        let exempt = |from, to, expect| {
            let verdict = check(from, to, 9000, (true, true));
            assert_eq!((verdict.egress.exempt, verdict.ingress.exempt), expect);
        };
        exempt(Side::Pod(&front), Side::Pod(&front), (Some(Exempt::Itself), Some(Exempt::Itself)));
        exempt(Side::Pod(&host), Side::Pod(&front), (Some(Exempt::HostNetwork), Some(Exempt::OwnNode)));
        exempt(node, Side::Pod(&front), (Some(Exempt::NoPod), Some(Exempt::OwnNode)));
        exempt(outside, node, (Some(Exempt::NoPod), Some(Exempt::NoPod)));
        check(outside, Side::Pod(&front), 80, (true, false));
        check(Side::Pod(&front), outside, 80, (false, true));
    }
}
