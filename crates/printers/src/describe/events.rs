//! The events at the end of a description.

use podyard_api::kinds::Event;
use podyard_api::{Value, timestamp};

use super::out::Out;
use super::{Read, Related};
use crate::values::{age, or};

/// The lists that find the events about an object.
// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go searchEvents
pub(super) fn reads(object: &Value) -> Vec<Read> {
    let meta = object.meta();
    // Events about a pod need not say its kind; those about a static pod bear the UID of its manifest.
    let (kind, uid) = match object.kind() {
        "Pod" => ("", meta.annotation("kubernetes.io/config.mirror").unwrap_or(meta.uid())),
        kind => (kind, meta.uid()),
    };
    let mut reads = vec![read(meta.namespace(), meta.name(), kind, uid)];
    if kind == "Node" {
        // Kubelets name a node by its name where controllers do by its UID.
        reads.push(read(meta.namespace(), meta.name(), kind, meta.name()));
    }
    reads
}

/// The list that finds the events about an object of which no more than this is known; empty parts are left out.
pub(super) fn read(namespace: &str, name: &str, kind: &str, uid: &str) -> Read {
    let mut terms = vec![format!("involvedObject.name={name}"), format!("involvedObject.namespace={namespace}")];
    terms.extend(Some(kind).filter(|kind| !kind.is_empty()).map(|kind| format!("involvedObject.kind={kind}")));
    terms.extend(Some(uid).filter(|uid| !uid.is_empty()).map(|uid| format!("involvedObject.uid={uid}")));
    terms.sort_unstable();
    Read {
        version: "v1",
        resource: "events",
        namespace: namespace.into(),
        field_selector: terms.join(","),
        ..Read::default()
    }
}

// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go DescribeEvents
pub(super) fn write(related: &Related, out: &mut Out) {
    let mut events: Vec<_> = related.items("events").map(Event).collect();
    if events.is_empty() {
        out.line(0, "Events:\t<none>");
        return;
    }
    out.flush();
    events.sort_by_key(|event| event.last_timestamp().and_then(timestamp::parse));
    out.line(0, "Events:");
    out.line(1, "Type\tReason\tAge\tFrom\tMessage");
    out.line(1, "----\t------\t----\t----\t-------");
    for event in events {
        let from = or(event.source().component(), event.reporting_component());
        let message = event.message().trim();
        let message = match event.involved_object().field_path() {
            "" => message.to_owned(),
            path => format!("{path}: {message}"),
        };
        let interval = interval(event, related.now);
        out.line(1, format_args!("{}\t{}\t{interval}\t{from}\t{message}", event.kind(), event.reason()));
    }
}

/// When an event was, as tables and descriptions say it: `5s`, or `5s (x3 over 2m)`. `now` is in microseconds.
pub fn interval(event: Event<'_>, now: i64) -> String {
    let first = age(event.event_time().or(event.first_timestamp()).unwrap_or_default(), now);
    if let Some(series) = event.series() {
        return format!("{} (x{} over {first})", age(series.last_observed_time(), now), series.count());
    }
    match event.count() {
        count if count > 1 => {
            format!("{} (x{count} over {first})", age(event.last_timestamp().unwrap_or_default(), now))
        }
        _ => first,
    }
}
