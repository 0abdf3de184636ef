//! A pod's claims must have volumes that its node can reach, or that can be bound or made there.
// Models pkg/scheduler/framework/plugins/volumebinding/{volume_binding,binder}.go

use std::borrow::Cow;

use ecow::EcoString;
use podyard_api::kinds::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use podyard_api::{Quantity, Value};

use super::volume_restrictions::uses;
use super::{BeforeBind, Context, PreFilter, Spec, not_found};
use crate::cache::Cache;
use crate::events::{ADD, Changed, Interest, NODE_LABEL, UPDATE};
use crate::node_info::NodeInfo;
use crate::node_terms::{NodeTerms, label_selector};
use crate::pod_info::PodInfo;
use crate::status::{Code, Reason, Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    // Scoring by free capacity is behind a feature gate that is off.
    pre_score: Some(|_, _, _| false),
    score: Some(|_, _, _, _| 0),
    reserve: Some(|cx, state, node| find(cx, state, node).map(|_| ())),
    pre_bind: Some(pre_bind),
    pre_bind_done: Some(is_done),
    events: &[
        Interest { resource: Changed::StorageClass, actions: ADD | UPDATE, hint: |_| true },
        Interest {
            resource: Changed::PersistentVolumeClaim,
            actions: ADD | UPDATE,
            hint: |hint| hint.new.is_some_and(|claim| uses(hint.pod, claim)),
        },
        Interest { resource: Changed::PersistentVolume, actions: ADD | UPDATE, hint: |_| true },
        Interest { resource: Changed::Node, actions: ADD | NODE_LABEL, hint: |_| true },
        Interest { resource: Changed::CsiNode, actions: ADD | UPDATE, hint: |_| true },
    ],
    ..Spec::named("VolumeBinding")
};

const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";

/// The pod's claims: bound ones, and those that wait for a node.
#[derive(Clone, Default)]
pub struct State {
    bound: Vec<Value>,
    waiting: Vec<Value>,
}

/// What is to be done for the claims that wait, on one node.
struct Plan {
    /// Volumes that fit, and their claims.
    bindings: Vec<(EcoString, Value)>,
    /// Claims to be provisioned.
    provisions: Vec<Value>,
}

fn pre_filter(cx: &Context<'_>, state: &mut super::State) -> PreFilter {
    match sort_claims(cx) {
        Err(status) => PreFilter::Reject(status),
        Ok(None) => PreFilter::Skip,
        Ok(Some(claims)) => {
            state.volume_binding = claims;
            PreFilter::Check
        }
    }
}

/// None if the pod has no claims.
fn sort_claims(cx: &Context<'_>) -> Result<Option<State>, Status> {
    if cx.pod.claims.is_empty() {
        return Ok(None);
    }
    check_claims(cx)?;
    let mut state = State::default();
    for name in &cx.pod.claims {
        let Some(object) = cx.cache.object("persistentvolumeclaims", &cx.pod.namespace, name) else { continue };
        let claim = PersistentVolumeClaim(object);
        if is_bound(claim) {
            state.bound.push(object.clone());
        } else if claim.spec().volume_name().is_empty() && waits_for_consumer(cx.cache, claim) {
            state.waiting.push(object.clone());
        } else {
            return Err(Status::unresolvable("pod has unbound immediate PersistentVolumeClaims"));
        }
    }
    Ok(Some(state))
}

