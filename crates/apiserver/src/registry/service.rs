//! Services: their addresses and ports are allocated.
// Models pkg/registry/core/service/storage

use ecow::{EcoString, eco_format};
use podyard_api::{Key, Status, Value, value};
use serde::{Deserialize, Serialize};

use super::{Strategy, WITH_STATUS, common};
use crate::validation::{self, At, Errors};
use crate::{ApiServer, defaults};

/// What services take: an address, or a port of every node for a protocol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Allocation {
    Address(u32),
    Port(u16, EcoString),
}

/// 10.96.0.0/12, of which the lowest addresses are for those who choose.
const NETWORK: u32 = 10 << 24 | 96 << 16;
const SIZE: u32 = 1 << 20;
const CHOSEN: u32 = 256;
const PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;
const CHOSEN_PORTS: i64 = 86;
/// How often a free one is sought at random.
const TRIES: usize = 100_000;

pub(super) const STRATEGY: Strategy = Strategy {
    generation: false,
    defaults: defaults::service,
    prepare_create: common::drop_status,
    prepare_update: |new, old| {
        common::restore(new, old, "status");
        drop_type_fields(new, old);
    },
    validates_meta: true,
    validate_create: validation::service::create,
    validate_update: validation::service::update,
    allocate: Some(allocate),
    release: Some(release),
    returns_deleted: true,
    warnings: validation::service::warnings,
    ..WITH_STATUS
};

fn needs_ip(spec: &Value) -> bool {
    matches!(spec.get("type").str(), "ClusterIP" | "NodePort" | "LoadBalancer")
}

fn needs_ports(spec: &Value) -> bool {
    match spec.get("type").str() {
        "NodePort" => true,
        "LoadBalancer" => spec.get("allocateLoadBalancerNodePorts").as_bool() != Some(false),
        _ => false,
    }
}

/// What the former type had, and the new one has not, goes unless the client changed it.
fn drop_type_fields(new: &mut Value, old: &Value) {
    let (after, before) = (new.get("spec").clone(), old.get("spec"));
    let same = |field: &str| after.get(field) == before.get(field);
    let mut gone: Vec<&str> = Vec::new();
    if needs_ip(before) && !needs_ip(&after) && same("clusterIP") && same("clusterIPs") {
        gone.extend(["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]);
    }
    if *before.get("type") == "LoadBalancer" && *after.get("type") != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if same(field) {
                gone.push(field);
            }
        }
    }
    if validation::service::needs_health_check(before)
        && !validation::service::needs_health_check(&after)
        && same("healthCheckNodePort")
    {
        gone.push("healthCheckNodePort");
    }
    let outside = |spec: &Value| matches!(spec.get("type").str(), "NodePort" | "LoadBalancer");
    if outside(before) && !outside(&after) && same("externalTrafficPolicy") && after.get("externalIPs").is_empty() {
        gone.push("externalTrafficPolicy");
    }
    let spec = new.field_mut("spec");
    for field in gone {
        spec.remove(field);
    }
    let drops_ports = outside(before) && *after.get("type") == "ClusterIP";
    if drops_ports && let Some(ports) = spec.get_mut("ports") {
        let had: Vec<&Value> = before.get("ports").items().iter().map(|port| port.get("nodePort")).collect();
        for port in ports.items_mut().iter_mut().filter(|port| had.contains(&port.get("nodePort"))) {
            port.remove("nodePort");
        }
    }
}

/// Gives a new or changed service its addresses and ports.
fn allocate(server: &mut ApiServer, service: &mut Value, old: Option<&Value>, dry_run: bool) -> Result<(), Status> {
    if let Some(old) = old {
        keep_allocated(service, old);
    }
    sync_cluster_ips(service, old);
    families(service)?;
    let taken = server.allocated.clone();
    let owner = eco_format!("{}/{}", service.namespace(), service.name());
    let result = take_all(server, service, old, &owner);
    if result.is_err() || dry_run {
        server.allocated = taken;
    }
    result
}

