//! Tables against those that Kubernetes 1.36's own printers made: a sample of a larger set of recorded cases.

use podyard_api::{Value, json, timestamp};
use podyard_printers::table::{self, Include, Options};

const SAMPLE: &str = include_str!("data/tables.jsonl");

/// The plural and group of the kinds in the sample.
fn resource(kind: &str) -> (&'static str, String) {
    let group = match kind {
        "CertificateSigningRequest" => "certificates.k8s.io",
        "ClusterRoleBinding" | "RoleBinding" => "rbac.authorization.k8s.io",
        "CronJob" | "Job" => "batch",
        "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet" => "apps",
        "EndpointSlice" => "discovery.k8s.io",
        "HorizontalPodAutoscaler" => "autoscaling",
        "Ingress" | "NetworkPolicy" => "networking.k8s.io",
        "Lease" => "coordination.k8s.io",
        "PodDisruptionBudget" => "policy",
        "PriorityClass" => "scheduling.k8s.io",
        "StorageClass" => "storage.k8s.io",
        _ => "",
    };
    let kind = kind.to_lowercase();
    let plural = match kind.as_str() {
        "networkpolicy" => "networkpolicies".to_owned(),
        kind if kind.ends_with('s') => format!("{kind}es"),
        kind => format!("{kind}s"),
    };
    (group, plural)
}

/// What differs in one case.
fn check(case: &Value) -> Option<String> {
    let (group, resource) = resource(case.get("kind").str());
    let now = timestamp::parse(case.get("now").str()).expect("a time");
    let object = case.get("object").clone();
    let table = table::table(group, &resource, &[object], &Options { now, include: Include::None });
    let columns: Value = (table.get("columnDefinitions").items().iter())
        .map(|column| podyard_api::value!({"name": column.get("name"), "priority": column.get("priority")}))
        .collect();
    let cells = table.get("rows").item(0).get("cells");
    let same = columns == *case.get("columns") && cells == case.get("wide");
    (!same).then(|| {
        let [columns, cells, wide, object] =
            [&columns, cells, case.get("wide"), case.get("object")].map(json::to_string_plain);
        format!("{}\n  columns  {columns}\n  cells    {cells}\n  expected {wide}\n  {object}", case.get("id").str())
    })
}

#[test]
fn tables_are_those_of_kubernetes() {
    let cases: Vec<Value> = SAMPLE.lines().map(|line| json::parse(line).unwrap()).collect();
    assert!(cases.len() > 50);
    let wrong: Vec<_> = cases.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
