//! Names to addresses, as CoreDNS answers in a cluster.
// Models plugin/kubernetes of CoreDNS and the resolver of glibc and musl

use ecow::{EcoString, eco_format};
use podyard_api::Value;
use podyard_api::kinds::{EndpointSlice, Pod, Service};
use podyard_api::names::parse_ip;
use serde::{Deserialize, Serialize};

use crate::Objects;
use crate::path::{Outcome, Source, connect};

/// The domain of every cluster here.
pub const CLUSTER_DOMAIN: &str = "cluster.local";
/// `CNAME`s that are followed.
const MAX_ALIASES: usize = 8;

/// What a machine's `/etc/resolv.conf` and `/etc/hosts` say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolver {
    /// The nameserver's address; without one only hosts are known.
    pub nameserver: Option<EcoString>,
    pub search: Vec<EcoString>,
    /// A name with fewer dots is looked for in the search domains first.
    pub ndots: usize,
    /// Names of `/etc/hosts`, with their addresses.
    pub hosts: Vec<(EcoString, EcoString)>,
}

/// Why there is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoAnswer {
    /// No such name.
    NoName,
    /// The nameserver does not answer.
    TimedOut,
}

impl Resolver {
    /// What the kubelet writes for a pod.
    // Models pkg/kubelet/network/dns/dns.go
    pub fn of_pod(object: &Value, nameserver: &str) -> Self {
        let pod = Pod(object);
        let spec = pod.spec();
        let config = spec.dns_config();
        let texts = |field: &str| config.get(field).items().iter().map(|item| item.str().into()).collect::<Vec<_>>();
        let uses_cluster = match spec.dns_policy() {
            "ClusterFirst" | "" => !spec.host_network(),
            "ClusterFirstWithHostNet" => true,
            _ => false,
        };
        let mut resolver = Self { ndots: 1, ..Self::default() };
        if uses_cluster {
            let namespace = pod.namespace();
            resolver.nameserver = Some(nameserver.into());
            resolver.ndots = 5;
            resolver.search = vec![
                eco_format!("{namespace}.svc.{CLUSTER_DOMAIN}"),
                eco_format!("svc.{CLUSTER_DOMAIN}"),
                CLUSTER_DOMAIN.into(),
            ];
        }
        if resolver.nameserver.is_none() {
            resolver.nameserver = texts("nameservers").into_iter().next();
        }
        resolver.search.extend(texts("searches"));
        for option in config.get("options").items().iter().filter(|option| option.get("name").str() == "ndots") {
            resolver.ndots = option.get("value").str().parse().unwrap_or(resolver.ndots);
        }
        resolver
    }

    /// `/etc/resolv.conf`, as a file.
    pub fn file(&self) -> String {
        let mut text = String::new();
        if !self.search.is_empty() {
            text += &format!("search {}\n", self.search.join(" "));
        }
        if let Some(nameserver) = &self.nameserver {
            text += &format!("nameserver {nameserver}\n");
        }
        if self.ndots != 1 {
            text += &format!("options ndots:{}\n", self.ndots);
        }
        text
    }

    /// The full names that are asked for, in their order.
    fn candidates(&self, name: &str) -> Vec<EcoString> {
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.into()];
        }
        let searched = self.search.iter().map(|domain| eco_format!("{name}.{domain}"));
        let as_is = [EcoString::from(name)];
        if name.matches('.').count() >= self.ndots {
            as_is.into_iter().chain(searched).collect()
        } else {
            searched.chain(as_is).collect()
        }
    }
}

/// The addresses of a name, as a process at `source` gets them.
///
/// # Errors
///
/// If no such name is known, or the nameserver cannot be reached.
pub fn resolve(
    objects: &dyn Objects,
    source: Source<'_>,
    resolver: &Resolver,
    name: &str,
) -> Result<Vec<EcoString>, NoAnswer> {
    if parse_ip(name).is_some() {
        return Ok(vec![name.into()]);
    }
    if name.trim_end_matches('.') == "localhost" {
        return Ok(vec!["127.0.0.1".into()]);
    }
    let hosts = || resolver.hosts.iter().filter(|(host, _)| host == name).map(|(_, address)| address.clone());
    if hosts().next().is_some() {
        return Ok(hosts().collect());
    }
    let nameserver = resolver.nameserver.as_deref().ok_or(NoAnswer::NoName)?;
    if !connect(objects, source, nameserver, 53, "UDP", 0).reaches_a_pod() {
        return Err(NoAnswer::TimedOut);
    }
    resolver
        .candidates(name)
        .iter()
        .find_map(|candidate| Some(records(objects, candidate, MAX_ALIASES)).filter(|found| !found.is_empty()))
        .ok_or(NoAnswer::NoName)
}

/// The `A` records of a full name in the cluster's domain.
fn records(objects: &dyn Objects, name: &str, aliases: usize) -> Vec<EcoString> {
    let name = name.to_ascii_lowercase();
    let Some(inside) = name.strip_suffix(CLUSTER_DOMAIN).and_then(|rest| rest.strip_suffix('.')) else {
        return Vec::new();
    };
    let labels: Vec<&str> = inside.split('.').collect();
    match *labels.as_slice() {
        [address, _, "pod"] => pod_record(address),
        [service, namespace, "svc"] => service_records(objects, namespace, service, None, aliases),
        [host, service, namespace, "svc"] => service_records(objects, namespace, service, Some(host), aliases),
        _ => Vec::new(),
    }
}

