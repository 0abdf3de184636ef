//! Server-side tables of one object.

use podyard_api::{Value as Object, registry, timestamp};
use podyard_printers::table::{Include, Options, table};
use serde_json::{Value, json};

/// The columns, and the cells without and with those that only `-o wide` shows.
pub(super) fn answer(case: &Value) -> Option<Value> {
    let object: Object = serde_json::from_value(case["object"].clone()).ok()?;
    let resource = registry::of_object(object.get("apiVersion").str(), object.get("kind").str())?;
    let options = Options { now: timestamp::parse(case["now"].as_str()?)?, include: Include::None };
    let table = table(&resource.group, &resource.plural, &[object], &options);
    let table = serde_json::to_value(&table).ok()?;
    let columns = table["columnDefinitions"].as_array()?;
    let cells = table["rows"][0]["cells"].as_array()?;
    let by_default = columns.iter().zip(cells).filter(|(column, _)| column["priority"] == 0);
    Some(json!({
        "columns": columns.iter().map(|it| json!({"name": it["name"], "priority": it["priority"]})).collect::<Vec<_>>(),
        "default": by_default.map(|(_, cell)| cell).collect::<Vec<_>>(),
        "wide": cells,
    }))
}
