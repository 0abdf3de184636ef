//! What a deployment notes on its replica sets: revision, history, the size that was wanted.
// Models pkg/controller/deployment/util/deployment_util.go

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::Deployment;

use super::sizes;

pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MAX: &str = "deployment.kubernetes.io/max-replicas";

/// Annotations that a replica set does not take over from its deployment.
const OWN: [&str; 6] = [
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deprecated.deployment.rollback.to",
    "kubectl.kubernetes.io/last-applied-configuration",
];

/// How long the list of former revisions may get.
const MAX_HISTORY: usize = 2000;

/// The revision of a deployment or replica set; 0 where it has none.
pub(super) fn revision(object: &Value) -> i64 {
    object.meta().annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The size that the deployment wanted when it last scaled this set.
pub(super) fn desired(set: &Value) -> Option<i64> {
    set.meta().annotation(DESIRED)?.parse().ok()
}

/// How many pods there might be when this set was last scaled.
pub(super) fn max_replicas(set: &Value) -> Option<i64> {
    set.meta().annotation(MAX)?.parse().ok()
}

/// Notes on a set how many pods are wanted; `true` if that is news.
pub(super) fn note_sizes(set: &mut Value, deployment: Deployment<'_>) -> bool {
    let wanted = deployment.spec().replicas();
    let most = wanted + sizes::max_surge(deployment);
    let mut changed = false;
    for (key, number) in [(DESIRED, wanted), (MAX, most)] {
        let text = number.to_string();
        if set.meta().annotation(key) != Some(&text) {
            set.set_annotation(key, &text);
            changed = true;
        }
    }
    changed
}

/// Notes the deployment's annotations and a revision on its new set; `true` if anything is news.
pub(super) fn note_revision(set: &mut Value, deployment: &Value, revision: i64, exists: bool) -> bool {
    let mut changed = false;
    for (key, value) in deployment.meta().annotations() {
        if !OWN.contains(&key.as_str()) && set.meta().annotation(key) != value.as_str() {
            set.set_annotation(key.clone(), value.str());
            changed = true;
        }
    }
    let before = set.meta().annotation(REVISION).map(EcoString::from);
    if self::revision(set) < revision {
        set.set_annotation(REVISION, &revision.to_string());
        changed = true;
        if let Some(before) = before {
            remember(set, &before);
        }
    }
    if !exists && note_sizes(set, Deployment(deployment)) {
        changed = true;
    }
    changed
}

/// Adds a revision that a set had to its list of them.
fn remember(set: &mut Value, revision: &str) {
    let history = set.meta().annotation(HISTORY).unwrap_or_default();
    let mut revisions: Vec<&str> = history.split(',').filter(|text| !text.is_empty()).collect();
    revisions.push(revision);
    let mut text = revisions.join(",");
    while text.len() > MAX_HISTORY {
        revisions.remove(0);
        text = revisions.join(",");
    }
    set.set_annotation(HISTORY, &text);
}
