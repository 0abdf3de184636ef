//! The engine against a plain reading of the API documentation, on random policies.

use podyard_api::{Value, value};
use podyard_netpol::{Connection, Policies, Side};
use proptest::prelude::*;

const SPACES: &[&str] = &["dev", "prod"];
const APPS: &[&str] = &["web", "db", "api"];

fn labels() -> impl Strategy<Value = Value> {
    (prop::option::of(prop::sample::select(APPS)), prop::option::of(prop::sample::select(vec!["a", "b"]))).prop_map(
        |(app, team)| {
            let mut labels = Value::object();
            if let Some(app) = app {
                labels.set("app", app);
            }
            if let Some(team) = team {
                labels.set("team", team);
            }
            labels
        },
    )
}

fn selector() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec!["app", "team", "none"]);
    let operator = prop::sample::select(vec!["In", "NotIn", "Exists", "DoesNotExist"]);
    let expression =
        (key, operator, prop::sample::select(vec!["web", "a"])).prop_map(|(key, operator, word)| match operator {
            "In" | "NotIn" => value!({"key": key, "operator": operator, "values": [word]}),
            _ => value!({"key": key, "operator": operator}),
        });
    (labels(), prop::collection::vec(expression, 0..2))
        .prop_map(|(labels, expressions)| value!({"matchLabels": labels, "matchExpressions": expressions}))
}

fn peer() -> impl Strategy<Value = Value> {
    prop_oneof![
        selector().prop_map(|pods| value!({"podSelector": pods})),
        selector().prop_map(|spaces| value!({"namespaceSelector": spaces})),
        (selector(), selector()).prop_map(|(pods, spaces)| value!({"podSelector": pods, "namespaceSelector": spaces})),
        Just(value!({"ipBlock": {"cidr": "10.244.0.0/16", "except": ["10.244.1.0/24"]}})),
        Just(value!({"ipBlock": {"cidr": "203.0.113.0/24"}})),
    ]
}

fn port() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(value!({"protocol": "UDP"})),
        Just(value!({"port": 80, "protocol": "TCP"})),
        Just(value!({"port": 80, "endPort": 90})),
        Just(value!({"port": "http", "protocol": "TCP"})),
    ]
}

fn rules(peers: &'static str) -> impl Strategy<Value = Option<Vec<Value>>> {
    let list =
        (prop::option::of(prop::collection::vec(peer(), 0..3)), prop::option::of(prop::collection::vec(port(), 0..2)));
    prop::option::of(prop::collection::vec(
        list.prop_map(move |(who, ports)| {
            let mut rule = Value::object();
            if let Some(who) = who {
                rule.set(peers, who);
            }
            if let Some(ports) = ports {
                rule.set("ports", ports);
            }
            rule
        }),
        0..3,
    ))
}

fn policy() -> impl Strategy<Value = Value> {
    let types = prop::option::of(prop::sample::subsequence(vec!["Ingress", "Egress"], 0..=2));
    (prop::sample::select(SPACES), 0..4usize, selector(), rules("from"), rules("to"), types).prop_map(
        |(space, number, pods, ingress, egress, types)| {
            let mut spec = value!({"podSelector": pods});
            if let Some(types) = types {
                spec.set("policyTypes", types);
            }
            for (field, rules) in [("ingress", ingress), ("egress", egress)] {
                if let Some(rules) = rules {
                    spec.set(field, rules);
                }
            }
            value!({"metadata": {"name": (format!("p{number}")), "namespace": space}, "spec": spec})
        },
    )
}

