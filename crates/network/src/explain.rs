//! A connection's path in plain words.

use ecow::EcoString;
use podyard_api::kinds::Pod;
use podyard_api::names::parse_ip;
use podyard_api::{About, Explanation, Value};
use podyard_netpol::{Connection, Side};

use crate::{Hop, Objects, Outcome, Path, Source, Why};

/// The connection that a path is of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub source: Source<'a>,
    /// As the question named it.
    pub target: &'a str,
    pub address: &'a str,
    pub port: u16,
    pub protocol: &'a str,
}

impl Path {
    /// Whether the connection comes to a pod or a node, where somebody may listen, or is let out of the cluster.
    pub fn arrives(&self) -> bool {
        matches!(self.outcome, Outcome::Pod { .. } | Outcome::Node { .. } | Outcome::TimedOut(Why::Outside))
    }

    /// Why the connection comes to its end: hop by hop, and what would turn it.
    pub fn explain(&self, objects: &dyn Objects, asked: &Asked) -> Explanation {
        let from = source_name(asked.source);
        let holds = self.arrives();
        let (word, can) = if holds { ("yes", "reaches") } else { ("no", "does not reach") };
        let mut why =
            Explanation::new(holds, format!("{word}: {from} {can} {}{}.", asked.target, ending(&self.outcome)));
        for hop in &self.hops {
            self.hop(&mut why, objects, asked, hop);
        }
        self.end(&mut why, objects, asked);
        why
    }

    fn hop(&self, why: &mut Explanation, objects: &dyn Objects, asked: &Asked, hop: &Hop) {
        match hop {
            Hop::Service { namespace, name, port } => {
                let service = About::new("Service", namespace, name);
                let text = format!("{}:{} is port {port} of {service} in {namespace}", asked.address, asked.port);
                why.say_of(0, service, text);
            }
            Hop::Endpoint { address, port, of } => {
                let which = if *of == 1 {
                    "its only ready endpoint".into()
                } else {
                    format!("one of its {of} ready endpoints")
                };
                match objects.pod_at(address) {
                    Some(pod) => {
                        let pod = About::object("Pod", pod);
                        why.say_of(
                            0,
                            pod.clone(),
                            format!("the service leads to {which}, {address}:{port}, which is {pod}"),
                        );
                    }
                    None => why.say(0, format!("the service leads to {which}, {address}:{port}")),
                }
            }
            Hop::Policies(verdict) => {
                let (address, port) = self.judged(asked);
                if let Some(from) = source_side(objects, asked.source)
                    && let Some(node) = Some(objects.node_at(&address).unwrap_or_default())
                    && let Some(to) = target_side(objects, &address, &node)
                {
                    let connection = Connection { from, to, port, protocol: asked.protocol };
                    objects.policies().explain(&connection, verdict, why);
                }
            }
        }
    }

    /// The address and port of which the policies were asked.
    fn judged(&self, asked: &Asked) -> (EcoString, u16) {
        let endpoint = self.hops.iter().rev().find_map(|hop| match hop {
            Hop::Endpoint { address, port, .. } => Some((address.clone(), *port)),
            _ => None,
        });
        endpoint.unwrap_or_else(|| (asked.address.into(), asked.port))
    }

    fn end(&self, why: &mut Explanation, objects: &dyn Objects, asked: &Asked) {
        let service = self.hops.iter().find_map(|hop| match hop {
            Hop::Service { namespace, name, .. } => Some(About::new("Service", namespace, name)),
            _ => None,
        });
        let no_policy = !self.hops.iter().any(|hop| matches!(hop, Hop::Policies(_)));
        match &self.outcome {
            Outcome::Pod { .. } | Outcome::Node { .. } if no_policy => {
                why.say(0, "no NetworkPolicy isolates either end, so that everything may pass");
            }
            Outcome::Refused(Why::NoEndpoints) => no_endpoints(why, service),
            Outcome::TimedOut(Why::NoEndpoints) => {
                why.say(0, "the service has endpoints on other nodes only, and its traffic policy is Local");
                why.change("Set internalTrafficPolicy or externalTrafficPolicy of the service to Cluster");
            }
            Outcome::TimedOut(Why::NoSuchPort) => no_such_port(why, objects, asked),
            Outcome::TimedOut(Why::NoServiceProxy) => {
                why.say(0, "no kube-proxy runs on the nodes, so that the addresses of services lead nowhere");
            }
            Outcome::TimedOut(Why::NotRouted) => {
                why.say(
                    0,
                    format!(
                        "{} is of the cluster's inside, and only the nodes' addresses are reached from outside",
                        asked.address
                    ),
                );
                why.change("Ask from within a pod (kubectl exec), or forward a port: kubectl port-forward");
                why.change("Give the service a port of the nodes: spec.type NodePort");
            }
            Outcome::TimedOut(Why::Outside) => {
                why.say(0, format!("who has {} is not simulated: a process that connects waits in vain", asked.address))
            }
            Outcome::Unreachable => {
                why.say(0, format!("no pod has the address {} (any more)", self.judged(asked).0));
            }
            _ => {}
        }
    }
}

/// A service without endpoints: its selector finds no pod, or none that is ready.
fn no_endpoints(why: &mut Explanation, service: Option<About>) {
    let Some(service) = service else { return };
    let look = format!("kubectl get endpointslices,pods --show-labels{}", service.flag());
    let text = format!("no ready pod stands behind {service}: its spec.selector finds none, or none that is ready");
    why.say_of(0, service.clone(), text);
    why.change(format!("Make spec.selector of {service} match the labels of a pod that is ready: {look}"));
}

