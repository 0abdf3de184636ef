//! Jobs.
// Models pkg/registry/batch/job/strategy.go

use podyard_api::{Key, Value};

use super::{Strategy, WITH_STATUS, common};
use crate::validation::job::UID_LABEL;
use crate::{defaults, validation};

pub(super) const STRATEGY: Strategy = Strategy {
    defaults: |job| {
        defaults::job(job);
        label(job);
    },
    on_read: label,
    prepare_create: |job| {
        common::drop_status(job);
        if job.at(&["spec", "manualSelector"]).as_bool() != Some(true) {
            generate_selector(job);
        }
    },
    validates_meta: true,
    validate_create: validation::job::create,
    validate_update: validation::job::update,
    warnings: |job, _| {
        let mut warnings = Vec::new();
        validation::warnings::spec(job.at(&["spec", "template", "spec"]), "spec.template.spec", &mut warnings);
        warnings
    },
    ..WITH_STATUS
};

/// A job without labels has its template's.
// Models pkg/apis/batch/v1/defaults.go
fn label(job: &mut Value) {
    let labels = job.at(&["spec", "template", "metadata", "labels"]).clone();
    if !labels.is_empty() && job.at(&["metadata", "labels"]).is_empty() {
        job.meta_mut().set(Key::Static("labels"), labels);
    }
}

/// The pods of a job are known by the job's uid.
fn generate_selector(job: &mut Value) {
    let (uid, name) = (job.uid().to_owned(), job.name().to_owned());
    if uid.is_empty() {
        return;
    }
    let spec = job.field_mut("spec");
    let labels = spec.at_mut(&["template", "metadata", "labels"]);
    for (label, value) in
        [(UID_LABEL, &uid), ("batch.kubernetes.io/job-name", &name), ("controller-uid", &uid), ("job-name", &name)]
    {
        // What the user says about these stays, and is refused.
        if labels.get(label).is_null() {
            labels.set(Key::Static(label), value.as_str());
        }
    }
    let wanted = spec.at_mut(&["selector", "matchLabels"]);
    if wanted.get(UID_LABEL).is_null() {
        wanted.set(Key::Static(UID_LABEL), uid);
    }
}
