//! Nodes.
// Models pkg/apis/core/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::{labels, meta, pod};

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, false, names::name_subdomain, errors);
    let spec = At::root(object, "spec");
    taints(&spec.at("taints"), errors);
    for cidr in spec.at("podCIDRs").items() {
        let good = cidr.str().split_once('/').is_some_and(|(ip, bits)| {
            names::parse_ip(ip).is_some() && bits.parse::<u8>().is_ok_and(|bits| bits <= 128)
        });
        if !good {
            let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            errors.invalid(&cidr.path, cidr.str(), detail);
        }
    }
}

fn taints(at: &At, errors: &mut Errors) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for taint in at.items() {
        let key = taint.at("key");
        labels::label_name(key.str(), &key.path, errors);
        let value = taint.at("value");
        let messages = names::label_value(value.str());
        if !messages.is_empty() {
            errors.invalid(&value.path, value.str(), &messages.join(";"));
        }
        let effect = taint.at("effect");
        pod::taint_effect(&effect, errors);
        let id = (effect.str(), key.str());
        if seen.contains(&id) {
            errors.duplicate(&taint.path, taint.value);
        }
        seen.push(id);
    }
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    create(new, errors);
    let spec = At::root(new, "spec");
    let (id, before) = (spec.at("providerID"), old.at(&["spec", "providerID"]));
    if !before.str().is_empty() && id.str() != before.str() {
        errors.forbidden(&id.path, "node updates may not change providerID except from \"\" to valid");
    }
    let (cidrs, before) = (spec.at("podCIDRs"), old.at(&["spec", "podCIDRs"]));
    if !before.items().is_empty() && cidrs.value != before {
        errors.forbidden(&cidrs.path, "node updates may not change podCIDR except from \"\" to valid");
    }
}
