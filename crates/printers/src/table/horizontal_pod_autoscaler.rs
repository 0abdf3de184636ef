//! HorizontalPodAutoscalers.

use podyard_api::Value;
use podyard_api::kinds::{HorizontalPodAutoscaler, MetricSpec};

use super::{AGE, NAME, Printer, cells, object_age, text};
use crate::values::quantity;

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Reference"), text("Targets"), text("MinPods"), text("MaxPods"), text("Replicas"), AGE],
    row: |object, now| {
        let scaler = HorizontalPodAutoscaler(object);
        let (spec, status) = (scaler.spec(), scaler.status());
        let target = spec.scale_target_ref();
        cells![
            scaler.name(),
            format!("{}/{}", target.kind(), target.name()),
            metrics(scaler),
            spec.min_replicas().to_string(),
            spec.max_replicas(),
            status.current_replicas(),
            object_age(object, now),
        ]
    },
};

// Models pkg/printers/internalversion/printers.go formatHPAMetrics
fn metrics(scaler: HorizontalPodAutoscaler<'_>) -> String {
    let specs = scaler.spec().metrics();
    let total = specs.len();
    if total == 0 {
        // What an autoscaler without metrics goes by.
        return "cpu: <unknown>/80%".into();
    }
    let currents = scaler.status().current_metrics();
    let texts: Vec<_> = specs.take(2).enumerate().map(|(index, spec)| metric(spec, currents.item(index))).collect();
    match total.saturating_sub(2) {
        0 => texts.join(", "),
        more => format!("{} + {more} more...", texts.join(", ")),
    }
}

fn metric(spec: MetricSpec<'_>, current: &Value) -> String {
    let field = match spec.kind() {
        "External" => "external",
        "Pods" => "pods",
        "Object" => "object",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return "<unknown type>".into(),
    };
    let source = spec.value().get(field);
    let target = source.get("target");
    let status = current.get(field);
    let now = status.get("current");
    let unknown = || "<unknown>".to_owned();
    let measured = |name: &str| if status.is_null() { unknown() } else { quantity(now.get(name)) };
    let average = target.get("averageValue");
    match spec.kind() {
        "Pods" => format!("{}/{}", measured("averageValue"), quantity(average)),
        "External" | "Object" if average.is_null() => {
            format!("{}/{}", measured("value"), quantity(target.get("value")))
        }
        "External" | "Object" => {
            let value = if now.get("averageValue").is_null() { unknown() } else { measured("averageValue") };
            format!("{value}/{} (avg)", quantity(average))
        }
        _ if average.is_null() => {
            let percent = |value: &Value| value.as_i64().map(|number| format!("{number}%"));
            let value = percent(now.get("averageUtilization")).unwrap_or_else(unknown);
            let wanted = percent(target.get("averageUtilization")).unwrap_or_else(|| "<auto>".into());
            format!("{}: {value}/{wanted}", source.get("name").str())
        }
        _ => format!("{}: {}/{}", source.get("name").str(), measured("averageValue"), quantity(average)),
    }
}