/// Whether every claim is there and alive.
fn check_claims(cx: &Context<'_>) -> Result<(), Status> {
    for volume in cx.pod.pod().spec().volumes() {
        let ephemeral = volume.persistent_volume_claim().is_none() && volume.ephemeral().is_some();
        let name: Cow<'_, str> = match volume.persistent_volume_claim() {
            Some(source) => source.claim_name().into(),
            None if ephemeral => format!("{}-{}", cx.pod.name, volume.name()).into(),
            None => continue,
        };
        let Some(object) = cx.cache.object("persistentvolumeclaims", &cx.pod.namespace, &name) else {
            return Err(Status::unresolvable(if ephemeral {
                format!("waiting for ephemeral volume controller to create the persistentvolumeclaim {name:?}")
            } else {
                not_found("persistentvolumeclaim", &name)
            }));
        };
        let claim = PersistentVolumeClaim(object);
        if claim.status().phase() == "Lost" {
            let volume = claim.spec().volume_name();
            let reason = format!("persistentvolumeclaim {name:?} bound to non-existent persistentvolume {volume:?}");
            return Err(Status::unresolvable(reason));
        }
        if claim.metadata().deletion_timestamp().is_some() {
            return Err(Status::unresolvable(format!("persistentvolumeclaim {name:?} is being deleted")));
        }
        if ephemeral && claim.metadata().controller().is_none_or(|owner| owner.uid() != cx.pod.object.uid()) {
            let (namespace, pod) = (&cx.pod.namespace, &cx.pod.name);
            let reason = format!("PVC {namespace}/{name} was not created for pod {namespace}/{pod} (pod is not owner)");
            return Err(Status::unresolvable(reason));
        }
    }
    Ok(())
}

fn is_bound(claim: PersistentVolumeClaim<'_>) -> bool {
    !claim.spec().volume_name().is_empty() && claim.metadata().annotation(BIND_COMPLETED).is_some()
}

fn class_of<'a>(cache: &'a Cache, claim: PersistentVolumeClaim<'_>) -> Option<StorageClass<'a>> {
    let name = claim.spec().storage_class_name().filter(|name| !name.is_empty())?;
    cache.object("storageclasses", "", name).map(StorageClass)
}

fn waits_for_consumer(cache: &Cache, claim: PersistentVolumeClaim<'_>) -> bool {
    class_of(cache, claim).is_some_and(|class| class.volume_binding_mode() == "WaitForFirstConsumer")
}

fn filter(cx: &Context<'_>, state: &super::State, node: &NodeInfo) -> Verdict {
    find(cx, state, node).map(|_| ())
}

/// Finds or plans volumes for all claims on a node.
fn find(cx: &Context<'_>, state: &super::State, node: &NodeInfo) -> Result<Plan, Status> {
    let state = &state.volume_binding;
    let mut reasons: Vec<Reason> = Vec::new();
    let mut lost = false;
    for claim in &state.bound {
        match cx.cache.object("persistentvolumes", "", PersistentVolumeClaim(claim).spec().volume_name()) {
            None => {
                lost = true;
                break;
            }
            Some(volume) if !is_reachable(PersistentVolume(volume), node) => {
                reasons.push("node(s) didn't match PersistentVolume's node affinity".into());
                break;
            }
            Some(_) => {}
        }
    }
    let plan = plan(cx, state, node);
    if plan.is_none() {
        reasons.push("node(s) didn't find available persistent volumes to bind".into());
    }
    if lost {
        reasons.push("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)".into());
    }
    match plan {
        Some(plan) if reasons.is_empty() => Ok(plan),
        _ => Err(Status { code: Code::UnschedulableAndUnresolvable, plugin: None, reasons }),
    }
}

fn is_reachable(volume: PersistentVolume<'_>, node: &NodeInfo) -> bool {
    let required = volume.spec().node_affinity().and_then(|affinity| affinity.required());
    required.is_none_or(|terms| NodeTerms::of(terms).matches(&node.labels, ""))
}

/// None if some claim can neither be bound to a volume there is, nor be provisioned, on this node.
fn plan(cx: &Context<'_>, state: &State, node: &NodeInfo) -> Option<Plan> {
    let mut plan = Plan { bindings: Vec::new(), provisions: Vec::new() };
    let mut to_match: Vec<&Value> = Vec::new();
    for claim in &state.waiting {
        match PersistentVolumeClaim(claim).metadata().annotation(SELECTED_NODE) {
            Some(selected) if selected != node.name => return None,
            Some(_) => plan.provisions.push(claim.clone()),
            None => to_match.push(claim),
        }
    }
    to_match.sort_by_key(|claim| requested(PersistentVolumeClaim(claim)));
    for claim in to_match {
        match matching_volume(cx, PersistentVolumeClaim(claim), node, &plan.bindings) {
            Some(volume) => plan.bindings.push((volume, claim.clone())),
            None => plan.provisions.push(claim.clone()),
        }
    }
    let can_provision = |claim: &Value| {
        class_of(cx.cache, PersistentVolumeClaim(claim)).is_some_and(|class| {
            let provisioner = class.provisioner();
            !provisioner.is_empty() && provisioner != "kubernetes.io/no-provisioner" && allows(class, node)
        })
    };
    plan.provisions.iter().all(can_provision).then_some(plan)
}

