//! What is allowed and yet worth a word.
// Models pkg/api/pod/warnings.go

use ecow::{EcoString, eco_format};
use podyard_api::{Quantity, Value};

/// Warnings about a pod.
pub(crate) fn pod(pod: &Value, old: Option<&Value>) -> Vec<EcoString> {
    // Updates are warned of only if they change what is wanted.
    if old.is_some_and(|old| old.get("spec").same(pod.get("spec"))) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    spec(pod.get("spec"), "spec", &mut warnings);
    warnings
}

/// Warnings about a pod's spec at `path`.
pub(crate) fn spec(spec: &Value, path: &str, warnings: &mut Vec<EcoString>) {
    for key in spec.get("nodeSelector").fields().iter().map(|(key, _)| key.as_str()) {
        if let Some(instead) = deprecated_label(key) {
            warnings.push(eco_format!("{path}.nodeSelector[{key}]: {instead}"));
        }
    }
    for (list, containers) in ["initContainers", "containers"].map(|list| (list, spec.get(list).items())) {
        for (index, container) in containers.iter().enumerate() {
            environment(container, &format!("{path}.{list}[{index}]"), warnings);
            fractions(container, &format!("{path}.{list}[{index}]"), warnings);
        }
    }
    if spec.get("terminationGracePeriodSeconds").as_i64().is_some_and(|seconds| seconds < 0) {
        warnings.push(eco_format!(
            "{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ));
    }
    for (index, volume) in spec.get("volumes").items().iter().enumerate() {
        if !volume.get("gitRepo").is_null() {
            warnings.push(eco_format!(
                "{path}.volumes[{index}].gitRepo: deprecated in v1.11, and disabled by default in v1.33+"
            ));
        }
    }
    for (index, secret) in spec.get("imagePullSecrets").items().iter().enumerate() {
        if secret.get("name").str().is_empty() {
            warnings.push(eco_format!("{path}.imagePullSecrets[{index}].name: invalid empty name \"\""));
        }
    }
}

fn deprecated_label(key: &str) -> Option<&'static str> {
    Some(match key {
        "beta.kubernetes.io/arch" => "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        "beta.kubernetes.io/os" => "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "failure-domain.beta.kubernetes.io/region" => {
            "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"
        }
        "failure-domain.beta.kubernetes.io/zone" => {
            "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"
        }
        "beta.kubernetes.io/instance-type" => {
            "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"
        }
        _ => return None,
    })
}

fn environment(container: &Value, path: &str, warnings: &mut Vec<EcoString>) {
    let variables = container.get("env").items();
    for (index, variable) in variables.iter().enumerate() {
        let name = variable.get("name");
        if variables[..index].iter().any(|earlier| earlier.get("name") == name) {
            warnings.push(eco_format!(
                "{path}.env[{index}]: hides previous definition of \"{}\", which may be dropped when using apply",
                name.str()
            ));
        }
    }
}

/// Bytes come whole.
fn fractions(container: &Value, path: &str, warnings: &mut Vec<EcoString>) {
    for list in ["limits", "requests"] {
        for name in ["memory", "ephemeral-storage"] {
            let amount = container.at(&["resources", list, name]);
            if amount.is_null() {
                continue;
            }
            let quantity = Quantity::of(amount);
            if quantity.milli_value() % 1000 != 0 {
                warnings.push(eco_format!(
                    "{path}.resources.{list}[{name}]: fractional byte value \"{quantity}\" is invalid, must be an integer"
                ));
            }
        }
    }
}
