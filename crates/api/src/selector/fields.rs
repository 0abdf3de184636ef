//! Field selectors, and the fields by which each kind can be selected.

use std::fmt;

use ecow::{EcoString, eco_format};
use serde::{Deserialize, Serialize};

use crate::{Value, gostr};

/// Comparisons of fields, all of which must hold.
// Models staging/src/k8s.io/apimachinery/pkg/fields/selector.go
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSelector {
    pub terms: Vec<FieldTerm>,
}

/// `field=value` or `field!=value`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldTerm {
    pub field: EcoString,
    pub value: EcoString,
    pub equal: bool,
}

impl FieldSelector {
    /// Reads what `kubectl --field-selector` takes. `\,`, `\=` and `\\` stand for the characters themselves.
    ///
    /// # Errors
    /// The words of the API server and kubectl.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = split_terms(text);
        parts.sort_unstable();
        let terms = parts.into_iter().filter(|part| !part.is_empty()).map(|part| {
            let (field, equal, value) =
                split_term(part).ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{part}'"))?;
            Ok(FieldTerm { field: field.into(), value: unescape(value)?, equal })
        });
        Ok(Self { terms: terms.collect::<Result<_, String>>()? })
    }

    /// Checks that objects of this kind can be selected by these fields, and renames those that are aliases.
    ///
    /// # Errors
    /// The words of the API server, which answers with `BadRequest`.
    pub fn for_kind(mut self, group: &str, kind: &str) -> Result<Self, String> {
        for term in &mut self.terms {
            term.field = convert(group, kind, &term.field)?;
        }
        Ok(self)
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The value that a field must have, if one is demanded.
    pub fn required(&self, field: &str) -> Option<&EcoString> {
        self.terms.iter().find(|term| term.equal && term.field == field).map(|term| &term.value)
    }

    /// Whether an object's fields compare as demanded.
    pub fn matches(&self, object: &Value) -> bool {
        self.terms.iter().all(|term| (field_text(object, &term.field) == term.value) == term.equal)
    }
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let operator = if term.equal { "=" } else { "!=" };
            write!(f, "{comma}{}{operator}", term.field)?;
            for c in term.value.chars() {
                let escape = if matches!(c, '\\' | ',' | '=') { "\\" } else { "" };
                write!(f, "{escape}{c}")?;
            }
        }
        Ok(())
    }
}

fn split_terms(text: &str) -> Vec<&str> {
    let (mut terms, mut from, mut escaped) = (Vec::new(), 0, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[from..index]);
                from = index + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[from..]);
    terms
}

fn split_term(term: &str) -> Option<(&str, bool, &str)> {
    let at = term.char_indices().map(|(at, _)| at).find(|at| {
        let rest = &term[*at..];
        rest.starts_with("!=") || rest.starts_with('=')
    })?;
    let (field, rest) = term.split_at(at);
    if let Some(value) = rest.strip_prefix("!=") {
        return Some((field, false, value));
    }
    let value = rest.strip_prefix("==").or_else(|| rest.strip_prefix('='))?;
    Some((field, true, value))
}

