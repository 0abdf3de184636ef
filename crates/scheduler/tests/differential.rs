//! Decisions compared with those of the real kube-scheduler 1.36.
//!
//! A sample of the recordings is in the repository; `cargo xtask differential scheduler FILE` compares all of them.

use std::collections::BTreeMap;

use podyard_api::Value;
use podyard_scheduler::differential::evaluate;

#[test]
fn decisions_are_those_of_kube_scheduler() {
    check(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/differential/scheduler.jsonl"));
}

#[expect(clippy::disallowed_methods, reason = "a test reads the host's files")]
fn check(path: &str) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut differences: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut cases = 0;
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).expect("a line is JSON");
        cases += 1;
        let (expected, found) = (case.get("expected"), evaluate(case.get("input")));
        compare(case.get("id").str(), expected, &found, &mut differences);
    }
    assert!(cases > 0, "{path} is empty");
    let report: Vec<_> = differences
        .iter()
        .map(|(field, found)| {
            format!("{field}: {} of {cases}\n  {}", found.len(), found[..found.len().min(5)].join("\n  "))
        })
        .collect();
    assert!(report.is_empty(), "{path}\n{}", report.join("\n"));
}

fn compare(id: &str, expected: &Value, found: &Value, differences: &mut BTreeMap<String, Vec<String>>) {
    let fields = expected.fields().iter().chain(found.fields()).map(|(key, _)| key.as_str());
    for field in fields.collect::<std::collections::BTreeSet<_>>() {
        let (expected, found) = (sorted(field, expected.get(field)), sorted(field, found.get(field)));
        if expected != found {
            let text = |value: &Value| serde_json::to_string(value).expect("a value has JSON");
            let report = first_difference(&expected, &found)
                .unwrap_or_else(|| format!("{} / {}", text(&expected), text(&found)));
            differences.entry(field.to_owned()).or_default().push(format!("{id} {report}"));
        }
    }
}

/// Candidates are a set.
fn sorted(field: &str, value: &Value) -> Value {
    if field != "preemptionCandidates" {
        return value.clone();
    }
    let mut items = value.items().to_vec();
    items.sort_by(|a, b| a.get("node").str().cmp(b.get("node").str()));
    items.into_iter().collect()
}

/// The first field of two objects that differs, with both its values.
fn first_difference(expected: &Value, found: &Value) -> Option<String> {
    if !expected.is_object() || !found.is_object() {
        return None;
    }
    let text = |value: &Value| serde_json::to_string(value).expect("a value has JSON");
    let fields = expected.fields().iter().chain(found.fields());
    let (field, _) = fields.into_iter().find(|(key, _)| expected.get(key) != found.get(key))?;
    let (expected, found) = (expected.get(field), found.get(field));
    Some(match first_difference(expected, found) {
        Some(deeper) => format!("{field}.{deeper}"),
        None => format!("{field}: expected {} found {}", text(expected), text(found)),
    })
}
