//! Priority classes, disruption budgets and autoscalers.

use super::*;
use crate::view;

view! {
    /// `scheduling.k8s.io/v1` `PriorityClass`.
    PriorityClass: "scheduling.v1.PriorityClass" {
        metadata "metadata": view ObjectMeta;
        priority "value": i64;
        global_default "globalDefault": bool;
        description "description": str;
        preemption_policy "preemptionPolicy": str = "PreemptLowerPriority";
    }
}

view! {
    /// `policy/v1` `PodDisruptionBudget`.
    PodDisruptionBudget: "policy.v1.PodDisruptionBudget" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view PodDisruptionBudgetSpec;
        status "status": view PodDisruptionBudgetStatus;
    }
}

view! {
    PodDisruptionBudgetSpec: "policy.v1.PodDisruptionBudgetSpec" {
        min_available "minAvailable": value;
        selector "selector": opt view LabelSelector;
        max_unavailable "maxUnavailable": value;
        unhealthy_pod_eviction_policy "unhealthyPodEvictionPolicy": opt str;
    }
}

view! {
    PodDisruptionBudgetStatus: "policy.v1.PodDisruptionBudgetStatus" {
        observed_generation "observedGeneration": i64;
        disrupted_pods "disruptedPods": map;
        disruptions_allowed "disruptionsAllowed": i64;
        current_healthy "currentHealthy": i64;
        desired_healthy "desiredHealthy": i64;
        expected_pods "expectedPods": i64;
        conditions "conditions": list Condition;
    }
}

view! {
    /// `autoscaling/v2` `HorizontalPodAutoscaler`.
    HorizontalPodAutoscaler: "autoscaling.v2.HorizontalPodAutoscaler" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view HorizontalPodAutoscalerSpec;
        status "status": view HorizontalPodAutoscalerStatus;
    }
}

view! {
    HorizontalPodAutoscalerSpec: "autoscaling.v2.HorizontalPodAutoscalerSpec" {
        scale_target_ref "scaleTargetRef": view CrossVersionObjectReference;
        min_replicas "minReplicas": i64 = 1;
        max_replicas "maxReplicas": i64;
        metrics "metrics": list MetricSpec;
        behavior "behavior": value;
    }
}

view! {
    CrossVersionObjectReference: "autoscaling.v2.CrossVersionObjectReference" {
        kind "kind": str;
        name "name": str;
        api_version "apiVersion": str;
    }
}

view! {
    MetricSpec: "autoscaling.v2.MetricSpec" {
        kind "type": str;
        object "object": value;
        pods "pods": value;
        resource "resource": opt view ResourceMetric;
        container_resource "containerResource": opt view ContainerResourceMetric;
        external "external": value;
    }
}

view! {
    ResourceMetric: "autoscaling.v2.ResourceMetricSource" {
        name "name": str;
        target "target": view MetricTarget;
    }
}

view! {
    ContainerResourceMetric: "autoscaling.v2.ContainerResourceMetricSource" {
        name "name": str;
        target "target": view MetricTarget;
        container "container": str;
    }
}

view! {
    MetricTarget: "autoscaling.v2.MetricTarget" {
        kind "type": str;
        target_value "value": value;
        average_value "averageValue": value;
        average_utilization "averageUtilization": opt i64;
    }
}

view! {
    HorizontalPodAutoscalerStatus: "autoscaling.v2.HorizontalPodAutoscalerStatus" {
        observed_generation "observedGeneration": opt i64;
        last_scale_time "lastScaleTime": opt str;
        current_replicas "currentReplicas": i64;
        desired_replicas "desiredReplicas": i64;
        current_metrics "currentMetrics": value;
        conditions "conditions": list Condition;
    }
}
