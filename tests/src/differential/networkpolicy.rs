//! Pods and policies, and who reaches whom on which port.

use std::collections::BTreeMap;

use podyard_api::{Value as Object, names};
use podyard_netpol::{Connection, Policies, Side};
use serde_json::{Value, json};

/// The whole table of verdicts.
pub(super) fn answer(case: &Value) -> Option<Value> {
    let objects = |list: &str| -> Option<Vec<Object>> {
        case[list].as_array()?.iter().map(|object| serde_json::from_value(object.clone()).ok()).collect()
    };
    let (pods, policies) = (objects("pods")?, objects("networkPolicies")?);
    let policies = Policies::new(&policies, &objects("namespaces")?);
    let pods: BTreeMap<String, &Object> =
        pods.iter().map(|pod| (format!("{}/{}", pod.namespace(), pod.name()), pod)).collect();
    let side = |name: &str| match pods.get(name) {
        Some(pod) => Some(Side::Pod(pod)),
        None => names::parse_ip(name).map(Side::Address),
    };
    let row = |row: &Value| {
        let connection = Connection {
            from: side(row[0].as_str()?)?,
            to: side(row[1].as_str()?)?,
            port: u16::try_from(row[2].as_u64()?).ok()?,
            protocol: row[3].as_str()?,
        };
        let verdict = policies.verdict(&connection);
        let found = [verdict.ingress.allowed, verdict.egress.allowed, verdict.allowed];
        Some(json!([row[0], row[1], row[2], row[3], found[0], found[1], found[2]]))
    };
    let table: Option<Vec<Value>> = case["table"].as_array()?.iter().map(row).collect();
    Some(json!({"table": table?}))
}
