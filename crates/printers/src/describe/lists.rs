//! Labels, annotations, taints and tolerations, one a line below each other.

use podyard_api::kinds::{Taint, Toleration};
use podyard_api::{Key, Value};

use super::out::Out;

/// Annotations longer than this are cut.
const MAX_ANNOTATION: usize = 140;
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// `title:` and the texts in the next column, or `<none>`.
pub(super) fn column(out: &mut Out, indent: &str, title: &str, texts: impl IntoIterator<Item = String>) {
    out.write(0, format_args!("{indent}{title}:\t"));
    let mut texts = texts.into_iter();
    let Some(first) = texts.next() else {
        out.line(0, "<none>");
        return;
    };
    out.line(0, first);
    for text in texts {
        out.write(0, indent);
        out.write(0, "\t");
        out.line(0, text);
    }
}

pub(super) fn labels(out: &mut Out, title: &str, labels: &[(Key, Value)]) {
    labels_indented(out, "", title, labels);
}

pub(super) fn labels_indented(out: &mut Out, indent: &str, title: &str, labels: &[(Key, Value)]) {
    column(out, indent, title, labels.iter().map(|(key, value)| format!("{key}={}", value.str())));
}

/// Annotations but for what `kubectl apply` keeps there; long and many-lined ones below their name.
pub(super) fn annotations(out: &mut Out, title: &str, annotations: &[(Key, Value)]) {
    out.write(0, format_args!("{title}:\t"));
    let mut shown = annotations.iter().filter(|(key, _)| &**key != LAST_APPLIED).peekable();
    if shown.peek().is_none() {
        out.line(0, "<none>");
        return;
    }
    for (index, (key, value)) in shown.enumerate() {
        if index > 0 {
            out.write(0, "\t");
        }
        let value = value.str();
        let value = value.strip_suffix('\n').unwrap_or(value);
        if value.len() + key.len() + 2 > MAX_ANNOTATION || value.contains('\n') {
            out.line(0, format_args!("{key}:"));
            for line in value.split('\n') {
                out.line(0, format_args!("\t  {}", shortened(line, MAX_ANNOTATION - 2)));
            }
        } else {
            out.line(0, format_args!("{key}: {value}"));
        }
    }
}

/// At most `limit` bytes, and dots where there is more.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    if text.len() <= limit { text.into() } else { format!("{}...", &text[..text.floor_char_boundary(limit)]) }
}

pub(super) fn taints<'a>(out: &mut Out, title: &str, taints: impl Iterator<Item = Taint<'a>>) {
    let mut taints: Vec<_> = taints.collect();
    taints.sort_by_key(|taint| format!("{},{}", taint.effect(), taint.key()));
    column(out, "", title, taints.into_iter().map(taint));
}

/// `key=value:effect`.
fn taint(taint: Taint<'_>) -> String {
    let (key, value, effect) = (taint.key(), taint.val(), taint.effect());
    match (value, effect) {
        ("", "") => key.into(),
        (_, "") => format!("{key}={value}:"),
        ("", _) => format!("{key}:{effect}"),
        _ => format!("{key}={value}:{effect}"),
    }
}

pub(super) fn tolerations<'a>(out: &mut Out, title: &str, tolerations: impl Iterator<Item = Toleration<'a>>) {
    let mut tolerations: Vec<_> = tolerations.collect();
    tolerations.sort_by_key(|toleration| toleration.key());
    column(out, "", title, tolerations.into_iter().map(toleration));
}

fn toleration(toleration: Toleration<'_>) -> String {
    let mut text = toleration.key().to_owned();
    if !toleration.val().is_empty() {
        text.push_str(&format!("={}", toleration.val()));
    }
    if !toleration.effect().is_empty() {
        text.push_str(&format!(":{}", toleration.effect()));
    }
    if toleration.operator() == "Exists" && toleration.val().is_empty() {
        text.push_str(if text.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = toleration.toleration_seconds() {
        text.push_str(&format!(" for {seconds}s"));
    }
    text
}
