//! Ingresses, ingress classes, service CIDRs and IP addresses.

use podyard_api::Value;
use podyard_api::kinds::{Condition, EndpointSlice, Ingress, IngressBackend, IngressClass, Service};

use super::out::Out;
use super::{Describer, Read, Related, lists, namespace, nothing, service};
use crate::table::load_balancer;
use crate::values::or;

pub(super) const INGRESS: Describer = Describer { reads, write };
pub(super) const CLASS: Describer = Describer { reads: nothing, write: class };
pub(super) const SERVICE_CIDR: Describer = Describer { reads: nothing, write: service_cidr };
pub(super) const IP_ADDRESS: Describer = Describer { reads: nothing, write: ip_address };

fn reads(object: &Value) -> Vec<Read> {
    let spec = Ingress(object).spec();
    let paths = spec.rules().filter_map(|rule| rule.http()).flat_map(|http| http.paths());
    let backends = spec.default_backend().into_iter().chain(paths.map(|path| path.backend()));
    let mut names: Vec<_> = backends.filter_map(|backend| backend.service()).map(|service| service.name()).collect();
    names.sort_unstable();
    names.dedup();
    let both = |name: &str| {
        let service = Read {
            version: "v1",
            resource: "services",
            namespace: object.namespace().into(),
            name: name.into(),
            ..Read::default()
        };
        [service::slices_of(object.namespace(), name), service]
    };
    names.into_iter().flat_map(both).collect()
}

fn write(object: &Value, related: &Related, out: &mut Out) {
    let ingress = Ingress(object);
    let (meta, spec) = (ingress.metadata(), ingress.spec());
    out.field(0, "Name", ingress.name());
    lists::labels(out, "Labels", meta.labels());
    out.field(0, "Namespace", ingress.namespace());
    out.field(0, "Address", load_balancer(ingress.status().load_balancer()));
    out.field(0, "Ingress Class", spec.ingress_class_name().unwrap_or("<none>"));
    let default = spec.default_backend().map_or_else(|| "<default>".into(), |backend| self::backend(backend, related));
    out.field(0, "Default backend", &default);
    if spec.tls().len() > 0 {
        out.line(0, "TLS:");
    }
    for tls in spec.tls() {
        let hosts = tls.hosts().collect::<Vec<_>>().join(",");
        match tls.secret_name() {
            "" => out.line(1, format_args!("SNI routes {hosts}")),
            secret => out.line(1, format_args!("{secret} terminates {hosts}")),
        }
    }
    out.line(0, "Rules:");
    out.header(1, &["Host", "Path", "Backends"]);
    let mut rules = spec.rules().filter_map(|rule| Some((rule.host(), rule.http()?))).peekable();
    if rules.peek().is_none() {
        out.line(1, format_args!("*\t*\t{default}"));
    }
    for (host, http) in rules {
        out.line(1, format_args!("{}\t", or(host, "*")));
        for path in http.paths() {
            out.line(2, format_args!("\t{} \t{}", path.path(), backend(path.backend(), related)));
        }
    }
    lists::annotations(out, "Annotations", meta.annotations());
}

/// `web:80 (10.0.0.1:80)`
// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go describeBackendV1
fn backend(backend: IngressBackend<'_>, related: &Related) -> String {
    if let Some(resource) = backend.resource() {
        let group = or(resource.api_group(), "<none>");
        return format!("APIGroup: {group}, Kind: {}, Name: {}", resource.kind(), resource.name());
    }
    let Some(target) = backend.service() else { return String::new() };
    let port = target.port();
    let label = match port.number() {
        0 => format!("{}:{}", target.name(), port.name()),
        number => format!("{}:{number}", target.name()),
    };
    let slices = related.answer(&service::slices_of("", target.name()).label_selector, "");
    let service = related.answer("", target.name());
    if let Some(Err(why)) = slices.filter(|answer| answer.is_err()).or(service) {
        return format!("{label} (<error: {why}>)");
    }
    let slices: Vec<_> = slices.and_then(|a| a.as_ref().ok()).into_iter().flatten().map(EndpointSlice).collect();
    let service = service.and_then(|answer| answer.as_ref().ok()?.first()).map(Service);
    let matches = |candidate: &podyard_api::kinds::ServicePort<'_>| match port.number() {
        0 => !port.name().is_empty() && candidate.name() == port.name(),
        number => candidate.port() == number,
    };
    let name = service.and_then(|service| service.spec().ports().rfind(matches)).map(|port| port.name());
    format!("{label} ({})", service::addresses(&slices, name.unwrap_or_default()))
}

fn class(object: &Value, _: &Related, out: &mut Out) {
    let class = IngressClass(object);
    head(object, out);
    out.field(0, "Controller", class.spec().controller());
    let parameters = class.spec().parameters();
    if parameters.is_null() {
        return;
    }
    out.line(0, "Parameters:");
    out.field_if(1, "APIGroup", parameters.get("apiGroup").str());
    out.field(1, "Kind", parameters.get("kind").str());
    out.field(1, "Name", parameters.get("name").str());
}

/// Name, labels and annotations of what has no namespace.
pub(super) fn head(object: &Value, out: &mut Out) {
    out.field(0, "Name", object.name());
    lists::labels(out, "Labels", object.meta().labels());
    lists::annotations(out, "Annotations", object.meta().annotations());
}

fn service_cidr(object: &Value, _: &Related, out: &mut Out) {
    head(object, out);
    let cidrs: Vec<_> = object.at(&["spec", "cidrs"]).items().iter().map(Value::str).collect();
    out.field(0, "CIDRs", cidrs.join(", "));
    let conditions = object.at(&["status", "conditions"]).items();
    if !conditions.is_empty() {
        out.line(0, "Status:");
    }
    namespace::conditions(conditions.iter().map(Condition), out);
}

fn ip_address(object: &Value, _: &Related, out: &mut Out) {
    head(object, out);
    let parent = object.at(&["spec", "parentRef"]);
    if parent.is_null() {
        return;
    }
    out.line(0, "Parent Reference:");
    for (label, field) in [("Group", "group"), ("Resource", "resource"), ("Namespace", "namespace"), ("Name", "name")] {
        out.field(1, label, parent.get(field).str());
    }
}
