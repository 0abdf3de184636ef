//! Custom resources.

use podyard_api::{Value, timestamp};
use podyard_expr::jsonpath::{self, Template};

use super::{Options, Row, column, new, row};
use crate::values::age;

/// A column that the definition of the resource asks for.
struct Extra {
    kind: String,
    /// Nothing where the path cannot be read.
    path: Option<Template>,
}

pub(super) fn table(columns: &Value, objects: &[Value], options: &Options) -> Value {
    let by_age = podyard_api::value!([{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}]);
    let columns = if columns.items().is_empty() { &by_age } else { columns };
    let mut definitions = vec![column("Name", "string", "name", "", 0)];
    let mut extras = Vec::new();
    for item in columns.items() {
        let [name, kind, format, path, description] =
            ["name", "type", "format", "jsonPath", "description"].map(|field| item.get(field).str());
        let description = match description {
            "" => format!("Custom resource definition column (in JSONPath format): {path}"),
            text => text.to_owned(),
        };
        let priority = item.get("priority").as_i64().unwrap_or_default();
        definitions.push(column(name, kind, format, &description, priority));
        let path = Template::parse(&format!("{{{path}}}")).ok().map(Template::allow_missing);
        extras.push(Extra { kind: kind.to_owned(), path });
    }
    let rows = objects.iter().map(|object| {
        let mut cells = vec![Value::from(object.name())];
        cells.extend(extras.iter().map(|extra| extra.cell(object, options.now)));
        row(&Row::from(cells), object, options)
    });
    new(definitions.into(), rows.collect())
}

impl Extra {
    fn cell(&self, object: &Value, now: i64) -> Value {
        let found = self.path.as_ref().and_then(|path| path.find(object).ok()).unwrap_or_default();
        let Some(value) = found.first().and_then(|part| part.first()) else { return Value::Null };
        match (self.kind.as_str(), value) {
            ("string", value) => Value::from(jsonpath::print(std::slice::from_ref(value))),
            ("integer", Value::Int(_)) | ("number", Value::Float(_)) | ("boolean", Value::Bool(_)) => value.clone(),
            ("integer", Value::Float(number)) => Value::Int(*number as i64),
            ("number", Value::Int(number)) => Value::Float(*number as f64),
            ("date", Value::String(text)) if text.is_empty() => "<unknown>".into(),
            ("date", Value::String(text)) if timestamp::parse(text).is_none() => "<invalid>".into(),
            ("date", Value::String(text)) => age(text, now).into(),
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Include, custom_table};
    use super::*;
    use podyard_api::{json, value};

    /// The cells of one object by these columns.
    fn check(columns: Value, expect: &str) {
        let object = value!({
            "metadata": {"name": "x", "creationTimestamp": "2026-11-22T15:00:00Z"},
            "spec": {"text": "t", "count": 3, "on": true, "when": "2026-11-22T14:00:00Z", "list": ["a", "b"]},
        });
        let now = timestamp::parse("2026-11-22T15:01:00Z").unwrap();
        let table = custom_table(&columns, &[object], &Options { now, include: Include::None });
        assert_eq!(json::to_string_plain(table.get("rows").item(0).get("cells")), expect);
    }

    #[test]
    fn cells_are_those_of_the_definition() {
        check(Value::Null, r#"["x","60s"]"#);
        check(
            value!([
                {"name": "Text", "type": "string", "jsonPath": ".spec.text"},
                {"name": "Count", "type": "integer", "jsonPath": ".spec.count"},
                {"name": "On", "type": "boolean", "jsonPath": ".spec.on"},
                {"name": "When", "type": "date", "jsonPath": ".spec.when"},
                {"name": "List", "type": "string", "jsonPath": ".spec.list"},
                {"name": "Nope", "type": "string", "jsonPath": ".spec.nope"},
                {"name": "Bad", "type": "string", "jsonPath": ".spec["},
                {"name": "Wrong", "type": "integer", "jsonPath": ".spec.text"},
            ]),
            r#"["x","t",3,true,"61m","[\"a\",\"b\"]",null,null,null]"#,
        );
    }
}