/// An update that does not mention what was allocated keeps it.
fn keep_allocated(service: &mut Value, old: &Value) {
    let before = old.get("spec");
    let spec = service.field_mut("spec");
    if needs_ip(before) && needs_ip(spec) {
        if spec.get("clusterIP").str().is_empty() {
            spec.set(Key::Static("clusterIP"), before.get("clusterIP"));
        }
        if spec.get("clusterIPs").items().is_empty() && spec.get("clusterIP") == before.get("clusterIP") {
            spec.set(Key::Static("clusterIPs"), before.get("clusterIPs"));
        }
        for field in ["ipFamilies", "ipFamilyPolicy"] {
            if spec.get(field).is_null() && !before.get(field).is_null() {
                spec.set(Key::Static(field), before.get(field));
            }
        }
    }
    if needs_ports(before) && needs_ports(spec) {
        let used: Vec<i64> =
            spec.get("ports").items().iter().filter_map(|port| port.get("nodePort").as_i64()).collect();
        let had = before.get("ports").clone();
        if let Some(ports) = spec.get_mut("ports") {
            for port in
                ports.items_mut().iter_mut().filter(|port| port.get("nodePort").as_i64().unwrap_or_default() == 0)
            {
                let same = |other: &&Value| ["port", "protocol"].iter().all(|f| other.get(f) == port.get(f));
                let number = had.items().iter().find(same).and_then(|other| other.get("nodePort").as_i64());
                if let Some(number) = number.filter(|number| !used.contains(number)) {
                    port.set(Key::Static("nodePort"), number);
                }
            }
        }
    }
    let health = "healthCheckNodePort";
    if spec.get(health).is_null() && !before.get(health).is_null() && validation::service::needs_health_check(spec) {
        spec.set(Key::Static(health), before.get(health));
    }
}

/// `clusterIP` is the first of `clusterIPs`; old clients know only the former.
fn sync_cluster_ips(service: &mut Value, old: Option<&Value>) {
    let spec = service.field_mut("spec");
    let single = spec.get("clusterIP").clone();
    match old.map(|old| old.get("spec")) {
        None => {
            if !single.str().is_empty() && spec.get("clusterIPs").items().is_empty() {
                spec.set(Key::Static("clusterIPs"), value!([single]));
            }
        }
        Some(before) => {
            let same = spec.get("clusterIPs") == before.get("clusterIPs");
            if single != *before.get("clusterIP") && same {
                match single.str() {
                    "" => drop(spec.remove("clusterIPs")),
                    _ => {
                        let mut ips = spec.get("clusterIPs").clone();
                        match ips.items_mut().first_mut() {
                            Some(first) => *first = single,
                            None => ips.push(single),
                        }
                        spec.set(Key::Static("clusterIPs"), ips);
                    }
                }
            }
        }
    }
}

fn invalid(service: &Value, errors: Errors) -> Result<(), Status> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid("", "Service", service.name(), errors.into_causes()))
}

