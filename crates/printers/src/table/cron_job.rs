//! CronJobs.

use podyard_api::Selector;
use podyard_api::kinds::CronJob;

use super::common::containers;
use super::{AGE, NAME, Printer, boolean, cells, integer, object_age, text, wide};
use crate::values::{age, title_bool};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        NAME,
        text("Schedule"),
        text("Timezone"),
        boolean("Suspend"),
        integer("Active"),
        text("Last Schedule"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |object, now| {
        let job = CronJob(object);
        let (spec, status) = (job.spec(), job.status());
        let template = spec.job_template().spec();
        let (names, images) = containers(template.template().spec());
        cells![
            job.name(),
            spec.schedule(),
            spec.time_zone().unwrap_or("<none>"),
            title_bool(spec.suspend()),
            status.active().len(),
            status.last_schedule_time().map_or_else(|| "<none>".to_owned(), |when| age(when, now)),
            object_age(object, now),
            names,
            images,
            Selector::format(Some(template.selector())),
        ]
    },
};
