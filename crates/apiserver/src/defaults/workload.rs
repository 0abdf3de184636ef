//! Deployments and what else keeps pods running.
// Models pkg/apis/apps/v1/defaults.go

use podyard_api::{Value, value};

use super::{fill, pod};

pub(crate) fn deployment(object: &mut Value) {
    let spec = object.field_mut("spec");
    pod::template(spec, &["template"]);
    fill(spec, "replicas", 1);
    let strategy = spec.field_mut("strategy");
    fill(strategy, "type", "RollingUpdate");
    if *strategy.get("type") == "RollingUpdate" {
        let rolling = strategy.field_mut("rollingUpdate");
        fill(rolling, "maxUnavailable", "25%");
        fill(rolling, "maxSurge", "25%");
    }
    fill(spec, "revisionHistoryLimit", 10);
    fill(spec, "progressDeadlineSeconds", 600);
}

pub(crate) fn replica_set(object: &mut Value) {
    let spec = object.field_mut("spec");
    pod::template(spec, &["template"]);
    fill(spec, "replicas", 1);
}

pub(crate) fn replication_controller(object: &mut Value) {
    let spec = object.field_mut("spec");
    pod::template(spec, &["template"]);
    fill(spec, "replicas", 1);
    let labels = spec.at(&["template", "metadata", "labels"]).clone();
    if !labels.is_empty() {
        if spec.get("selector").is_empty() {
            spec.set("selector", &labels);
        }
        if object.at(&["metadata", "labels"]).is_empty() {
            object.meta_mut().set("labels", labels);
        }
    }
}

pub(crate) fn daemon_set(object: &mut Value) {
    let spec = object.field_mut("spec");
    pod::template(spec, &["template"]);
    let strategy = spec.field_mut("updateStrategy");
    fill(strategy, "type", "RollingUpdate");
    if *strategy.get("type") == "RollingUpdate" {
        let rolling = strategy.field_mut("rollingUpdate");
        fill(rolling, "maxUnavailable", 1);
        fill(rolling, "maxSurge", 0);
    }
    fill(spec, "revisionHistoryLimit", 10);
}

pub(crate) fn stateful_set(object: &mut Value) {
    let spec = object.field_mut("spec");
    pod::template(spec, &["template"]);
    fill(spec, "podManagementPolicy", "OrderedReady");
    let strategy = spec.field_mut("updateStrategy");
    if strategy.get("type").is_null() {
        fill(strategy, "type", "RollingUpdate");
        fill(strategy, "rollingUpdate", Value::object());
    }
    if *strategy.get("type") == "RollingUpdate" && strategy.get("rollingUpdate").is_object() {
        fill(strategy.field_mut("rollingUpdate"), "partition", 0);
    }
    let retention = spec.field_mut("persistentVolumeClaimRetentionPolicy");
    fill(retention, "whenDeleted", "Retain");
    fill(retention, "whenScaled", "Retain");
    fill(spec, "replicas", 1);
    fill(spec, "revisionHistoryLimit", 10);
    if let Some(claims) = spec.get_mut("volumeClaimTemplates") {
        for claim in claims.items_mut() {
            fill(claim, "apiVersion", "v1");
            fill(claim, "kind", "PersistentVolumeClaim");
            super::persistent_volume_claim(claim);
            fill(claim, "status", value!({}));
            fill(claim.field_mut("status"), "phase", "Pending");
        }
    }
}
