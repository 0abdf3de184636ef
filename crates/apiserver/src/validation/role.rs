//! Roles and bindings.
// Models pkg/apis/rbac/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::{goform, labels, meta};

const GROUP: &str = "rbac.authorization.k8s.io";

pub(crate) fn role(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_path_segment, errors);
    rules(&At::root(object, "rules"), true, errors);
}

pub(crate) fn role_update(new: &Value, old: &Value, errors: &mut Errors) {
    role(new, errors);
    meta::check_update(new, old, errors);
}

pub(crate) fn cluster_role(object: &Value, errors: &mut Errors) {
    meta::check(object, false, names::name_path_segment, errors);
    rules(&At::root(object, "rules"), false, errors);
    let aggregation = At::root(object, "aggregationRule");
    if !aggregation.is_set() {
        return;
    }
    let selectors = aggregation.at("clusterRoleSelectors");
    if selectors.is_empty() {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        errors.required(&selectors.path, detail);
    }
    for selector in selectors.items() {
        labels::selector(&selector, errors);
        if podyard_api::Selector::of(Some(podyard_api::kinds::LabelSelector(selector.value))).is_err() {
            errors.invalid(&selector.path, selector.value, "invalid label selector.");
        }
    }
}

pub(crate) fn cluster_role_update(new: &Value, old: &Value, errors: &mut Errors) {
    cluster_role(new, errors);
    meta::check_update(new, old, errors);
}

fn rules(at: &At, namespaced: bool, errors: &mut Errors) {
    for rule in at.items() {
        let (verbs, urls) = (rule.at("verbs"), rule.at("nonResourceURLs"));
        let (groups, resources, names) = (rule.at("apiGroups"), rule.at("resources"), rule.at("resourceNames"));
        if verbs.is_empty() {
            errors.required(&verbs.path, "verbs must contain at least one value");
        }
        if !urls.is_empty() {
            if namespaced {
                let detail = "namespaced rules cannot apply to non-resource URLs";
                errors.invalid(&urls.path, urls.value, detail);
            }
            if !groups.is_empty() || !resources.is_empty() || !names.is_empty() {
                let detail = "rules cannot apply to both regular resources and non-resource URLs";
                errors.invalid(&urls.path, urls.value, detail);
            }
            continue;
        }
        if groups.is_empty() {
            errors.required(&groups.path, "resource rules must supply at least one api group");
        }
        if resources.is_empty() {
            errors.required(&resources.path, "resource rules must supply at least one resource");
        }
    }
}

pub(crate) fn role_binding(object: &Value, errors: &mut Errors) {
    binding(object, true, errors);
}

pub(crate) fn role_binding_update(new: &Value, old: &Value, errors: &mut Errors) {
    role_binding(new, errors);
    same_role(new, old, errors);
}

pub(crate) fn cluster_role_binding(object: &Value, errors: &mut Errors) {
    binding(object, false, errors);
}

pub(crate) fn cluster_role_binding_update(new: &Value, old: &Value, errors: &mut Errors) {
    cluster_role_binding(new, errors);
    same_role(new, old, errors);
}

fn same_role(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let role = At::root(new, "roleRef");
    if role.value != old.get("roleRef") {
        errors.invalid_as(&role.path, &goform::compact("RoleRef", role.value), "cannot change roleRef");
    }
}

fn binding(object: &Value, namespaced: bool, errors: &mut Errors) {
    meta::check(object, namespaced, names::name_path_segment, errors);
    let role = At::root(object, "roleRef");
    let (group, kind, name) = (role.at("apiGroup"), role.at("kind"), role.at("name"));
    if group.str() != GROUP {
        errors.not_supported(&group.path, group.str(), &[GROUP]);
    }
    let kinds: &[&str] = if namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    if !kinds.contains(&kind.str()) {
        errors.not_supported(&kind.path, kind.str(), kinds);
    }
    match name.str() {
        "" => errors.required(&name.path, ""),
        text => errors.invalid_each(&name.path, text, names::name_path_segment(text, false)),
    }
    for item in At::root(object, "subjects").items() {
        subject(&item, namespaced, errors);
    }
}

fn subject(at: &At, namespaced: bool, errors: &mut Errors) {
    let (group, kind, name) = (at.at("apiGroup"), at.at("kind"), at.at("name"));
    let namespace = at.at("namespace");
    if name.str().is_empty() {
        errors.required(&name.path, "");
    }
    match kind.str() {
        "ServiceAccount" => {
            if let Some(text) = name.text() {
                errors.invalid_each(&name.path, text, names::name_subdomain(text, false));
            }
            if group.text().is_some() {
                errors.not_supported(&group.path, group.str(), &[""]);
            }
            if !namespaced && namespace.str().is_empty() {
                errors.required(&namespace.path, "");
            }
        }
        "User" | "Group" => {
            if group.str() != GROUP {
                errors.not_supported(&group.path, group.str(), &[GROUP]);
            }
        }
        other => errors.not_supported(&kind.path, other, &["ServiceAccount", "User", "Group"]),
    }
}
