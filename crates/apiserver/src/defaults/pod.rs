//! Pods and pod templates.
// Models pkg/apis/core/v1/defaults.go

use std::sync::LazyLock;

use podyard_api::{Key, Value};

use super::{each, fill, fill_all};

/// Values that nearly every pod has, and shares.
struct Defaults {
    always: Value,
    dns_policy: Value,
    empty: Value,
    file: Value,
    grace: Value,
    if_not_present: Value,
    scheduler: Value,
    termination_log: Value,
}

static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| Defaults {
    always: "Always".into(),
    dns_policy: "ClusterFirst".into(),
    empty: Value::object(),
    file: "File".into(),
    grace: 30.into(),
    if_not_present: "IfNotPresent".into(),
    scheduler: "default-scheduler".into(),
    termination_log: "/dev/termination-log".into(),
});

const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// A pod.
pub(crate) fn pod(pod: &mut Value) {
    let spec = pod.field_mut("spec");
    pod_spec(spec);
    for list in ["containers", "initContainers"] {
        each(spec, list, lacks_requests, requests_from_limits);
    }
    whole_requests(spec);
    fill(spec, "enableServiceLinks", true);
    if spec.get("hostNetwork").as_bool() == Some(true) {
        for list in ["containers", "initContainers"] {
            each(
                spec,
                list,
                |container| container.get("ports").items().iter().any(lacks_host_port),
                |container| {
                    each(container, "ports", lacks_host_port, |port| {
                        let number = port.get("containerPort").clone();
                        port.set(Key::Static("hostPort"), number);
                    });
                },
            );
        }
    }
}

/// `spec` of a pod or of a template.
pub(crate) fn pod_spec(spec: &mut Value) {
    service_account(spec);
    let defaults = &*DEFAULTS;
    fill_all(
        spec,
        &[
            ("dnsPolicy", &defaults.dns_policy),
            ("restartPolicy", &defaults.always),
            ("schedulerName", &defaults.scheduler),
            ("securityContext", &defaults.empty),
            ("terminationGracePeriodSeconds", &defaults.grace),
        ],
    );
    for list in CONTAINER_LISTS {
        if !spec.get(list).items().is_empty()
            && let Some(containers) = spec.get_mut(list)
        {
            containers.items_mut().iter_mut().for_each(container);
        }
    }
    if !spec.get("volumes").items().is_empty()
        && let Some(volumes) = spec.get_mut("volumes")
    {
        volumes.items_mut().iter_mut().for_each(volume);
    }
}

/// `template` of a workload.
pub(crate) fn template(workload: &mut Value, path: &[&str]) {
    if workload.at(path).at(&["spec"]).is_object() {
        pod_spec(workload.at_mut(path).field_mut("spec"));
    }
}

/// The account has an old name, too.
fn service_account(spec: &mut Value) {
    if spec.get("serviceAccountName").str().is_empty() {
        match spec.get("serviceAccount").clone() {
            Value::Null => {}
            old => spec.set(Key::Static("serviceAccountName"), old),
        }
    } else if spec.get("serviceAccount") != spec.get("serviceAccountName") {
        let name = spec.get("serviceAccountName").clone();
        spec.set(Key::Static("serviceAccount"), name);
    }
}

fn container(container: &mut Value) {
    let defaults = &*DEFAULTS;
    let policy = match container.get("imagePullPolicy").str() {
        "" if pull_policy(container.get("image").str()) == "Always" => &defaults.always,
        _ => &defaults.if_not_present,
    };
    fill_all(
        container,
        &[
            ("imagePullPolicy", policy),
            ("resources", &defaults.empty),
            ("terminationMessagePath", &defaults.termination_log),
            ("terminationMessagePolicy", &defaults.file),
        ],
    );
    each(
        container,
        "ports",
        |port| port.get("protocol").is_null(),
        |port| {
            port.set(Key::Static("protocol"), "TCP");
        },
    );
    each(container, "env", lacks_version, |variable| {
        variable.at_mut(&["valueFrom", "fieldRef"]).set(Key::Static("apiVersion"), "v1");
    });
    each(container, "env", lacks_divisor, |variable| {
        variable.at_mut(&["valueFrom", "resourceFieldRef"]).set(Key::Static("divisor"), "0");
    });
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container.get(probe).is_object() {
            self::probe(container.field_mut(probe));
        }
    }
    for hook in ["postStart", "preStop"] {
        if container.at(&["lifecycle", hook, "httpGet"]).is_object() {
            http_get(container.at_mut(&["lifecycle", hook, "httpGet"]));
        }
    }
}

fn lacks_version(variable: &Value) -> bool {
    let field = variable.at(&["valueFrom", "fieldRef"]);
    field.is_object() && field.get("apiVersion").is_null()
}

fn lacks_divisor(variable: &Value) -> bool {
    let resource = variable.at(&["valueFrom", "resourceFieldRef"]);
    resource.is_object() && resource.get("divisor").is_null()
}

fn probe(probe: &mut Value) {
    for (field, default) in
        [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
    {
        if probe.get(field).as_i64().unwrap_or_default() == 0 {
            probe.set(Key::Static(field), default);
        }
    }
    if probe.get("httpGet").is_object() {
        http_get(probe.field_mut("httpGet"));
    }
    if probe.get("grpc").is_object() {
        fill(probe.field_mut("grpc"), "service", "");
    }
}

fn http_get(action: &mut Value) {
    if action.get("path").str().is_empty() {
        action.set(Key::Static("path"), "/");
    }
    if action.get("scheme").str().is_empty() {
        action.set(Key::Static("scheme"), "HTTP");
    }
}

/// `Always` for the tag `latest`, said or not.
// Models pkg/util/parsers/parsers.go
pub(crate) fn pull_policy(image: &str) -> &'static str {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let (path, tag) = match name.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (name, None),
    };
    // What does not read as an image's name has no tag.
    let repository = path.split_once('/').filter(|(host, _)| host.contains(['.', ':'])).map_or(path, |(_, rest)| rest);
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '.' | '_' | '-');
    let is_name = !repository.is_empty() && repository.chars().all(good);
    let latest = tag == Some("latest") || tag.is_none() && digest.is_none();
    if is_name && latest { "Always" } else { "IfNotPresent" }
}