fn no_such_port(why: &mut Explanation, objects: &dyn Objects, asked: &Asked) {
    let found =
        objects.services().find(|object| podyard_api::kinds::Service(object).spec().cluster_ip() == asked.address);
    let Some(object) = found else { return };
    let service = About::object("Service", object);
    let ports: Vec<String> = podyard_api::kinds::Service(object)
        .spec()
        .ports()
        .map(|port| format!("{}/{}", port.port(), port.protocol()))
        .collect();
    let asks = format!("{}/{}", asked.port, asked.protocol);
    why.say_of(0, service.clone(), format!("spec.ports of {service} has no {asks}, only {}", ports.join(", ")));
    why.change(format!("Connect to {}, or add {asks} to spec.ports of {service}", ports.join(" or ")));
}

fn ending(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Pod { namespace, name, port } => {
            format!(" at port {port} of {} in {namespace}", About::new("Pod", "", name))
        }
        Outcome::Node { name, port } => format!(" at port {port} of node/{name} itself"),
        Outcome::Refused(_) => ", the connection is refused".into(),
        Outcome::TimedOut(Why::Outside) => ", which is outside of the cluster: it is let out".into(),
        Outcome::TimedOut(Why::Policy) => ", network policies drop it, so that it times out".into(),
        Outcome::TimedOut(_) => ", it times out".into(),
        Outcome::Unreachable => ", there is no route to the host".into(),
    }
}

/// As the answer calls the source.
pub fn source_name(source: Source) -> String {
    match source {
        Source::Pod(pod) => About::object("Pod", pod).to_string(),
        Source::Node(name) => format!("node/{name}"),
        Source::Outside => "the workstation".into(),
    }
}

fn source_side<'a>(objects: &dyn Objects, source: Source<'a>) -> Option<Side<'a>> {
    match source {
        Source::Pod(pod) => Some(Side::Pod(pod)),
        Source::Node(name) => Some(Side::Node(name, parse_ip(&objects.node(name)?)?)),
        Source::Outside => parse_ip(crate::path::SOMEBODY).map(Side::Address),
    }
}

fn target_side<'a>(objects: &'a dyn Objects, address: &str, node: &'a str) -> Option<Side<'a>> {
    let pod: Option<&Value> = objects.pod_at(address).filter(|pod| !Pod(pod).spec().host_network());
    match pod {
        Some(pod) => Some(Side::Pod(pod)),
        None if node.is_empty() => parse_ip(address).map(Side::Address),
        None => Some(Side::Node(node, parse_ip(address)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect;
    use crate::testing::World;

    const CLUSTER: &str = "
node node01 172.30.1.2
pod client 10.244.1.2
pod web-1 10.244.1.3
service web 10.96.1.1 default 80->8080/TCP
endpoint web 10.244.1.3 default 8080/TCP
service empty 10.96.1.2 default 80->8080/TCP
";

    fn check(more: &str, target: &str, (address, port): (&str, u16), expect: &str) {
        let world = World::new(&format!("{CLUSTER}{more}"));
        let asked = Asked { source: Source::Pod(world.pod("client")), target, address, port, protocol: "TCP" };
        let path = connect(&world, asked.source, address, port, "TCP", 0);
        assert_eq!(path.explain(&world, &asked).to_string().trim(), expect.trim());
    }

    #[test]
    fn what_is_reached_names_its_hops() {
        check(
            "",
            "svc/web:80",
            ("10.96.1.1", 80),
            "
yes: pod/client reaches svc/web:80 at port 8080 of pod/web-1 in default.
  10.96.1.1:80 is port 80 of service/web in default
  the service leads to its only ready endpoint, 10.244.1.3:8080, which is pod/web-1
  no NetworkPolicy isolates either end, so that everything may pass",
        );
    }

    #[test]
    fn what_is_not_reached_says_what_is_missing() {
        check(
            "",
            "svc/empty:80",
            ("10.96.1.2", 80),
            "
no: pod/client does not reach svc/empty:80, the connection is refused.
  10.96.1.2:80 is port 80 of service/empty in default
  no ready pod stands behind service/empty: its spec.selector finds none, or none that is ready
To change this:
  - Make spec.selector of service/empty match the labels of a pod that is ready: kubectl get endpointslices,pods --show-labels -n default",
        );
        check(
            "",
            "svc/web:81",
            ("10.96.1.1", 81),
            "
no: pod/client does not reach svc/web:81, it times out.
  spec.ports of service/web has no 81/TCP, only 80/TCP
To change this:
  - Connect to 80/TCP, or add 81/TCP to spec.ports of service/web",
        );
    }

    #[test]
    fn policies_are_asked_at_the_pod_behind_the_service() {
        check(
            "policy default ingress",
            "svc/web:80",
            ("10.96.1.1", 80),
            "
no: pod/client does not reach svc/web:80, network policies drop it, so that it times out.
  10.96.1.1:80 is port 80 of service/web in default
  the service leads to its only ready endpoint, 10.244.1.3:8080, which is pod/web-1
  out of pod/client: no policy isolates its egress, so that everything may pass
  into pod/web-1: policies isolate it, and no rule lets it through
    networkpolicy/deny-ingress in default selects it by spec.podSelector and isolates its ingress
      ingress has no rules, so that nothing is let through
To change this:
  - Add a rule to ingress of networkpolicy/deny-ingress in default with from podSelector {} (all pods) and port TCP 8080: kubectl edit networkpolicy/deny-ingress -n default",
        );
    }
}
