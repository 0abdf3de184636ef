//! Deployments.

use podyard_api::Selector;
use podyard_api::kinds::Deployment;

use super::common::containers;
use super::{AGE, NAME, Printer, cells, object_age, text, wide};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        NAME,
        text("Ready"),
        text("Up-to-date"),
        text("Available"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |object, now| {
        let deployment = Deployment(object);
        let (spec, status) = (deployment.spec(), deployment.status());
        let (names, images) = containers(spec.template().spec());
        cells![
            deployment.name(),
            format!("{}/{}", status.ready_replicas(), spec.replicas()),
            status.updated_replicas(),
            status.available_replicas(),
            object_age(object, now),
            names,
            images,
            Selector::of(Some(spec.selector()))
                .map_or_else(|_| "<invalid>".to_owned(), |selector| selector.to_string()),
        ]
    },
};
