//! Workloads: deployments, replica sets, daemon sets, stateful sets.

use super::*;
use crate::view;

view! {
    /// `apps/v1` `Deployment`.
    Deployment: "apps.v1.Deployment" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view DeploymentSpec;
        status "status": view DeploymentStatus;
    }
}

view! {
    DeploymentSpec: "apps.v1.DeploymentSpec" {
        replicas "replicas": i64 = 1;
        selector "selector": view LabelSelector;
        template "template": view PodTemplateSpec;
        strategy "strategy": view DeploymentStrategy;
        min_ready_seconds "minReadySeconds": i64;
        revision_history_limit "revisionHistoryLimit": i64 = 10;
        paused "paused": bool;
        progress_deadline_seconds "progressDeadlineSeconds": i64 = 600;
    }
}

view! {
    DeploymentStrategy: "apps.v1.DeploymentStrategy" {
        kind "type": str = "RollingUpdate";
        rolling_update "rollingUpdate": view RollingUpdateDeployment;
    }
}

view! {
    /// Both are numbers or percentages.
    RollingUpdateDeployment: "apps.v1.RollingUpdateDeployment" {
        max_unavailable "maxUnavailable": value;
        max_surge "maxSurge": value;
    }
}

view! {
    DeploymentStatus: "apps.v1.DeploymentStatus" {
        observed_generation "observedGeneration": i64;
        replicas "replicas": i64;
        updated_replicas "updatedReplicas": i64;
        ready_replicas "readyReplicas": i64;
        available_replicas "availableReplicas": i64;
        unavailable_replicas "unavailableReplicas": i64;
        terminating_replicas "terminatingReplicas": opt i64;
        conditions "conditions": list Condition;
        collision_count "collisionCount": i64;
    }
}

view! {
    /// `apps/v1` `ReplicaSet`.
    ReplicaSet: "apps.v1.ReplicaSet" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view ReplicaSetSpec;
        status "status": view ReplicaSetStatus;
    }
}

view! {
    ReplicaSetSpec: "apps.v1.ReplicaSetSpec" {
        replicas "replicas": i64 = 1;
        min_ready_seconds "minReadySeconds": i64;
        selector "selector": view LabelSelector;
        template "template": view PodTemplateSpec;
    }
}

view! {
    ReplicaSetStatus: "apps.v1.ReplicaSetStatus" {
        replicas "replicas": i64;
        fully_labeled_replicas "fullyLabeledReplicas": i64;
        ready_replicas "readyReplicas": i64;
        available_replicas "availableReplicas": i64;
        terminating_replicas "terminatingReplicas": opt i64;
        observed_generation "observedGeneration": i64;
        conditions "conditions": list Condition;
    }
}

view! {
    /// `apps/v1` `DaemonSet`.
    DaemonSet: "apps.v1.DaemonSet" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view DaemonSetSpec;
        status "status": view DaemonSetStatus;
    }
}

view! {
    DaemonSetSpec: "apps.v1.DaemonSetSpec" {
        selector "selector": view LabelSelector;
        template "template": view PodTemplateSpec;
        update_strategy "updateStrategy": view DaemonSetUpdateStrategy;
        min_ready_seconds "minReadySeconds": i64;
        revision_history_limit "revisionHistoryLimit": i64 = 10;
    }
}

view! {
    DaemonSetUpdateStrategy: "apps.v1.DaemonSetUpdateStrategy" {
        kind "type": str = "RollingUpdate";
        rolling_update "rollingUpdate": view RollingUpdateDeployment;
    }
}

view! {
    DaemonSetStatus: "apps.v1.DaemonSetStatus" {
        current_number_scheduled "currentNumberScheduled": i64;
        number_misscheduled "numberMisscheduled": i64;
        desired_number_scheduled "desiredNumberScheduled": i64;
        number_ready "numberReady": i64;
        observed_generation "observedGeneration": i64;
        updated_number_scheduled "updatedNumberScheduled": i64;
        number_available "numberAvailable": i64;
        number_unavailable "numberUnavailable": i64;
        collision_count "collisionCount": i64;
        conditions "conditions": list Condition;
    }
}

view! {
    /// `apps/v1` `StatefulSet`.
    StatefulSet: "apps.v1.StatefulSet" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view StatefulSetSpec;
        status "status": view StatefulSetStatus;
    }
}

view! {
    StatefulSetSpec: "apps.v1.StatefulSetSpec" {
        replicas "replicas": i64 = 1;
        selector "selector": view LabelSelector;
        template "template": view PodTemplateSpec;
        volume_claim_templates "volumeClaimTemplates": list PersistentVolumeClaim;
        service_name "serviceName": str;
        pod_management_policy "podManagementPolicy": str = "OrderedReady";
        update_strategy "updateStrategy": view StatefulSetUpdateStrategy;
        revision_history_limit "revisionHistoryLimit": i64 = 10;
        min_ready_seconds "minReadySeconds": i64;
        retention_policy "persistentVolumeClaimRetentionPolicy": view RetentionPolicy;
        ordinals "ordinals": view StatefulSetOrdinals;
    }
}

view! {
    StatefulSetOrdinals: "apps.v1.StatefulSetOrdinals" {
        start "start": i64;
    }
}

view! {
    RetentionPolicy: "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy" {
        when_deleted "whenDeleted": str = "Retain";
        when_scaled "whenScaled": str = "Retain";
    }
}

view! {
    StatefulSetUpdateStrategy: "apps.v1.StatefulSetUpdateStrategy" {
        kind "type": str = "RollingUpdate";
        rolling_update "rollingUpdate": view RollingUpdateStatefulSet;
    }
}

view! {
    RollingUpdateStatefulSet: "apps.v1.RollingUpdateStatefulSetStrategy" {
        partition "partition": i64;
        max_unavailable "maxUnavailable": value;
    }
}

view! {
    StatefulSetStatus: "apps.v1.StatefulSetStatus" {
        observed_generation "observedGeneration": i64;
        replicas "replicas": i64;
        ready_replicas "readyReplicas": i64;
        current_replicas "currentReplicas": i64;
        updated_replicas "updatedReplicas": i64;
        current_revision "currentRevision": str;
        update_revision "updateRevision": str;
        collision_count "collisionCount": i64;
        conditions "conditions": list Condition;
        available_replicas "availableReplicas": i64;
    }
}

view! {
    /// `apps/v1` `ControllerRevision`.
    ControllerRevision: "apps.v1.ControllerRevision" {
        metadata "metadata": view ObjectMeta;
        data "data": value;
        revision "revision": i64;
    }
}
