//! Gives aggregated cluster roles the rules of those that they select.
// Models pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go

use podyard_api::kinds::LabelSelector;
use podyard_api::{Key as Field, Selector, Value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "clusterrole-aggregation-controller",
    account: "clusterrole-aggregation-controller",
    component: "",
    route,
    reconcile,
};

const ROLES: ResourceKey = ResourceKey::CLUSTER_ROLES;

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    if change.resource != ROLES {
        return;
    }
    for role in api.list(ROLES, None).filter(|role| !selectors(role).is_empty()) {
        keys.push(Key::new("", role.name_text()));
    }
}

fn selectors(role: &Value) -> &[Value] {
    role.get("aggregationRule").get("clusterRoleSelectors").items()
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(role) = context.get(ROLES, "", &key.name) else { return Outcome::Done };
    let mut rules: Vec<Value> = Vec::new();
    for selector in selectors(&role) {
        let Ok(selector) = Selector::of(Some(LabelSelector(selector))) else { continue };
        for other in context.api.list(ROLES, None).filter(|other| other.name() != key.name) {
            if !selector.matches_object(other) {
                continue;
            }
            for rule in other.get("rules").items() {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
        }
    }
    if selectors(&role).is_empty() || rules == role.get("rules").items() {
        return Outcome::Done;
    }
    let mut changed = role;
    changed.set(Field::Static("rules"), rules);
    match context.update_object(ROLES, changed) {
        Ok(_) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
