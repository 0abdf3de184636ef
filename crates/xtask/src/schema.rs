//! Generates the committed schema tables from `k8s-openapi`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use k8s_openapi::api;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions;
use k8s_openapi::apimachinery::pkg::apis::meta;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration;
use schemars::SchemaGenerator;
use serde_json::{Map, Value};

/// List types, map types and patch strategies, which `k8s-openapi` leaves out: taken from Kubernetes 1.36's OpenAPI.
const MERGE: &str = include_str!("../schema/merge-and-list-types.jsonl");
/// Names that Go's decoder gives for types that JSON does not tell apart.
const GO_TYPES: &str = include_str!("../schema/go-types.txt");

const HEADER: &str = "\
# Field types of Kubernetes 1.36, written by `cargo xtask schema`. A type and its fields; of a field: name, type, marks.
# Types: s(tring) i(nt32) l(int64) b(ool) n(umber) q(uantity) x(int or string) t(ime) T(microtime) y(bytes) a(ny JSON)
# o(bject), or a type's name; []list, {}map; after a slash its name in Go.
# Marks: ! required, @atomic @set @key,key (list type), ~key (patch merge key), ~merge ~retainKeys ~replace.
";

const TEXTS_HEADER: &str = "\
# What types and fields of Kubernetes 1.36 are for, written by `cargo xtask schema`. A type and its text after a tab;
# below it its fields with theirs. Line ends and backslashes are written as \\n and \\\\.
";

/// Generates the schema tables, or with `check` compares them with the committed ones.
pub(crate) fn run(check: bool) -> Result<()> {
    let definitions = definitions();
    hold("crates/api/src/generated/schema.txt", &table(&definitions)?, check)?;
    hold("crates/kubectl/src/cmd/explain/texts.txt", &texts(&definitions)?, check)
}

/// Writes a generated file, or compares it.
fn hold(path: &str, text: &str, check: bool) -> Result<()> {
    let file = root().join(path);
    if !check {
        std::fs::write(&file, text)?;
        return Ok(());
    }
    if std::fs::read_to_string(&file)? == text {
        return Ok(());
    }
    bail!("{} is not what `cargo xtask schema` generates", file.display())
}

/// The descriptions of types and fields.
fn texts(definitions: &BTreeMap<String, Value>) -> Result<String> {
    let text = |schema: &Value| {
        let description = schema["description"].as_str().unwrap_or_default();
        description.replace('\\', "\\\\").replace('\n', "\\n")
    };
    let mut all = TEXTS_HEADER.to_owned();
    let sorted: BTreeMap<String, &Value> = definitions.iter().map(|(name, schema)| (short(name), schema)).collect();
    for (name, schema) in sorted {
        writeln!(all, "{name}\t{}", text(schema))?;
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            writeln!(all, " {field}\t{}", text(property))?;
        }
    }
    Ok(all)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

macro_rules! kinds {
    ($generator:ident: $($path:path { $($kind:ident)* })*) => {$($({
        use $path as module;
        let _ = $generator.subschema_for::<module::$kind>();
    })*)*};
}

/// All types that the kinds of a default cluster are made of, by their full names.
fn definitions() -> BTreeMap<String, Value> {
    let mut generator = SchemaGenerator::default();
    kinds! { generator:
        api::admissionregistration::v1 {
            MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration
            ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration
        }
        api::apps::v1 { ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet }
        api::authentication::v1 { SelfSubjectReview TokenRequest TokenReview }
        api::authorization::v1 {
            LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
        }
        api::autoscaling::v1 { HorizontalPodAutoscaler Scale }
        api::autoscaling::v2 { HorizontalPodAutoscaler }
        api::batch::v1 { CronJob Job }
        api::certificates::v1 { CertificateSigningRequest }
        api::coordination::v1 { Lease }
        api::core::v1 {
            Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume
            PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
        }
        api::discovery::v1 { EndpointSlice }
        api::events::v1 { Event }
        api::flowcontrol::v1 { FlowSchema PriorityLevelConfiguration }
        api::networking::v1 { IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR }
        api::node::v1 { RuntimeClass }
        api::policy::v1 { Eviction PodDisruptionBudget }
        api::rbac::v1 { ClusterRole ClusterRoleBinding Role RoleBinding }
        api::resource::v1 { DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice }
        api::scheduling::v1 { PriorityClass }
        api::storage::v1 {
            CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass
        }
        apiextensions::v1 { CustomResourceDefinition }
        apiregistration::v1 { APIService }
        meta::v1 { DeleteOptions Status }
    }
    generator.take_definitions(true).into_iter().collect()
}