/// `10-244-1-7.default.pod`: with `pods insecure` the answer is in the name.
fn pod_record(address: &str) -> Vec<EcoString> {
    let address = address.replace('-', ".");
    parse_ip(&address).map(|_| address.into()).into_iter().collect()
}

fn service_records(
    objects: &dyn Objects,
    namespace: &str,
    name: &str,
    host: Option<&str>,
    aliases: usize,
) -> Vec<EcoString> {
    let Some(object) = objects.service(namespace, name) else { return Vec::new() };
    let spec = Service(object).spec();
    if spec.kind() == "ExternalName" {
        return match aliases.checked_sub(1).filter(|_| host.is_none()) {
            Some(left) => records(objects, spec.external_name().trim_end_matches('.'), left),
            None => Vec::new(),
        };
    }
    if !matches!(spec.cluster_ip(), "None" | "") {
        return host.is_none().then(|| spec.cluster_ip().into()).into_iter().collect();
    }
    let mut found: Vec<EcoString> = Vec::new();
    for slice in objects.slices(namespace, name) {
        for endpoint in EndpointSlice(slice).endpoints() {
            let is_ready = endpoint.conditions().ready().unwrap_or(true);
            let is_asked_for = match host {
                None => true,
                // An endpoint without a hostname is named by its address.
                Some(host) if endpoint.hostname().is_empty() => {
                    endpoint.addresses().any(|address| address.replace('.', "-") == host)
                }
                Some(host) => endpoint.hostname() == host,
            };
            if is_ready && is_asked_for {
                found.extend(endpoint.addresses().map(EcoString::from));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

impl crate::Path {
    fn reaches_a_pod(&self) -> bool {
        matches!(self.outcome, Outcome::Pod { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    /// What a pod in `default` is answered, addresses joined by a space.
    fn check(world: &str, name: &str, expected: &str) {
        let world = World::new(world);
        let resolver = Resolver::of_pod(world.pod("client"), "10.96.0.10");
        let answer = match resolve(&world, Source::Pod(world.pod("client")), &resolver, name) {
            Ok(addresses) => addresses.join(" "),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(answer, expected, "{name}");
    }

    const CLUSTER: &str = "
pod client 10.244.1.2
pod coredns 10.244.0.2 kube-system
service kube-dns 10.96.0.10 kube-system 53->53/UDP
endpoint kube-dns 10.244.0.2 kube-system 53/UDP
service web 10.96.1.1 default 80->8080/TCP
service db None shop 5432->5432/TCP
endpoint db 10.244.1.9 shop 5432/TCP host=db-0
endpoint db 10.244.1.8 shop 5432/TCP
unready db 10.244.1.7 shop 5432/TCP
alias away db.shop.svc.cluster.local
alias loop loop.default.svc.cluster.local
";

    #[test]
    fn services_have_names() {
        check(CLUSTER, "web", "10.96.1.1");
        check(CLUSTER, "web.default", "10.96.1.1");
        check(CLUSTER, "web.default.svc.cluster.local", "10.96.1.1");
        check(CLUSTER, "web.default.svc.cluster.local.", "10.96.1.1");
        check(CLUSTER, "web.", "NoName");
        check(CLUSTER, "web.shop", "NoName");
        check(CLUSTER, "example.com", "NoName");
    }

    #[test]
    fn a_headless_service_is_its_ready_endpoints() {
        check(CLUSTER, "db.shop", "10.244.1.8 10.244.1.9");
        check(CLUSTER, "db-0.db.shop", "10.244.1.9");
        check(CLUSTER, "10-244-1-8.db.shop", "10.244.1.8");
        check(CLUSTER, "x.web", "NoName");
    }

    #[test]
    fn aliases_are_followed_but_not_for_ever() {
        check(CLUSTER, "away", "10.244.1.8 10.244.1.9");
        check(CLUSTER, "loop", "NoName");
    }

    #[test]
    fn addresses_and_pods_are_their_own_names() {
        check(CLUSTER, "10.1.2.3", "10.1.2.3");
        check(CLUSTER, "10-244-1-7.default.pod", "10.244.1.7");
        check(CLUSTER, "localhost", "127.0.0.1");
    }

    #[test]
    fn without_a_ready_dns_pod_nothing_answers() {
        check("pod client 10.244.1.2\nservice kube-dns 10.96.0.10 kube-system 53->53/UDP", "web", "TimedOut");
    }

    #[test]
    fn a_policy_may_cut_names_off() {
        check(&format!("{CLUSTER}policy default egress"), "web", "TimedOut");
    }

    #[test]
    fn the_file_is_as_the_kubelet_writes_it() {
        let world = World::new(CLUSTER);
        assert_eq!(
            Resolver::of_pod(world.pod("client"), "10.96.0.10").file(),
            "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"
        );
    }
}
