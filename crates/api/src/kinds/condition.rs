//! Conditions, as pods, nodes, workloads and many others have them.

use crate::{Key, Value, value, view};

view! {
    /// One entry of `status.conditions`, of any kind.
    Condition {
        kind "type": str;
        status "status": str;
        reason "reason": str;
        message "message": str;
        observed_generation "observedGeneration": i64;
        last_probe_time "lastProbeTime": opt str;
        last_heartbeat_time "lastHeartbeatTime": opt str;
        last_transition_time "lastTransitionTime": str;
        last_update_time "lastUpdateTime": str;
    }
}

impl Condition<'_> {
    /// Whether `status` is `True`.
    pub fn is_true(self) -> bool {
        self.status() == "True"
    }
}

/// Sets the condition of type `kind` in a list of conditions and says whether anything changed. The transition time
/// moves to `now` only with a new `status`; an empty reason or message is left out. `more` are further fields
/// of a condition that is new or changed.
pub fn set<const N: usize>(
    conditions: &mut Value,
    kind: &str,
    status: &str,
    reason: &str,
    message: &str,
    now: &str,
    more: [(&'static str, Value); N],
) -> bool {
    let found = conditions.items().iter().position(|item| item.get("type") == kind);
    let old = found.map(|index| conditions.item(index).clone()).unwrap_or_default();
    let view = Condition(&old);
    if view.status() == status && view.reason() == reason && view.message() == message {
        return false;
    }
    let since = if view.status() == status { old.get("lastTransitionTime").clone() } else { moment(conditions, now) };
    let mut new = value!({"type": kind, "status": status, "lastTransitionTime": since});
    for (name, text) in [("reason", reason), ("message", message)] {
        if !text.is_empty() {
            new.set(Key::Static(name), text);
        }
    }
    for (name, value) in more {
        new.set(Key::Static(name), value);
    }
    if let Some(generation) = old.get("observedGeneration").as_i64()
        && new.get("observedGeneration").is_null()
    {
        new.set(Key::Static("observedGeneration"), generation);
    }
    match found {
        Some(index) => conditions.items_mut()[index] = new,
        None => conditions.push(new),
    }
    true
}

/// A moment as text, shared with a condition that changed then too.
fn moment(conditions: &Value, now: &str) -> Value {
    let times = conditions.items().iter().map(|item| item.get("lastTransitionTime"));
    times.into_iter().find(|time| **time == now).map_or_else(|| now.into(), Value::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transition_time_moves_with_the_status_only() {
        let mut list = Value::Null;
        assert!(set(&mut list, "Ready", "False", "Why", "", "t1", []));
        assert!(!set(&mut list, "Ready", "False", "Why", "", "t2", []));
        assert!(set(&mut list, "Ready", "False", "Other", "m", "t3", []));
        assert_eq!(Condition(list.item(0)).last_transition_time(), "t1");
        assert!(set(&mut list, "Ready", "True", "", "", "t4", []));
        assert_eq!(Condition(list.item(0)).last_transition_time(), "t4");
        assert!(list.item(0).get("reason").is_null());
        assert_eq!(list.items().len(), 1);
    }
}
