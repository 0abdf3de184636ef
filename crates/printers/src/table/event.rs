//! Events of both groups.

use podyard_api::Value;
use podyard_api::kinds::Event;

use super::{Column, Printer, Row, cells, text, wide};
use crate::values::{age, or};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        text("Last Seen"),
        text("Type"),
        text("Reason"),
        text("Object"),
        wide("Subobject"),
        wide("Source"),
        text("Message"),
        wide("First Seen"),
        wide("Count"),
        Column { format: "name", priority: 1, ..super::NAME },
    ],
    row,
};

fn row(object: &Value, now: i64) -> Row {
    let event = Event(object);
    let since = |when: Option<&str>| age(when.unwrap_or_default(), now);
    let first = since(event.first_timestamp().or(event.event_time()));
    let mut last = event.last_timestamp().map_or_else(|| first.clone(), |when| age(when, now));
    let mut count = event.count().max(1);
    if let Some(series) = event.series() {
        last = age(series.last_observed_time(), now);
        count = series.count();
    }
    let target = event.involved_object();
    let kind = target.kind().to_lowercase();
    let component = or(event.source().component(), event.reporting_component());
    let source = match or(event.source().host(), event.reporting_instance()) {
        "" => component.to_owned(),
        instance => format!("{component}, {instance}"),
    };
    cells![
        last,
        event.kind(),
        event.reason(),
        if target.name().is_empty() { kind } else { format!("{kind}/{}", target.name()) },
        target.field_path(),
        source,
        event.message().trim(),
        first,
        count,
        event.name(),
    ]
}
