//! Scales what autoscalers name: within their bounds, and by metrics where there are any.
// Models pkg/controller/podautoscaler/horizontal.go

use std::time::Duration;

use podyard_api::kinds::{HorizontalPodAutoscaler, MetricSpec, condition};
use podyard_api::{Key as Field, Status, Target, Value, Verb};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::context::target;
use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "horizontal-pod-autoscaler-controller",
    account: "horizontal-pod-autoscaler",
    component: "horizontal-pod-autoscaler",
    route,
    reconcile,
};

const SCALERS: ResourceKey = ResourceKey::HORIZONTAL_POD_AUTOSCALERS;
/// How often an autoscaler looks.
const PERIOD: Duration = Duration::from_secs(15);

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    let spec = |object: &Option<Value>| object.as_ref().map(|object| object.get("spec").clone());
    if change.resource == SCALERS && spec(&change.old) != spec(&change.new) && change.new.is_some() {
        keys.later(Key::new(change.namespace.clone(), change.name.clone()), PERIOD);
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(scaler) = context.get(SCALERS, &key.namespace, &key.name) else { return Outcome::Done };
    let mut changed = scaler.clone();
    scale(context, &mut changed);
    if changed != scaler && context.update_status(SCALERS, changed).is_err() {
        return Outcome::Retry;
    }
    Outcome::After(PERIOD)
}

fn set(context: &Context<'_>, scaler: &mut Value, kind: &str, is: &str, reason: &str, message: &str) {
    let conditions = scaler.field_mut("status").field_mut("conditions");
    condition::set(conditions, kind, is, reason, message, &context.now.rfc3339(), []);
}

fn scale(context: &mut Context<'_>, scaler: &mut Value) {
    let reference = HorizontalPodAutoscaler(scaler).spec().scale_target_ref();
    let resource = ResourceKey::of_object(reference.api_version(), reference.kind());
    let resource = resource.filter(|resource| resource.resource().subresource("scale").is_some());
    let path = resource.map(|resource| (resource, target(resource, scaler.namespace(), reference.name()).sub("scale")));
    let (kind, name) = (reference.kind().to_owned(), reference.name().to_owned());
    let scale = match &path {
        Some((_, path)) => context.request(Verb::Get, path.clone(), |request| request),
        None => Err(Status::not_found("", &kind.to_lowercase(), &name)),
    };
    let scale = match scale {
        Ok(scale) => scale,
        Err(status) => {
            context.warning(scaler, "FailedGetScale", &status.message);
            let message =
                format!("the HPA controller was unable to get the target's current scale: {}", status.message);
            set(context, scaler, "AbleToScale", "False", "FailedGetScale", &message);
            return;
        }
    };
    let message = "the HPA controller was able to get the target's current scale";
    set(context, scaler, "AbleToScale", "True", "SucceededGetScale", message);
    let current = scale.at(&["spec", "replicas"]).as_i64().unwrap_or_default();
    let status = scaler.field_mut("status");
    status.set(Field::Static("currentReplicas"), scale.at(&["status", "replicas"]).as_i64().unwrap_or_default());
    let spec = HorizontalPodAutoscaler(scaler).spec();
    let (least, most) = (spec.min_replicas(), spec.max_replicas());
    let (desired, why) = if current == 0 && least != 0 {
        let message = "scaling is disabled since the replica count of the target is zero";
        set(context, scaler, "ScalingActive", "False", "ScalingDisabled", message);
        (0, "")
    } else if current > most {
        (most, "Current number of replicas above Spec.MaxReplicas")
    } else if current < least {
        (least, "Current number of replicas below Spec.MinReplicas")
    } else {
        tell_missing_metrics(context, scaler);
        (current, "")
    };
    if desired != current
        && let Some((_, path)) = path
    {
        let mut wanted = scale;
        wanted.field_mut("spec").set(Field::Static("replicas"), desired);
        rescale(context, scaler, path, wanted, why);
    }
    if scaler.get("status").get("desiredReplicas").is_null() || desired != current {
        let shown = if why.is_empty() { 0 } else { desired };
        scaler.field_mut("status").set(Field::Static("desiredReplicas"), shown);
    }
}

fn rescale(context: &mut Context<'_>, scaler: &mut Value, path: Target, scale: Value, why: &str) {
    let size = scale.at(&["spec", "replicas"]).as_i64().unwrap_or_default();
    match context.update(path, scale) {
        Ok(_) => {
            context.normal(scaler, "SuccessfulRescale", &format!("New size: {size}; reason: {why}"));
            let message = format!("the HPA controller was able to update the target scale to {size}");
            set(context, scaler, "AbleToScale", "True", "SucceededRescale", &message);
            scaler.field_mut("status").set(Field::Static("lastScaleTime"), context.now.rfc3339());
        }
        Err(status) => {
            let message = format!("New size: {size}; reason: {why}; error: {}", status.message);
            context.warning(scaler, "FailedRescale", &message);
            let message = format!("the HPA controller was unable to update the target scale: {}", status.message);
            set(context, scaler, "AbleToScale", "False", "FailedUpdateScale", &message);
        }
    }
}

const NO_METRICS: &str = "unable to fetch metrics from resource metrics API: the server could not find the requested \
                          resource (get pods.metrics.k8s.io)";

/// Nothing serves metrics in this cluster.
fn tell_missing_metrics(context: &mut Context<'_>, scaler: &mut Value) {
    let metrics: Vec<(String, String)> = HorizontalPodAutoscaler(scaler).spec().metrics().map(missing).collect();
    let Some((reason, first)) = metrics.first().cloned() else { return };
    for (reason, message) in &metrics {
        context.warning(scaler, reason, message);
    }
    let message = format!("the HPA was unable to compute the replica count: {first}");
    set(context, scaler, "ScalingActive", "False", &reason, &message);
    let count = metrics.len();
    let what = match HorizontalPodAutoscaler(scaler).spec().metrics().next().and_then(MetricSpec::resource) {
        Some(resource) => format!("failed to get {} resource metric value: {first}", resource.name()),
        None => first,
    };
    let message = format!("invalid metrics ({count} invalid out of {count}), first error is: {what}");
    context.warning(scaler, "FailedComputeMetricsReplicas", &message);
}

/// The reason and message for one metric that cannot be had.
fn missing(metric: MetricSpec<'_>) -> (String, String) {
    match metric.resource() {
        Some(resource) => {
            let name = resource.name();
            let what = match resource.target().average_utilization() {
                Some(_) => format!("{name} utilization"),
                None => format!("{name} usage"),
            };
            let message = format!("failed to get {what}: unable to get metrics for resource {name}: {NO_METRICS}");
            ("FailedGetResourceMetric".into(), message)
        }
        None => {
            let kind = metric.kind();
            let message = format!("unable to get {} metric: no metrics of this type are served", kind.to_lowercase());
            (format!("FailedGet{kind}Metric"), message)
        }
    }
}
