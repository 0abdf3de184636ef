//! Namespaces, and the quotas and limits within them.

use podyard_api::Value;
use podyard_api::kinds::{Condition, LimitRange, LimitRangeItem, Namespace, ResourceQuota};

use super::out::Out;
use super::{Describer, Read, Related, lists, nothing};
use crate::values::{moment, quantity};

pub(super) const NAMESPACE: Describer = Describer { reads, write };
pub(super) const QUOTA: Describer = Describer { reads: nothing, write: |object, _, out| quota(object, out) };
pub(super) const LIMIT_RANGE: Describer =
    Describer { reads: nothing, write: |object, _, out| limit_range(object, out) };

const LIMITS: [&str; 7] =
    ["Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio"];

fn reads(object: &Value) -> Vec<Read> {
    let within = |resource| Read { version: "v1", resource, namespace: object.name().into(), ..Read::default() };
    vec![within("resourcequotas"), within("limitranges")]
}

fn write(object: &Value, related: &Related, out: &mut Out) {
    let namespace = Namespace(object);
    let (meta, status) = (namespace.metadata(), namespace.status());
    out.field(0, "Name", namespace.name());
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    out.field(0, "Status", status.phase());
    conditions(status.conditions(), out);
    let mut quotas: Vec<_> = related.items("resourcequotas").map(ResourceQuota).collect();
    quotas.sort_by_key(|quota| quota.name());
    out.line(0, "");
    if quotas.is_empty() {
        out.line(0, "No resource quota.");
    } else {
        out.line(0, "Resource Quotas");
    }
    for quota in quotas {
        out.field(1, "Name", quota.name());
        scopes(quota, 1, "* ", out);
        out.line(1, "Resource\tUsed\tHard");
        out.line(1, "--------\t---\t---");
        used(quota, 1, out);
    }
    out.line(0, "");
    let mut ranges = related.items("limitranges").peekable();
    if ranges.peek().is_none() {
        out.line(0, "No LimitRange resource.");
        return;
    }
    out.line(0, "Resource Limits");
    out.line(0, format_args!(" {}", LIMITS.join("\t")));
    out.line(0, format_args!(" {}", LIMITS.map(|name| "-".repeat(name.len())).join("\t")));
    ranges.for_each(|range| limits(LimitRange(range), " ", out));
}

/// Conditions with their times, as namespaces and some others have them.
pub(super) fn conditions<'a>(conditions: impl ExactSizeIterator<Item = Condition<'a>>, out: &mut Out) {
    if conditions.len() == 0 {
        return;
    }
    out.line(0, "Conditions:");
    out.header(1, &["Type", "Status", "LastTransitionTime", "Reason", "Message"]);
    for condition in conditions {
        let when = moment(condition.last_transition_time());
        let (kind, status) = (condition.kind(), condition.status());
        out.line(1, format_args!("{kind}\t{status}\t{when}\t{}\t{}", condition.reason(), condition.message()));
    }
}

fn quota(object: &Value, out: &mut Out) {
    let quota = ResourceQuota(object);
    out.field(0, "Name", quota.name());
    out.field(0, "Namespace", quota.namespace());
    scopes(quota, 0, " * ", out);
    out.line(0, "Resource\tUsed\tHard");
    out.line(0, "--------\t----\t----");
    used(quota, 0, out);
}

fn scopes(quota: ResourceQuota<'_>, level: usize, bullet: &str, out: &mut Out) {
    let mut scopes: Vec<_> = quota.spec().scopes().collect();
    scopes.sort_unstable();
    if !scopes.is_empty() {
        out.field(level, "Scopes", scopes.join(", "));
    }
    for scope in scopes {
        let help = match scope {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before \
                 being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods \
                 whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality \
                 of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or \
                 guaranteed quality of service."
            }
            _ => continue,
        };
        out.line(level, format_args!("{bullet}{help}"));
    }
}

fn used(quota: ResourceQuota<'_>, level: usize, out: &mut Out) {
    let used = quota.status().value().get("used");
    for (name, hard) in quota.status().hard() {
        out.line(level, format_args!("{name}\t{}\t{}", quantity(used.get(name)), quantity(hard)));
    }
}

fn limit_range(object: &Value, out: &mut Out) {
    let range = LimitRange(object);
    out.field(0, "Name", range.name());
    out.field(0, "Namespace", range.namespace());
    out.header(0, &LIMITS);
    limits(range, "", out);
}

fn limits(range: LimitRange<'_>, indent: &str, out: &mut Out) {
    range.spec().limits().for_each(|item| limit(item, indent, out));
}

fn limit(item: LimitRangeItem<'_>, indent: &str, out: &mut Out) {
    let columns = [item.min(), item.max(), item.default_request(), item.default(), item.max_limit_request_ratio()];
    let mut names: Vec<&str> = columns.iter().flat_map(|list| list.iter().map(|(name, _)| name.as_str())).collect();
    // Upstream takes them in random order.
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.dedup();
    for name in names {
        let cells = columns.map(|list| {
            let found = list.iter().find(|(key, _)| &**key == name);
            found.map_or_else(|| "-".to_owned(), |(_, amount)| quantity(amount))
        });
        out.line(0, format_args!("{indent}{}\t{name}\t{}", item.kind(), cells.join("\t")));
    }
}
