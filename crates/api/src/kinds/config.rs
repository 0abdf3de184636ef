//! ConfigMaps, Secrets and service accounts.

use super::*;
use crate::view;

view! {
    /// `v1` `ConfigMap`.
    ConfigMap: "core.v1.ConfigMap" {
        metadata "metadata": view ObjectMeta;
        data "data": map;
        binary_data "binaryData": map;
        immutable "immutable": bool;
    }
}

view! {
    /// `v1` `Secret`. The values of `data` are base64.
    Secret: "core.v1.Secret" {
        metadata "metadata": view ObjectMeta;
        data "data": map;
        string_data "stringData": map;
        kind "type": str = "Opaque";
        immutable "immutable": bool;
    }
}

view! {
    /// `v1` `ServiceAccount`.
    ServiceAccount: "core.v1.ServiceAccount" {
        metadata "metadata": view ObjectMeta;
        secrets "secrets": list ObjectReference;
        image_pull_secrets "imagePullSecrets": list LocalObjectReference;
        automount_service_account_token "automountServiceAccountToken": opt bool;
    }
}
