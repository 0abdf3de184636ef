//! Volumes of a pod. A source is there or not; those that the simulation acts on have views.

use super::*;
use crate::{Value, view};

view! {
    Volume: "core.v1.Volume" {
        name "name": str;
        host_path "hostPath": opt view HostPathVolumeSource;
        empty_dir "emptyDir": opt view EmptyDirVolumeSource;
        secret "secret": opt view SecretVolumeSource;
        nfs "nfs": opt view NfsVolumeSource;
        persistent_volume_claim "persistentVolumeClaim": opt view PersistentVolumeClaimVolumeSource;
        downward_api "downwardAPI": opt view DownwardApiVolumeSource;
        config_map "configMap": opt view ConfigMapVolumeSource;
        projected "projected": opt view ProjectedVolumeSource;
        csi "csi": opt view CsiVolumeSource;
        ephemeral "ephemeral": opt view EphemeralVolumeSource;
        image "image": opt view ImageVolumeSource;
    }
}

view! {
    HostPathVolumeSource: "core.v1.HostPathVolumeSource" {
        path "path": str;
        kind "type": str;
    }
}

view! {
    EmptyDirVolumeSource: "core.v1.EmptyDirVolumeSource" {
        medium "medium": str;
        size_limit "sizeLimit": value;
    }
}

view! {
    SecretVolumeSource: "core.v1.SecretVolumeSource" {
        secret_name "secretName": str;
        items "items": list KeyToPath;
        default_mode "defaultMode": i64 = 0o644;
        optional "optional": bool;
    }
}

view! {
    ConfigMapVolumeSource: "core.v1.ConfigMapVolumeSource" {
        name "name": str;
        items "items": list KeyToPath;
        default_mode "defaultMode": i64 = 0o644;
        optional "optional": bool;
    }
}

view! {
    KeyToPath: "core.v1.KeyToPath" {
        key "key": str;
        path "path": str;
        mode "mode": opt i64;
    }
}

view! {
    NfsVolumeSource: "core.v1.NFSVolumeSource" {
        server "server": str;
        path "path": str;
        read_only "readOnly": bool;
    }
}

view! {
    PersistentVolumeClaimVolumeSource: "core.v1.PersistentVolumeClaimVolumeSource" {
        claim_name "claimName": str;
        read_only "readOnly": bool;
    }
}

view! {
    DownwardApiVolumeSource: "core.v1.DownwardAPIVolumeSource" {
        items "items": list DownwardApiVolumeFile;
        default_mode "defaultMode": i64 = 0o644;
    }
}

view! {
    DownwardApiVolumeFile: "core.v1.DownwardAPIVolumeFile" {
        path "path": str;
        field_ref "fieldRef": opt view ObjectFieldSelector;
        resource_field_ref "resourceFieldRef": opt view ResourceFieldSelector;
        mode "mode": opt i64;
    }
}

view! {
    ProjectedVolumeSource: "core.v1.ProjectedVolumeSource" {
        sources "sources": list VolumeProjection;
        default_mode "defaultMode": i64 = 0o644;
    }
}

view! {
    /// One source of a projected volume: one of the fields is there.
    VolumeProjection: "core.v1.VolumeProjection" {
        secret "secret": opt view ConfigMapProjection;
        downward_api "downwardAPI": opt view DownwardApiVolumeSource;
        config_map "configMap": opt view ConfigMapProjection;
        service_account_token "serviceAccountToken": opt view ServiceAccountTokenProjection;
        cluster_trust_bundle "clusterTrustBundle": value;
    }
}

view! {
    /// A projected ConfigMap or Secret.
    ConfigMapProjection: "core.v1.ConfigMapProjection" {
        name "name": str;
        items "items": list KeyToPath;
        optional "optional": bool;
    }
}

view! {
    ServiceAccountTokenProjection: "core.v1.ServiceAccountTokenProjection" {
        audience "audience": str;
        expiration_seconds "expirationSeconds": i64 = 3600;
        path "path": str;
    }
}

view! {
    CsiVolumeSource: "core.v1.CSIVolumeSource" {
        driver "driver": str;
        read_only "readOnly": bool;
        fs_type "fsType": str;
        volume_attributes "volumeAttributes": map;
    }
}

view! {
    EphemeralVolumeSource: "core.v1.EphemeralVolumeSource" {
        volume_claim_template "volumeClaimTemplate": view PersistentVolumeClaim;
    }
}

view! {
    ImageVolumeSource: "core.v1.ImageVolumeSource" {
        reference "reference": str;
        pull_policy "pullPolicy": str;
    }
}

impl<'a> Volume<'a> {
    /// The volume's source: its field name, such as `configMap`, and value.
    pub fn source(self) -> Option<(&'a str, &'a Value)> {
        self.value().fields().iter().find(|(key, _)| &**key != "name").map(|(key, value)| (key.as_str(), value))
    }
}
