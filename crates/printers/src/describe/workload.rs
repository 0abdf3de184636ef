//! Workloads: deployments, replica sets, daemon sets, stateful sets, replication controllers.

use podyard_api::kinds::{Condition, DaemonSet, Deployment, ObjectMeta, Pod, ReplicaSet, StatefulSet};
use podyard_api::{Selector, Value};

use super::out::Out;
use super::{Describer, Read, Related, lists, pod, volume};
use crate::labels::labels;
use crate::values::{int_or_string, moment};

pub(super) const DAEMON_SET: Describer = Describer { reads: pods, write: daemon_set };
pub(super) const DEPLOYMENT: Describer = Describer { reads: replica_sets, write: deployment };
pub(super) const REPLICA_SET: Describer = Describer { reads: pods, write: replica_set };
pub(super) const REPLICATION_CONTROLLER: Describer = Describer { reads: labelled_pods, write: replication_controller };
pub(super) const STATEFUL_SET: Describer = Describer { reads: pods, write: stateful_set };

fn pods(object: &Value) -> Vec<Read> {
    vec![selected(object, "", "pods")]
}

fn replica_sets(object: &Value) -> Vec<Read> {
    vec![selected(object, "apps", "replicasets")]
}

/// The objects in the namespace that match the selector of `object`.
fn selected(object: &Value, group: &'static str, resource: &'static str) -> Read {
    Read {
        group,
        version: "v1",
        resource,
        namespace: object.namespace().into(),
        label_selector: selector(object),
        ..Read::default()
    }
}

fn labelled_pods(object: &Value) -> Vec<Read> {
    let selector = Selector::of_labels(object.at(&["spec", "selector"]).fields()).to_string();
    vec![Read { label_selector: selector, ..selected(object, "", "pods") }]
}

/// `spec.selector` as text.
fn selector(object: &Value) -> String {
    let selector = ReplicaSet(object).spec().selector();
    Selector::of(Some(selector)).map(|selector| selector.to_string()).unwrap_or_default()
}

fn deployment(object: &Value, related: &Related, out: &mut Out) {
    let deployment = Deployment(object);
    let (meta, spec, status) = (deployment.metadata(), deployment.spec(), deployment.status());
    out.field(0, "Name", deployment.name());
    out.field(0, "Namespace", deployment.namespace());
    out.field(0, "CreationTimestamp", moment(meta.creation_timestamp()));
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    out.field(0, "Selector", selector(object));
    let counts = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        spec.replicas(),
        status.updated_replicas(),
        status.replicas(),
        status.available_replicas(),
        status.unavailable_replicas()
    );
    out.field(0, "Replicas", counts);
    out.field(0, "StrategyType", spec.strategy().kind());
    out.field(0, "MinReadySeconds", spec.min_ready_seconds());
    let rolling = spec.strategy().rolling_update();
    if !rolling.value().is_null() {
        let [unavailable, surge] = [rolling.max_unavailable(), rolling.max_surge()].map(int_or_string);
        out.field(0, "RollingUpdateStrategy", format_args!("{unavailable} max unavailable, {surge} max surge"));
    }
    pod::template(spec.template(), out);
    conditions(status.conditions(), out);
    let (old, new) = revisions(deployment, related);
    if !old.is_empty() || new.is_some() {
        out.field(0, "OldReplicaSets", sets(&old));
        out.field(0, "NewReplicaSet", sets(new.as_slice()));
    }
}

/// The replica sets of a deployment: those of old templates, and that of the present one.
// Models staging/src/k8s.io/kubectl/pkg/util/deployment/deployment.go
fn revisions<'a>(deployment: Deployment<'_>, related: &'a Related) -> (Vec<ReplicaSet<'a>>, Option<ReplicaSet<'a>>) {
    let owned = |set: &ReplicaSet<'_>| is_controlled(set.metadata(), deployment.uid());
    let mut sets: Vec<_> = related.items("replicasets").map(ReplicaSet).filter(owned).collect();
    sets.sort_by_key(|set| (set.metadata().creation_timestamp(), set.name()));
    let wanted = without_hash(deployment.spec().template().value());
    let new = sets.iter().copied().find(|set| without_hash(set.spec().template().value()) == wanted);
    let old = sets.into_iter().filter(|set| new.is_none_or(|new| new.uid() != set.uid())).collect();
    (old, new)
}

/// A pod template without the label that tells replica sets apart.
fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    let meta = template.meta_mut();
    if let Some(labels) = meta.get_mut("labels") {
        labels.remove("pod-template-hash");
    }
    template
}

fn sets(sets: &[ReplicaSet<'_>]) -> String {
    let text = |set: &ReplicaSet<'_>| {
        format!("{} ({}/{} replicas created)", set.name(), set.status().replicas(), set.spec().replicas())
    };
    match sets {
        [] => "<none>".into(),
        sets => sets.iter().map(text).collect::<Vec<_>>().join(", "),
    }
}

