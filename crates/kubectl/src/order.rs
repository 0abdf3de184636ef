//! JSON in the order in which Go writes the fields of its types.
//!
//! Objects of the server come with their fields sorted by name; what kubectl makes itself it writes from Go
//! structures, in the order of their declaration. [`Value`] keeps no order, so the order of those few types is here.

use podyard_api::{Value, json};

/// The object on one line.
pub(crate) fn to_string(object: &Value) -> String {
    let mut out = String::new();
    write(&mut out, object, ROOT, None, 0);
    out
}

/// The object indented by four spaces, as `-o json`.
pub(crate) fn to_string_pretty(object: &Value) -> String {
    let mut out = String::new();
    write(&mut out, object, ROOT, Some(4), 0);
    out
}

/// Fields that come first, in this order; the others follow by name.
type Order = &'static [&'static str];

const ROOT: Order = &[
    "kind",
    "apiVersion",
    "groupVersion",
    "name",
    "versions",
    "preferredVersion",
    "metadata",
    "immutable",
    "rules",
    "subjects",
    "roleRef",
    "aggregationRule",
    "value",
    "globalDefault",
    "description",
    "preemptionPolicy",
    "spec",
    "data",
    "binaryData",
    "stringData",
    "type",
    "status",
    "items",
];

/// The order of the fields of the object found below a field of this name.
fn order_below(field: &str) -> Order {
    match field {
        "metadata" => &[
            "name",
            "generateName",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "labels",
            "annotations",
        ],
        "spec" => SPEC,
        "containers" | "initContainers" => &[
            "name",
            "image",
            "command",
            "args",
            "workingDir",
            "ports",
            "envFrom",
            "env",
            "resources",
            "volumeMounts",
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "lifecycle",
            "terminationMessagePath",
            "terminationMessagePolicy",
            "imagePullPolicy",
            "securityContext",
            "stdin",
            "stdinOnce",
            "tty",
        ],
        "ports" => &["name", "hostPort", "protocol", "containerPort", "port", "targetPort", "nodePort"],
        "env" => &["name", "value", "valueFrom"],
        "resources" => {
            &["name", "singularName", "namespaced", "kind", "verbs", "shortNames", "categories", "storageVersionHash"]
        }
        "template" | "jobTemplate" => &["metadata", "spec"],
        "rules" => &["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs", "host", "http"],
        "subjects" => &["kind", "apiGroup", "name", "namespace"],
        "roleRef" => &["apiGroup", "kind", "name"],
        "tls" => &["hosts", "secretName"],
        "paths" => &["path", "pathType", "backend"],
        "service" => &["name", "port"],
        "scaleTargetRef" => &["kind", "name", "apiVersion"],
        _ => &[],
    }
}

/// The fields of the specifications that kubectl makes; no two of these types disagree about an order.
const SPEC: Order = &[
    "scaleTargetRef",
    "schedule",
    "suspend",
    "parallelism",
    "completions",
    "replicas",
    "minAvailable",
    "maxUnavailable",
    "selector",
    "template",
    "strategy",
    "jobTemplate",
    "volumes",
    "initContainers",
    "containers",
    "restartPolicy",
    "terminationGracePeriodSeconds",
    "dnsPolicy",
    "nodeSelector",
    "serviceAccountName",
    "ingressClassName",
    "defaultBackend",
    "tls",
    "rules",
    "ports",
    "clusterIP",
    "type",
    "externalName",
    "hard",
    "scopes",
    "minReplicas",
    "maxReplicas",
];

fn write(out: &mut String, value: &Value, order: Order, indent: Option<usize>, depth: usize) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let fields = value.fields();
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| order.iter().position(|known| *known == key.as_str()).unwrap_or(order.len()));
            let parts = sorted.len();
            out.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                open(out, indent, depth + 1);
                out.push_str(&json::quote(key));
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(out, value, order_below(key), indent, depth + 1);
                out.push_str(if index + 1 < parts { "," } else { "" });
            }
            open(out, indent, depth);
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                open(out, indent, depth + 1);
                write(out, item, order, indent, depth + 1);
                out.push_str(if index + 1 < items.len() { "," } else { "" });
            }
            open(out, indent, depth);
            out.push(']');
        }
        other => out.push_str(&json::to_string(other)),
    }
}

fn open(out: &mut String, indent: Option<usize>, depth: usize) {
    if let Some(width) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', width * depth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    #[test]
    fn kind_comes_first_and_names_before_images() {
        let pod = value!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"a": "b"}, "name": "x"},
            "spec": {"dnsPolicy": "d", "restartPolicy": "r", "containers": [{"image": "i", "name": "n"}]},
        });
        assert_eq!(
            to_string(&pod),
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","labels":{"a":"b"}},"spec":{"containers":[{"name":"n","image":"i"}],"restartPolicy":"r","dnsPolicy":"d"}}"#
        );
        assert!(to_string_pretty(&pod).starts_with("{\n    \"kind\": \"Pod\",\n    \"apiVersion\": \"v1\",\n"));
    }
}
