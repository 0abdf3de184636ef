//! NetworkPolicies.

use podyard_api::kinds::{NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort};
use podyard_api::{Selector, Value, timestamp};

use super::out::Out;
use super::{Describer, Related, lists, nothing};
use crate::values::{int_or_string, or};

pub(super) const DESCRIBER: Describer = Describer { reads: nothing, write };

fn write(object: &Value, _: &Related, out: &mut Out) {
    let policy = NetworkPolicy(object);
    let (meta, spec) = (policy.metadata(), policy.spec());
    out.field(0, "Name", policy.name());
    out.field(0, "Namespace", policy.namespace());
    out.field(0, "Created on", go_time(meta.creation_timestamp()));
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    out.line(0, "Spec:");
    out.write(1, "PodSelector: ");
    match Selector::format(Some(spec.pod_selector())).as_str() {
        "<none>" => out.line(2, "<none> (Allowing the specific traffic to all pods in this namespace)"),
        selector => out.line(2, selector),
    }
    let affects = |kind: &str| spec.policy_types().any(|listed| listed == kind);
    if affects("Ingress") {
        out.line(1, "Allowing ingress traffic:");
        let rules = spec.ingress().map(|rule| (rule.ports().collect(), rule.from().collect()));
        self::rules(rules.collect(), "From", ["ingress", "source"], out);
    } else {
        out.line(1, "Not affecting ingress traffic");
    }
    if affects("Egress") {
        out.line(1, "Allowing egress traffic:");
        let rules = spec.egress().map(|rule| (rule.ports().collect(), rule.to().collect()));
        self::rules(rules.collect(), "To", ["egress", "destination"], out);
    } else {
        out.line(1, "Not affecting egress traffic");
    }
    let types = spec.policy_types().collect::<Vec<_>>().join(", ");
    out.line(1, format_args!("Policy Types: {}", or(&types, "<none>")));
}

/// As Go prints a time: `2026-11-22 15:04:30 +0000 UTC`.
fn go_time(text: &str) -> String {
    let text = timestamp::rfc3339(timestamp::parse(text).unwrap_or_default());
    format!("{} +0000 UTC", text.trim_end_matches('Z').replace('T', " "))
}

type Rule<'a> = (Vec<NetworkPolicyPort<'a>>, Vec<NetworkPolicyPeer<'a>>);

fn rules(rules: Vec<Rule<'_>>, towards: &str, [traffic, end]: [&str; 2], out: &mut Out) {
    if rules.is_empty() {
        out.line(2, format_args!("<none> (Selected pods are isolated for {traffic} connectivity)"));
    }
    for (index, (ports, peers)) in rules.into_iter().enumerate() {
        if index > 0 {
            out.line(2, "----------");
        }
        if ports.is_empty() {
            out.line(2, "To Port: <any> (traffic allowed to all ports)");
        }
        for port in ports {
            let number = if port.port().is_null() { "<nil>".to_owned() } else { int_or_string(port.port()) };
            match port.end_port() {
                None => out.line(2, format_args!("To Port: {number}/{}", port.protocol())),
                Some(end) => out.line(2, format_args!("To Port Range: {number}-{end}/{}", port.protocol())),
            }
        }
        if peers.is_empty() {
            out.line(2, format_args!("{towards}: <any> (traffic not restricted by {end})"));
        }
        for peer in peers {
            out.line(2, format_args!("{towards}:"));
            self::peer(peer, out);
        }
    }
}

fn peer(peer: NetworkPolicyPeer<'_>, out: &mut Out) {
    if let Some(selector) = peer.namespace_selector() {
        out.line(3, format_args!("NamespaceSelector: {}", Selector::format(Some(selector))));
    }
    if let Some(selector) = peer.pod_selector() {
        out.line(3, format_args!("PodSelector: {}", Selector::format(Some(selector))));
    }
    if let (None, None, Some(block)) = (peer.namespace_selector(), peer.pod_selector(), peer.ip_block()) {
        out.line(3, "IPBlock:");
        out.line(4, format_args!("CIDR: {}", block.cidr()));
        out.line(4, format_args!("Except: {}", block.except().collect::<Vec<_>>().join(", ")));
    }
}
