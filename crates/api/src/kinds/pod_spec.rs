//! What a pod asks for: its `spec` but for containers and volumes.

use super::*;
use crate::view;

view! {
    /// `spec` of a pod or pod template.
    PodSpec: "core.v1.PodSpec" {
        volumes "volumes": list Volume;
        init_containers "initContainers": list Container;
        containers "containers": list Container;
        ephemeral_containers "ephemeralContainers": list Container;
        restart_policy "restartPolicy": str = "Always";
        termination_grace_period_seconds "terminationGracePeriodSeconds": i64 = 30;
        active_deadline_seconds "activeDeadlineSeconds": opt i64;
        dns_policy "dnsPolicy": str = "ClusterFirst";
        dns_config "dnsConfig": value;
        node_selector "nodeSelector": map;
        service_account_name "serviceAccountName": str;
        automount_service_account_token "automountServiceAccountToken": opt bool;
        node_name "nodeName": str;
        host_network "hostNetwork": bool;
        host_pid "hostPID": bool;
        host_ipc "hostIPC": bool;
        host_users "hostUsers": opt bool;
        share_process_namespace "shareProcessNamespace": bool;
        security_context "securityContext": view PodSecurityContext;
        image_pull_secrets "imagePullSecrets": list LocalObjectReference;
        hostname "hostname": str;
        subdomain "subdomain": str;
        set_hostname_as_fqdn "setHostnameAsFQDN": bool;
        affinity "affinity": view Affinity;
        scheduler_name "schedulerName": str = "default-scheduler";
        tolerations "tolerations": list Toleration;
        host_aliases "hostAliases": list HostAlias;
        priority_class_name "priorityClassName": str;
        priority "priority": i64;
        preemption_policy "preemptionPolicy": str = "PreemptLowerPriority";
        readiness_gates "readinessGates": list PodReadinessGate;
        runtime_class_name "runtimeClassName": str;
        enable_service_links "enableServiceLinks": bool = true;
        overhead "overhead": map;
        topology_spread_constraints "topologySpreadConstraints": list TopologySpreadConstraint;
        os "os": value;
        scheduling_gates "schedulingGates": list PodSchedulingGate;
        resource_claims "resourceClaims": value;
        resources "resources": view ResourceRequirements;
    }
}

view! {
    /// `spec.template` of a workload.
    PodTemplateSpec: "core.v1.PodTemplateSpec" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view PodSpec;
    }
}

view! {
    PodSecurityContext: "core.v1.PodSecurityContext" {
        se_linux_options "seLinuxOptions": value;
        windows_options "windowsOptions": value;
        run_as_user "runAsUser": opt i64;
        run_as_group "runAsGroup": opt i64;
        run_as_non_root "runAsNonRoot": opt bool;
        supplemental_groups "supplementalGroups": value;
        supplemental_groups_policy "supplementalGroupsPolicy": opt str;
        fs_group "fsGroup": opt i64;
        sysctls "sysctls": list Sysctl;
        fs_group_change_policy "fsGroupChangePolicy": opt str;
        seccomp_profile "seccompProfile": view SecurityProfile;
        app_armor_profile "appArmorProfile": view SecurityProfile;
    }
}

view! {
    Sysctl: "core.v1.Sysctl" {
        name "name": str;
        val "value": str;
    }
}

view! {
    HostAlias: "core.v1.HostAlias" {
        ip "ip": str;
        hostnames "hostnames": strs;
    }
}

view! {
    PodReadinessGate: "core.v1.PodReadinessGate" {
        condition_type "conditionType": str;
    }
}

view! {
    PodSchedulingGate: "core.v1.PodSchedulingGate" {
        name "name": str;
    }
}

view! {
    /// What taints a pod puts up with.
    Toleration: "core.v1.Toleration" {
        key "key": str;
        operator "operator": str = "Equal";
        val "value": str;
        effect "effect": str;
        toleration_seconds "tolerationSeconds": opt i64;
    }
}

view! {
    TopologySpreadConstraint: "core.v1.TopologySpreadConstraint" {
        max_skew "maxSkew": i64;
        topology_key "topologyKey": str;
        when_unsatisfiable "whenUnsatisfiable": str = "DoNotSchedule";
        label_selector "labelSelector": opt view LabelSelector;
        min_domains "minDomains": opt i64;
        node_affinity_policy "nodeAffinityPolicy": str = "Honor";
        node_taints_policy "nodeTaintsPolicy": str = "Ignore";
        match_label_keys "matchLabelKeys": strs;
    }
}

view! {
    Affinity: "core.v1.Affinity" {
        node_affinity "nodeAffinity": view NodeAffinity;
        pod_affinity "podAffinity": view PodAffinity;
        pod_anti_affinity "podAntiAffinity": view PodAffinity;
    }
}

view! {
    NodeAffinity: "core.v1.NodeAffinity" {
        required "requiredDuringSchedulingIgnoredDuringExecution": opt view NodeSelector;
        preferred "preferredDuringSchedulingIgnoredDuringExecution": list PreferredSchedulingTerm;
    }
}

view! {
    NodeSelector: "core.v1.NodeSelector" {
        node_selector_terms "nodeSelectorTerms": list NodeSelectorTerm;
    }
}

view! {
    NodeSelectorTerm: "core.v1.NodeSelectorTerm" {
        match_expressions "matchExpressions": list SelectorRequirement;
        match_fields "matchFields": list SelectorRequirement;
    }
}

view! {
    PreferredSchedulingTerm: "core.v1.PreferredSchedulingTerm" {
        weight "weight": i64;
        preference "preference": view NodeSelectorTerm;
    }
}

view! {
    /// `podAffinity` or `podAntiAffinity`.
    PodAffinity: "core.v1.PodAffinity" {
        required "requiredDuringSchedulingIgnoredDuringExecution": list PodAffinityTerm;
        preferred "preferredDuringSchedulingIgnoredDuringExecution": list WeightedPodAffinityTerm;
    }
}

view! {
    PodAffinityTerm: "core.v1.PodAffinityTerm" {
        label_selector "labelSelector": opt view LabelSelector;
        namespaces "namespaces": strs;
        topology_key "topologyKey": str;
        namespace_selector "namespaceSelector": opt view LabelSelector;
        match_label_keys "matchLabelKeys": strs;
        mismatch_label_keys "mismatchLabelKeys": strs;
    }
}

view! {
    WeightedPodAffinityTerm: "core.v1.WeightedPodAffinityTerm" {
        weight "weight": i64;
        pod_affinity_term "podAffinityTerm": view PodAffinityTerm;
    }
}

impl<'a> PodSpec<'a> {
    /// The container `name`, be it main, init or ephemeral.
    pub fn container(self, name: &str) -> Option<Container<'a>> {
        self.containers()
            .chain(self.init_containers())
            .chain(self.ephemeral_containers())
            .find(|container| container.name() == name)
    }

    /// The volume `name`.
    pub fn volume(self, name: &str) -> Option<Volume<'a>> {
        self.volumes().find(|volume| volume.name() == name)
    }
}
