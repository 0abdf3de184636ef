//! Who reaches whom, and which hop or policy decides it, in sentences. Nothing is sent: the way is computed.

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::Pod;
use podyard_apiserver::ResourceKey;
use podyard_netpol::{SideVerdict, Verdict};
use podyard_network::{CLUSTER_DOMAIN, Hop, NoAnswer, Outcome, Path, Why, connect};

use crate::Cluster;
use crate::network::Asker;

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Somebody answers; outside of the cluster: it is let out.
    Allowed,
    Refused,
    TimedOut,
    /// The name has no address.
    Unresolved,
    /// There is nothing that could connect, or nothing to connect to.
    NotTried,
}

/// A connection that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub from: String,
    pub to: String,
    pub reached: Reached,
    pub because: String,
}

/// How many ways of one question are followed.
const MOST: usize = 64;

impl Cluster {
    /// Follows the connections from `from` (`pod/x`, a workload such as `deployment/x`, or `workstation`) to `to`
    /// (`service/web:80`, `pod/x:8080`, `deployment/x:80`, or a name or address with a port): from each pod, to each
    /// that may answer.
    ///
    /// # Errors
    /// The question makes no sense.
    pub fn reach(
        &self,
        (from_namespace, from): (&str, &str),
        (namespace, to): (&str, &str),
    ) -> Result<Vec<Connection>, String> {
        let (target, port) = to.rsplit_once(':').ok_or_else(|| format!("{to} names no port"))?;
        let port: u16 = port.parse().map_err(|_| format!("{port} is no port"))?;
        let (mut sources, mut found) = (Vec::new(), Vec::new());
        let nothing =
            |because: String| Connection { from: from.into(), to: to.into(), reached: Reached::NotTried, because };
        match from.split_once('/') {
            None if from == "workstation" => sources.push(Asker::Workstation),
            None => return Err(format!("{from} is neither a pod nor a workload nor the workstation")),
            Some((kind, name)) => {
                let pods = self.running(kind, from_namespace, name)?;
                sources.extend(pods.into_iter().map(|pod| Asker::Pod(pod.clone())));
                if sources.is_empty() {
                    found.push(nothing(format!("No running pod of {kind} {name} in namespace {from_namespace}.")));
                }
            }
        }
        let hosts = match target.split_once('/') {
            None => vec![EcoString::from(target)],
            Some(("service", name)) => vec![format!("{name}.{namespace}.svc.{CLUSTER_DOMAIN}.").into()],
            Some((kind, name)) => {
                let pods = self.running(kind, namespace, name)?;
                if pods.is_empty() {
                    found.push(nothing(format!("No running pod of {kind} {name} in namespace {namespace}.")));
                }
                pods.into_iter().map(|pod| Pod(pod).status().pod_ip().into()).collect()
            }
        };
        for source in &sources {
            for host in &hosts {
                self.follow(source, host, port, to, &mut found);
            }
        }
        found.truncate(MOST);
        Ok(found)
    }

    /// The running pods of a name: the pod itself, or those of a workload.
    fn running(&self, kind: &str, namespace: &str, name: &str) -> Result<Vec<&Value>, String> {
        let resource = match kind {
            "pod" => ResourceKey::PODS,
            "deployment" => ResourceKey::DEPLOYMENTS,
            "daemonset" => ResourceKey::DAEMON_SETS,
            "replicaset" => ResourceKey::REPLICA_SETS,
            "statefulset" => ResourceKey::STATEFUL_SETS,
            other => return Err(format!("{other} is no kind that has connections")),
        };
        let Some(object) = self.api.get(resource, namespace, name) else { return Ok(Vec::new()) };
        let mut pods = Vec::new();
        if resource == ResourceKey::PODS {
            pods.push(object);
        } else {
            pods.extend(self.api.owned(object.uid(), ResourceKey::PODS));
            for set in self.api.owned(object.uid(), ResourceKey::REPLICA_SETS) {
                pods.extend(self.api.owned(set.uid(), ResourceKey::PODS));
            }
        }
        pods.retain(|pod| Pod(pod).status().phase() == "Running" && !Pod(pod).status().pod_ip().is_empty());
        Ok(pods)
    }

