//! StatefulSets.
// Models pkg/apis/apps/validation/validation.go

use podyard_api::{Key, Value, names, value};

use super::field::{At, Errors};
use super::workload::{
    amount, at_most_all, lasting_template, matches, non_negative, number, read, selector, supported,
};
use super::{goform, meta, pvc};

/// The parts of a spec that may change.
const CHANGEABLE: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];
const FORBIDDEN: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
     'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_label, errors);
    spec(&At::root(object, "spec"), errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let at = At::root(new, "spec");
    spec(&at, errors);
    let fixed = |spec: &Value| {
        let mut spec = spec.clone();
        CHANGEABLE.iter().for_each(|field| drop(spec.remove(field)));
        // Claims' statuses and kinds are filled in.
        for claim in spec.get_mut("volumeClaimTemplates").into_iter().flat_map(Value::items_mut) {
            ["apiVersion", "kind", "status"].iter().for_each(|field| drop(claim.remove(field)));
        }
        if spec.get("serviceName").str().is_empty() {
            spec.set(Key::Static("serviceName"), "");
        }
        spec
    };
    if fixed(at.value) != fixed(old.get("spec")) {
        errors.forbidden(&at.path, FORBIDDEN);
    }
}

fn spec(at: &At, errors: &mut Errors) {
    let policy = at.at("podManagementPolicy");
    match policy.str() {
        "" => errors.required(&policy.path, ""),
        "OrderedReady" | "Parallel" => {}
        other => errors.invalid(&policy.path, other, "must be 'OrderedReady' or 'Parallel'"),
    }
    strategy(&at.at("updateStrategy"), errors);
    let retention = at.at("persistentVolumeClaimRetentionPolicy");
    for field in ["whenDeleted", "whenScaled"] {
        supported(&retention.at(field), &["Delete", "Retain"], errors);
    }
    non_negative(&at.at("replicas"), errors);
    non_negative(&at.at("minReadySeconds"), errors);
    let ordinals = at.at("ordinals");
    non_negative(&ordinals.at("start"), errors);
    for claim in at.at("volumeClaimTemplates").items() {
        pvc::spec(&claim.at("spec"), errors);
    }
    let (selected, template) = (at.at("selector"), at.at("template"));
    selector(&selected, "empty selector is invalid for statefulset", errors);
    match read(&selected) {
        Err(_) => errors.invalid(&selected.path, selected.value, ""),
        Ok(selector) => {
            if !selector.is_empty() {
                matches(&selector, &template, errors);
            }
            let mounted = with_claims(template.value, at.value.get("volumeClaimTemplates").items());
            lasting_template(&At { value: &mounted, path: template.path }, "StatefulSet", errors);
        }
    }
}

/// The template with the claims' volumes, as each pod of the set has them.
fn with_claims(template: &Value, claims: &[Value]) -> Value {
    let mut mounted = template.clone();
    let mut volumes = template.get("spec").get("volumes").items().to_vec();
    for name in claims.iter().map(|claim| claim.name_text()) {
        volumes.retain(|volume| volume.get("name").str() != name);
        volumes.push(value!({"name": name.clone(), "persistentVolumeClaim": {"claimName": name}}));
    }
    if let Some(spec) = mounted.get_mut("spec") {
        spec.set(Key::Static("volumes"), volumes.into_iter().collect::<Value>());
    }
    mounted
}

fn strategy(at: &At, errors: &mut Errors) {
    let rolling = at.at("rollingUpdate");
    match at.value.get("type").str() {
        "" => errors.required(&at.path, ""),
        "OnDelete" if rolling.is_set() => {
            let shown = goform::compact("RollingUpdateStatefulSetStrategy", rolling.value);
            errors.invalid_as(&rolling.path, &shown, "only allowed for updateStrategy 'RollingUpdate'");
        }
        "OnDelete" => {}
        "RollingUpdate" => {
            non_negative(&rolling.at("partition"), errors);
            let unavailable = rolling.at("maxUnavailable");
            if unavailable.is_set() {
                amount(&unavailable, errors);
                if number(unavailable.value) == 0 {
                    errors.invalid(&unavailable.path, unavailable.value, "cannot be 0");
                }
                at_most_all(&unavailable, errors);
            }
        }
        other => errors.invalid(&at.path, other, "must be 'RollingUpdate' or 'OnDelete'"),
    }
}
