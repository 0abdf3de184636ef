//! Parts of objects as Go writes its internal types: some errors show a value, or what changed, in that form.
//!
//! Internal types have no JSON tags, so fields come under their Go names, in the order of their declaration, and
//! unset ones too.
// Models pkg/apis/core/types.go and its neighbours, whose order and names of fields the table holds.

use podyard_api::{Value, json};

use super::linediff;
use super::pod::quantity;

/// A field: its Go name, its JSON name, its type in the notation of [`TABLE`].
type Field = (&'static str, String, &'static str);

/// One type a line: `Name GoField[=jsonField]:type …`. The JSON name is left out where it is the Go name with a small
/// first letter.
///
/// Types: `s` string, `i` integer, `b` flag, `p` pointer to one of those, `m` map, `l` list of strings or numbers,
/// `q` quantity, `r` map of quantities, `x` integer or string, `[T` list of T, `*T` pointer to T, `T` a T.
/// A type in brackets `(…)` has JSON tags and leaves empty fields out.
const TABLE: &str = include_str!("goform.txt");

/// The value as one line of JSON.
pub(crate) fn compact(kind: &str, value: &Value) -> String {
    let mut out = String::new();
    Writer { out: &mut out, indent: None }.typed(kind, value, 0);
    out
}

/// `metadata.ownerReferences` as one line of JSON.
pub(crate) fn owner_references(value: &Value) -> String {
    compact("[OwnerReference", value)
}

pub(crate) fn owner_reference(value: &Value) -> String {
    compact("OwnerReference", value)
}

/// What differs, line by line with three lines around it.
pub(crate) fn diff(kind: &str, old: &Value, new: &Value) -> String {
    let lines = |value: &Value| {
        let mut out = String::new();
        Writer { out: &mut out, indent: Some(()) }.typed(kind, value, 0);
        out
    };
    linediff::unified(&lines(old), &lines(new))
}

fn fields(kind: &str) -> Option<(Vec<Field>, bool)> {
    let line = TABLE.lines().find_map(|line| {
        let (name, rest) = line.split_once(' ')?;
        (name.trim_matches(['(', ')']) == kind).then_some((name.starts_with('('), rest))
    })?;
    let field = |text: &'static str| {
        let (names, kind) = text.split_once(':').unwrap_or((text, "s"));
        let (go, json) = match names.split_once('=') {
            Some((go, json)) => (go, json.to_owned()),
            None => (names, names[..1].to_lowercase() + &names[1..]),
        };
        (go, json, kind)
    };
    Some((line.1.split_whitespace().map(field).collect(), line.0))
}

struct Writer<'o> {
    out: &'o mut String,
    indent: Option<()>,
}

impl Writer<'_> {
    fn typed(&mut self, kind: &str, value: &Value, depth: usize) {
        match (kind.as_bytes().first(), &kind[1.min(kind.len())..]) {
            (Some(b'['), item) => self.list(item, value, depth),
            (Some(b'*'), _) if value.is_null() => self.out.push_str("null"),
            (Some(b'*'), target) => self.typed(target, value, depth),
            _ => self.plain(kind, value, depth),
        }
    }

    fn plain(&mut self, kind: &str, value: &Value, depth: usize) {
        match kind {
            "s" => self.scalar(if value.is_null() { &EMPTY } else { value }),
            "i" => self.scalar(if value.is_null() { &Value::Int(0) } else { value }),
            "x" => self.scalar(if value.is_null() { &Value::Int(0) } else { value }),
            "b" => self.scalar(if value.is_null() { &Value::Bool(false) } else { value }),
            "q" => self.quantity(value),
            "m" | "l" | "r" | "?" if value.is_null() => self.out.push_str("null"),
            "r" => self.map(value, depth, true),
            "m" => self.map(value, depth, false),
            "l" => self.list("s", value, depth),
            "PodSpec" => self.object(kind, &internal_spec(value), depth),
            _ if kind.starts_with(char::is_uppercase) => self.object(kind, value, depth),
            _ => self.scalar(value),
        }
    }

    fn scalar(&mut self, value: &Value) {
        self.out.push_str(&json::to_string(value));
    }

    fn quantity(&mut self, value: &Value) {
        let text = quantity(value).map_or_else(|| "0".to_owned(), |q| q.to_string());
        self.scalar(&Value::from(text));
    }

    fn map(&mut self, value: &Value, depth: usize, quantities: bool) {
        self.out.push('{');
        for (i, (key, entry)) in value.fields().iter().enumerate() {
            self.separate(i, depth + 1);
            self.key(key);
            if quantities { self.quantity(entry) } else { self.scalar(entry) }
        }
        self.close('}', value.fields().is_empty(), depth);
    }

    fn list(&mut self, item: &str, value: &Value, depth: usize) {
        if value.is_null() {
            self.out.push_str("null");
            return;
        }
        self.out.push('[');
        for (i, entry) in value.items().iter().enumerate() {
            self.separate(i, depth + 1);
            self.typed(item, entry, depth + 1);
        }
        self.close(']', value.items().is_empty(), depth);
    }

    fn object(&mut self, kind: &str, value: &Value, depth: usize) {
        let Some((fields, tagged)) = fields(kind) else {
            self.scalar(value);
            return;
        };
        self.out.push('{');
        let mut written = 0;
        for (go, json, kind) in &fields {
            let field = value.get(json);
            if tagged && (field.is_empty() || *field == Value::Bool(false)) {
                continue;
            }
            self.separate(written, depth + 1);
            self.key(if tagged { json } else { go });
            self.typed(kind, field, depth + 1);
            written += 1;
        }
        self.close('}', written == 0, depth);
    }

    fn key(&mut self, key: &str) {
        self.out.push_str(&json::to_string(&Value::from(key)));
        self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
    }

    fn separate(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.newline(depth);
    }

    fn close(&mut self, bracket: char, empty: bool, depth: usize) {
        if !empty {
            self.newline(depth);
        }
        self.out.push(bracket);
    }

    fn newline(&mut self, depth: usize) {
        if self.indent.is_some() {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', depth));
        }
    }
}

static EMPTY: Value = Value::String(ecow::EcoString::new());

/// The internal type has the host's namespaces in the security context.
fn internal_spec(spec: &Value) -> Value {
    let mut spec = spec.clone();
    let mut context = spec.get("securityContext").clone();
    for field in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"] {
        if let Some(value) = spec.remove(field) {
            context.set(field, value);
        }
    }
    context.object_mut();
    spec.set("securityContext", context);
    spec
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    #[test]
    fn a_compact_value_has_all_fields() {
        let reference = value!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "x"});
        assert_eq!(
            compact("RoleRef", &reference),
            r#"{"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"x"}"#
        );
        let selector = value!({"matchExpressions": [{"key": "app", "operator": "In"}]});
        assert_eq!(compact("LabelSelector", &selector), r#"{"matchExpressions":[{"key":"app","operator":"In"}]}"#);
    }

    #[test]
    fn every_type_in_the_table_is_there() {
        for line in TABLE.lines() {
            let (name, _) = line.split_once(' ').unwrap();
            for (go, _, kind) in fields(name.trim_matches(['(', ')'])).unwrap().0 {
                let target = kind.trim_start_matches(['[', '*']);
                let known = matches!(target, "s" | "i" | "b" | "p" | "m" | "l" | "q" | "r" | "x" | "?");
                assert!(known || fields(target).is_some(), "{name}.{go} is a {kind}");
            }
        }
    }
}