fn unescape(text: &str) -> Result<EcoString, String> {
    let mut out = EcoString::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => out.push(c),
                other => {
                    let sequence: String = ['\\'].into_iter().chain(other).collect();
                    return Err(format!("invalid field selector: invalid escape sequence: {sequence}"));
                }
            },
            ',' | '=' => {
                return Err(format!("invalid field selector: unescaped character in value: {}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// The name under which a field of a kind is compared.
// Models pkg/apis/core/v1/conversion.go and its like in batch, certificates, events and resource
fn convert(group: &str, kind: &str, field: &str) -> Result<EcoString, String> {
    let name = field == "metadata.name";
    let meta = name || field == "metadata.namespace";
    let (known, own_words) = match (group, kind) {
        ("", "Pod") if field == "spec.host" => return Ok("spec.nodeName".into()),
        ("", "Pod") => (meta || POD.contains(&field), None),
        ("", "Node") => (name || field == "spec.unschedulable", None),
        ("", "ReplicationController") => (meta || field == "status.replicas", None),
        ("", "Event") => (meta || EVENT.contains(&field), None),
        ("", "Namespace") => (name || field == "status.phase", None),
        ("", "Secret") => (meta || field == "type", None),
        ("", "Service") => (meta || matches!(field, "spec.clusterIP" | "spec.type"), None),
        ("certificates.k8s.io", "CertificateSigningRequest") => (name || field == "spec.signerName", None),
        ("events.k8s.io", "Event") => match field {
            "reportingController" => return Ok("reportingComponent".into()),
            _ => match field.strip_prefix("regarding.") {
                Some(part) if REGARDING.contains(&part) => return Ok(eco_format!("involvedObject.{part}")),
                _ => (meta || matches!(field, "reason" | "type"), None),
            },
        },
        ("batch", "Job") => {
            let words = format!("field label {} not supported for Job", gostr::quote(field));
            (meta || field == "status.successful", Some(words))
        }
        ("resource.k8s.io", "ResourceSlice") => {
            let words = format!("field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {field}");
            (name || matches!(field, "spec.nodeName" | "spec.driver"), Some(words))
        }
        _ => {
            let words = format!(
                "{} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
                gostr::quote(field)
            );
            (meta, Some(words))
        }
    };
    if known {
        return Ok(field.into());
    }
    Err(own_words.unwrap_or_else(|| format!("field label not supported: {field}")))
}

const POD: &[&str] = &[
    "spec.hostNetwork",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.nominatedNodeName",
    "status.phase",
    "status.podIP",
    "status.podIPs",
];

const EVENT: &[&str] = &[
    "involvedObject.apiVersion",
    "involvedObject.fieldPath",
    "involvedObject.kind",
    "involvedObject.name",
    "involvedObject.namespace",
    "involvedObject.resourceVersion",
    "involvedObject.uid",
    "reason",
    "reportingComponent",
    "source",
    "type",
];

const REGARDING: &[&str] = &["apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"];

/// The text of an object's field for comparison; absent booleans and numbers are `false` and `0`.
fn field_text(object: &Value, field: &str) -> EcoString {
    let at = |path: &str| path.split('.').fold(object, |value, part| value.get(part));
    match field {
        // Told apart by the parts only, so that no kind is needed.
        "spec.hostNetwork" | "spec.unschedulable" => eco_format!("{}", at(field).as_bool().unwrap_or_default()),
        "status.replicas" => eco_format!("{}", at(field).as_i64().unwrap_or_default()),
        "status.successful" => eco_format!("{}", at("status.succeeded").as_i64().unwrap_or_default()),
        "status.podIP" => at("status.podIPs").item(0).get("ip").text(),
        "status.podIPs" => EcoString::new(),
        "source" => {
            let component = at("source.component").text();
            if component.is_empty() { at("reportingComponent").text() } else { component }
        }
        _ => match at(field) {
            Value::String(text) => text.clone(),
            Value::Int(number) => eco_format!("{number}"),
            Value::Bool(flag) => eco_format!("{flag}"),
            _ => EcoString::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    /// The canonical form, or the error, for pods; `+` or `-` for one of them.
    fn check(text: &str, expect: &str) {
        let pod = value!({
            "metadata": {"name": "web"},
            "spec": {"nodeName": "n1"},
            "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]},
        });
        let selector = FieldSelector::parse(text).and_then(|selector| selector.for_kind("", "Pod"));
        let got = match selector {
            Ok(selector) => format!("{selector} {}", if selector.matches(&pod) { '+' } else { '-' }),
            Err(error) => error,
        };
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn selectors_are_read_sorted_and_matched() {
        check("", " +");
        check("status.phase==Running,metadata.name!=db", "metadata.name!=db,status.phase=Running +");
        check("spec.host=n1", "spec.nodeName=n1 +");
        check("spec.hostNetwork=false", "spec.hostNetwork=false +");
        check("status.podIP=10.0.0.1,", "status.podIP=10.0.0.1 +");
        check(r"metadata.name=a\,b\=\\", r"metadata.name=a\,b\=\\ -");
    }

    #[test]
    fn errors_are_those_of_the_api_server() {
        check("status.phase>1", "invalid selector: 'status.phase>1'; can't understand 'status.phase>1'");
        check("a=b=c", "invalid field selector: unescaped character in value: 61");
        check(r"a=\x", r"invalid field selector: invalid escape sequence: \x");
        check("spec.foo=1", "field label not supported: spec.foo");
        let job = FieldSelector::parse("x=1").unwrap().for_kind("batch", "Job").unwrap_err();
        assert_eq!(job, "field label \"x\" not supported for Job");
    }
}
