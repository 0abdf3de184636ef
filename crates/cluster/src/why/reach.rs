//! Why a connection is made, or not.

use ecow::EcoString;
use podyard_api::kinds::{Node, Pod, Service};
use podyard_api::{About, Explanation, Value};
use podyard_apiserver::ResourceKey;
use podyard_network::{Asked, Hop, NoAnswer, Objects, Outcome, Path, Source, connect};

use crate::Cluster;
use crate::network::Asker;

/// How many endpoints of a service are tried.
const MAX_ENDPOINTS: usize = 20;

/// Where a connection is to go.
struct Goal {
    address: EcoString,
    port: u16,
    /// How the name came to the address, if it was one.
    note: Option<String>,
}

impl Cluster {
    pub(super) fn why_reach(&self, from: &str, to: &str, protocol: &str, space: &str) -> Result<Explanation, String> {
        let source = self.source(from, space)?;
        let network = self.network();
        let goal = match self.goal(source, to, space)? {
            Ok(goal) => goal,
            Err(why) => return Ok(why),
        };
        let go = |draw| connect(&network, source, &goal.address, goal.port, protocol, draw);
        let first = go(0);
        let of = endpoints(&first).min(MAX_ENDPOINTS);
        let paths: Vec<Path> = (0..of.max(1) as u64).map(go).collect();
        // Who listens for datagrams is not known, only that they come there.
        let arrives = |path: &&Path| if protocol == "UDP" { path.arrives() } else { self.is_heard(path) };
        let blocked = paths.iter().filter(|path| !arrives(path)).count();
        let shown = paths.iter().find(|path| !arrives(path)).unwrap_or(&first);
        let asked = Asked { source, target: to, address: &goal.address, port: goal.port, protocol };
        let mut why = shown.explain(&network, &asked);
        if let Some(note) = goal.note {
            why.lines.insert(0, podyard_api::explanation::Line { depth: 0, text: note, about: None });
        }
        if protocol != "UDP" {
            self.listening(shown, &mut why);
        }
        if blocked > 0 && paths.len() > 1 {
            why.say(0, format!("so it goes with {blocked} of the {} endpoints that may be taken", paths.len()));
        }
        Ok(why)
    }

