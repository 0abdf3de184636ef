//! Namespaces, and what bounds them: limit ranges and quotas.

use super::*;
use crate::view;

view! {
    /// `v1` `Namespace`.
    Namespace: "core.v1.Namespace" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view NamespaceSpec;
        status "status": view NamespaceStatus;
    }
}

view! {
    NamespaceSpec: "core.v1.NamespaceSpec" {
        finalizers "finalizers": strs;
    }
}

view! {
    NamespaceStatus: "core.v1.NamespaceStatus" {
        phase "phase": str;
        conditions "conditions": list Condition;
    }
}

view! {
    /// `v1` `LimitRange`.
    LimitRange: "core.v1.LimitRange" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view LimitRangeSpec;
    }
}

view! {
    LimitRangeSpec: "core.v1.LimitRangeSpec" {
        limits "limits": list LimitRangeItem;
    }
}

view! {
    LimitRangeItem: "core.v1.LimitRangeItem" {
        kind "type": str;
        max "max": map;
        min "min": map;
        default "default": map;
        default_request "defaultRequest": map;
        max_limit_request_ratio "maxLimitRequestRatio": map;
    }
}

view! {
    /// `v1` `ResourceQuota`.
    ResourceQuota: "core.v1.ResourceQuota" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view ResourceQuotaSpec;
        status "status": view ResourceQuotaStatus;
    }
}

view! {
    ResourceQuotaSpec: "core.v1.ResourceQuotaSpec" {
        hard "hard": map;
        scopes "scopes": strs;
        scope_selector "scopeSelector": opt view ScopeSelector;
    }
}

view! {
    ScopeSelector: "core.v1.ScopeSelector" {
        match_expressions "matchExpressions": list ScopedResourceSelectorRequirement;
    }
}

view! {
    ScopedResourceSelectorRequirement: "core.v1.ScopedResourceSelectorRequirement" {
        scope_name "scopeName": str;
        operator "operator": str;
        values "values": strs;
    }
}

view! {
    ResourceQuotaStatus: "core.v1.ResourceQuotaStatus" {
        hard "hard": map;
        used "used": map;
    }
}