    fn follow(&self, source: &Asker, host: &str, port: u16, to: &str, found: &mut Vec<Connection>) {
        let from = match source {
            Asker::Pod(pod) => format!("pod {}", pod.name()),
            Asker::Workstation => "the workstation".into(),
        };
        let mut told = |reached, because| {
            found.push(Connection { from: from.clone(), to: to.into(), reached, because });
        };
        let addresses = match self.addresses(source, host) {
            Ok(addresses) => addresses,
            Err(NoAnswer::NoName) => {
                let name = host.trim_end_matches('.');
                return told(Reached::Unresolved, format!("No DNS name {name} is known to {from}."));
            }
            Err(NoAnswer::TimedOut) => {
                let dns = connect(&self.network(), source.source(), crate::network::NAMESERVER, 53, "UDP", 0);
                let (_, because) = self.end(&dns);
                return told(Reached::Unresolved, format!("DNS does not answer {from}: {because}"));
            }
        };
        for address in addresses {
            // Each endpoint has its draw.
            let mut draw = 0;
            loop {
                let path = connect(&self.network(), source.source(), &address, port, "TCP", draw);
                let (reached, because) = self.end(&path);
                told(reached, because);
                draw += 1;
                let endpoints = path.hops.iter().find_map(|hop| match hop {
                    Hop::Endpoint { of, .. } => Some(*of),
                    _ => None,
                });
                if draw >= endpoints.unwrap_or(1).min(MOST) as u64 {
                    break;
                }
            }
        }
    }

    /// What a way comes to, and why.
    fn end(&self, path: &Path) -> (Reached, String) {
        let via = path.hops.iter().find_map(|hop| match hop {
            Hop::Service { namespace, name, port } => Some(format!("Service {namespace}/{name}:{port}")),
            _ => None,
        });
        let service = via.clone().unwrap_or_else(|| "the address".into());
        let refused = |what: String| match &via {
            Some(via) => (Reached::Refused, format!("{via} leads to {what}, where nothing listens.")),
            None => (Reached::Refused, format!("Nothing listens at {what}.")),
        };
        match &path.outcome {
            Outcome::Pod { namespace, name, port } => {
                let what = format!("pod {namespace}/{name}:{port}");
                if self.listener_in_pod(namespace, name, *port).is_none() {
                    refused(what)
                } else {
                    (Reached::Allowed, format!("It ends at {what}."))
                }
            }
            Outcome::Node { name, port } => {
                let what = format!("node {name}:{port}");
                if self.listener_on_node(name, *port).is_none() {
                    refused(what)
                } else {
                    (Reached::Allowed, format!("It ends at {what}."))
                }
            }
            Outcome::Refused(_) => (Reached::Refused, format!("{service} has no ready endpoint.")),
            Outcome::TimedOut(Why::Outside) => (Reached::Allowed, "It leaves the cluster.".into()),
            Outcome::TimedOut(why) => (
                Reached::TimedOut,
                match why {
                    Why::NoSuchPort => "The Service has no such port.".into(),
                    Why::NoEndpoints => format!("{service} has no endpoint on this node."),
                    Why::NoServiceProxy => "Nothing makes service addresses lead anywhere.".into(),
                    Why::NotRouted => "The address is of the cluster's inside, and the source is not.".into(),
                    Why::Policy | Why::Outside => policy_of(path).map_or_else(String::new, barred),
                },
            ),
            Outcome::Unreachable => (Reached::TimedOut, "There is no route to the address.".into()),
        }
    }
}

fn policy_of(path: &Path) -> Option<&Verdict> {
    path.hops.iter().find_map(|hop| match hop {
        Hop::Policies(verdict) => Some(verdict),
        _ => None,
    })
}

