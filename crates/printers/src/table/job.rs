//! Jobs.

use podyard_api::Selector;
use podyard_api::kinds::Job;
use podyard_api::{Value, duration, timestamp};

use super::common::containers;
use super::{AGE, NAME, Printer, Row, cells, object_age, text, wide};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        NAME,
        text("Status"),
        text("Completions"),
        text("Duration"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row,
};

fn row(object: &Value, now: i64) -> Row {
    let job = Job(object);
    let (spec, status) = (job.spec(), job.status());
    let succeeded = status.succeeded();
    let completions = match (spec.completions(), spec.parallelism()) {
        (Some(completions), _) => format!("{succeeded}/{completions}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let moment = |when: Option<&str>| when.and_then(timestamp::parse);
    let took = match (moment(status.start_time()), moment(status.completion_time())) {
        (None, _) => String::new(),
        (Some(start), end) => duration::human(end.unwrap_or(now) - start),
    };
    let (names, images) = containers(spec.template().spec());
    cells![
        job.name(),
        state(job),
        completions,
        took,
        object_age(object, now),
        names,
        images,
        Selector::format(Some(spec.selector())),
    ]
}

fn state(job: Job<'_>) -> &'static str {
    let has = |kind: &str| job.status().conditions().find(|c| c.kind() == kind).is_some_and(|c| c.is_true());
    match () {
        () if has("Complete") => "Complete",
        () if has("Failed") => "Failed",
        () if job.metadata().deletion_timestamp().is_some() => "Terminating",
        () if has("Suspended") => "Suspended",
        () if has("FailureTarget") => "FailureTarget",
        () if has("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}
