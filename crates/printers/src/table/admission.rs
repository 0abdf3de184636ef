//! Admission policies and webhooks.

use podyard_api::Value;

use super::{AGE, NAME, Printer, Row, cells, integer, object_age, text};

/// `MutatingWebhookConfiguration` and `ValidatingWebhookConfiguration`.
pub(super) const WEBHOOKS: Printer = Printer {
    columns: &[NAME, integer("Webhooks"), AGE],
    row: |object, now| cells![object.name(), object.get("webhooks").items().len(), object_age(object, now)],
};

/// `ValidatingAdmissionPolicy`.
pub(super) const VALIDATING: Printer = Printer {
    columns: &[NAME, integer("Validations"), text("ParamKind"), AGE],
    row: |object, now| policy(object, "validations", now),
};

/// `MutatingAdmissionPolicy`.
pub(super) const MUTATING: Printer = Printer {
    columns: &[NAME, integer("Mutations"), text("ParamKind"), AGE],
    row: |object, now| policy(object, "mutations", now),
};

/// Bindings of both kinds of policy.
pub(super) const BINDINGS: Printer = Printer {
    columns: &[NAME, text("PolicyName"), text("ParamRef"), AGE],
    row: |object, now| {
        let spec = object.get("spec");
        cells![object.name(), spec.get("policyName").str(), param_ref(spec.get("paramRef")), object_age(object, now)]
    },
};

fn policy(object: &Value, rules: &str, now: i64) -> Row {
    let spec = object.get("spec");
    let kind = spec.get("paramKind");
    let param = match kind {
        Value::Null => "<unset>".to_owned(),
        _ => format!("{}/{}", kind.get("apiVersion").str(), kind.get("kind").str()),
    };
    cells![object.name(), spec.get(rules).items().len(), param, object_age(object, now)]
}

fn param_ref(reference: &Value) -> String {
    match (reference.get("namespace").str(), reference.get("name").str()) {
        (_, "") => "<unset>".into(),
        ("", name) => format!("*/{name}"),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}
