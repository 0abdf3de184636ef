//! What makes a stateful set's pod the one it is: its name, labels, host name and claims.
// Models pkg/controller/statefulset/stateful_set_utils.go and stateful_pod_control.go

use ecow::{EcoString, eco_format};
use podyard_api::kinds::{Pod, StatefulSet, reference};
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::ResourceKey;

use super::Stateful;
use crate::{Context, history, pods};

/// The number at the end of a pod's name.
pub(super) fn ordinal(pod: &Value) -> Option<i64> {
    pod.name().rsplit_once('-')?.1.parse::<i32>().ok().map(i64::from).filter(|number| *number >= 0)
}

/// Whether a pod's name is one of the set's.
pub(super) fn is_member(set: &Value, pod: &Value) -> bool {
    pod.name().rsplit_once('-').is_some_and(|(base, _)| base == set.name()) && ordinal(pod).is_some()
}

fn pod_name(set: &Value, ordinal: i64) -> EcoString {
    eco_format!("{}-{ordinal}", set.name())
}

fn claim_name(claim: &Value, set: &Value, ordinal: i64) -> EcoString {
    eco_format!("{}-{}-{ordinal}", claim.name(), set.name())
}

/// The pod of a number: below the partition of the current revision, else of the updated one.
pub(super) fn pod(stateful: &Stateful<'_>, ordinal: i64) -> Value {
    let set = stateful.set;
    let strategy = stateful.view().spec().update_strategy();
    let keeps =
        strategy.kind() == "RollingUpdate" && ordinal < stateful.start() + strategy.rolling_update().partition();
    let revision = if keeps { &stateful.current } else { &stateful.update };
    let mut template = history::template(revision);
    let name = pod_name(set, ordinal);
    template.set_label("apps.kubernetes.io/pod-index", &ordinal.to_string());
    template.set_label("controller-revision-hash", revision.name());
    template.set_label("statefulset.kubernetes.io/pod-name", &name);
    let spec = template.field_mut("spec");
    spec.set(Field::Static("hostname"), name.clone());
    let service = stateful.view().spec().service_name();
    if !service.is_empty() {
        spec.set(Field::Static("subdomain"), service);
    }
    let claims: Vec<&Value> = templates(set).collect();
    if !claims.is_empty() {
        let is_claimed = |volume: &&Value| claims.iter().any(|claim| claim.name() == volume.get("name").str());
        let others = spec.get("volumes").items().iter().filter(|volume| !is_claimed(volume)).cloned();
        let own = claims.iter().map(|claim| {
            let source = value!({"claimName": claim_name(claim, set, ordinal)});
            value!({"name": claim.name_text(), "persistentVolumeClaim": source})
        });
        let volumes: Value = own.chain(others).collect();
        spec.set(Field::Static("volumes"), volumes);
    }
    let mut pod = pods::of_template(set, &template);
    pod.meta_mut().set(Field::Static("name"), name);
    pod
}

fn templates(set: &Value) -> impl Iterator<Item = &Value> {
    StatefulSet(set).spec().volume_claim_templates().map(|claim| claim.value())
}

/// Creates the claims that a pod still lacks, and then the pod.
pub(super) fn create(context: &mut Context<'_>, set: &Value, pod: Value) -> Result<(), Status> {
    let name = pod.name_text();
    let result = claims(context, set, &pod).and_then(|()| context.create_object(ResourceKey::PODS, pod).map(|_| ()));
    match result {
        Err(status) if pods::is_terminating_namespace(&status) => Err(status),
        Err(status) if status.is("AlreadyExists") => Err(status),
        result => {
            tell(context, set, "Create", &name, result.as_ref().err());
            result
        }
    }
}

fn tell(context: &mut Context<'_>, set: &Value, verb: &str, pod: &str, failed: Option<&Status>) {
    let set_name = set.name();
    match failed {
        None => {
            let message = format!("{verb} Pod {pod} in StatefulSet {set_name} successful");
            context.normal(set, &format!("Successful{verb}"), &message);
        }
        Some(status) => {
            let what = verb.to_lowercase();
            let message = format!("{what} Pod {pod} in StatefulSet {set_name} failed error: {}", status.message);
            context.warning(set, &format!("Failed{verb}"), &message);
        }
    }
}

