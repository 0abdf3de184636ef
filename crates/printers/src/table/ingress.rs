//! Ingresses and IngressClasses.

use podyard_api::Value;
use podyard_api::kinds::{Ingress, IngressClass};

use super::common::load_balancer;
use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const INGRESS: Printer = Printer {
    columns: &[NAME, text("Class"), text("Hosts"), text("Address"), text("Ports"), AGE],
    row: |object, now| {
        let ingress = Ingress(object);
        cells![
            ingress.name(),
            ingress.spec().ingress_class_name().unwrap_or("<none>"),
            hosts(ingress),
            load_balancer(ingress.status().load_balancer()),
            if ingress.spec().tls().len() == 0 { "80" } else { "80, 443" },
            object_age(object, now),
        ]
    },
};

pub(super) const CLASS: Printer = Printer {
    columns: &[NAME, text("Controller"), text("Parameters"), AGE],
    row: |object, now| {
        let spec = IngressClass(object).spec();
        cells![object.name(), spec.controller(), parameters(spec.parameters()), object_age(object, now)]
    },
};

fn hosts(ingress: Ingress<'_>) -> String {
    let rules = ingress.spec().rules();
    let total = rules.len();
    let mut list: Vec<&str> = Vec::new();
    let mut more = false;
    for rule in rules {
        more |= list.len() == 3;
        if !more && !rule.host().is_empty() {
            list.push(rule.host());
        }
    }
    match (list.is_empty(), more) {
        (true, _) => "*".into(),
        (false, false) => list.join(","),
        (false, true) => format!("{} + {} more...", list.join(","), total - 3),
    }
}

fn parameters(parameters: &Value) -> String {
    if parameters.is_null() {
        return "<none>".into();
    }
    let [kind, group, name] = ["kind", "apiGroup", "name"].map(|field| parameters.get(field));
    match group {
        Value::Null => format!("{}/{}", kind.str(), name.str()),
        group => format!("{}.{}/{}", kind.str(), group.str(), name.str()),
    }
}