    fn source(&self, text: &str, space: &str) -> Result<Source<'_>, String> {
        let (namespace, name) = match parts(text, space) {
            ("workstation", _, "") => return Ok(Source::Outside),
            ("pod" | "pods" | "po", namespace, name) if !name.is_empty() => (namespace, name),
            _ => return Err(format!("the source {text:?} is neither pod/NAME nor workstation")),
        };
        let pod = self.find_pod(namespace, name)?;
        let is_over = Pod(pod).is_terminal();
        if Pod(pod).status().pod_ip().is_empty() || is_over {
            return Err(format!("pod {name:?} has no address: it does not run; ask: why pod/{name} -n {namespace}"));
        }
        Ok(Source::Pod(pod))
    }

    /// Where the target is; or at once the answer, where its name has no address.
    fn goal(&self, source: Source<'_>, text: &str, space: &str) -> Result<Result<Goal, Explanation>, String> {
        let (host, port) = split_port(text)?;
        let at = |address: &str, port, note| Goal { address: address.into(), port, note };
        let wanted = || port.ok_or_else(|| format!("which port of {text}? Try {text}:80"));
        match parts(host, space) {
            ("svc" | "service" | "services", namespace, name) if !name.is_empty() => {
                let service = self.api.get(ResourceKey::SERVICES, namespace, name);
                let service =
                    service.ok_or_else(|| format!("there is no service {name:?} in the namespace {namespace:?}"))?;
                self.service_goal(service, port).map(Ok)
            }
            ("pod" | "pods" | "po", namespace, name) if !name.is_empty() => {
                let pod = Pod(self.find_pod(namespace, name)?);
                match pod.status().pod_ip() {
                    "" => Err(format!("pod {name:?} has no address yet; ask: why pod/{name} -n {namespace}")),
                    address => Ok(Ok(at(address, wanted()?, None))),
                }
            }
            ("node" | "nodes" | "no", _, name) if !name.is_empty() => {
                let node = self.api.get(ResourceKey::NODES, "", name);
                let node = node.ok_or_else(|| format!("there is no node {name:?}"))?;
                Ok(Ok(at(Node(node).address("InternalIP"), wanted()?, None)))
            }
            (kind, _, name) if !name.is_empty() => {
                Err(format!("{kind:?} cannot be reached: try svc/NAME, pod/NAME or node/NAME"))
            }
            (name, ..) => self.resolved(source, text, name, wanted()?),
        }
    }

    fn service_goal(&self, object: &Value, port: Option<u16>) -> Result<Goal, String> {
        let spec = Service(object).spec();
        let about = About::object("Service", object);
        let number = |port: i64| u16::try_from(port).ok();
        let ports: Vec<u16> = spec.ports().filter_map(|port| number(port.port())).collect();
        let port = match (port, ports.as_slice()) {
            (Some(port), _) => port,
            (None, [port]) => *port,
            (None, []) => return Err(format!("{about} has no ports")),
            (None, [first, ..]) => return Err(format!("which port of {about}? Try {about}:{first}")),
        };
        match spec.cluster_ip() {
            "None" => {
                let mut pods = self.network_addresses(object);
                let address = pods.next().ok_or_else(|| {
                    format!("{about} is headless and has no ready endpoint: its name has no address; see kubectl get endpointslices")
                })?;
                let target = spec
                    .ports()
                    .find(|own| number(own.port()) == Some(port))
                    .and_then(|own| own.target_port().as_i64());
                let note = format!("{about} is headless (spec.clusterIP None): its name leads straight to its pods");
                let port = target.and_then(number).unwrap_or(port);
                Ok(Goal { address, port, note: Some(note) })
            }
            "" => Err(format!("{about} has no address: it is of type {}", spec.kind())),
            cluster_ip => Ok(Goal { address: cluster_ip.into(), port, note: None }),
        }
    }

    /// The addresses of the ready endpoints of a service.
    fn network_addresses(&self, service: &Value) -> impl Iterator<Item = EcoString> {
        let network = self.network();
        let slices: Vec<Value> = network.slices(service.namespace(), service.name()).cloned().collect();
        let ready = slices.into_iter().flat_map(|slice| {
            let slice = podyard_api::kinds::EndpointSlice(&slice);
            let endpoints = slice.endpoints().filter(|endpoint| endpoint.conditions().ready().unwrap_or(true));
            endpoints.flat_map(|endpoint| endpoint.addresses().map(EcoString::from)).collect::<Vec<_>>()
        });
        ready.collect::<Vec<_>>().into_iter()
    }

    fn resolved(
        &self,
        source: Source<'_>,
        text: &str,
        name: &str,
        port: u16,
    ) -> Result<Result<Goal, Explanation>, String> {
        let asker = match source {
            Source::Pod(pod) => Asker::Pod(pod.clone()),
            _ => Asker::Workstation,
        };
        match self.addresses(&asker, name) {
            Ok(addresses) => {
                let address = addresses.first().cloned().unwrap_or_default();
                let note = (address != name).then(|| format!("the name {name} resolves to {}", addresses.join(", ")));
                Ok(Ok(Goal { address, port, note }))
            }
            Err(no) => {
                let from = podyard_network::source_name(source);
                let mut why =
                    Explanation::new(false, format!("no: {from} does not reach {text}: the name has no address."));
                match (no, source) {
                    (NoAnswer::TimedOut, _) => {
                        why.say(0, "the nameserver, service/kube-dns in kube-system, cannot be reached from there");
                        why.change(format!(
                            "See what is in the way: why reach {from} svc/kube-system/kube-dns:53 --udp"
                        ));
                    }
                    (NoAnswer::NoName, Source::Outside) => {
                        why.say(0, "the workstation does not ask the cluster's DNS; it knows the names of nodes only");
                        why.change("Ask from a pod: why reach pod/NAME …");
                    }
                    (NoAnswer::NoName, _) => {
                        why.say(
                            0,
                            format!("the cluster's DNS knows no {name}; a short name is of the pod's own namespace"),
                        );
                        why.change(format!("Name the service's namespace: {name}.NAMESPACE"));
                    }
                }
                Ok(Err(why))
            }
        }
    }

    /// Whether a path leads to somebody who listens.
    fn is_heard(&self, path: &Path) -> bool {
        match &path.outcome {
            Outcome::Pod { namespace, name, port } => self.listener_in_pod(namespace, name, *port).is_some(),
            Outcome::Node { name, port } => self.listener_on_node(name, *port).is_some(),
            _ => path.arrives(),
        }
    }

    /// What is at the end: a packet that arrives where nobody listens is refused.
    fn listening(&self, path: &Path, why: &mut Explanation) {
        if !why.holds {
            return;
        }
        if matches!(path.outcome, Outcome::TimedOut(_)) {
            return;
        }
        if self.is_heard(path) {
            return why.say(0, "a process listens there");
        }
        why.holds = false;
        if let Some(rest) = why.answer.strip_prefix("yes: ") {
            why.answer =
                format!("no: {}, and is refused.", rest.trim_end_matches('.').replacen(" reaches ", " gets to ", 1));
        }
        let (what, port, about) = match &path.outcome {
            Outcome::Pod { namespace, name, port } => {
                (format!("pod/{name}"), *port, About::new("Pod", namespace, name))
            }
            Outcome::Node { name, port } => (format!("node/{name}"), *port, About::new("Node", "", name)),
            _ => return,
        };
        let net = self.net_of_pod(&about.namespace, &about.name);
        let open: Vec<String> =
            net.map(|net| self.kernel.ports(net).map(|port| port.to_string()).collect()).unwrap_or_default();
        let open = if open.is_empty() { "on no port at all".into() } else { format!("on {} only", open.join(", ")) };
        why.say_of(0, about, format!("nothing listens on port {port} of {what}; it listens {open}"));
        if path.hops.iter().any(|hop| matches!(hop, Hop::Service { .. })) {
            why.change("Set targetPort in spec.ports of the service to a port on which the pod listens");
        }
    }
}

/// Over how many endpoints the connections are spread.
fn endpoints(path: &Path) -> usize {
    path.hops.iter().find_map(|hop| if let Hop::Endpoint { of, .. } = hop { Some(*of) } else { None }).unwrap_or(1)
}

/// `pod/web` or `pod/dev/web` as kind, namespace and name; a word without slash as itself.
fn parts<'a>(text: &'a str, space: &'a str) -> (&'a str, &'a str, &'a str) {
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [kind, name] => (kind, space, name),
        [kind, namespace, name] => (kind, namespace, name),
        _ => (text, space, ""),
    }
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), String> {
    match text.rsplit_once(':') {
        None => Ok((text, None)),
        Some((host, port)) => match port.parse() {
            Ok(port) if port > 0 => Ok((host, Some(port))),
            _ => Err(format!("{port:?} is no port")),
        },
    }
}
