//! Fills in and holds pods and claims to the limit ranges of their namespace.
// Models plugin/pkg/admission/limitranger/admission.go

use podyard_api::quantity::Quantity;
use podyard_api::{Status, Value};

use super::{Attributes, joined};
use crate::{ApiServer, ResourceKey};

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Requests and limits that containers do not name themselves.
pub(super) fn admit(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    if !attributes.creates(ResourceKey::PODS) {
        return Ok(());
    }
    let namespace = attributes.namespace.clone();
    let ranges: Vec<Value> = server.list(ResourceKey::LIMIT_RANGES, Some(&namespace)).cloned().collect();
    let Some(pod) = &mut attributes.object else { return Ok(()) };
    for range in &ranges {
        let mut notes = Vec::new();
        for item in items(range, "Container") {
            for (list, kind) in [("containers", "container"), ("initContainers", "init container")] {
                if pod.get("spec").get(list).items().is_empty() {
                    continue;
                }
                for container in pod.field_mut("spec").field_mut(list).items_mut() {
                    fill(container, item, kind, &mut notes);
                }
            }
        }
        if !notes.is_empty() {
            pod.set_annotation(ANNOTATION, &format!("LimitRanger plugin set: {}", notes.join("; ")));
        }
    }
    Ok(())
}

fn fill(container: &mut Value, item: &Value, kind: &str, notes: &mut Vec<String>) {
    let name = container.get("name").text();
    for (field, defaults, word) in [("requests", "defaultRequest", "request"), ("limits", "default", "limit")] {
        let missing: Vec<_> = item
            .get(defaults)
            .fields()
            .iter()
            .filter(|(resource, _)| container.at(&["resources", field, resource.as_str()]).is_null())
            .cloned()
            .collect();
        if missing.is_empty() {
            continue;
        }
        let set: Vec<String> = missing.iter().map(|(resource, _)| resource.to_string()).collect();
        let amounts = container.at_mut(&["resources", field]);
        for (resource, amount) in missing {
            amounts.set(resource, amount);
        }
        notes.push(format!("{} {word} for {kind} {name}", set.join(", ")));
    }
}

fn items<'v>(range: &'v Value, kind: &'static str) -> impl Iterator<Item = &'v Value> {
    range.at(&["spec", "limits"]).items().iter().filter(move |item| *item.get("type") == kind)
}

/// Refuses what is outside of the limits.
pub(super) fn validate(server: &ApiServer, attributes: &Attributes) -> Result<(), Status> {
    let claim = attributes.key == ResourceKey::PERSISTENT_VOLUME_CLAIMS && attributes.sub.is_empty();
    let pod = attributes.creates(ResourceKey::PODS);
    let Some(object) = attributes.object.as_ref().filter(|_| pod || claim) else { return Ok(()) };
    for range in server.list(ResourceKey::LIMIT_RANGES, Some(&attributes.namespace)) {
        let errors = if pod { pod_errors(range, object) } else { claim_errors(range, object) };
        if let Some(why) = joined(&errors) {
            return Err(attributes.forbidden(&why));
        }
    }
    Ok(())
}

fn pod_errors(range: &Value, pod: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    let spec = pod.get("spec");
    for item in items(range, "Container") {
        for container in ["containers", "initContainers"].iter().flat_map(|list| spec.get(list).items()) {
            let of = |list: &str, name: &str| amount(container.at(&["resources", list, name]));
            limits(item, "Container", &of, &mut errors);
        }
    }
    for item in items(range, "Pod") {
        let of = |list: &str, name: &str| crate::admission::resource_quota::pod_amount(spec, list, name);
        limits(item, "Pod", &of, &mut errors);
    }
    errors
}

fn amount(value: &Value) -> Option<Quantity> {
    (!value.is_null()).then(|| Quantity::of(value))
}

fn limits(item: &Value, kind: &str, of: &dyn Fn(&str, &str) -> Option<Quantity>, errors: &mut Vec<String>) {
    let both = |name: &str| (of("requests", name), of("limits", name));
    for (name, least) in item.get("min").fields() {
        let (least, base) = (Quantity::of(least), format!("minimum {name} usage per {kind} is"));
        match both(name.as_str()) {
            (None, _) => errors.push(format!("{base} {least}.  No request is specified")),
            (Some(request), _) if request < least => errors.push(format!("{base} {least}, but request is {request}")),
            (_, Some(limit)) if limit < least => errors.push(format!("{base} {least}, but limit is {limit}")),
            _ => {}
        }
    }
    for (name, most) in item.get("max").fields() {
        let (most, base) = (Quantity::of(most), format!("maximum {name} usage per {kind} is"));
        match both(name.as_str()) {
            (_, None) => errors.push(format!("{base} {most}.  No limit is specified")),
            (_, Some(limit)) if limit > most => errors.push(format!("{base} {most}, but limit is {limit}")),
            (Some(request), _) if request > most => errors.push(format!("{base} {most}, but request is {request}")),
            _ => {}
        }
    }
    for (name, most) in item.get("maxLimitRequestRatio").fields() {
        let (most, base) = (Quantity::of(most), format!("{name} max limit to request ratio per {kind} is"));
        match both(name.as_str()) {
            (request, _) if request.is_none_or(Quantity::is_zero) => {
                errors.push(format!("{base} {most}, but no request is specified or request is 0"));
            }
            (_, limit) if limit.is_none_or(Quantity::is_zero) => {
                errors.push(format!("{base} {most}, but no limit is specified or limit is 0"));
            }
            (Some(request), Some(limit)) if limit.as_f64() / request.as_f64() > most.as_f64() => {
                errors.push(format!("{base} {most}, but provided ratio is {:.6}", limit.as_f64() / request.as_f64()));
            }
            _ => {}
        }
    }
}

fn claim_errors(range: &Value, claim: &Value) -> Vec<String> {
    let Some(request) = amount(claim.at(&["spec", "resources", "requests", "storage"])) else { return Vec::new() };
    let mut errors = Vec::new();
    for item in items(range, "PersistentVolumeClaim") {
        let usage = "storage usage per PersistentVolumeClaim is";
        if let Some(least) = amount(item.at(&["min", "storage"])).filter(|least| request < *least) {
            errors.push(format!("minimum {usage} {least}, but request is {request}"));
        }
        if let Some(most) = amount(item.at(&["max", "storage"])).filter(|most| request > *most) {
            errors.push(format!("maximum {usage} {most}, but request is {request}"));
        }
    }
    errors
}
