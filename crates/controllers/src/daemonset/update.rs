//! The rolling update of a daemon set.
// Models pkg/controller/daemon/update.go

use podyard_api::kinds::Pod;
use podyard_api::{Status, Value, intstr};

use super::{Daemons, change, nodes};
use crate::{Context, history, pods};

fn desired(daemons: &Daemons<'_>) -> i64 {
    daemons.nodes.iter().filter(|node| nodes::should_run(node, daemons.set).0).count() as i64
}

/// How many nodes may have two pods for a while.
pub(super) fn max_surge(daemons: &Daemons<'_>) -> i64 {
    let strategy = daemons.view().spec().update_strategy();
    if strategy.kind() != "RollingUpdate" {
        return 0;
    }
    intstr::scaled(strategy.rolling_update().max_surge(), desired(daemons), true).unwrap_or_default()
}

fn max_unavailable(daemons: &Daemons<'_>) -> i64 {
    let rolling = daemons.view().spec().update_strategy().rolling_update();
    let scaled = intstr::scaled(rolling.max_unavailable(), desired(daemons), true).unwrap_or_default();
    if scaled == 0 && max_surge(daemons) == 0 { 1 } else { scaled }
}

/// The old and the new pod of a node that are not ending.
fn old_and_new<'p>(daemons: &Daemons<'_>, pods: &'p [Value]) -> (Option<&'p Value>, Option<&'p Value>) {
    let mut present = pods.iter().filter(|pod| !Pod(pod).is_terminating());
    let is_new = |pod: &&Value| history::of_pod(pod) == daemons.hash;
    let new = present.clone().find(is_new);
    (present.find(|pod| !is_new(pod)), new)
}

/// How many pods a node may have: two while a new one is about to replace the old one.
pub(super) fn with_surge(context: &Context<'_>, daemons: &Daemons<'_>, running: &[&Value]) -> usize {
    let min_ready = daemons.view().spec().min_ready_seconds();
    let is_new = |pod: &&&Value| history::of_pod(pod) == daemons.hash;
    let new_waits = running.iter().filter(is_new).any(|pod| !pods::is_available(pod, min_ready, context.now));
    let has_old = running.iter().any(|pod| !is_new(&pod));
    if new_waits && has_old { 2 } else { 1 }
}

/// Replaces old pods, as many as may be unavailable.
pub(super) fn roll(context: &mut Context<'_>, daemons: &Daemons<'_>) -> Result<(), Status> {
    let min_ready = daemons.view().spec().min_ready_seconds();
    let now = context.now;
    let is_available = |pod: &Value| pods::is_available(pod, min_ready, now);
    let surge = max_surge(daemons);
    if surge > 0 {
        return roll_with_surge(context, daemons, surge, &is_available);
    }
    let most = max_unavailable(daemons);
    let mut unavailable = 0;
    let (mut replaced, mut candidates) = (Vec::new(), Vec::new());
    for pods in daemons.pods.values() {
        match old_and_new(daemons, pods) {
            (None, None) | (Some(_), Some(_)) => unavailable += 1,
            (None, Some(new)) => unavailable += i64::from(!is_available(new)),
            (Some(old), None) if !is_available(old) => {
                replaced.push(old.clone());
                unavailable += 1;
            }
            (Some(old), None) => candidates.push(old.clone()),
        }
    }
    let left = usize::try_from(most - unavailable).unwrap_or_default();
    replaced.extend(candidates.into_iter().take(left));
    change(context, daemons, &[], &replaced)
}

/// The new pod comes first, and the old one goes when it is available.
fn roll_with_surge(
    context: &mut Context<'_>,
    daemons: &Daemons<'_>,
    surge: i64,
    is_available: &dyn Fn(&Value) -> bool,
) -> Result<(), Status> {
    let (mut come, mut candidates, mut go) = (Vec::new(), Vec::new(), Vec::new());
    let mut surging = 0;
    for (node, pods) in &daemons.pods {
        match old_and_new(daemons, pods) {
            (Some(old), None) if !is_available(old) => come.push(node.clone()),
            (Some(_), None) => candidates.push(node.clone()),
            (Some(old), Some(new)) if is_available(new) || !is_available(old) => go.push(old.clone()),
            (Some(_), Some(_)) => surging += 1,
            _ => {}
        }
    }
    let left = usize::try_from(surge - surging - come.len() as i64).unwrap_or_default();
    come.extend(candidates.into_iter().take(left));
    change(context, daemons, &come, &go)
}
