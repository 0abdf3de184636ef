//! Roles and bindings.

use super::*;
use crate::view;

view! {
    /// `rbac.authorization.k8s.io/v1` `Role`.
    Role: "rbac.v1.Role" {
        metadata "metadata": view ObjectMeta;
        rules "rules": list PolicyRule;
    }
}

view! {
    /// `rbac.authorization.k8s.io/v1` `ClusterRole`.
    ClusterRole: "rbac.v1.ClusterRole" {
        metadata "metadata": view ObjectMeta;
        rules "rules": list PolicyRule;
        aggregation_rule "aggregationRule": opt view AggregationRule;
    }
}

view! {
    AggregationRule: "rbac.v1.AggregationRule" {
        cluster_role_selectors "clusterRoleSelectors": list LabelSelector;
    }
}

view! {
    PolicyRule: "rbac.v1.PolicyRule" {
        verbs "verbs": strs;
        api_groups "apiGroups": strs;
        resources "resources": strs;
        resource_names "resourceNames": strs;
        non_resource_urls "nonResourceURLs": strs;
    }
}

view! {
    /// `RoleBinding` or `ClusterRoleBinding`.
    RoleBinding: "rbac.v1.RoleBinding" {
        metadata "metadata": view ObjectMeta;
        subjects "subjects": list Subject;
        role_ref "roleRef": view RoleRef;
    }
}

view! {
    Subject: "rbac.v1.Subject" {
        kind "kind": str;
        api_group "apiGroup": str;
        name "name": str;
        namespace "namespace": str;
    }
}

view! {
    RoleRef: "rbac.v1.RoleRef" {
        api_group "apiGroup": str;
        kind "kind": str;
        name "name": str;
    }
}