fn is_controlled(meta: ObjectMeta<'_>, uid: &str) -> bool {
    meta.controller().is_some_and(|owner| owner.uid() == uid)
}

fn conditions<'a>(conditions: impl ExactSizeIterator<Item = Condition<'a>>, out: &mut Out) {
    if conditions.len() > 0 {
        out.line(0, "Conditions:");
        out.header(1, &["Type", "Status", "Reason"]);
    }
    for condition in conditions {
        out.line(1, format_args!("{} \t{}\t{}", condition.kind(), condition.status(), condition.reason()));
    }
}

/// How many of the controller's pods are in which phase.
fn phases(object: &Value, related: &Related) -> String {
    let count = |phase: &str| {
        let of_phase = |pod: &Pod<'_>| is_controlled(pod.metadata(), object.uid()) && pod.status().phase() == phase;
        related.items("pods").map(Pod).filter(of_phase).count()
    };
    let [running, waiting, succeeded, failed] = ["Running", "Pending", "Succeeded", "Failed"].map(count);
    format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed")
}

fn controlled_by(meta: ObjectMeta<'_>, out: &mut Out) {
    if let Some(owner) = meta.controller() {
        out.field(0, "Controlled By", format_args!("{}/{}", owner.kind(), owner.name()));
    }
}

fn replica_set(object: &Value, related: &Related, out: &mut Out) {
    let set = ReplicaSet(object);
    out.field(0, "Name", set.name());
    out.field(0, "Namespace", set.namespace());
    out.field(0, "Selector", Selector::format(Some(set.spec().selector())));
    replicas(object, related, out);
}

fn replication_controller(object: &Value, related: &Related, out: &mut Out) {
    out.field(0, "Name", object.name());
    out.field(0, "Namespace", object.namespace());
    out.field(0, "Selector", labels(object.at(&["spec", "selector"]).fields()));
    replicas(object, related, out);
}

/// What replica sets and replication controllers have in common.
fn replicas(object: &Value, related: &Related, out: &mut Out) {
    let set = ReplicaSet(object);
    let (meta, spec, status) = (set.metadata(), set.spec(), set.status());
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    controlled_by(meta, out);
    out.field(0, "Replicas", format_args!("{} current / {} desired", status.replicas(), spec.replicas()));
    match related.failure("pods") {
        Some(why) => out.field(0, "Pods Status", format_args!("error in fetching pods: {why}")),
        None => out.field(0, "Pods Status", phases(object, related)),
    }
    pod::template(spec.template(), out);
    conditions(status.conditions(), out);
}

fn daemon_set(object: &Value, related: &Related, out: &mut Out) {
    let set = DaemonSet(object);
    let (meta, spec, status) = (set.metadata(), set.spec(), set.status());
    out.field(0, "Name", set.name());
    out.field(0, "Namespace", set.namespace());
    out.field(0, "Selector", selector(object));
    out.field(0, "Node-Selector", labels(spec.template().spec().node_selector()));
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    for (label, count) in [
        ("Desired Number of Nodes Scheduled", status.desired_number_scheduled()),
        ("Current Number of Nodes Scheduled", status.current_number_scheduled()),
        ("Number of Nodes Scheduled with Up-to-date Pods", status.updated_number_scheduled()),
        ("Number of Nodes Scheduled with Available Pods", status.number_available()),
        ("Number of Nodes Misscheduled", status.number_misscheduled()),
    ] {
        out.line(0, format_args!("{label}: {count}"));
    }
    out.field(0, "Pods Status", phases(object, related));
    pod::template(spec.template(), out);
}

fn stateful_set(object: &Value, related: &Related, out: &mut Out) {
    let set = StatefulSet(object);
    let (meta, spec, status) = (set.metadata(), set.spec(), set.status());
    out.field(0, "Name", set.name());
    out.field(0, "Namespace", set.namespace());
    out.field(0, "CreationTimestamp", moment(meta.creation_timestamp()));
    out.field(0, "Selector", selector(object));
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    out.field(0, "Replicas", format_args!("{} desired | {} total", spec.replicas(), status.replicas()));
    out.field(0, "Update Strategy", spec.update_strategy().kind());
    let rolling = spec.update_strategy().rolling_update();
    if !rolling.value().get("partition").is_null() {
        out.field(1, "Partition", rolling.partition());
        if !rolling.max_unavailable().is_null() {
            out.field(1, "MaxUnavailable", int_or_string(rolling.max_unavailable()));
        }
    }
    out.field(0, "Pods Status", phases(object, related));
    pod::template(spec.template(), out);
    volume::claim_templates(spec.volume_claim_templates(), out);
}

/// Jobs share the head with their owners' names.
pub(super) fn head(meta: ObjectMeta<'_>, selector: &str, out: &mut Out) {
    out.field(0, "Name", meta.name());
    out.field(0, "Namespace", meta.namespace());
    out.field(0, "Selector", selector);
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    controlled_by(meta, out);
}
