//! Resources that are served in more than one form, and the form in which they are stored.

use ecow::EcoString;
use podyard_api::{Key, Value};

use crate::ResourceKey;

/// Fields of an event in `events.k8s.io/v1` and in `v1`.
// Models pkg/apis/events/v1/conversion.go
const EVENT_FIELDS: [(&str, &str); 6] = [
    ("regarding", "involvedObject"),
    ("note", "message"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
];
const REPORTER: [(&str, &str); 1] = [("reportingController", "reportingComponent")];

/// A request's object in the stored form.
pub(crate) fn from_version(key: ResourceKey, mut object: Value) -> Value {
    if key == ResourceKey::EVENTS && object.api_version() == "events.k8s.io/v1" {
        for (new, old) in EVENT_FIELDS.into_iter().chain(REPORTER) {
            if let Some(field) = object.remove(new) {
                object.set(Key::Static(old), field);
            }
        }
        object.set(Key::Static("apiVersion"), "v1");
    }
    if key == ResourceKey::HORIZONTAL_POD_AUTOSCALERS && object.api_version() == "autoscaling/v1" {
        return super::super::subresources::scale::autoscaler_from_v1(object);
    }
    object
}

/// A stored object in the version asked for.
pub(crate) fn to_version(key: ResourceKey, api_version: &EcoString, mut object: Value) -> Value {
    if object.api_version() == api_version {
        return object;
    }
    if key == ResourceKey::EVENTS && api_version == "events.k8s.io/v1" {
        for (new, old) in EVENT_FIELDS.into_iter().chain(REPORTER) {
            if let Some(field) = object.remove(old) {
                object.set(Key::Static(new), field);
            }
        }
    }
    if key == ResourceKey::HORIZONTAL_POD_AUTOSCALERS && api_version == "autoscaling/v1" {
        object = super::super::subresources::scale::autoscaler_to_v1(object);
    }
    object.set(Key::Static("apiVersion"), api_version);
    object
}
