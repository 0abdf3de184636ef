//! Writing roles and bindings: nobody grants what he has not got.
// Models pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go

use podyard_api::kinds::{ClusterRole, RoleBinding};
use podyard_api::{Status, Value};
use podyard_rbac::{GROUP, Grant, Refusal, RoleRef, Rule, confirm};

use crate::route::Ask;
use crate::{ApiServer, ResourceKey};

/// Refuses a new or changed role or binding (with what it was) that would grant more than the user holds.
pub(crate) fn check(
    server: &ApiServer,
    ask: &Ask,
    key: ResourceKey,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let is_role = matches!(key, ResourceKey::ROLES | ResourceKey::CLUSTER_ROLES);
    let is_binding = matches!(key, ResourceKey::ROLE_BINDINGS | ResourceKey::CLUSTER_ROLE_BINDINGS);
    if !is_role && !is_binding || old.is_some_and(|old| only_for_the_collector(object, old)) {
        return Ok(());
    }
    let namespace = if key.is_namespaced() { ask.namespace.as_str() } else { "" };
    let result = if is_role {
        let rules: Vec<Rule> = ClusterRole(object).rules().map(Rule::of).collect();
        let aggregates = |object: &Value| ClusterRole(object).aggregation_rule().is_some();
        let aggregates = key == ResourceKey::CLUSTER_ROLES && (aggregates(object) || old.is_some_and(aggregates));
        let grant = Grant::Role { plural: key.plural(), name: ask.name, rules: &rules, aggregates };
        confirm(server.policy(), &ask.user, namespace, grant)
    } else {
        let role = RoleBinding(object).role_ref();
        let role = RoleRef { kind: role.kind().into(), name: role.name().into() };
        confirm(server.policy(), &ask.user, namespace, Grant::Binding { role: &role })
    };
    result.map_err(|refusal| match refusal {
        Refusal::Forbidden(why) => Status::forbidden(key.group(), key.plural(), object.name(), &why),
        Refusal::NoRole { message, plural, name } => {
            Status { message: message.into(), ..Status::not_found(GROUP, plural, &name) }
        }
    })
}

/// Whether a change touches but what the garbage collector needs to delete the object.
// Models pkg/registry/rbac/helpers.go
fn only_for_the_collector(new: &Value, old: &Value) -> bool {
    let without = |object: &Value| {
        let mut object = object.clone();
        let meta = object.meta_mut();
        for field in ["ownerReferences", "finalizers", "managedFields", "resourceVersion"] {
            meta.remove(field);
        }
        object
    };
    without(new) == without(old)
}
