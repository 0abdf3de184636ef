//! Rules that cluster administrators write in CEL.
// Models staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating

use ecow::{EcoString, eco_format};
use podyard_api::kinds::LabelSelector;
use podyard_api::{Cause, Key, Selector, Status, Value, Verb, value};
use podyard_expr::cel;

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const POLICIES: ResourceKey = ResourceKey::VALIDATING_ADMISSION_POLICIES;
const BINDINGS: ResourceKey = ResourceKey::VALIDATING_ADMISSION_POLICY_BINDINGS;

/// A validation that does not hold.
struct Violation {
    /// As `Invalid` or `Forbidden`.
    reason: EcoString,
    message: EcoString,
}

pub(super) fn validate(server: &ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    // Nobody locks themselves out of changing the rules.
    if attributes.key.group() == POLICIES.group() || server.count(BINDINGS) == 0 {
        return Ok(());
    }
    let mut denied = None;
    let mut warnings = Vec::new();
    for policy in server.list(POLICIES, None) {
        let spec = policy.get("spec");
        if !concerns(server, attributes, spec.get("matchConstraints")) {
            continue;
        }
        for binding in
            server.list(BINDINGS, None).filter(|binding| *binding.at(&["spec", "policyName"]) == policy.name())
        {
            let resources = binding.at(&["spec", "matchResources"]);
            if !resources.is_null() && !concerns(server, attributes, resources) {
                continue;
            }
            let (by, with) = (policy.name(), binding.name());
            for violation in violations(server, attributes, spec, binding) {
                let does =
                    |action: &str| binding.at(&["spec", "validationActions"]).items().iter().any(|a| *a == action);
                if does("Warn") {
                    warnings.push(eco_format!(
                        "Validation failed for ValidatingAdmissionPolicy '{by}' with binding '{with}': {}",
                        violation.message
                    ));
                }
                if does("Deny") && denied.is_none() {
                    let why = eco_format!(
                        "ValidatingAdmissionPolicy '{by}' with binding '{with}' denied request: {}",
                        violation.message
                    );
                    denied = Some(refusal(attributes, &violation.reason, why));
                }
            }
        }
    }
    attributes.warnings.extend(warnings);
    denied.map_or(Ok(()), Err)
}

fn refusal(attributes: &Attributes, reason: &str, why: EcoString) -> Status {
    let (code, reason) = match reason {
        "Forbidden" => (403, "Forbidden"),
        "Unauthorized" => (401, "Unauthorized"),
        "RequestEntityTooLarge" => (413, "RequestEntityTooLarge"),
        _ => (422, "Invalid"),
    };
    let forbidden = attributes.forbidden(&why);
    let causes = [Cause { reason: EcoString::new(), message: why, field: EcoString::new() }];
    Status { code, reason: reason.into(), causes: causes.into_iter().collect(), ..forbidden }
}

/// Whether match rules, a policy's or a binding's, speak of this request.
fn concerns(server: &ApiServer, attributes: &Attributes, rules: &Value) -> bool {
    let lists = |list: &Value, wanted: &str| list.items().iter().any(|item| *item == wanted || *item == "*");
    let operation = operation(attributes);
    let resource = match attributes.sub {
        "" => EcoString::from(attributes.key.plural()),
        sub => eco_format!("{}/{sub}", attributes.key.plural()),
    };
    let names = |rule: &Value| {
        let names = rule.get("resourceNames").items();
        names.is_empty() || names.iter().any(|name| *name == attributes.name.as_str())
    };
    let matches = |rule: &Value| {
        lists(rule.get("apiGroups"), attributes.key.group())
            && lists(rule.get("operations"), operation)
            && (lists(rule.get("resources"), &resource) || *rule.get("resources").item(0) == "*/*")
            && names(rule)
    };
    let included = rules.get("resourceRules").items();
    (included.is_empty() || included.iter().any(matches))
        && !rules.get("excludeResourceRules").items().iter().any(matches)
        && selects(rules.get("objectSelector"), attributes.object.as_ref().or(attributes.old.as_ref()))
        && (attributes.namespace.is_empty()
            || selects(rules.get("namespaceSelector"), server.get(ResourceKey::NAMESPACES, "", &attributes.namespace)))
}

