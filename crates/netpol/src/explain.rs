//! A verdict in plain words.

use podyard_api::kinds::Pod;
use podyard_api::{About, Explanation};

use crate::policy::{Policies, PolicyId};
use crate::rule::{Direction, Number, Peer, Rule};
use crate::verdict::{Connection, Exempt, RuleTrace, Side, SideVerdict, Verdict};

impl Policies {
    /// Adds to `why` what the policies of both ends say of a connection, and what would turn them.
    pub fn explain(&self, connection: &Connection, verdict: &Verdict, why: &mut Explanation) {
        let ends = [
            (Direction::Egress, connection.from, connection.to, &verdict.egress),
            (Direction::Ingress, connection.to, connection.from, &verdict.ingress),
        ];
        for (direction, own, other, side) in ends {
            let way = if direction == Direction::Egress { "out of" } else { "into" };
            let head = format!("{way} {}: {}", named(own), summary(direction, side));
            match own {
                Side::Pod(pod) => why.say_of(0, About::object("Pod", pod), head),
                Side::Node(name, _) => why.say_of(0, About::new("Node", "", name), head),
                Side::Address(_) => why.say(0, head),
            }
            for id in &side.isolated_by {
                let text = format!("{} selects it by spec.podSelector and isolates its {}", place(id), word(direction));
                why.say_of(1, about(id), text);
                self.rules_of(why, connection, direction, id, side);
            }
            if !side.allowed {
                self.remedy(why, connection, direction, other, side);
            }
        }
    }

    fn rules_of(
        &self,
        why: &mut Explanation,
        connection: &Connection,
        direction: Direction,
        id: &PolicyId,
        side: &SideVerdict,
    ) {
        let rules = self.get(id).and_then(|policy| policy.rules(direction)).unwrap_or_default();
        if rules.is_empty() {
            why.say_of(2, about(id), format!("{} has no rules, so that nothing is let through", word(direction)));
        }
        for trace in side.rules.iter().filter(|trace| trace.policy == *id) {
            let Some(rule) = rules.get(trace.rule) else { continue };
            let says = if trace.allows() { "lets it through" } else { "does not match" };
            let parts = [peer_part(direction, rule, trace), port_part(connection, rule, trace)];
            let text = format!("{}[{}] {says}: {}", word(direction), trace.rule, parts.join("; "));
            why.say_of(2, about(id), text);
        }
    }

    /// What would let the connection through at this end.
    fn remedy(
        &self,
        why: &mut Explanation,
        connection: &Connection,
        direction: Direction,
        other: Side,
        side: &SideVerdict,
    ) {
        let list = peers_field(direction);
        let port = format!("{} {}", connection.protocol, connection.port);
        let near = |trace: &&RuleTrace| trace.peer.is_some() || trace.port.is_some();
        for trace in side.rules.iter().filter(near) {
            let rule = format!("{}[{}] of {}", word(direction), trace.rule, place(&trace.policy));
            let edit = format!("kubectl edit {}{}", about(&trace.policy), about(&trace.policy).flag());
            let text = match trace.peer {
                Some(_) => format!("Add port {port} to ports of {rule}: {edit}"),
                None => format!("Add an entry to {list} of {rule} for {}: {edit}", described(other, &trace.policy)),
            };
            why.change(text);
        }
        if !side.rules.iter().any(|trace| near(&trace))
            && let Some(id) = side.isolated_by.first()
        {
            let edit = format!("kubectl edit {}{}", about(id), about(id).flag());
            let (direction, peer) = (word(direction), described(other, id));
            why.change(format!(
                "Add a rule to {direction} of {} with {list} {peer} and port {port}: {edit}",
                place(id)
            ));
        }
    }
}

/// `ingress`, as the field is called.
fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

fn peers_field(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    }
}

fn about(id: &PolicyId) -> About {
    About::new("NetworkPolicy", &id.namespace, &id.name)
}

/// `networkpolicy/deny in dev`
fn place(id: &PolicyId) -> String {
    format!("{} in {}", about(id), id.namespace)
}

fn named(side: Side) -> String {
    match side {
        Side::Pod(pod) => About::object("Pod", pod).to_string(),
        Side::Node(name, _) => format!("node/{name}"),
        Side::Address(address) => address.to_string(),
    }
}

fn summary(direction: Direction, side: &SideVerdict) -> String {
    let word = word(direction);
    match side.exempt {
        Some(Exempt::NoPod) => "policies concern pods only".into(),
        Some(Exempt::HostNetwork) => "policies do not concern a pod on its node's network".into(),
        Some(Exempt::Itself) => "a pod always reaches itself".into(),
        Some(Exempt::OwnNode) => "a pod and its own node always reach each other".into(),
        None if side.isolated_by.is_empty() => format!("no policy isolates its {word}, so that everything may pass"),
        None if side.allowed => "a rule lets it through".into(),
        None => "policies isolate it, and no rule lets it through".into(),
    }
}

fn peer_part(direction: Direction, rule: &Rule, trace: &RuleTrace) -> String {
    let field = peers_field(direction);
    match trace.peer {
        Some(_) if rule.peers.is_empty() => format!("it has no {field}, so that all peers match"),
        Some(index) => {
            let peer = rule.peers.get(index).map(Peer::described).unwrap_or_default();
            format!("{field}[{index}] matches ({peer})")
        }
        None => {
            let peers: Vec<String> = rule.peers.iter().map(Peer::described).collect();
            format!("nothing in {field} matches ({})", peers.join("; or "))
        }
    }
}

