//! `namePrefix`, `nameSuffix`, `namespace`, and the references that follow a new name.

// Models sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts/namereference.go

use podyard_api::Value;

use super::Resource;

pub(super) fn affix(prefix: &str, suffix: &str, resources: &mut [Resource]) {
    const KEPT: [&str; 3] = ["APIService", "CustomResourceDefinition", "Namespace"];
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    for resource in resources.iter_mut().filter(|resource| !KEPT.contains(&resource.object.kind())) {
        let name = format!("{prefix}{}{suffix}", resource.object.name());
        resource.rename(&name);
    }
    follow(resources);
}

const CLUSTER_SCOPED: [&str; 17] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

pub(super) fn set_namespace(namespace: &str, resources: &mut [Resource]) {
    if namespace.is_empty() {
        return;
    }
    for resource in resources.iter_mut() {
        let kind = resource.object.kind().to_owned();
        match kind.as_str() {
            "Namespace" => resource.rename(namespace),
            "RoleBinding" | "ClusterRoleBinding" => {
                if kind == "RoleBinding" {
                    resource.object.meta_mut().set("namespace", namespace);
                }
                for subject in resource.object.get_mut("subjects").map_or(&mut [][..], Value::items_mut) {
                    if subject.get("kind") == "ServiceAccount" && subject.get("name") == "default" {
                        subject.set("namespace", namespace);
                    }
                }
            }
            kind if CLUSTER_SCOPED.contains(&kind) => {}
            _ => resource.object.meta_mut().set("namespace", namespace),
        }
    }
    let accounts: Vec<Vec<ecow::EcoString>> = resources
        .iter()
        .filter(|resource| resource.object.kind() == "ServiceAccount")
        .map(|resource| resource.names.clone())
        .collect();
    for resource in resources.iter_mut().filter(|resource| resource.object.kind().ends_with("RoleBinding")) {
        for subject in resource.object.get_mut("subjects").map_or(&mut [][..], Value::items_mut) {
            let name = subject.get("name").text();
            if subject.get("kind") == "ServiceAccount" && accounts.iter().any(|names| names.contains(&name)) {
                subject.set("namespace", namespace);
            }
        }
    }
}

/// Lets all references to objects of these kustomizations name them as they are called now.
pub(super) fn follow(resources: &mut [Resource]) {
    let known: Vec<(String, Vec<ecow::EcoString>, ecow::EcoString)> = resources
        .iter()
        .map(|resource| (resource.object.kind().to_owned(), resource.names.clone(), resource.object.name_text()))
        .collect();
    let now = |kind: &str, name: &str| {
        let found = known.iter().find(|(own, names, _)| own == kind && names.iter().any(|former| former == name))?;
        Some(found.2.clone())
    };
    for resource in resources.iter_mut() {
        let kind = resource.object.kind().to_owned();
        walk(&mut resource.object, &kind, "", &now);
    }
}

/// The kind that a field refers to by name, given the field above it.
fn refers_to(kind: &str, above: &str, field: &str) -> Option<&'static str> {
    Some(match (above, field) {
        ("configMapRef" | "configMapKeyRef" | "configMap", "name") => "ConfigMap",
        ("secretRef" | "secretKeyRef" | "imagePullSecrets", "name") => "Secret",
        ("secrets", "name") if kind == "ServiceAccount" => "Secret",
        ("sources", _) => return None,
        ("secret", "secretName" | "name") | ("tls", "secretName") => "Secret",
        ("persistentVolumeClaim", "claimName") => "PersistentVolumeClaim",
        ("service", "name") => "Service",
        ("spec", "serviceName") if kind == "StatefulSet" => "Service",
        ("spec", "serviceAccountName" | "serviceAccount") => "ServiceAccount",
        ("spec", "priorityClassName") => "PriorityClass",
        ("spec", "storageClassName") => "StorageClass",
        ("spec", "volumeName") if kind == "PersistentVolumeClaim" => "PersistentVolume",
        ("spec", "ingressClassName") => "IngressClass",
        _ => return None,
    })
}

fn walk(value: &mut Value, kind: &str, above: &str, now: &dyn Fn(&str, &str) -> Option<ecow::EcoString>) {
    match value {
        Value::Array(_) => value.items_mut().iter_mut().for_each(|item| walk(item, kind, above, now)),
        Value::Object(_) => {
            // These say themselves what they refer to.
            if matches!(above, "scaleTargetRef" | "roleRef" | "subjects") {
                let target = value.get("kind").str().to_owned();
                if let Some(name) = now(&target, value.get("name").str()) {
                    value.set("name", name);
                }
                return;
            }
            let keys: Vec<String> = value.fields().iter().map(|(key, _)| key.as_str().to_owned()).collect();
            for key in keys {
                if above.is_empty() && key == "metadata" {
                    continue;
                }
                let Some(field) = value.get_mut(&key) else { continue };
                match (refers_to(kind, above, &key), &*field) {
                    (Some(target), Value::String(name)) => {
                        if let Some(name) = now(target, name) {
                            *field = Value::from(name);
                        }
                    }
                    _ => walk(field, kind, &key, now),
                }
            }
        }
        _ => {}
    }
}
