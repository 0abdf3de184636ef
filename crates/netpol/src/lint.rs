//! Policies that surely are not meant as they are.

use podyard_api::Value;
use podyard_api::kinds::Pod;
use serde::{Deserialize, Serialize};

use crate::policy::{Policies, Policy, PolicyId};
use crate::rule::{Direction, Number, Peer, Rule, named_ports};
use crate::verdict::{Connection, Side};

/// Something to look at again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lint {
    pub policy: PolicyId,
    pub kind: LintKind,
}

/// What is the matter. Rules and peers count from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LintKind {
    /// The policy's `podSelector` selects none of the pods.
    SelectsNoPod,
    /// This entry of `from` or `to` selects none of the pods.
    PeerMatchesNothing { direction: Direction, rule: usize, peer: usize },
    /// These two entries are alternatives; one entry with both selectors may have been meant.
    SeparateSelectors { direction: Direction, rule: usize, pods: usize, namespaces: usize },
    /// The policy lets something out, but the pods it selects can ask no name server.
    EgressWithoutDns,
    /// No pod that is meant has a port of this name.
    UnknownPortName { direction: Direction, rule: usize, port: usize },
}

/// The labels of the pods of the cluster's name server.
const DNS: (&str, &str) = ("k8s-app", "kube-dns");

impl Policies {
    /// What is odd, seen from the pods that there are; by policy, and in it from the outside to the inside.
    pub fn lint(&self, pods: &[&Value]) -> Vec<Lint> {
        let all: Vec<Pod> = pods.iter().map(|pod| Pod(pod)).filter(|pod| !pod.spec().host_network()).collect();
        let mut lints = Vec::new();
        for (id, policy) in self.iter() {
            let kinds = self.lint_one(id, policy, &all);
            lints.extend(kinds.into_iter().map(|kind| Lint { policy: id.clone(), kind }));
        }
        lints
    }

    fn lint_one(&self, id: &PolicyId, policy: &Policy, pods: &[Pod]) -> Vec<LintKind> {
        let own = |pod: &&Pod| pod.namespace() == id.namespace && policy.selects(**pod);
        let selected: Vec<Pod> = pods.iter().filter(own).copied().collect();
        let mut kinds = Vec::new();
        if selected.is_empty() {
            kinds.push(LintKind::SelectsNoPod);
        }
        for direction in [Direction::Ingress, Direction::Egress] {
            for (index, rule) in policy.rules(direction).into_iter().flatten().enumerate() {
                self.peers(id, direction, index, rule, pods, &mut kinds);
                let targets = if direction == Direction::Ingress { &selected } else { pods };
                port_names(direction, index, rule, targets, &mut kinds);
            }
        }
        if policy.egress.as_ref().is_some_and(|rules| !rules.is_empty()) && self.without_dns(&selected, pods) {
            kinds.push(LintKind::EgressWithoutDns);
        }
        kinds
    }

    fn peers(
        &self,
        id: &PolicyId,
        direction: Direction,
        rule_index: usize,
        rule: &Rule,
        pods: &[Pod],
        kinds: &mut Vec<LintKind>,
    ) {
        let only = |pods: bool, namespaces: bool| {
            rule.peers.iter().position(|peer| match peer {
                Peer::Pods { pods: p, namespaces: n } => (p.is_some(), n.is_some()) == (pods, namespaces),
                Peer::Block { .. } => false,
            })
        };
        for (index, peer) in rule.peers.iter().enumerate() {
            let alone = Rule { peers: vec![peer.clone()], ports: Vec::new() };
            let is = |pod: &Pod| alone.peer(Side::Pod(pod.value()), &id.namespace, |n| self.labels(n)).is_some();
            if matches!(peer, Peer::Pods { .. }) && !pods.iter().any(is) {
                kinds.push(LintKind::PeerMatchesNothing { direction, rule: rule_index, peer: index });
            }
        }
        if let (Some(pods), Some(namespaces)) = (only(true, false), only(false, true)) {
            kinds.push(LintKind::SeparateSelectors { direction, rule: rule_index, pods, namespaces });
        }
    }

    /// Whether one of these pods can ask none of the name servers.
    fn without_dns(&self, selected: &[Pod], pods: &[Pod]) -> bool {
        let is_server =
            |pod: &&Pod| pod.namespace() == "kube-system" && *pod.metadata().value().at(&["labels", DNS.0]) == DNS.1;
        let servers: Vec<&Pod> = pods.iter().filter(is_server).collect();
        !servers.is_empty()
            && selected.iter().any(|pod| {
                !servers.iter().any(|server| {
                    let (from, to) = (Side::Pod(pod.value()), Side::Pod(server.value()));
                    self.verdict(&Connection { from, to, port: 53, protocol: "UDP" }).egress.allowed
                })
            })
    }
}

fn port_names(direction: Direction, rule_index: usize, rule: &Rule, targets: &[Pod], kinds: &mut Vec<LintKind>) {
    for (index, port) in rule.ports.iter().enumerate() {
        let Number::Named(name) = &port.number else { continue };
        let has = |pod: &Pod| named_ports(*pod, name).any(|(_, protocol)| protocol == port.protocol);
        if !targets.is_empty() && !targets.iter().any(has) {
            kinds.push(LintKind::UnknownPortName { direction, rule: rule_index, port: index });
        }
    }
}

#[cfg(test)]
mod tests {
    use podyard_api::value;

    use super::*;

    fn pod(namespace: &str, name: &str, labels: Value) -> Value {
        value!({
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {"containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}]},
        })
    }

    fn check(spec: Value, expect: &[LintKind]) {
        let policy = value!({"metadata": {"name": "p", "namespace": "dev"}, "spec": spec});
        let namespaces = ["dev", "prod", "kube-system"]
            .map(|name| value!({"metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}}));
        let pods = [
            pod("dev", "web", value!({"app": "web"})),
            pod("prod", "db", value!({"app": "db"})),
            pod("kube-system", "coredns", value!({"k8s-app": "kube-dns"})),
        ];
        let pods: Vec<&Value> = pods.iter().collect();
        let found: Vec<LintKind> =
            Policies::new(&[policy], &namespaces).lint(&pods).into_iter().map(|lint| lint.kind).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn what_is_odd() {
        let (ingress, egress) = (Direction::Ingress, Direction::Egress);
        check(value!({"podSelector": {}}), &[]);
        check(value!({"podSelector": {"matchLabels": {"app": "wbe"}}}), &[LintKind::SelectsNoPod]);
        let other = value!([{"podSelector": {"matchLabels": {"app": "db"}}}]);
        check(
            value!({"podSelector": {}, "ingress": [{"from": (&other)}]}),
            &[LintKind::PeerMatchesNothing { direction: ingress, rule: 0, peer: 0 }],
        );
        let prod = value!({"matchLabels": {"kubernetes.io/metadata.name": "prod"}});
        let both = value!([
            {"namespaceSelector": (&prod)},
            {"podSelector": {"matchLabels": {"app": "web"}}},
        ]);
        check(
            value!({"podSelector": {}, "ingress": [{"from": (&both)}]}),
            &[LintKind::SeparateSelectors { direction: ingress, rule: 0, pods: 1, namespaces: 0 }],
        );
        check(value!({"podSelector": {}, "policyTypes": ["Egress"]}), &[]);
        check(
            value!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"namespaceSelector": (&prod)}]}]}),
            &[LintKind::EgressWithoutDns],
        );
        check(
            value!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": "web"}]}]}),
            &[LintKind::UnknownPortName { direction: egress, rule: 0, port: 0 }, LintKind::EgressWithoutDns],
        );
    }
}
