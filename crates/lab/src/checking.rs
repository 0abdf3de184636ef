//! Checks and the inspector: what looks at a copy of the cluster.

use podyard_cluster::Cluster;
use podyard_scenario::{Scenario, judge_task};
use podyard_view::{CheckReport, CheckVerdict, EventView, ObjectRef, ObjectView, TaskReport, ToPage};

use crate::probe::ClusterProbe;

/// Judges one task, or all of them.
pub(crate) fn check(scenario: &Scenario, cluster: &Cluster, task: Option<&str>) -> CheckReport {
    let probe = ClusterProbe::new(cluster.clone());
    let mut report = CheckReport::default();
    for found in scenario.spec.tasks.iter().filter(|found| task.is_none_or(|task| task == found.id)) {
        let checks: Vec<_> = judge_task(found, &probe)
            .into_iter()
            .map(|v| CheckVerdict { name: v.name, passed: v.passed, expected: v.expected, found: v.found, why: v.why })
            .collect();
        let passed = checks.iter().all(|check| check.passed);
        report.out_of += found.weight;
        report.score += if passed { found.weight } else { 0 };
        report.tasks.push(TaskReport { id: found.id.clone(), passed, checks });
    }
    let all_passed = task.is_none() && report.score == report.out_of;
    report.debrief = (all_passed && !scenario.spec.debrief.is_empty()).then(|| scenario.spec.debrief.clone());
    report
}

/// What the inspector shows of an object: what the console would print, on a copy.
pub(crate) fn inspect(cluster: &Cluster, object: ObjectRef) -> ToPage {
    let inspection = cluster.inspect(&object.kind, &object.namespace, &object.name);
    let began = cluster.began();
    let events = inspection.events.into_iter().map(|event| EventView {
        warning: event.warning,
        reason: event.reason,
        message: event.message,
        count: event.count,
        at_ms: event.at.since(began).as_millis() as u64,
    });
    let related = inspection.related.into_iter().map(|(kind, namespace, name)| ObjectRef { kind, namespace, name });
    ToPage::Inspected {
        object: ObjectView {
            events: events.collect(),
            summary: inspection.summary,
            yaml: inspection.yaml,
            related: related.collect(),
            object,
        },
    }
}
