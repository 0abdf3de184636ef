//! Network policies.
// Models pkg/apis/networking/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::workload::supported;
use super::{cidr, labels, meta};

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    spec(&At::root(object, "spec"), errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    spec(&At::root(new, "spec"), errors);
}

fn spec(at: &At, errors: &mut Errors) {
    labels::selector(&at.at("podSelector"), errors);
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in at.at(list).items() {
            for item in rule.at("ports").items() {
                port(&item, errors);
            }
            for item in rule.at(peers).items() {
                peer(&item, errors);
            }
        }
    }
    let types = at.at("policyTypes");
    if types.len() > 2 {
        return errors.invalid(&types.path, types.value, "may not specify more than two policyTypes");
    }
    for kind in types.items() {
        supported(&kind, &["Ingress", "Egress"], errors);
    }
}

fn port(at: &At, errors: &mut Errors) {
    supported(&at.at("protocol"), &["TCP", "UDP", "SCTP"], errors);
    let (port, end) = (at.at("port"), at.at("endPort"));
    match port.value {
        Value::Null => {
            if end.is_set() {
                errors.invalid(&end.path, end.value, "may not be specified when `port` is not specified");
            }
        }
        Value::String(name) => {
            if end.is_set() {
                errors.invalid(&end.path, end.value, "may not be specified when `port` is non-numeric");
            }
            errors.invalid_each(&port.path, name, names::port_name(name));
        }
        number => {
            let number = number.as_i64().unwrap_or_default();
            for message in names::port_number(number) {
                errors.invalid(&port.path, number, &message);
            }
            if let Some(last) = end.value.as_i64() {
                if last < number {
                    errors.invalid(&end.path, last, "must be greater than or equal to `port`");
                }
                for message in names::port_number(last) {
                    errors.invalid(&end.path, last, &message);
                }
            }
        }
    }
}

fn peer(at: &At, errors: &mut Errors) {
    let mut given = 0;
    for field in ["podSelector", "namespaceSelector"] {
        let selector = at.at(field);
        given += usize::from(selector.is_set());
        labels::selector(&selector, errors);
    }
    let block = at.at("ipBlock");
    if block.is_set() {
        if given > 0 {
            errors.forbidden(&at.path, "may not specify both ipBlock and another peer");
        }
        given += 1;
        ip_block(&block, errors);
    }
    if given == 0 {
        errors.required(&at.path, "must specify a peer");
    }
}

fn ip_block(at: &At, errors: &mut Errors) {
    let whole = at.at("cidr");
    if whole.str().is_empty() {
        return errors.required(&whole.path, "");
    }
    let before = errors.len();
    let range = cidr::check(&whole, errors);
    let good = errors.len() == before;
    for except in at.at("except").items() {
        let Some(part) = cidr::check(&except, errors) else { continue };
        if good && range.is_some_and(|range| !range.strictly_contains(&part)) {
            errors.invalid(&except.path, except.str(), "must be a strict subset of `cidr`");
        }
    }
}