fn selects(selector: &Value, object: Option<&Value>) -> bool {
    selector.is_empty()
        || Selector::of(Some(LabelSelector(selector)))
            .is_ok_and(|selector| object.is_some_and(|object| selector.matches_object(object)))
}

fn operation(attributes: &Attributes) -> &'static str {
    match attributes.verb {
        Verb::Create => "CREATE",
        Verb::Delete => "DELETE",
        _ => "UPDATE",
    }
}

/// The policy's validations that do not hold for this request.
fn violations(server: &ApiServer, attributes: &Attributes, spec: &Value, binding: &Value) -> Vec<Violation> {
    let fails = *spec.get("failurePolicy") != "Ignore";
    let mut known = variables(server, attributes, spec, binding);
    let conditions = spec.get("matchConditions").items();
    if conditions.iter().any(|condition| holds(condition.get("expression").str(), &known) == Ok(false)) {
        return Vec::new();
    }
    let mut composed = Value::object();
    known.push(("variables", composed.clone()));
    for variable in spec.get("variables").items() {
        if let Ok(found) = cel::evaluate(variable.get("expression").str(), &known) {
            composed.set(Key::from(variable.get("name").str()), found);
            known.pop();
            known.push(("variables", composed.clone()));
        }
    }
    let validations = spec.get("validations").items().iter();
    let judged = validations.filter_map(|validation| {
        let expression = validation.get("expression").str();
        let reason = validation.get("reason").text();
        match holds(expression, &known) {
            Ok(true) => None,
            Ok(false) => Some(Violation { reason, message: message(validation, &known) }),
            Err(why) => fails.then(|| Violation {
                reason,
                message: eco_format!("expression '{expression}' resulted in error: {why}"),
            }),
        }
    });
    judged.collect()
}

/// What is said of a validation that does not hold.
fn message(validation: &Value, known: &[(&str, Value)]) -> EcoString {
    let own = cel::evaluate(validation.get("messageExpression").str(), known).ok();
    match own.as_ref().and_then(Value::as_str).filter(|text| !text.trim().is_empty()) {
        Some(text) => text.trim().into(),
        None if !validation.get("message").str().is_empty() => validation.get("message").text(),
        None => eco_format!("failed expression: {}", validation.get("expression").str().trim()),
    }
}

fn holds(expression: &str, known: &[(&str, Value)]) -> Result<bool, String> {
    match cel::evaluate(expression, known) {
        Ok(found) => Ok(found.as_bool() == Some(true)),
        Err(error) => Err(error.to_string()),
    }
}

/// What expressions may speak of.
fn variables(server: &ApiServer, attributes: &Attributes, spec: &Value, binding: &Value) -> Vec<(&'static str, Value)> {
    let key = attributes.key;
    let request = value!({
        "name": &attributes.name,
        "namespace": &attributes.namespace,
        "operation": operation(attributes),
        "resource": {"group": key.group(), "resource": key.plural()},
        "kind": {"group": key.group(), "kind": key.kind()},
        "subResource": attributes.sub,
        "dryRun": attributes.dry_run,
    });
    let namespace = server.get(ResourceKey::NAMESPACES, "", &attributes.namespace);
    vec![
        ("object", attributes.object.clone().unwrap_or_default()),
        ("oldObject", attributes.old.clone().unwrap_or_default()),
        ("request", request),
        ("namespaceObject", namespace.cloned().unwrap_or_default()),
        ("params", parameters(server, attributes, spec.get("paramKind"), binding).unwrap_or_default()),
    ]
}

/// The object that a binding names as the policy's parameters.
fn parameters(server: &ApiServer, attributes: &Attributes, kind: &Value, binding: &Value) -> Option<Value> {
    let reference = binding.at(&["spec", "paramRef"]);
    let key = ResourceKey::of_object(kind.get("apiVersion").str(), kind.get("kind").str())?;
    let namespace = match reference.get("namespace").str() {
        _ if !key.is_namespaced() => "",
        "" => attributes.namespace.as_str(),
        given => given,
    };
    server.get(key, namespace, reference.get("name").str()).cloned()
}
