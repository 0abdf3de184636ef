//! Persistent volumes, claims and storage classes.

use super::*;
use crate::view;

view! {
    /// `v1` `PersistentVolume`.
    PersistentVolume: "core.v1.PersistentVolume" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view PersistentVolumeSpec;
        status "status": view PersistentVolumeStatus;
    }
}

view! {
    PersistentVolumeSpec: "core.v1.PersistentVolumeSpec" {
        capacity "capacity": map;
        host_path "hostPath": opt view HostPathVolumeSource;
        nfs "nfs": opt view NfsVolumeSource;
        csi "csi": value;
        local "local": opt view LocalVolumeSource;
        access_modes "accessModes": strs;
        claim_ref "claimRef": opt view ObjectReference;
        reclaim_policy "persistentVolumeReclaimPolicy": str = "Retain";
        storage_class_name "storageClassName": str;
        mount_options "mountOptions": strs;
        volume_mode "volumeMode": str = "Filesystem";
        node_affinity "nodeAffinity": opt view VolumeNodeAffinity;
        volume_attributes_class_name "volumeAttributesClassName": opt str;
    }
}

view! {
    LocalVolumeSource: "core.v1.LocalVolumeSource" {
        path "path": str;
        fs_type "fsType": opt str;
    }
}

view! {
    VolumeNodeAffinity: "core.v1.VolumeNodeAffinity" {
        required "required": opt view NodeSelector;
    }
}

view! {
    PersistentVolumeStatus: "core.v1.PersistentVolumeStatus" {
        phase "phase": str;
        message "message": str;
        reason "reason": str;
        last_phase_transition_time "lastPhaseTransitionTime": opt str;
    }
}

view! {
    /// `v1` `PersistentVolumeClaim`, also as a template.
    PersistentVolumeClaim: "core.v1.PersistentVolumeClaim" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view PersistentVolumeClaimSpec;
        status "status": view PersistentVolumeClaimStatus;
    }
}

view! {
    PersistentVolumeClaimSpec: "core.v1.PersistentVolumeClaimSpec" {
        access_modes "accessModes": strs;
        selector "selector": opt view LabelSelector;
        resources "resources": view VolumeResourceRequirements;
        volume_name "volumeName": str;
        storage_class_name "storageClassName": opt str;
        volume_mode "volumeMode": str = "Filesystem";
        data_source "dataSource": value;
        data_source_ref "dataSourceRef": value;
        volume_attributes_class_name "volumeAttributesClassName": opt str;
    }
}

view! {
    VolumeResourceRequirements: "core.v1.VolumeResourceRequirements" {
        limits "limits": map;
        requests "requests": map;
    }
}

view! {
    PersistentVolumeClaimStatus: "core.v1.PersistentVolumeClaimStatus" {
        phase "phase": str;
        access_modes "accessModes": strs;
        capacity "capacity": map;
        conditions "conditions": list Condition;
        allocated_resources "allocatedResources": map;
        allocated_resource_statuses "allocatedResourceStatuses": map;
    }
}

view! {
    /// `storage.k8s.io/v1` `StorageClass`.
    StorageClass: "storage.v1.StorageClass" {
        metadata "metadata": view ObjectMeta;
        provisioner "provisioner": str;
        parameters "parameters": map;
        reclaim_policy "reclaimPolicy": str = "Delete";
        mount_options "mountOptions": strs;
        allow_volume_expansion "allowVolumeExpansion": opt bool;
        volume_binding_mode "volumeBindingMode": str = "Immediate";
        allowed_topologies "allowedTopologies": value;
    }
}
