//! `labels`, `commonLabels` and `commonAnnotations`.

// Models sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts/{commonlabels,commonannotations}.go

use podyard_api::Value;

use super::Resource;

pub(super) fn run(kustomization: &Value, resources: &mut [Resource]) {
    for entry in kustomization.get("labels").items() {
        let selectors = entry.get("includeSelectors").as_bool().unwrap_or_default();
        let templates = selectors || entry.get("includeTemplates").as_bool().unwrap_or_default();
        for resource in resources.iter_mut() {
            label(&mut resource.object, entry.get("pairs"), selectors, templates);
        }
    }
    for resource in resources.iter_mut() {
        label(&mut resource.object, kustomization.get("commonLabels"), true, true);
        annotate(&mut resource.object, kustomization.get("commonAnnotations"));
    }
}

fn set(object: &mut Value, path: &[&str], pairs: &Value) {
    for (key, value) in pairs.fields() {
        object.at_mut(path).set(key, value);
    }
}

/// Where a kind has the metadata of its pods.
fn template(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "ReplicationController" | "Job" => {
            Some(&["spec", "template", "metadata"])
        }
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template", "metadata"]),
        _ => None,
    }
}

fn label(object: &mut Value, pairs: &Value, selectors: bool, templates: bool) {
    if pairs.is_empty() {
        return;
    }
    set(object, &["metadata", "labels"], pairs);
    let kind = object.kind().to_owned();
    if templates {
        if let Some(path) = template(&kind) {
            set(object, &[path, &["labels"]].concat(), pairs);
        }
        if kind == "CronJob" {
            set(object, &["spec", "jobTemplate", "metadata", "labels"], pairs);
        }
        if kind == "StatefulSet"
            && let Some(claims) = object.field_mut("spec").get_mut("volumeClaimTemplates")
        {
            claims.items_mut().iter_mut().for_each(|claim| set(claim, &["metadata", "labels"], pairs));
        }
    }
    if !selectors {
        return;
    }
    let there = |object: &Value, path: &[&str]| !object.at(path).is_null();
    match kind.as_str() {
        "Service" | "ReplicationController" => set(object, &["spec", "selector"], pairs),
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" => {
            set(object, &["spec", "selector", "matchLabels"], pairs);
        }
        "Job" | "PodDisruptionBudget" if there(object, &["spec", "selector", "matchLabels"]) => {
            set(object, &["spec", "selector", "matchLabels"], pairs);
        }
        "NetworkPolicy" => {
            if there(object, &["spec", "podSelector", "matchLabels"]) {
                set(object, &["spec", "podSelector", "matchLabels"], pairs);
            }
            for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
                for rule in object.field_mut("spec").get_mut(rules).map_or(&mut [][..], Value::items_mut) {
                    for peer in rule.get_mut(peers).map_or(&mut [][..], Value::items_mut) {
                        if there(peer, &["podSelector", "matchLabels"]) {
                            set(peer, &["podSelector", "matchLabels"], pairs);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

fn annotate(object: &mut Value, pairs: &Value) {
    if pairs.is_empty() {
        return;
    }
    set(object, &["metadata", "annotations"], pairs);
    let kind = object.kind().to_owned();
    if let Some(path) = template(&kind) {
        set(object, &[path, &["annotations"]].concat(), pairs);
    }
    if kind == "CronJob" {
        set(object, &["spec", "jobTemplate", "metadata", "annotations"], pairs);
    }
}
