//! The output of `kubectl explain --output=plaintext-openapiv2`.

// Models staging/src/k8s.io/kubectl/pkg/explain/{formatter,model_printer,fields_printer}.go

use super::schema::{Schema, Shape};

const WIDTH: usize = 80;
const DESCRIPTION_INDENT: usize = 5;
const FIELD_INDENT: usize = 3;

/// What is printed below the names of kind and version.
pub(super) fn page(name: Option<&str>, schema: &Schema, recursive: bool) -> String {
    let fields = schema.fields();
    let mut text = String::new();
    if let Some(name) = name {
        let label = if fields.is_empty() { "FIELD:   " } else { "RESOURCE:" };
        text.push_str(&format!("{label} {name} <{}>\n\n", type_name(schema)));
    }
    text.push_str("DESCRIPTION:\n");
    let own = own_description(schema);
    let described: Vec<&String> = [&schema.description, &own].into_iter().filter(|text| !text.is_empty()).collect();
    if described.is_empty() {
        text.push_str(&format!("{}<empty>\n", " ".repeat(DESCRIPTION_INDENT)));
    }
    for (index, description) in described.into_iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&wrapped(description, DESCRIPTION_INDENT));
    }
    if !fields.is_empty() {
        text.push_str("\nFIELDS:\n");
        list(schema, FIELD_INDENT, recursive, &mut Vec::new(), &mut text);
    }
    text
}

/// What the type itself says, where it has fields.
fn own_description(schema: &Schema) -> String {
    if schema.fields().is_empty() {
        return String::new();
    }
    let bare = Schema { description: String::new(), ..schema.clone() };
    bare.full_description().trim_end_matches('\n').to_owned()
}

fn type_name(schema: &Schema) -> String {
    match &schema.shape {
        Shape::Named(_) | Shape::Custom(_) => "Object".to_owned(),
        Shape::Opaque("Quantity" | "IntOrString") => "string".to_owned(),
        Shape::Opaque(_) => "map[string]".to_owned(),
        Shape::Plain(name) => (*name).to_owned(),
        Shape::List(item) => format!("[]{}", type_name(item)),
        Shape::Map(item) => format!("map[string]{}", type_name(item)),
    }
}

fn list(schema: &Schema, indent: usize, recursive: bool, history: &mut Vec<&'static str>, text: &mut String) {
    let reference = schema.reference();
    if reference.is_some_and(|name| history.contains(&name)) {
        return;
    }
    history.extend(reference);
    for field in schema.fields() {
        let required = if field.required { " -required-" } else { "" };
        let pad = " ".repeat(indent);
        text.push_str(&format!("{pad}{}\t<{}>{required}\n", field.name, type_name(&field.schema)));
        if recursive {
            list(&field.schema, indent + FIELD_INDENT, true, history, text);
        } else {
            text.push_str(&wrapped(&field.schema.description, indent + 2));
            text.push('\n');
        }
    }
    if reference.is_some() {
        history.pop();
    }
}

/// Lines of at most [`WIDTH`], where words allow it; blank lines, code and the beginnings of lists are kept.
fn wrapped(text: &str, indent: usize) -> String {
    let limit = WIDTH - indent;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut last = String::new();
    for source in text.split('\n') {
        let is_code = source.starts_with("    ");
        let is_blank = source.trim().is_empty();
        if is_code || (is_blank && !lines.is_empty()) || last.ends_with(':') || starts_item(source.trim()) {
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                last.clear();
            }
            if is_code || (is_blank && !lines.is_empty()) {
                lines.push(if is_code { source.to_owned() } else { String::new() });
                continue;
            }
        }
        for word in source.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > limit {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            last = word.to_owned();
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    let pad = " ".repeat(indent);
    lines.iter().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") }).collect()
}

/// Whether a line begins an item of a list: `- x`, `* x`, `1. x`.
fn starts_item(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = match rest.len() < line.len() {
        true => rest.strip_prefix('.').unwrap_or(rest),
        false => match line.strip_prefix(['-', '*']) {
            Some(rest) => rest,
            None => return false,
        },
    };
    rest.starts_with(char::is_whitespace)
}
