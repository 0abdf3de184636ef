//! HorizontalPodAutoscalers.

use podyard_api::kinds::{HorizontalPodAutoscaler, MetricSpec};
use podyard_api::{Value, gostr};

use super::out::Out;
use super::{Describer, Related, config, nothing};
use crate::values::{moment, quantity};

pub(super) const DESCRIBER: Describer = Describer { reads: nothing, write };

fn write(object: &Value, _: &Related, out: &mut Out) {
    let scaler = HorizontalPodAutoscaler(object);
    let (spec, status) = (scaler.spec(), scaler.status());
    let target = spec.scale_target_ref();
    config::head(scaler.metadata(), out);
    out.field(0, "CreationTimestamp", moment(scaler.metadata().creation_timestamp()));
    out.field(0, "Reference", format_args!("{}/{}", target.kind(), target.name()));
    out.field(0, "Metrics", "( current / target )");
    for (index, spec) in spec.metrics().enumerate() {
        metric(spec, status.current_metrics().item(index), out);
    }
    out.field(0, "Min replicas", spec.min_replicas());
    out.field(0, "Max replicas", spec.max_replicas());
    if !spec.behavior().is_null() {
        out.line(0, "Behavior:");
        behavior("Scale Up", spec.behavior().get("scaleUp"), out);
        behavior("Scale Down", spec.behavior().get("scaleDown"), out);
    }
    let (current, desired) = (status.current_replicas(), status.desired_replicas());
    out.line(0, format_args!("{} pods:\t{current} current / {desired} desired", target.kind()));
    if status.conditions().len() > 0 {
        out.line(0, "Conditions:");
        out.header(1, &["Type", "Status", "Reason", "Message"]);
    }
    for condition in status.conditions() {
        let texts = [condition.kind(), condition.status(), condition.reason(), condition.message()];
        out.line(1, texts.join("\t"));
    }
}

// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go describeHorizontalPodAutoscalerV2
fn metric(spec: MetricSpec<'_>, current: &Value, out: &mut Out) {
    let field = match spec.kind() {
        "External" => "external",
        "Pods" => "pods",
        "Object" => "object",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        other => return out.line(1, format_args!("<unknown metric type {}>", gostr::quote(other))),
    };
    let source = spec.value().get(field);
    let target = source.get("target");
    let (status, now) = (current.get(field), current.at(&[field, "current"]));
    let metric = source.at(&["metric", "name"]).str();
    let measured = |name: &str| if status.is_null() { "<unknown>".to_owned() } else { quantity(now.get(name)) };
    let average = target.get("averageValue");
    match spec.kind() {
        "External" if average.is_null() => {
            let (now, wanted) = (measured("value"), quantity(target.get("value")));
            out.line(1, format_args!("{} (target value):\t{now} / {wanted}", gostr::quote(metric)));
        }
        "External" => {
            let now = if now.get("averageValue").is_null() { "<unknown>".into() } else { measured("averageValue") };
            let wanted = quantity(average);
            out.line(1, format_args!("{} (target average value):\t{now} / {wanted}", gostr::quote(metric)));
        }
        "Pods" => {
            let (now, wanted) = (measured("averageValue"), quantity(average));
            out.line(1, format_args!("{} on pods:\t{now} / {wanted}", gostr::quote(metric)));
        }
        "Object" => {
            let described = source.get("describedObject");
            let about = format!("{}/{}", described.get("kind").str(), described.get("name").str());
            let (label, field) = match target.get("type").str() {
                "AverageValue" => ("target average value", "averageValue"),
                _ => ("target value", "value"),
            };
            let (now, wanted) = (measured(field), quantity(target.get(field)));
            out.line(1, format_args!("\"{metric}\" on {about} ({label}):\t{now} / {wanted}"));
        }
        _ => resource(source, status, out),
    }
}

/// `resource cpu on pods  (as a percentage of request):  10% (5m) / 50%`
fn resource(source: &Value, status: &Value, out: &mut Out) {
    let (target, now) = (source.get("target"), status.get("current"));
    let name = source.get("name").str();
    match source.get("container").as_str() {
        Some(container) => out.write(1, format_args!("resource {name} of container \"{container}\" on pods")),
        None => out.write(1, format_args!("resource {name} on pods")),
    }
    let average = target.get("averageValue");
    if !average.is_null() {
        let now = if status.is_null() { "<unknown>".into() } else { quantity(now.get("averageValue")) };
        out.line(0, format_args!(":\t{now} / {}", quantity(average)));
        return;
    }
    let now = match now.get("averageUtilization").as_i64() {
        Some(percent) => format!("{percent}% ({})", quantity(now.get("averageValue"))),
        None => "<unknown>".into(),
    };
    let wanted = target.get("averageUtilization").as_i64().map_or("<auto>".into(), |percent| format!("{percent}%"));
    out.line(1, format_args!("(as a percentage of request):\t{now} / {wanted}"));
}

fn behavior(direction: &str, rules: &Value, out: &mut Out) {
    if rules.is_null() {
        return;
    }
    out.line(1, format_args!("{direction}:"));
    if let Some(seconds) = rules.get("stabilizationWindowSeconds").as_i64() {
        out.line(2, format_args!("Stabilization Window: {seconds} seconds"));
    }
    let policies = rules.get("policies").items();
    if policies.is_empty() {
        return;
    }
    out.line(2, format_args!("Select Policy: {}", rules.get("selectPolicy").as_str().unwrap_or("Max")));
    out.line(2, "Policies:");
    for policy in policies {
        let [value, period] = ["value", "periodSeconds"].map(|field| policy.get(field).as_i64().unwrap_or_default());
        let kind = policy.get("type").str();
        out.line(3, format_args!("- Type: {kind}\tValue: {value}\tPeriod: {period} seconds"));
    }
}