/// `io.k8s.api.core.v1.Pod` as `core.v1.Pod`.
fn short(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    parts[parts.len().saturating_sub(3)..].join(".")
}

fn table(definitions: &BTreeMap<String, Value>) -> Result<String> {
    let marks = marks()?;
    let go = go_types();
    let mut used = BTreeSet::new();
    let types: BTreeMap<String, &Value> = definitions
        .iter()
        .filter(|(name, schema)| plain(name).is_none() && schema["properties"].is_object())
        .map(|(name, schema)| (short(name), schema))
        .collect();
    let mut text = HEADER.to_owned();
    for (name, schema) in &types {
        let atomic = marks.get(&(name.clone(), String::new())).map_or("", String::as_str);
        writeln!(text, "{}", format!("{name} {atomic}").trim_end())?;
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (field, property) in schema["properties"].as_object().context("a type without fields")? {
            let mut kind = kind(property).with_context(|| format!("{name}.{field}"))?;
            let place = (name.clone(), field.clone());
            if let Some(named) = go.get(&place) {
                kind = format!("{kind}/{named}");
                used.insert(place.clone());
            }
            let mark = marks.get(&place).map_or("", String::as_str);
            let bang = if required.contains(&field.as_str()) { "!" } else { "" };
            writeln!(text, " {}", format!("{field} {kind} {bang}{mark}").trim_end())?;
        }
    }
    if let Some((name, field)) = go.keys().find(|place| !used.contains(*place)) {
        bail!("schema/go-types.txt names {name} {field}, which there is not");
    }
    Ok(text)
}

/// The letter of a type that has no fields of its own.
fn plain(name: &str) -> Option<&'static str> {
    Some(match name.rsplit('.').next()? {
        "Quantity" => "q",
        "IntOrString" => "x",
        "Time" => "t",
        "MicroTime" => "T",
        "RawExtension" | "FieldsV1" | "CustomResourceSubresourceStatus" => "o",
        "JSON" | "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray" => "a",
        _ => return None,
    })
}

/// A field's type in the table's letters.
fn kind(schema: &Value) -> Result<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return Ok(plain(name).map_or_else(|| short(name), str::to_owned));
    }
    if let Some([one]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return kind(one);
    }
    let format = schema["format"].as_str().unwrap_or_default();
    Ok(match (schema["type"].as_str().unwrap_or_default(), format) {
        ("string", "byte") => "y".into(),
        ("string", "date-time") => "t".into(),
        ("string", _) => "s".into(),
        ("integer", "int64") => "l".into(),
        ("integer", _) => "i".into(),
        ("boolean", _) => "b".into(),
        ("number", _) => "n".into(),
        ("array", _) => format!("[]{}", kind(&schema["items"])?),
        ("object", _) if schema["additionalProperties"].is_object() => {
            format!("{{}}{}", kind(&schema["additionalProperties"])?)
        }
        ("object", _) => "o".into(),
        ("", _) => "a".into(),
        other => bail!("a type that is new: {other:?}"),
    })
}

/// List type and patch strategy by type and field; of a type itself, whether it is atomic.
fn marks() -> Result<BTreeMap<(String, String), String>> {
    let mut all = BTreeMap::new();
    for line in MERGE.lines() {
        let entry: Map<String, Value> = serde_json::from_str(line)?;
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let keys: Vec<&str> = entry
            .get("list-map-keys")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut mark = String::new();
        match (text("list-type"), text("map-type")) {
            ("map", _) => write!(mark, "@{}", keys.join(","))?,
            ("set", _) => mark += "@set",
            ("atomic", _) | (_, "atomic") => mark += "@atomic",
            _ => {}
        }
        if !text("patch-merge-key").is_empty() {
            write!(mark, "~{}", text("patch-merge-key"))?;
        }
        for strategy in text("patch-strategy").split(',').filter(|strategy| !strategy.is_empty()) {
            // A merge key says as much.
            if strategy != "merge" || text("patch-merge-key").is_empty() {
                write!(mark, "~{strategy}")?;
            }
        }
        all.insert((short(text("type")), text("field").to_owned()), mark);
    }
    Ok(all)
}

fn go_types() -> BTreeMap<(String, String), String> {
    let lines = GO_TYPES.lines().filter(|line| !line.starts_with('#'));
    let mut all = BTreeMap::new();
    for line in lines {
        if let [name, field, go] = line.split_whitespace().collect::<Vec<_>>()[..] {
            all.insert((name.to_owned(), field.to_owned()), go.to_owned());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_tables_are_those_that_are_generated() {
        super::run(true).unwrap();
    }
}
