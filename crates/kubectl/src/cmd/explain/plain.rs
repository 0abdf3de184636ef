//! The usual output of `kubectl explain`.

// Models staging/src/k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl

use super::schema::Schema;
use crate::help::wrap;

const WIDTH: usize = 76;

/// Steps from a kind down the path: the name of the last field, if there is one, and its schema.
///
/// # Errors
/// The last name of a path that leads nowhere.
pub(super) fn walk(root: &Schema, path: &[&str]) -> Result<(Option<String>, Schema), String> {
    let mut at = root.clone();
    let mut name = None;
    for step in path {
        let Some(field) = at.fields().into_iter().find(|field| field.name == *step) else {
            return Err(path.last().copied().unwrap_or_default().to_owned());
        };
        name = Some(field.name);
        at = field.schema;
    }
    Ok((name, at))
}

/// What is printed below the names of kind and version.
pub(super) fn page(name: Option<&str>, schema: &Schema, recursive: bool) -> String {
    let mut text = String::new();
    if let Some(name) = name {
        text.push_str(&format!("FIELD: {name} <{}>\n", schema.type_name()));
        if !schema.values.is_empty() {
            text.push_str("ENUM:");
            schema.values.iter().for_each(|value| text.push_str(&format!("\n    {}", shown(value))));
        }
        text.push_str("\n\n");
    }
    let description = schema.full_description();
    let description = if description.is_empty() { "<empty>" } else { &description };
    text.push_str(&format!("DESCRIPTION:\n{}\n", indent(&wrap(description, WIDTH), 4)));
    let fields = fields(schema, 1, recursive, &mut Vec::new());
    if !fields.is_empty() {
        text.push_str(&format!("FIELDS:\n{fields}"));
    }
    text.push('\n');
    text
}

/// An empty value is shown as `""`.
fn shown(value: &str) -> &str {
    if value.is_empty() { "\"\"" } else { value }
}

fn indent(text: &str, amount: usize) -> String {
    let pad = " ".repeat(amount);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

/// The list of fields; `history` has the types that it is within.
fn fields(schema: &Schema, level: usize, recursive: bool, history: &mut Vec<&'static str>) -> String {
    const SHOWN_VALUES: usize = 4;
    let reference = schema.reference();
    if reference.is_some_and(|name| history.contains(&name)) {
        return String::new();
    }
    history.extend(reference);
    let amount = level * 2;
    let pad = " ".repeat(amount);
    let mut text = String::new();
    for field in schema.fields() {
        let required = if field.required { " -required-" } else { "" };
        text.push_str(&format!("{pad}{}\t<{}>{required}", field.name, field.schema.type_name()));
        let values = &field.schema.values;
        if !values.is_empty() {
            let first: Vec<&str> = values.iter().take(SHOWN_VALUES).map(|value| shown(value)).collect();
            let more = if values.len() > SHOWN_VALUES { ", ...." } else { "" };
            text.push_str(&format!("\n{pad}enum: {}{more}", first.join(", ")));
        }
        text.push('\n');
        if recursive {
            text.push_str(&fields(&field.schema, level + 1, true, history));
            continue;
        }
        let description = match field.schema.description.as_str() {
            "" => "<no description>",
            description => description,
        };
        text.push_str(&format!("{}\n\n", indent(&wrap(description, WIDTH + 2 - amount), amount + 2)));
    }
    if reference.is_some() {
        history.pop();
    }
    text
}