fn pods() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec((prop::sample::select(SPACES), labels()), 2..5).prop_map(|pods| {
        let pod = |(number, (space, labels)): (usize, (&str, Value))| {
            value!({
                "metadata": {"name": (format!("pod-{number}")), "namespace": space, "labels": labels},
                "spec": {"containers": [{"ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}]},
                "status": {"podIP": (format!("10.244.{}.7", number % 3))},
            })
        };
        pods.into_iter().enumerate().map(pod).collect()
    })
}

fn matches(selector: &Value, labels: &Value) -> bool {
    let own = |key: &str| labels.get(key).as_str();
    let equal = selector.get("matchLabels").fields().iter().all(|(key, word)| own(key.as_str()) == Some(word.str()));
    equal
        && selector.get("matchExpressions").items().iter().all(|expression| {
            let value = own(expression.get("key").str());
            let among = value.is_some_and(|value| expression.get("values").items().iter().any(|word| *word == value));
            match expression.get("operator").str() {
                "In" => among,
                "NotIn" => !among,
                "Exists" => value.is_some(),
                _ => value.is_none(),
            }
        })
}

fn namespace_labels(space: &str) -> Value {
    value!({"kubernetes.io/metadata.name": space, "team": (if space == "dev" { "a" } else { "b" })})
}

/// By the documentation: what isolates the pod, and whether a rule of it lets the other side through.
fn read(policies: &[Value], pod: &Value, other: Option<&Value>, to_outside: bool, port: i64, ingress: bool) -> bool {
    let (field, peers, kind) = if ingress { ("ingress", "from", "Ingress") } else { ("egress", "to", "Egress") };
    let mut isolated = false;
    for policy in policies.iter().filter(|policy| policy.namespace() == pod.namespace()) {
        let spec = policy.get("spec");
        let types = spec.get("policyTypes").items();
        let speaks = match types {
            [] => ingress || !spec.get("egress").items().is_empty(),
            types => types.iter().any(|own| *own == kind),
        };
        if !speaks || !matches(spec.get("podSelector"), pod.at(&["metadata", "labels"])) {
            continue;
        }
        isolated = true;
        for rule in spec.get(field).items() {
            let is_peer = |peer: &Value| match (peer.get("ipBlock").is_null(), other) {
                (false, Some(other)) => {
                    let address = other.at(&["status", "podIP"]).str();
                    *peer.at(&["ipBlock", "cidr"]) == "10.244.0.0/16" && !address.starts_with("10.244.1.")
                }
                (false, None) => *peer.at(&["ipBlock", "cidr"]) == "203.0.113.0/24",
                (true, None) => false,
                (true, Some(other)) => {
                    let (pods, spaces) = (peer.get("podSelector"), peer.get("namespaceSelector"));
                    let in_space = match spaces.is_null() {
                        true => other.namespace() == policy.namespace(),
                        false => matches(spaces, &namespace_labels(other.namespace())),
                    };
                    in_space && (pods.is_null() || matches(pods, other.at(&["metadata", "labels"])))
                }
            };
            let is_port = |own: &Value| {
                own.get("protocol").as_str().unwrap_or("TCP") == "TCP"
                    && match (own.get("port"), own.get("endPort").as_i64()) {
                        (Value::Null, _) => true,
                        (Value::Int(first), last) => (*first..=last.unwrap_or(*first)).contains(&port),
                        _ => port == 80 && (ingress || !to_outside),
                    }
            };
            let who = rule.get(peers).items();
            let ports = rule.get("ports").items();
            if (who.is_empty() || who.iter().any(is_peer)) && (ports.is_empty() || ports.iter().any(is_port)) {
                return true;
            }
        }
    }
    !isolated
}

proptest! {
    #[test]
    fn judges_as_the_documentation_reads(
        policies in prop::collection::vec(policy(), 0..4),
        pods in pods(),
        port in prop::sample::select(vec![80u16, 85, 8080]),
    ) {
        let mut distinct: Vec<Value> = Vec::new();
        for policy in policies {
            distinct.retain(|other| (other.namespace(), other.name()) != (policy.namespace(), policy.name()));
            distinct.push(policy);
        }
        let spaces: Vec<Value> = SPACES
            .iter()
            .map(|space| value!({"metadata": {"name": (*space), "labels": (namespace_labels(space))}}))
            .collect();
        let engine = Policies::new(&distinct, &spaces);
        let backwards = Policies::new(distinct.iter().rev(), spaces.iter().rev());
        let outside = Side::Address([203, 0, 113, 9].into());
        let side = |pod: Option<&Value>| pod.cloned();
        let all: Vec<Option<Value>> = pods.iter().map(|pod| side(Some(pod))).chain([None]).collect();
        for from in &all {
            for to in &all {
                if from.as_ref().map(Value::name) == to.as_ref().map(Value::name) {
                    continue;
                }
                let connection = Connection {
                    from: from.as_ref().map_or(outside, Side::Pod),
                    to: to.as_ref().map_or(outside, Side::Pod),
                    port,
                    protocol: "TCP",
                };
                let verdict = engine.verdict(&connection);
                prop_assert_eq!(&backwards.verdict(&connection), &verdict);
                let number = i64::from(port);
                let out = from.as_ref().is_none_or(|pod| read(&distinct, pod, to.as_ref(), to.is_none(), number, false));
                let into = to.as_ref().is_none_or(|pod| read(&distinct, pod, from.as_ref(), false, number, true));
                prop_assert_eq!((verdict.egress.allowed, verdict.ingress.allowed), (out, into), "{:?}", distinct);
            }
        }
    }
}