/// The address families: this cluster has IPv4 only.
fn families(service: &mut Value) -> Result<(), Status> {
    if *service.at(&["spec", "type"]) == "ExternalName" {
        return Ok(());
    }
    let mut errors = Errors::default();
    validation::service::cluster_ips(&At::root(service, "spec"), &mut errors);
    invalid(service, errors)?;
    let mut errors = Errors::default();
    let spec = At::root(service, "spec");
    for ip in spec.at("clusterIPs").items().skip(spec.at("ipFamilies").len()).filter(|ip| ip.str().contains(':')) {
        let ips = spec.value.get("clusterIPs");
        errors.invalid(&ip.path, ips, "may not use IPv6 on a cluster which is not configured for it");
    }
    invalid(service, std::mem::take(&mut errors))?;
    let free = validation::service::is_headless(spec.value) && spec.value.get("selector").is_empty();
    if !free {
        let policy = spec.at("ipFamilyPolicy");
        if policy.str() == "RequireDualStack" {
            errors.invalid(&policy.path, policy.str(), "this cluster is not configured for dual-stack services");
        }
        for family in spec.at("ipFamilies").items().filter(|family| family.str() == "IPv6") {
            errors.invalid(&family.path, "IPv6", "not configured on this cluster");
        }
        invalid(service, errors)?;
    }
    let spec = service.field_mut("spec");
    if spec.get("ipFamilyPolicy").is_null() {
        let policy = if free { "RequireDualStack" } else { "SingleStack" };
        spec.set(Key::Static("ipFamilyPolicy"), policy);
    }
    if spec.get("ipFamilies").items().is_empty() {
        let families: &[&str] =
            if free && *spec.get("ipFamilyPolicy") != "SingleStack" { &["IPv4", "IPv6"] } else { &["IPv4"] };
        spec.set(Key::Static("ipFamilies"), families.to_vec());
    }
    Ok(())
}

fn take_all(server: &mut ApiServer, service: &mut Value, old: Option<&Value>, owner: &EcoString) -> Result<(), Status> {
    let before = old.map(|old| old.get("spec").clone()).unwrap_or_default();
    let now = service.get("spec").clone();
    if needs_ip(&now) && !validation::service::is_headless(&now) {
        let ip = now.get("clusterIPs").item(0);
        if ip.is_null() {
            let address = server.free_address(owner);
            let spec = service.field_mut("spec");
            spec.set(Key::Static("clusterIP"), address.as_str());
            spec.set(Key::Static("clusterIPs"), value!([address]));
        } else if ip != before.get("clusterIPs").item(0) {
            server.take_address(service, ip.str(), owner)?;
        }
    }
    if needs_ports(&now) {
        take_ports(server, service, &before, owner)?;
    }
    if validation::service::needs_health_check(&now) && now.get("healthCheckNodePort").is_null() {
        let port = server.free_port("TCP", owner);
        service.field_mut("spec").set(Key::Static("healthCheckNodePort"), port);
    }
    if old.is_some() {
        give_back(server, &before, service.get("spec"));
    }
    Ok(())
}

fn take_ports(server: &mut ApiServer, service: &mut Value, before: &Value, owner: &EcoString) -> Result<(), Status> {
    let had = ports_of(before);
    let count = service.at(&["spec", "ports"]).items().len();
    for index in 0..count {
        let port = service.at(&["spec", "ports"]).item(index);
        let protocol = port.get("protocol").text();
        let wanted = port.get("nodePort").as_i64().unwrap_or_default();
        let number = match wanted {
            0 => server.free_port(&protocol, owner),
            _ if had.contains(&(wanted, protocol.clone())) => continue,
            _ => {
                server.take_port(service, index, wanted, &protocol, owner)?;
                continue;
            }
        };
        if let Some(ports) = service.field_mut("spec").get_mut("ports") {
            ports.items_mut()[index].set(Key::Static("nodePort"), number);
        }
    }
    Ok(())
}

fn ports_of(spec: &Value) -> Vec<(i64, EcoString)> {
    let ports = spec.get("ports").items().iter();
    ports
        .filter_map(|port| Some((port.get("nodePort").as_i64().filter(|n| *n != 0)?, port.get("protocol").text())))
        .collect()
}

fn address(text: &str) -> Option<u32> {
    text.parse::<std::net::Ipv4Addr>().ok().map(u32::from)
}

/// What a service's spec has taken.
fn taken(spec: &Value) -> Vec<Allocation> {
    let mut all: Vec<Allocation> =
        spec.get("clusterIPs").items().iter().filter_map(|ip| address(ip.str())).map(Allocation::Address).collect();
    let port = |(number, protocol): (i64, EcoString)| Some(Allocation::Port(u16::try_from(number).ok()?, protocol));
    all.extend(ports_of(spec).into_iter().filter_map(port));
    if let Some(number) = spec.get("healthCheckNodePort").as_i64().and_then(|n| u16::try_from(n).ok()) {
        all.push(Allocation::Port(number, "TCP".into()));
    }
    all
}

