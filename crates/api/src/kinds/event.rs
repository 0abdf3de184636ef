//! Events of both groups: stored once, in the shape of `v1`.

use super::*;
use crate::view;

view! {
    /// `v1` `Event`.
    Event: "core.v1.Event" {
        metadata "metadata": view ObjectMeta;
        involved_object "involvedObject": view ObjectReference;
        reason "reason": str;
        message "message": str;
        source "source": view EventSource;
        first_timestamp "firstTimestamp": opt str;
        last_timestamp "lastTimestamp": opt str;
        count "count": i64;
        /// `Normal` or `Warning`.
        kind "type": str;
        event_time "eventTime": opt str;
        series "series": opt view EventSeries;
        action "action": str;
        related "related": opt view ObjectReference;
        reporting_component "reportingComponent": str;
        reporting_instance "reportingInstance": str;
    }
}

view! {
    EventSource: "core.v1.EventSource" {
        component "component": str;
        host "host": str;
    }
}

view! {
    EventSeries: "core.v1.EventSeries" {
        count "count": i64;
        last_observed_time "lastObservedTime": str;
    }
}