fn volume(volume: &mut Value) {
    if !volume.fields().iter().any(|(key, source)| key.as_str() != "name" && !source.is_null()) {
        volume.set(Key::Static("emptyDir"), Value::object());
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        if volume.get(source).is_object() && volume.get(source).get("defaultMode").is_null() {
            volume.field_mut(source).set(Key::Static("defaultMode"), 420);
        }
    }
    if volume.get("hostPath").is_object() {
        fill(volume.field_mut("hostPath"), "type", "");
    }
    if volume.get("image").is_object() && volume.get("image").get("pullPolicy").is_null() {
        let policy = pull_policy(volume.get("image").get("reference").str());
        volume.field_mut("image").set(Key::Static("pullPolicy"), policy);
    }
    if volume.get("downwardAPI").is_object() {
        downward_items(volume.field_mut("downwardAPI"));
    }
    if volume.get("projected").is_object() {
        let sources = volume.at_mut(&["projected", "sources"]);
        sources.items_mut().iter_mut().for_each(projection);
    }
    let template = ["ephemeral", "volumeClaimTemplate", "spec"];
    if volume.at(&template).is_object() {
        fill(volume.at_mut(&template), "volumeMode", "Filesystem");
    }
    if volume.get("iscsi").is_object() {
        fill(volume.field_mut("iscsi"), "iscsiInterface", "default");
    }
    if volume.get("rbd").is_object() {
        let rbd = volume.field_mut("rbd");
        for (field, default) in [("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")] {
            fill(rbd, field, default);
        }
    }
}

fn projection(source: &mut Value) {
    if source.get("serviceAccountToken").is_object() {
        fill(source.field_mut("serviceAccountToken"), "expirationSeconds", 3600);
    }
    if source.get("downwardAPI").is_object() {
        downward_items(source.field_mut("downwardAPI"));
    }
}

fn downward_items(volume: &mut Value) {
    each(
        volume,
        "items",
        |item| item.get("fieldRef").is_object() && item.at(&["fieldRef", "apiVersion"]).is_null(),
        |item| {
            item.field_mut("fieldRef").set(Key::Static("apiVersion"), "v1");
        },
    );
    each(
        volume,
        "items",
        |item| item.get("resourceFieldRef").is_object() && item.at(&["resourceFieldRef", "divisor"]).is_null(),
        |item| {
            item.field_mut("resourceFieldRef").set(Key::Static("divisor"), "0");
        },
    );
}

fn lacks_host_port(port: &Value) -> bool {
    port.get("hostPort").as_i64().unwrap_or_default() == 0
}

fn lacks_requests(container: &Value) -> bool {
    let resources = container.get("resources");
    resources.get("limits").fields().iter().any(|(name, _)| resources.get("requests").get(name).is_null())
}

fn requests_from_limits(container: &mut Value) {
    let limits = container.at(&["resources", "limits"]).clone();
    let requests = container.at_mut(&["resources", "requests"]);
    for (name, amount) in limits.fields() {
        if requests.get(name).is_null() {
            requests.set(name, amount);
        }
    }
}

/// Pod-level requests come from the containers' requests, else from the pod's limits.
fn whole_requests(spec: &mut Value) {
    let limits = spec.at(&["resources", "limits"]).clone();
    if limits.fields().is_empty() {
        return;
    }
    let mut sums: std::collections::BTreeMap<String, podyard_api::Quantity> = Default::default();
    for container in spec.get("containers").items() {
        for (name, amount) in container.at(&["resources", "requests"]).fields() {
            let sum = sums.entry(name.to_string()).or_default();
            *sum = *sum + podyard_api::Quantity::of(amount);
        }
    }
    let requests = spec.at_mut(&["resources", "requests"]);
    for (name, sum) in sums.iter().filter(|(name, _)| matches!(name.as_str(), "cpu" | "memory")) {
        if requests.get(name).is_null() {
            requests.set(name, sum.to_string());
        }
    }
    for (name, amount) in limits.fields() {
        if requests.get(name).is_null() {
            requests.set(name, amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    #[test]
    fn pull_policies() {
        let check = |image, expect| assert_eq!(pull_policy(image), expect, "{image}");
        check("nginx", "Always");
        check("nginx:latest", "Always");
        check("nginx:1.27", "IfNotPresent");
        check("localhost:5000/nginx", "Always");
        check("localhost:5000/nginx:1", "IfNotPresent");
        check("nginx@sha256:0123", "IfNotPresent");
        check("NGINX", "IfNotPresent");
        check("", "IfNotPresent");
    }

    #[test]
    fn a_small_pod_gets_its_defaults_once() {
        let mut pod = value!({"spec": {
            "containers": [{"name": "c", "image": "nginx", "resources": {"limits": {"cpu": "1"}}}],
            "volumes": [{"name": "v"}],
        }});
        super::pod(&mut pod);
        assert_eq!(pod.at(&["spec", "volumes"]), &value!([{"name": "v", "emptyDir": {}}]));
        let container = pod.at(&["spec", "containers"]).item(0);
        assert_eq!(container.at(&["resources", "requests", "cpu"]), "1");
        assert_eq!(container.get("imagePullPolicy"), "Always");
        let before = pod.clone();
        super::pod(&mut pod);
        assert_eq!(pod, before);
    }
}