fn give_back(server: &mut ApiServer, before: &Value, now: &Value) {
    let kept = taken(now);
    for allocation in taken(before).into_iter().filter(|allocation| !kept.contains(allocation)) {
        server.allocated.remove(&allocation);
    }
}

fn release(server: &mut ApiServer, service: &Value) {
    give_back(server, service.get("spec"), &Value::Null);
}

/// Notes what a service of a boot preset has.
pub(crate) fn reserve(server: &mut ApiServer, service: &Value) {
    let owner = eco_format!("{}/{}", service.namespace(), service.name());
    for allocation in taken(service.get("spec")) {
        server.allocated.insert(allocation, owner.clone());
    }
}

impl ApiServer {
    fn free_address(&mut self, owner: &EcoString) -> EcoString {
        for _ in 0..TRIES {
            let offset = CHOSEN + self.addresses.below(u64::from(SIZE - CHOSEN - 1)) as u32;
            let allocation = Allocation::Address(NETWORK + offset);
            if !self.allocated.contains_key(&allocation) {
                self.allocated.insert(allocation, owner.clone());
                return eco_format!("{}", std::net::Ipv4Addr::from(NETWORK + offset));
            }
        }
        EcoString::from("None")
    }

    fn take_address(&mut self, service: &Value, text: &str, owner: &EcoString) -> Result<(), Status> {
        let refuse = |why: &str| {
            let mut errors = Errors::default();
            let ips = service.at(&["spec", "clusterIPs"]);
            let spec = validation::Path::root("spec");
            errors.invalid(&spec.child("clusterIPs"), ips, &format!("failed to allocate IP {text}: {why}"));
            invalid(service, errors)
        };
        let Some(number) = address(text) else { return Ok(()) };
        if !(NETWORK + 1..NETWORK + SIZE - 1).contains(&number) {
            return refuse(&format!(
                "the provided IP ({text}) is not in the valid range. The range of valid IPs is 10.96.0.0/12"
            ));
        }
        let allocation = Allocation::Address(number);
        if self.allocated.contains_key(&allocation) {
            return refuse("provided IP is already allocated");
        }
        self.allocated.insert(allocation, owner.clone());
        Ok(())
    }

    fn free_port(&mut self, protocol: &str, owner: &EcoString) -> i64 {
        let (low, high) = (*PORTS.start() + CHOSEN_PORTS, *PORTS.end());
        for _ in 0..TRIES {
            let number = low + self.addresses.below((high - low + 1) as u64) as i64;
            let used = ["TCP", "UDP", "SCTP"]
                .iter()
                .any(|p| self.allocated.contains_key(&Allocation::Port(number as u16, (*p).into())));
            if !used {
                self.allocated.insert(Allocation::Port(number as u16, protocol.into()), owner.clone());
                return number;
            }
        }
        0
    }

    fn take_port(
        &mut self,
        service: &Value,
        index: usize,
        number: i64,
        protocol: &str,
        owner: &EcoString,
    ) -> Result<(), Status> {
        let refuse = |why: &str| {
            let mut errors = Errors::default();
            let spec = At::root(service, "spec");
            let ports = spec.at("ports");
            errors.invalid(&ports.path.index(index).child("nodePort"), number, why);
            invalid(service, errors)
        };
        if !PORTS.contains(&number) {
            return refuse("provided port is not in the valid range. The range of valid ports is 30000-32767");
        }
        let allocation = Allocation::Port(number as u16, protocol.into());
        if self.allocated.contains_key(&allocation) {
            return refuse("provided port is already allocated");
        }
        self.allocated.insert(allocation, owner.clone());
        Ok(())
    }
}
