//! Creating and deleting a job's pods.
// Models pkg/controller/job/job_controller.go manageJob

use std::time::Duration;

use ecow::eco_format;
use podyard_api::{Key as Field, Status, Value, value};

use super::{FINALIZER, Sync, indexes, tracking};
use crate::{Context, pods};

/// How many pods are created in one go.
const BURST: usize = 500;

/// Brings the number of active pods to what is wanted; says how long to wait if new pods must.
pub(super) fn manage(context: &mut Context<'_>, sync: &mut Sync) -> Result<Option<Duration>, Status> {
    let spec = sync.view().spec();
    if spec.suspend() {
        delete_active(context, sync, Counted::No)?;
        return Ok(None);
    }
    let wanted = wanted(sync);
    if sync.active > wanted {
        let surplus = usize::try_from(sync.active - wanted).unwrap_or_default();
        let mut active: Vec<Value> = sync.pods.iter().filter(|pod| pods::is_active(pod)).cloned().collect();
        active.sort_by(|a, b| pods::goes_first(a, b, (0, 0), context.now));
        for pod in active.into_iter().take(surplus) {
            tracking::free(context, &pod)?;
            pods::delete(context, &sync.job, &pod)?;
            sync.active -= 1;
        }
        return Ok(None);
    }
    let waits_for_end = spec.pod_replacement_policy() == Some("Failed");
    let leaving = if waits_for_end { sync.terminating } else { 0 };
    let missing = usize::try_from(wanted - sync.active - leaving).unwrap_or_default().min(BURST);
    if missing == 0 {
        return Ok(None);
    }
    let key = (sync.job.namespace_text(), sync.job.name_text());
    let wait = context.memory.backoffs.get(&key).map_or(Duration::ZERO, |record| record.remaining(context.now));
    if !wait.is_zero() {
        return Ok(Some(wait));
    }
    create(context, sync, missing)?;
    Ok(None)
}

/// How many pods should be active.
fn wanted(sync: &Sync) -> i64 {
    let spec = sync.view().spec();
    match spec.completions() {
        None if sync.succeeded() > 0 => sync.active.min(spec.parallelism()),
        None => spec.parallelism(),
        Some(all) => {
            let failed = sync.failed_indexes.as_ref().map_or(0, indexes::Set::len);
            (all - sync.succeeded() - failed).min(spec.parallelism()).max(0)
        }
    }
}

fn create(context: &mut Context<'_>, sync: &mut Sync, count: usize) -> Result<(), Status> {
    let base = template(&sync.job);
    let made: Vec<Value> = if sync.is_indexed() {
        let failed = sync.failed_indexes.as_ref();
        let free = indexes::pending(&sync.job, &sync.pods, &sync.succeeded_indexes, failed, count);
        free.into_iter().map(|index| indexed(sync, &base, index)).collect()
    } else {
        let mut pod = base;
        pod.meta_mut().set(Field::Static("generateName"), pods::name_base(&sync.job));
        vec![pod; count]
    };
    let (mut batch, mut in_batch, mut failed) = (1, 0, None);
    for pod in made {
        match pods::create(context, &sync.job, pod) {
            Ok(_) => sync.active += 1,
            Err(status) if pods::is_terminating_namespace(&status) => return Ok(()),
            Err(status) => failed = Some(status),
        }
        in_batch += 1;
        if in_batch == batch {
            if let Some(status) = failed {
                return Err(status);
            }
            (batch, in_batch) = (batch * 2, 0);
        }
    }
    failed.map_or(Ok(()), Err)
}

fn template(job: &Value) -> Value {
    let mut pod = pods::of_template(job, job.get("spec").get("template"));
    pod.meta_mut().field_mut("finalizers").push(FINALIZER);
    pod
}

/// The pod of a completion index, which knows it.
fn indexed(sync: &Sync, base: &Value, index: i64) -> Value {
    let mut pod = base.clone();
    let text = index.to_string();
    pod.set_annotation(indexes::INDEX, &text);
    pod.set_label(indexes::INDEX, &text);
    if let Some((key, count)) = indexes::next_failure_count(&sync.job, &sync.pods, index) {
        pod.set_annotation(key, &count.to_string());
    }
    pod.meta_mut().set(Field::Static("generateName"), eco_format!("{}-{index}-", sync.job.name()));
    let spec = pod.field_mut("spec");
    spec.set(Field::Static("hostname"), eco_format!("{}-{index}", sync.job.name()));
    let path = eco_format!("metadata.labels['{}']", indexes::INDEX);
    let variable = value!({
        "name": "JOB_COMPLETION_INDEX",
        "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}},
    });
    for list in ["initContainers", "containers"] {
        let Some(containers) = spec.get_mut(list) else { continue };
        for container in containers.items_mut() {
            let has = container.get("env").items().iter().any(|item| *item.get("name") == "JOB_COMPLETION_INDEX");
            if !has {
                container.field_mut("env").push(variable.clone());
            }
        }
    }
    pod
}

/// Whether pods that are deleted count as failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Yes,
    No,
}

/// Deletes all active pods.
pub(super) fn delete_active(context: &mut Context<'_>, sync: &mut Sync, counted: Counted) -> Result<(), Status> {
    let active: Vec<Value> = sync.pods.iter().filter(|pod| pods::is_active(pod)).cloned().collect();
    for pod in active {
        if counted == Counted::No {
            tracking::free(context, &pod)?;
        }
        pods::delete(context, &sync.job, &pod)?;
        sync.active -= 1;
        sync.terminating += 1;
    }
    sync.ready = 0;
    Ok(())
}
