//! Recording events as Kubernetes' components do: what happens again counts up.
// Models staging/src/k8s.io/client-go/tools/record/events_cache.go and tools/events/event_broadcaster.go

use std::time::Duration;

use ecow::{EcoString, eco_format};
use imbl::{OrdMap, OrdSet};
use podyard_api::{PatchKind, Request, Target, User, Value, Verb, value};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::{ApiServer, Outcome, ResourceKey};

/// A component's memory of the events it has reported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recorder {
    component: EcoString,
    /// The node it runs on; empty for the control plane's components.
    host: EcoString,
    user: User,
    style: Style,
    seen: OrdMap<Key, Seen>,
    /// Different messages of what is otherwise the same.
    similar: OrdMap<Similar, Messages>,
    /// What is left of each object's share of events.
    shares: OrdMap<EcoString, Share>,
    /// Tells events of one moment apart.
    recorded: u64,
}

/// Which of the two recorders of client-go a component uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Style {
    /// `tools/record`: what happens again raises `count`.
    Core,
    /// `tools/events`: what happens again makes a `series`.
    Series,
}

/// What makes two events the same: object uid, field, type, reason, message.
type Key = (EcoString, EcoString, EcoString, EcoString, EcoString);

/// Object uid, type, reason: what is combined once it comes with many messages.
type Similar = (EcoString, EcoString, EcoString);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Messages {
    texts: OrdSet<EcoString>,
    last: Time,
}

/// A token bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Share {
    tokens: f64,
    last: Time,
}

/// How many messages there may be before the next are combined, and how long they are remembered.
const SIMILAR: usize = 10;
const SIMILAR_FOR: Duration = Duration::from_secs(600);
/// How many events there may be about an object at once, and after how many seconds there may be one more.
const BURST: f64 = 25.0;
const ONE_MORE: f64 = 300.0;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seen {
    name: EcoString,
    count: u32,
}

/// What is reported.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The object it is about.
    pub object: &'a Value,
    /// The part of the object, as `spec.containers{web}`; empty for the whole.
    pub field_path: &'a str,
    /// What was being done; only in [`Style::Series`].
    pub action: &'a str,
    pub warning: bool,
    pub reason: &'a str,
    pub message: &'a str,
}

/// How many events a component remembers.
const MEMORY: usize = 4096;

impl Recorder {
    /// A recorder for `component`, writing as `user`.
    pub fn new(component: &str, host: &str, user: User, style: Style) -> Self {
        Self {
            component: component.into(),
            host: host.into(),
            user,
            style,
            seen: OrdMap::new(),
            similar: OrdMap::new(),
            shares: OrdMap::new(),
            recorded: 0,
        }
    }

    /// Reports something: a new event, or one more of an event that is still there.
    pub fn record(&mut self, api: &mut ApiServer, now: Time, report: Report<'_>) {
        let Report { object, field_path, action, warning, reason, message } = report;
        let kind = if warning { "Warning" } else { "Normal" };
        let namespace = if object.namespace().is_empty() { "default" } else { object.namespace() };
        let combined = self.combine(now, object.uid(), kind, report);
        let message = combined.as_deref().unwrap_or(message);
        let report = Report { message, ..report };
        let text = match (self.style, &combined) {
            (Style::Core, None) => message,
            (Style::Core, Some(_)) => "",
            (Style::Series, _) => action,
        };
        if self.style == Style::Core && !self.may_tell(now, object.uid()) {
            return;
        }
        let key: Key = (object.uid().into(), field_path.into(), kind.into(), reason.into(), text.into());
        if let Some(seen) = self.seen.get_mut(&key)
            && api.get(ResourceKey::EVENTS, namespace, &seen.name).is_some()
        {
            seen.count += 1;
            let patch = match self.style {
                Style::Core => {
                    value!({"count": (seen.count), "lastTimestamp": (now.rfc3339()), "message": message})
                }
                Style::Series => {
                    value!({"series": {"count": (seen.count), "lastObservedTime": (now.rfc3339_micros())}})
                }
            };
            let target = Target::resource("", "v1", "events", namespace, &seen.name);
            let request = Request::new(self.user.clone(), Verb::Patch, target).with_patch(PatchKind::Merge, patch);
            let _: Outcome = api.handle(now, &request);
            return;
        }
        // Named by the moment in nanoseconds, so that events of one object are listed in the order they came.
        self.recorded = (self.recorded + 1) % 1000;
        let name = eco_format!("{}.{:016x}", object.name(), now.as_micros() * 1000 + self.recorded);
        let event = self.event(now, &name, namespace, kind, report);
        let target = Target::resource("", "v1", "events", namespace, "");
        let request = Request::new(self.user.clone(), Verb::Create, target).with_body(event);
        let _: Outcome = api.handle(now, &request);
        if self.seen.len() >= MEMORY
            && let Some((oldest, _)) = self.seen.get_min().cloned()
        {
            self.seen.remove(&oldest);
        }
        self.seen.insert(key, Seen { name, count: 1 });
    }

