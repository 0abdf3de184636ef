//! Services.
// Models pkg/apis/core/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors, Path};
use super::{goform, labels, meta, pod};

const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
const POLICIES: [&str; 3] = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_label, errors);
    let spec = At::root(object, "spec");
    let kind = spec.value.get("type").str();
    let ports = spec.at("ports");
    if ports.is_empty() && !is_headless(spec.value) && kind != "ExternalName" {
        errors.required(&ports.path, "");
    }
    of_type(&spec, kind, errors);
    let mut taken: Vec<&str> = Vec::new();
    for port in ports.items() {
        service_port(&port, ports.len() > 1, &mut taken, errors);
    }
    labels::labels(&spec.at("selector"), errors);
    affinity(&spec, errors);
    cluster_ips(&spec, errors);
    for ip in spec.at("externalIPs").items() {
        external_ip(&ip, errors);
    }
    let type_field = spec.at("type");
    match kind {
        "" => errors.required(&type_field.path, ""),
        _ => pod::one_of(&type_field, &TYPES, errors),
    }
    repeated_ports(&ports, kind, errors);
    load_balancer(object, &spec, kind, errors);
    traffic(&spec, kind, errors);
}

pub(crate) fn is_headless(spec: &Value) -> bool {
    let ips = spec.get("clusterIPs").items();
    ips.len() == 1 && ips[0] == "None"
}

fn of_type(spec: &At, kind: &str, errors: &mut Errors) {
    let ips = spec.at("clusterIPs");
    match kind {
        "LoadBalancer" | "NodePort" if is_headless(spec.value) => {
            let detail = format!("may not be set to 'None' for {kind} services");
            errors.invalid(&ips.path.index(0), "None", &detail);
        }
        "ExternalName" => {
            let detail = "may not be set for ExternalName services";
            for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                let field = spec.at(field);
                if !field.is_empty() {
                    errors.forbidden(&field.path, detail);
                }
            }
            let name = spec.at("externalName");
            let text = name.str().strip_suffix('.').unwrap_or(name.str());
            if text.is_empty() {
                errors.required(&name.path, "");
            } else {
                errors.invalid_each(&name.path, text, names::dns_subdomain(text));
            }
        }
        _ => {}
    }
}

fn service_port<'v>(port: &At<'v, '_>, named: bool, taken: &mut Vec<&'v str>, errors: &mut Errors) {
    let name = port.at("name");
    match name.value.as_str().filter(|text| !text.is_empty()) {
        None if named => errors.required(&name.path, ""),
        None => {}
        Some(text) => {
            errors.invalid_each(&name.path, text, names::dns_label(text));
            if taken.contains(&text) {
                errors.duplicate(&name.path, text);
            }
            taken.push(text);
        }
    }
    let number = port.at("port");
    pod::port_number(number.value.as_i64().unwrap_or_default(), &number.path, errors);
    let protocol = port.at("protocol");
    match protocol.str() {
        "" => errors.required(&protocol.path, ""),
        _ => pod::one_of(&protocol, &pod::PROTOCOLS, errors),
    }
    let target = port.at("targetPort");
    pod::port_or_name(target.value, &target.path, errors);
    let app = port.at("appProtocol");
    if app.is_set() {
        errors.invalid_each(&app.path, app.str(), names::qualified_name(app.str()));
    }
}

fn affinity(spec: &At, errors: &mut Errors) {
    let (kind, config) = (spec.at("sessionAffinity"), spec.at("sessionAffinityConfig"));
    match kind.str() {
        "" => errors.required(&kind.path, ""),
        "None" if config.is_set() => {
            errors.forbidden(&config.path, "must not be set when session affinity is None");
        }
        "None" => {}
        "ClientIP" => {
            let client = config.at("clientIP");
            let timeout = client.at("timeoutSeconds");
            let detail = "when session affinity type is ClientIP";
            for part in [&config, &client, &timeout] {
                if !part.is_set() {
                    errors.required(&part.path, detail);
                    return;
                }
            }
            let seconds = timeout.value.as_i64().unwrap_or_default();
            if seconds <= 0 || seconds > 86_400 {
                errors.invalid(&timeout.path, seconds, "must be greater than 0 and less than 86400");
            }
        }
        other => errors.not_supported(&kind.path, other, &["ClientIP", "None"]),
    }
}