/// Whether a class provisions for a node's place.
fn allows(class: StorageClass<'_>, node: &NodeInfo) -> bool {
    let terms = class.allowed_topologies().items();
    let term_holds = |term: &Value| {
        let expressions = term.get("matchLabelExpressions").items();
        let holds = |expression: &Value| {
            let label = node.labels.get(expression.get("key").str()).as_str();
            label.is_some_and(|label| expression.get("values").items().iter().any(|value| value == label))
        };
        !expressions.is_empty() && expressions.iter().all(holds)
    };
    terms.is_empty() || terms.iter().any(term_holds)
}

fn requested(claim: PersistentVolumeClaim<'_>) -> i64 {
    storage(claim.spec().resources().requests())
}

fn storage(list: &[(podyard_api::Key, Value)]) -> i64 {
    list.iter().find(|(name, _)| name.as_str() == "storage").map_or(0, |(_, amount)| Quantity::of(amount).value())
}

/// The smallest volume that a claim could have on a node.
// Models staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go (FindMatchingVolume)
fn matching_volume(
    cx: &Context<'_>,
    claim: PersistentVolumeClaim<'_>,
    node: &NodeInfo,
    taken: &[(EcoString, Value)],
) -> Option<EcoString> {
    let spec = claim.spec();
    let selector = spec.selector().map(|selector| label_selector(Some(selector)));
    let mut best: Option<(i64, &str)> = None;
    for object in cx.cache.objects("persistentvolumes") {
        let volume = PersistentVolume(object);
        let size = storage(volume.spec().capacity());
        let mine = volume.spec().claim_ref().map(|claim_ref| {
            claim_ref.name() == claim.name()
                && claim_ref.namespace() == claim.namespace()
                && (claim_ref.uid().is_empty() || claim_ref.uid() == claim.uid())
        });
        if taken.iter().any(|(name, _)| name == volume.name())
            || volume.spec().storage_class_name() != spec.storage_class_name().unwrap_or_default()
            || mine == Some(false)
            || size < requested(claim)
            || volume.spec().volume_mode() != spec.volume_mode()
            || volume.metadata().deletion_timestamp().is_some()
        {
            continue;
        }
        if mine == Some(true) {
            return is_reachable(volume, node).then(|| volume.name().into());
        }
        let modes = || spec.access_modes().all(|mode| volume.spec().access_modes().any(|m| m == mode));
        let labels = object.get("metadata").get("labels");
        if volume.status().phase() == "Available"
            && selector.as_ref().is_none_or(|selector| selector.matches(labels))
            && is_reachable(volume, node)
            && modes()
            && best.is_none_or(|(smallest, _)| size < smallest)
        {
            best = Some((size, volume.name()));
        }
    }
    best.map(|(_, name)| name.into())
}

fn pre_bind(cx: &Context<'_>, state: &super::State, node: &NodeInfo) -> Vec<BeforeBind> {
    let Ok(plan) = find(cx, state, node) else { return Vec::new() };
    let bind = |(volume, claim): (EcoString, Value)| BeforeBind::ClaimVolume {
        volume,
        namespace: claim.namespace_text(),
        claim: claim.name_text(),
        uid: claim.uid().into(),
    };
    let select = |claim: Value| BeforeBind::SelectNode {
        namespace: claim.namespace_text(),
        claim: claim.name_text(),
        node: node.name.clone(),
    };
    plan.bindings.into_iter().map(bind).chain(plan.provisions.into_iter().map(select)).collect()
}

/// Whether all claims of the pod have their volumes.
fn is_done(cache: &Cache, pod: &PodInfo) -> bool {
    let bound = |claim: &EcoString| {
        let object = cache.object("persistentvolumeclaims", &pod.namespace, claim);
        object.is_some_and(|object| is_bound(PersistentVolumeClaim(object)))
    };
    pod.claims.iter().all(bound)
}