fn port_part(connection: &Connection, rule: &Rule, trace: &RuleTrace) -> String {
    let port = format!("{} {}", connection.protocol, connection.port);
    match trace.port {
        Some(_) if rule.ports.is_empty() => "it has no ports, so that all ports match".into(),
        Some(index) => format!("ports[{index}] matches {port}"),
        None => {
            let ports: Vec<String> =
                rule.ports.iter().map(|port| format!("{} {}", port.protocol, port.number)).collect();
            format!("nothing in ports matches {port} ({})", ports.join(", "))
        }
    }
}

/// How a peer would have to be named in a policy.
fn described(side: Side, policy: &PolicyId) -> String {
    let Some(pod) = side.selectable() else {
        let address = side.addresses().next().map(|address| format!("{address}/32")).unwrap_or_default();
        return format!("ipBlock {address}");
    };
    let labels = Pod::metadata(pod).labels();
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{}={}", key.as_str(), value.str())).collect();
    let pods = if labels.is_empty() { "{} (all pods)".into() } else { labels.join(",") };
    if pod.namespace() == policy.namespace {
        return format!("podSelector {pods}");
    }
    format!("namespaceSelector kubernetes.io/metadata.name={} and podSelector {pods}", pod.namespace())
}

impl Peer {
    /// The selectors or the block.
    fn described(&self) -> String {
        let shown = |selector: &podyard_api::Selector| match selector.to_string() {
            text if text.is_empty() => "{}".to_owned(),
            text => text,
        };
        match self {
            Self::Block { cidr, except } => {
                let cidr = cidr.map(|cidr| cidr.to_string()).unwrap_or_default();
                let except: Vec<String> = except.iter().map(ToString::to_string).collect();
                let but = if except.is_empty() { String::new() } else { format!(" except {}", except.join(", ")) };
                format!("ipBlock {cidr}{but}")
            }
            Self::Pods { pods, namespaces } => {
                let parts = [("namespaceSelector", namespaces), ("podSelector", pods)];
                let parts = parts.iter().filter_map(|(field, selector)| Some((field, selector.as_ref()?)));
                parts.map(|(field, selector)| format!("{field} {}", shown(selector))).collect::<Vec<_>>().join(" and ")
            }
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Range(first, last) if first == last => write!(f, "{first}"),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use podyard_api::{Value, yaml};

    use super::*;

    fn pod(namespace: &str, name: &str) -> Value {
        let text = "{metadata: {name: NAME, namespace: SPACE, labels: {app: NAME}}, spec: {nodeName: n}}";
        yaml::parse(&text.replace("NAME", name).replace("SPACE", namespace)).unwrap()
    }

    const DB: &str = "
metadata: {name: db, namespace: dev}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: api}}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{port: 5432}]
";

    /// What is said of a connection to `db` in `dev`.
    fn check(policy: &str, from: &Value, port: u16, expect: &str) {
        let policies = Policies::new(&[yaml::parse(policy).unwrap()], &[]);
        let db = pod("dev", "db");
        let connection = Connection { from: Side::Pod(from), to: Side::Pod(&db), port, protocol: "TCP" };
        let mut why = Explanation::new(true, "");
        policies.explain(&connection, &policies.verdict(&connection), &mut why);
        assert_eq!(why.to_string().trim(), expect.trim());
    }

    #[test]
    fn a_rule_that_allows() {
        check(
            DB,
            &pod("dev", "api"),
            5432,
            "
out of pod/api: no policy isolates its egress, so that everything may pass
  into pod/db: a rule lets it through
    networkpolicy/db in dev selects it by spec.podSelector and isolates its ingress
      ingress[0] lets it through: from[0] matches (podSelector app=api); ports[0] matches TCP 5432",
        );
    }

    #[test]
    fn what_is_lacking_is_the_smallest_change() {
        check(
            DB,
            &pod("dev", "api"),
            80,
            "
out of pod/api: no policy isolates its egress, so that everything may pass
  into pod/db: policies isolate it, and no rule lets it through
    networkpolicy/db in dev selects it by spec.podSelector and isolates its ingress
      ingress[0] does not match: from[0] matches (podSelector app=api); nothing in ports matches TCP 80 (TCP 5432)
To change this:
  - Add port TCP 80 to ports of ingress[0] of networkpolicy/db in dev: kubectl edit networkpolicy/db -n dev",
        );
        check(
            DB,
            &pod("prod", "api"),
            5432,
            "
out of pod/api: no policy isolates its egress, so that everything may pass
  into pod/db: policies isolate it, and no rule lets it through
    networkpolicy/db in dev selects it by spec.podSelector and isolates its ingress
      ingress[0] does not match: nothing in from matches (podSelector app=api; or ipBlock 10.0.0.0/8 except 10.1.0.0/16); ports[0] matches TCP 5432
To change this:
  - Add an entry to from of ingress[0] of networkpolicy/db in dev for namespaceSelector kubernetes.io/metadata.name=prod and podSelector app=api: kubectl edit networkpolicy/db -n dev",
        );
    }

    #[test]
    fn without_rules_one_is_to_be_added() {
        check(
            "{metadata: {name: deny, namespace: dev}, spec: {podSelector: {}, policyTypes: [Egress]}}",
            &pod("dev", "api"),
            80,
            "
out of pod/api: policies isolate it, and no rule lets it through
    networkpolicy/deny in dev selects it by spec.podSelector and isolates its egress
      egress has no rules, so that nothing is let through
  into pod/db: no policy isolates its ingress, so that everything may pass
To change this:
  - Add a rule to egress of networkpolicy/deny in dev with to podSelector app=db and port TCP 80: kubectl edit networkpolicy/deny -n dev",
        );
    }
}
