//! One pod to place in a snapshot of a cluster.

use podyard_api::Value as Object;
use podyard_scheduler::differential::evaluate;
use serde_json::{Value, json};

/// The whole decision: what each plugin said of each node, and the messages.
pub(super) fn answer(case: &Value) -> Option<Value> {
    let input: Object = serde_json::from_value(case["input"].clone()).ok()?;
    Some(json!({"expected": serde_json::to_value(evaluate(&input)).ok()?}))
}