/// `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` go together.
pub(crate) fn cluster_ips(spec: &At, errors: &mut Errors) {
    if *spec.value.get("type") == "ExternalName" {
        return;
    }
    let ips = spec.at("clusterIPs");
    let single = spec.value.get("clusterIP").str();
    match (single, ips.value.items().first()) {
        ("", Some(_)) => errors.invalid(&ips.path, ips.value, "must be empty when `clusterIP` is not specified"),
        ("", None) => {}
        (_, None) => errors.required(&ips.path, ""),
        (single, Some(first)) if *first != single => {
            errors.invalid(&ips.path, ips.value, "first value must match `clusterIP`");
        }
        _ => {}
    }
    let families = spec.at("ipFamilies");
    for (index, family) in families.items().enumerate() {
        pod::one_of(&family, &FAMILIES, errors);
        if families.value.items()[..index].contains(family.value) {
            errors.duplicate(&family.path, family.value);
        }
    }
    pod::one_of(&spec.at("ipFamilyPolicy"), &POLICIES, errors);
    let mut bad = false;
    for (index, ip) in ips.items().enumerate() {
        if index == 0 && ip.str() == "None" {
            if ips.len() > 1 {
                bad = true;
                errors.invalid(&ips.path, ips.value, "'None' must be the first and only value");
            }
            continue;
        }
        let messages = names::ip_address(ip.str());
        bad |= !messages.is_empty();
        errors.invalid_each(&ip.path, ip.str(), messages);
    }
    if ips.len() > 2 {
        errors.invalid(&ips.path, ips.value, "may only hold up to 2 values");
    }
    if bad {
        return;
    }
    let is_v6 = |ip: &Value| ip.str().contains(':');
    if ips.len() > 1 && ips.value.items().iter().filter(|ip| is_v6(ip)).count() != 1 {
        errors.invalid(&ips.path, ips.value, "may specify no more than one IP for each IP family");
    }
    if is_headless(spec.value) {
        return;
    }
    for (index, (ip, family)) in ips.items().zip(families.value.items()).enumerate() {
        let fits = is_v6(ip.value) == (*family == "IPv6");
        if !fits && FAMILIES.contains(&family.str()) {
            let detail = format!("expected an {} value as indicated by `ipFamilies[{index}]`", family.str());
            errors.invalid(&ip.path, ip.str(), &detail);
        }
    }
}

fn external_ip(at: &At, errors: &mut Errors) {
    let messages = names::ip_address(at.str());
    if !messages.is_empty() {
        errors.invalid_each(&at.path, at.str(), messages);
        return;
    }
    if let Some(ip) = names::parse_ip(at.str()) {
        special_ip(ip, at, errors);
    }
}

