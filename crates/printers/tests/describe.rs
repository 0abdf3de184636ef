//! Descriptions against recorded ones of kubectl 1.36: each file of `data/describe` holds an object, what else was
//! read, and the expected text.

use podyard_api::{Status, Value, json, timestamp};
use podyard_printers::describe::{self, Related};

/// The sections of a case: a title (`object`, `related RESOURCE [SELECTOR OR NAME]`, `now`, `expect`) and a body.
fn sections(text: &str) -> Vec<(&str, &str)> {
    let parts = text.split("\n--- ").map(|part| part.strip_prefix("--- ").unwrap_or(part));
    parts.map(|part| part.split_once('\n').unwrap_or((part, ""))).collect()
}

fn check(file: &str, text: &str) {
    let sections = sections(text);
    let body =
        |title: &str| sections.iter().find(|(found, _)| *found == title).map(|(_, body)| *body).expect("a section");
    let object = json::parse(body("object")).expect("an object");
    let mut related = Related::new(timestamp::parse(body("now").trim()).expect("a time"));
    for read in describe::reads(&object, true) {
        let title = format!("related {} {}{}", read.resource, read.label_selector, read.name);
        let given = sections.iter().find(|(found, _)| *found == title.trim_end()).map(|(_, body)| body.trim());
        let answer = match given {
            // Such an answer is given once: events are asked for twice for a node.
            None => Ok(podyard_api::value!({"items": []})),
            Some(body) if body.starts_with('{') => Ok(json::parse(body).expect("an answer")),
            Some(error) => Err(Status { message: error.into(), ..Status::default() }),
        };
        related.add(read, answer);
    }
    let found = describe::describe(&object, &related);
    let expect: Value = Value::from(body("expect").trim_end_matches('\n'));
    assert_eq!(
        found.trim_end_matches('\n').lines().collect::<Vec<_>>(),
        expect.str().lines().collect::<Vec<_>>(),
        "{file}"
    );
}

macro_rules! cases {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), include_str!(concat!("data/describe/", stringify!($name), ".txt")));
        }
    )*};
}

cases! {
    certificate_signing_request config_map custom_resource deployment endpoints ingress limit_range namespace network_policy network_policy_deny node persistent_volume persistent_volume_claim pod pod_composite pod_crashing pod_disruption_budget priority_class replica_set resource_quota role role_binding secret service service_account
}