    /// The message of an event that is one of too many similar ones.
    fn combine(&mut self, now: Time, uid: &str, kind: &str, report: Report<'_>) -> Option<String> {
        if self.style != Style::Core {
            return None;
        }
        if self.similar.len() >= MEMORY
            && let Some((oldest, _)) = self.similar.get_min().cloned()
        {
            self.similar.remove(&oldest);
        }
        let group = self.similar.entry((uid.into(), kind.into(), report.reason.into())).or_default();
        if now.since(group.last) > SIMILAR_FOR {
            group.texts = OrdSet::new();
        }
        group.last = now;
        group.texts.insert(report.message.into());
        if group.texts.len() < SIMILAR {
            return None;
        }
        // One place stays free for the next.
        group.texts = group.texts.without_min().1;
        Some(format!("(combined from similar events): {}", report.message))
    }

    /// Whether one more event about an object may be told: a few at once, then one every five minutes.
    fn may_tell(&mut self, now: Time, uid: &str) -> bool {
        if self.shares.len() >= MEMORY
            && let Some((oldest, _)) = self.shares.get_min().cloned()
        {
            self.shares.remove(&oldest);
        }
        let share = self.shares.entry(uid.into()).or_insert(Share { tokens: BURST, last: now });
        share.tokens = (share.tokens + now.since(share.last).as_secs_f64() / ONE_MORE).min(BURST);
        share.last = now;
        let may = share.tokens >= 1.0;
        if may {
            share.tokens -= 1.0;
        }
        may
    }

    fn event(&self, now: Time, name: &str, namespace: &str, kind: &str, report: Report<'_>) -> Value {
        let Report { object, field_path, reason, message, .. } = report;
        let mut involved = value!({
            "apiVersion": (object.api_version()),
            "kind": (object.kind()),
            "name": (object.name()),
            "resourceVersion": (object.meta().resource_version()),
            "uid": (object.uid()),
        });
        for (field, text) in [("namespace", object.namespace()), ("fieldPath", field_path)] {
            if !text.is_empty() {
                involved.set(podyard_api::Key::Static(field), text);
            }
        }
        let mut event = value!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "type": kind,
            "reportingComponent": &self.component,
            "reportingInstance": &self.host,
        });
        match self.style {
            Style::Core => {
                let mut source = value!({"component": &self.component});
                if !self.host.is_empty() {
                    source.set("host", &self.host);
                }
                event.set("source", source);
                event.set("firstTimestamp", now.rfc3339());
                event.set("lastTimestamp", now.rfc3339());
                event.set("count", 1);
                event.set("eventTime", Value::Null);
            }
            Style::Series => {
                event.set("source", Value::object());
                event.set("firstTimestamp", Value::Null);
                event.set("lastTimestamp", Value::Null);
                event.set("eventTime", now.rfc3339_micros());
                event.set("action", report.action);
            }
        }
        event
    }
}