/// Which policies are in the way.
fn barred(verdict: &Verdict) -> String {
    let sides = [("leave its source", &verdict.egress), ("enter its target", &verdict.ingress)];
    let told: Vec<String> =
        sides.iter().filter(|(_, side)| !side.allowed).map(|(what, side)| barred_side(what, side)).collect();
    told.join(" ")
}

fn barred_side(what: &str, side: &SideVerdict) -> String {
    let names: Vec<&str> = side.isolated_by.iter().map(|id| id.name.as_str()).collect();
    let mut text = format!("NetworkPolicy {} does not let it {what}", names.join(", "));
    let near = side.rules.iter().find(|rule| rule.peer.is_some() || rule.port.is_some());
    match near {
        Some(rule) => {
            let lacking = if rule.peer.is_some() { "the port" } else { "the peer" };
            text += &format!(": rule {} of {} does not match {lacking}.", rule.rule + 1, rule.policy.name);
        }
        None => text += ": no rule matches it.",
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::presets;

    const SETUP: &str = "
kubectl create deployment web --image=nginx --replicas=2
kubectl expose deployment web --port=80
kubectl create service clusterip empty --tcp=80
kubectl run client --image=busybox --command -- sleep 3600
kubectl rollout status deployment web
kubectl wait --for=condition=Ready pod/client
";

    fn cluster(policies: &str) -> Cluster {
        let preset = presets::find("two-workers").expect("a preset");
        let mut cluster = Cluster::new(preset, 1);
        cluster.run_line(&format!("{SETUP}cat <<EOF | kubectl apply -f -\n{policies}\nEOF"), Duration::from_secs(120));
        cluster
    }

    fn check(cluster: &Cluster, from: &str, to: &str, reached: Reached, because: &str) {
        let found = cluster.reach(("default", from), ("default", to)).expect("a question");
        assert!(!found.is_empty());
        for connection in found {
            assert_eq!(connection.reached, reached, "{connection:?}");
            assert!(connection.because.contains(because), "{connection:?}");
        }
    }

    #[test]
    fn what_decides_is_named() {
        let cluster = cluster("");
        check(&cluster, "pod/client", "service/web:80", Reached::Allowed, "It ends at pod default/web-");
        check(&cluster, "pod/client", "web:80", Reached::Allowed, ":80");
        assert_eq!(cluster.reach(("default", "pod/client"), ("default", "service/web:80")).unwrap().len(), 2);
        check(&cluster, "pod/client", "service/web:81", Reached::TimedOut, "no such port");
        check(
            &cluster,
            "pod/client",
            "service/empty:80",
            Reached::Refused,
            "Service default/empty:80 has no ready endpoint",
        );
        check(&cluster, "pod/client", "service/gone:80", Reached::Unresolved, "gone.default.svc.cluster.local");
        check(
            &cluster,
            "deployment/web",
            "pod/client:80",
            Reached::Refused,
            "Nothing listens at pod default/client:80",
        );
        check(&cluster, "pod/gone", "service/web:80", Reached::NotTried, "No running pod of pod gone");
        check(&cluster, "workstation", "deployment/web:80", Reached::TimedOut, "inside");
        check(&cluster, "pod/client", "203.0.113.9:443", Reached::Allowed, "leaves");
        assert!(cluster.reach(("default", "pod/client"), ("default", "web")).is_err());
    }

    #[test]
    fn a_policy_in_the_way_is_named() {
        let cluster = cluster(
            "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: https}, spec: {podSelector: \
             {matchLabels: {run: client}}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}}",
        );
        check(
            &cluster,
            "pod/client",
            "deployment/web:80",
            Reached::TimedOut,
            "NetworkPolicy https does not let it leave its source: rule 1 of https does not match the port",
        );
        check(
            &cluster,
            "pod/client",
            "service/web:80",
            Reached::Unresolved,
            "DNS does not answer pod client: NetworkPolicy https",
        );
        check(&cluster, "deployment/web", "service/web:80", Reached::Allowed, "");
    }
}