/// Creates the claims of a pod that are missing.
pub(super) fn claims(context: &mut Context<'_>, set: &Value, pod: &Value) -> Result<(), Status> {
    let number = ordinal(pod).unwrap_or_default();
    let templates: Vec<Value> = templates(set).cloned().collect();
    for template in templates {
        let name = claim_name(&template, set, number);
        if context.api.get(ResourceKey::PERSISTENT_VOLUME_CLAIMS, set.namespace(), &name).is_some() {
            continue;
        }
        let claim = claim(set, &template, &name);
        let result = context.create_object(ResourceKey::PERSISTENT_VOLUME_CLAIMS, claim);
        let (pod, set_name) = (pod.name(), set.name());
        match result {
            Ok(_) => {
                let message = format!("Create Claim {name} Pod {pod} in StatefulSet {set_name} success");
                context.normal(set, "SuccessfulCreate", &message);
            }
            Err(status) => {
                let message = format!(
                    "create Claim {name} for Pod {pod} in StatefulSet {set_name} failed error: {}",
                    status.message
                );
                context.warning(set, "FailedCreate", &message);
                return Err(status);
            }
        }
    }
    Ok(())
}

fn claim(set: &Value, template: &Value, name: &str) -> Value {
    let mut claim = template.clone();
    claim.remove("status");
    let meta = claim.meta_mut();
    meta.set(Field::Static("name"), name);
    meta.set(Field::Static("namespace"), set.namespace_text());
    let mut labels = meta.get("labels").clone();
    for (key, value) in set.get("spec").get("selector").get("matchLabels").fields() {
        labels.set(key.clone(), value);
    }
    if !labels.is_empty() {
        meta.set(Field::Static("labels"), labels);
    }
    claim
}

/// Deletes a pod and tells of it.
pub(super) fn delete(context: &mut Context<'_>, set: &Value, pod: &Value) -> Result<(), Status> {
    match context.delete_object(ResourceKey::PODS, pod, Value::Null) {
        Err(status) if status.is("NotFound") => Ok(()),
        result => {
            let result = result.map(|_| ());
            tell(context, set, "Delete", pod.name(), result.as_ref().err());
            result
        }
    }
}

/// Lets claims go with the set, or with pods that are scaled away, if the policy says so.
// Models pkg/controller/statefulset/stateful_set_utils.go updateClaimOwnerRefForSetAndPod
pub(super) fn own_claims(
    context: &mut Context<'_>,
    set: &Value,
    pod: &Value,
    is_condemned: bool,
) -> Result<(), Status> {
    let policy = StatefulSet(set).spec().retention_policy();
    let (with_set, when_scaled) = (policy.when_deleted() == "Delete", policy.when_scaled() == "Delete");
    let number = ordinal(pod).unwrap_or_default();
    let names: Vec<EcoString> = templates(set).map(|claim| claim_name(claim, set, number)).collect();
    for name in names {
        let resource = ResourceKey::PERSISTENT_VOLUME_CLAIMS;
        let Some(claim) = context.get(resource, set.namespace(), &name) else { continue };
        let is_own = |uid: &str| uid == set.uid() || uid == pod.uid();
        let mut owners: Vec<Value> =
            claim.meta().owner_references().filter(|o| !is_own(o.uid())).map(|o| o.value().clone()).collect();
        let wanted = match (with_set, when_scaled) {
            (_, true) if is_condemned => Some(pod),
            (true, _) => Some(set),
            _ => None,
        };
        if let Some(owner) = wanted {
            let mut reference = reference::to_controller(owner);
            reference.remove("blockOwnerDeletion");
            reference.remove("controller");
            if !std::ptr::eq(owner, pod) {
                reference.set(Field::Static("controller"), true);
            }
            owners.push(reference);
        }
        let owners = Value::from(owners);
        if owners.items() != claim.get("metadata").get("ownerReferences").items() {
            let mut claim = claim;
            claim.meta_mut().set(Field::Static("ownerReferences"), owners);
            context.update_object(resource, claim)?;
        }
    }
    Ok(())
}

/// Whether a pod has ended and must be made anew.
pub(super) fn has_ended(pod: &Value) -> bool {
    Pod(pod).is_terminal()
}