/// Addresses that no one elsewhere can reach.
fn special_ip(ip: std::net::IpAddr, at: &At, errors: &mut Errors) {
    let (link_local, link_multicast) = match ip {
        std::net::IpAddr::V4(ip) => (ip.is_link_local(), ip.octets()[..3] == [224, 0, 0]),
        std::net::IpAddr::V6(ip) => (ip.segments()[0] & 0xffc0 == 0xfe80, ip.segments()[0] == 0xff02),
    };
    if ip.is_unspecified() {
        errors.invalid(&at.path, at.str(), &format!("may not be unspecified ({})", at.str()));
    }
    if ip.is_loopback() {
        errors.invalid(&at.path, at.str(), "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    }
    if link_local {
        errors.invalid(&at.path, at.str(), "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    }
    if link_multicast {
        errors.invalid(&at.path, at.str(), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    }
}

fn repeated_ports(ports: &At, kind: &str, errors: &mut Errors) {
    let node_port = |port: &Value| port.get("nodePort").as_i64().unwrap_or_default();
    if kind == "ClusterIP" {
        for port in ports.items().filter(|port| node_port(port.value) != 0) {
            errors.forbidden(&port.path.child("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }
    }
    let all = ports.value.items();
    for (index, port) in ports.items().enumerate() {
        let number = node_port(port.value);
        let same = |other: &Value| node_port(other) == number && other.get("protocol") == port.value.get("protocol");
        if number != 0 && all[..index].iter().any(same) {
            errors.duplicate(&port.path.child("nodePort"), number);
        }
    }
    for (index, port) in ports.items().enumerate() {
        let same = |other: &Value| ["port", "protocol"].iter().all(|f| other.get(f) == port.value.get(f));
        if all[..index].iter().any(same) {
            let mut shown = Value::object();
            for field in ["port", "protocol"] {
                shown.set(field, port.value.get(field));
            }
            errors.duplicate_as(&port.path, &goform::compact("ServicePort", &shown));
        }
    }
}

fn load_balancer(object: &Value, spec: &At, kind: &str, errors: &mut Errors) {
    let only = "may only be used when `type` is 'LoadBalancer'";
    let balances = kind == "LoadBalancer";
    let ranges = spec.value.get("loadBalancerSourceRanges").items();
    let place = spec.path.child("LoadBalancerSourceRanges");
    if !ranges.is_empty() {
        if !balances {
            errors.forbidden(&place, only);
        }
        for (index, range) in ranges.iter().enumerate() {
            cidr(range.str().trim(), &place.index(index), errors);
        }
    } else if let Some(text) = object.meta().annotation(RANGES) {
        let metadata = Path::root("metadata");
        let annotations = metadata.child("annotations");
        let place = annotations.key(RANGES);
        if !balances {
            errors.forbidden(&place, only);
        }
        for range in text.split(',').map(str::trim).filter(|range| !range.is_empty()) {
            cidr(range, &place, errors);
        }
    }
    let allocate = spec.at("allocateLoadBalancerNodePorts");
    match (allocate.is_set(), balances) {
        (true, false) => errors.forbidden(&allocate.path, only),
        (false, true) => errors.required(&Path::root("allocateLoadBalancerNodePorts"), ""),
        _ => {}
    }
    let class = spec.at("loadBalancerClass");
    if class.is_set() {
        if balances {
            errors.invalid_each(&class.path, class.str(), names::qualified_name(class.str()));
        } else {
            errors.forbidden(&class.path, only);
        }
    }
}

/// An address range.
pub(crate) fn cidr(text: &str, path: &Path, errors: &mut Errors) {
    let good = text.split_once('/').is_some_and(|(ip, bits)| {
        let max = match names::parse_ip(ip) {
            Some(std::net::IpAddr::V4(_)) => 32,
            Some(std::net::IpAddr::V6(_)) => 128,
            None => return false,
        };
        bits.parse::<u8>().is_ok_and(|bits| bits <= max)
    });
    if !good {
        errors.invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    }
}

/// Whether traffic from outside can come.
fn is_external(spec: &Value) -> bool {
    match spec.get("type").str() {
        "LoadBalancer" | "NodePort" => true,
        "ClusterIP" => !spec.get("externalIPs").items().is_empty(),
        _ => false,
    }
}

/// Whether load balancers ask each node.
pub(crate) fn needs_health_check(spec: &Value) -> bool {
    *spec.get("type") == "LoadBalancer" && *spec.get("externalTrafficPolicy") == "Local"
}

fn traffic(spec: &At, kind: &str, errors: &mut Errors) {
    let external = spec.at("externalTrafficPolicy");
    match (is_external(spec.value), external.str()) {
        (false, "") => {}
        (false, text) => {
            errors.invalid(&external.path, text, "may only be set for externally-accessible services");
        }
        (true, "") => errors.required(&external.path, ""),
        (true, _) => pod::one_of(&external, &["Cluster", "Local"], errors),
    }
    let health = spec.at("healthCheckNodePort");
    match (needs_health_check(spec.value), health.value.as_i64().unwrap_or_default()) {
        (false, 0) => {}
        (false, port) => errors.invalid(
            &health.path,
            port,
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        ),
        (true, 0) => errors.required(&health.path, ""),
        (true, port) => pod::port_number(port, &health.path, errors),
    }
    let internal = spec.at("internalTrafficPolicy");
    if !internal.is_set() && matches!(kind, "NodePort" | "LoadBalancer" | "ClusterIP") {
        errors.required(&internal.path, "");
    }
    pod::one_of(&internal, &["Cluster", "Local"], errors);
    let distribution = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    pod::one_of(&spec.at("trafficDistribution"), &distribution, errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    let (spec, before) = (At::root(new, "spec"), old.get("spec"));
    let kinds = [spec.value.get("type").str(), before.get("type").str()];
    if !kinds.contains(&"ExternalName") {
        primary_ip(&spec, before, errors);
        primary_family(&spec, before, errors);
    }
    let class = spec.at("loadBalancerClass");
    if kinds == ["LoadBalancer"; 2] && class.value != before.get("loadBalancerClass") {
        errors.invalid(&class.path, class.value, "may not change once set");
    }
    let health = spec.at("healthCheckNodePort");
    let both = needs_health_check(spec.value) && needs_health_check(before);
    if both && health.value != before.get("healthCheckNodePort") {
        errors.forbidden(&health.path, meta::IMMUTABLE);
    }
    create(new, errors);
}

fn primary_ip(spec: &At, before: &Value, errors: &mut Errors) {
    if is_headless(spec.value) && is_headless(before) {
        return;
    }
    let ips = spec.at("clusterIPs");
    let (now, was) = (ips.value.items(), before.get("clusterIPs").items());
    if now.len() == was.len() {
        for index in (0..now.len()).filter(|index| now[*index] != was[*index]) {
            errors.invalid(&ips.path.index(index), ips.value, "may not change once set");
        }
    } else if now.is_empty() {
        errors.invalid(&ips.path.index(0), ips.value, "primary clusterIP can not be unset");
    } else if !was.is_empty() && now[0] != was[0] {
        errors.invalid(&ips.path.index(0), ips.value, "may not change once set");
    }
}

fn primary_family(spec: &At, before: &Value, errors: &mut Errors) {
    let (headless, was_headless) = (is_headless(spec.value), is_headless(before));
    if headless || was_headless {
        return;
    }
    let families = spec.at("ipFamilies");
    let (now, was) = (families.value.items(), before.get("ipFamilies").items());
    if now.first() != was.first() && !now.is_empty() && !was.is_empty() {
        errors.invalid(&families.path.index(0), families.value, "may not change once set");
    }
}

/// Warnings about a service.
pub(crate) fn warnings(object: &Value, _: Option<&Value>) -> Vec<ecow::EcoString> {
    let mut warnings = Vec::new();
    if *object.at(&["spec", "trafficDistribution"]) == "PreferClose" {
        warnings.push("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"".into());
    }
    warnings
}
