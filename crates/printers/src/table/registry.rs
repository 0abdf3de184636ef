//! Which resources have a printer of their own.

use super::*;

/// By group and plural, in alphabetical order.
static PRINTERS: &[(&str, &str, &Printer)] = &[
    ("", "componentstatuses", &component_status::PRINTER),
    ("", "configmaps", &config::CONFIG_MAP),
    ("", "endpoints", &endpoints::ENDPOINTS),
    ("", "events", &event::PRINTER),
    ("", "namespaces", &namespace::PRINTER),
    ("", "nodes", &node::PRINTER),
    ("", "persistentvolumeclaims", &persistent_volume::CLAIM),
    ("", "persistentvolumes", &persistent_volume::VOLUME),
    ("", "pods", &pod::PRINTER),
    ("", "podtemplates", &pod_template::PRINTER),
    ("", "replicationcontrollers", &replica_set::REPLICATION_CONTROLLER),
    ("", "resourcequotas", &resource_quota::PRINTER),
    ("", "secrets", &config::SECRET),
    ("", "serviceaccounts", &config::SERVICE_ACCOUNT),
    ("", "services", &service::PRINTER),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies", &admission::MUTATING),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", &admission::BINDINGS),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations", &admission::WEBHOOKS),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies", &admission::VALIDATING),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings", &admission::BINDINGS),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations", &admission::WEBHOOKS),
    ("apiregistration.k8s.io", "apiservices", &api_service::PRINTER),
    ("apps", "controllerrevisions", &controller_revision::PRINTER),
    ("apps", "daemonsets", &daemon_set::PRINTER),
    ("apps", "deployments", &deployment::PRINTER),
    ("apps", "replicasets", &replica_set::REPLICA_SET),
    ("apps", "statefulsets", &stateful_set::PRINTER),
    ("autoscaling", "horizontalpodautoscalers", &horizontal_pod_autoscaler::PRINTER),
    ("batch", "cronjobs", &cron_job::PRINTER),
    ("batch", "jobs", &job::PRINTER),
    ("certificates.k8s.io", "certificatesigningrequests", &certificate_signing_request::PRINTER),
    ("certificates.k8s.io", "clustertrustbundles", &pod_certificate::TRUST_BUNDLE),
    ("certificates.k8s.io", "podcertificaterequests", &pod_certificate::REQUEST),
    ("coordination.k8s.io", "leasecandidates", &lease::CANDIDATE),
    ("coordination.k8s.io", "leases", &lease::LEASE),
    ("discovery.k8s.io", "endpointslices", &endpoints::SLICE),
    ("events.k8s.io", "events", &event::PRINTER),
    ("flowcontrol.apiserver.k8s.io", "flowschemas", &flow_control::FLOW_SCHEMA),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", &flow_control::PRIORITY_LEVEL),
    ("internal.apiserver.k8s.io", "storageversions", &storage::VERSION),
    ("networking.k8s.io", "ingressclasses", &ingress::CLASS),
    ("networking.k8s.io", "ingresses", &ingress::INGRESS),
    ("networking.k8s.io", "ipaddresses", &ip::ADDRESS),
    ("networking.k8s.io", "networkpolicies", &network_policy::PRINTER),
    ("networking.k8s.io", "servicecidrs", &ip::SERVICE_CIDR),
    ("node.k8s.io", "runtimeclasses", &runtime_class::PRINTER),
    ("policy", "poddisruptionbudgets", &pod_disruption_budget::PRINTER),
    ("rbac.authorization.k8s.io", "clusterrolebindings", &binding::PRINTER),
    ("rbac.authorization.k8s.io", "rolebindings", &binding::PRINTER),
    ("resource.k8s.io", "deviceclasses", &resource_claim::NAMED),
    ("resource.k8s.io", "devicetaintrules", &resource_claim::TAINT_RULE),
    ("resource.k8s.io", "resourceclaims", &resource_claim::CLAIM),
    ("resource.k8s.io", "resourceclaimtemplates", &resource_claim::NAMED),
    ("resource.k8s.io", "resourceslices", &resource_claim::SLICE),
    ("scheduling.k8s.io", "priorityclasses", &priority_class::PRINTER),
    ("storage.k8s.io", "csidrivers", &csi::DRIVER),
    ("storage.k8s.io", "csinodes", &csi::NODE),
    ("storage.k8s.io", "csistoragecapacities", &csi::STORAGE_CAPACITY),
    ("storage.k8s.io", "storageclasses", &storage::CLASS),
    ("storage.k8s.io", "volumeattachments", &storage::ATTACHMENT),
    ("storage.k8s.io", "volumeattributesclasses", &storage::ATTRIBUTES_CLASS),
];

pub(super) fn find(group: &str, resource: &str) -> Option<&'static Printer> {
    let index = PRINTERS.binary_search_by(|(g, r, _)| (*g, *r).cmp(&(group, resource))).ok()?;
    Some(PRINTERS[index].2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printers_are_in_order() {
        assert!(PRINTERS.is_sorted_by(|(g, r, _), (h, s, _)| (g, r) < (h, s)));
    }
}
