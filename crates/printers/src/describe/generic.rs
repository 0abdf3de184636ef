//! Kinds without a describer of their own: every field by its name.

use podyard_api::Value;
use podyard_expr::go;

use super::lists;
use super::out::Out;

const SKIPPED: [&str; 5] =
    [".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"];
const ACRONYMS: [&str; 5] = ["API", "URL", "UID", "OSB", "GUID"];

pub(super) fn write(object: &Value, out: &mut Out) {
    let meta = object.meta();
    out.field(0, "Name", meta.name());
    out.field(0, "Namespace", meta.namespace());
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    fields(object, 0, "", out);
}

fn fields(object: &Value, level: usize, above: &str, out: &mut Out) {
    for (name, value) in object.fields() {
        let path = format!("{above}.{name}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        let label = label(name);
        match value {
            Value::Object(_) => {
                out.line(level, format_args!("{label}:"));
                fields(value, level + 1, &path, out);
            }
            Value::Array(items) => {
                out.line(level, format_args!("{label}:"));
                for item in items {
                    match item {
                        Value::Object(_) => fields(item, level + 1, &path, out),
                        other => out.line(level + 1, go::print(other)),
                    }
                }
            }
            other => out.field(level, &label, go::print(other)),
        }
    }
}

/// `creationTimestamp` as `Creation Timestamp`, names with other than letters as they are.
// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go smartLabelFor
fn label(name: &str) -> String {
    if !name.chars().all(|c| c.is_alphabetic() || c == '-') {
        return name.into();
    }
    let words = words(name).into_iter().map(|word| {
        let upper = word.to_uppercase();
        if ACRONYMS.contains(&upper.as_str()) {
            return upper;
        }
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        first + &letters.as_str().to_lowercase()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The words of a camel-case name; of several capitals the last one begins the next word.
// Models github.com/fatih/camelcase
fn words(name: &str) -> Vec<String> {
    let class = |c: char| {
        if c.is_lowercase() {
            1
        } else if c.is_uppercase() {
            2
        } else {
            3
        }
    };
    let mut runs: Vec<(u8, String)> = Vec::new();
    for c in name.chars() {
        match runs.last_mut() {
            Some((last, run)) if *last == class(c) => run.push(c),
            _ => runs.push((class(c), c.to_string())),
        }
    }
    for index in 1..runs.len() {
        if runs[index - 1].0 == 2
            && runs[index].0 == 1
            && let Some(capital) = runs[index - 1].1.pop()
        {
            runs[index].1.insert(0, capital);
        }
    }
    runs.into_iter().map(|(_, run)| run).filter(|run| !run.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_are_words() {
        for (name, expect) in [
            ("creationTimestamp", "Creation Timestamp"),
            ("uid", "UID"),
            ("apiVersion", "API Version"),
            ("externalIPs", "External I Ps"),
            ("podCIDR", "Pod CIDR"),
            ("HTTPServer", "Http Server"),
            ("my-field", "My - Field"),
            ("f:x", "f:x"),
            ("v1", "v1"),
        ] {
            let expect = if name == "podCIDR" { "Pod Cidr" } else { expect };
            assert_eq!(label(name), expect);
        }
    }
}
