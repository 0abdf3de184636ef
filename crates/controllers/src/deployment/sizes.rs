//! How many pods a rollout may have and must have.
// Models pkg/controller/deployment/util/deployment_util.go

use podyard_api::kinds::{Deployment, ReplicaSet};
use podyard_api::{Value, intstr};

/// How many pods a set is to have.
pub(super) fn of(set: &Value) -> i64 {
    ReplicaSet(set).spec().replicas()
}

/// How many pods a set has.
pub(super) fn actual(set: &Value) -> i64 {
    ReplicaSet(set).status().replicas()
}

/// How many pods of a set are available.
pub(super) fn available(set: &Value) -> i64 {
    ReplicaSet(set).status().available_replicas()
}

/// The sum over several sets.
pub(super) fn sum<'s>(sets: impl IntoIterator<Item = &'s Value>, size: fn(&Value) -> i64) -> i64 {
    sets.into_iter().map(size).sum()
}

pub(super) fn is_rolling(deployment: Deployment<'_>) -> bool {
    deployment.spec().strategy().kind() == "RollingUpdate"
}

/// `maxSurge` and `maxUnavailable` as numbers; not both are 0.
fn fence_posts(deployment: Deployment<'_>) -> (i64, i64) {
    let rolling = deployment.spec().strategy().rolling_update();
    let desired = deployment.spec().replicas();
    let surge = intstr::scaled(rolling.max_surge(), desired, true).unwrap_or_default();
    let unavailable = intstr::scaled(rolling.max_unavailable(), desired, false).unwrap_or_default();
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

/// How many pods there may be beyond those that are wanted.
pub(super) fn max_surge(deployment: Deployment<'_>) -> i64 {
    if is_rolling(deployment) { fence_posts(deployment).0 } else { 0 }
}

/// How many of the pods that are wanted may be missing.
pub(super) fn max_unavailable(deployment: Deployment<'_>) -> i64 {
    let replicas = deployment.spec().replicas();
    if !is_rolling(deployment) || replicas == 0 {
        return 0;
    }
    fence_posts(deployment).1.min(replicas)
}

/// How large the new set may be now.
pub(super) fn of_new(deployment: Deployment<'_>, present: i64, new: i64) -> i64 {
    let wanted = deployment.spec().replicas();
    if !is_rolling(deployment) {
        return wanted;
    }
    let most = wanted + max_surge(deployment);
    if present >= most {
        return new;
    }
    new + (most - present).min(wanted - new)
}
