//! Labels in one line.

use podyard_api::{Key, Value};

/// `a=b,c=d`, or `<none>`.
// Models staging/src/k8s.io/apimachinery/pkg/labels/labels.go
pub(crate) fn labels(labels: &[(Key, Value)]) -> String {
    let pairs: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={}", value.str())).collect();
    if pairs.is_empty() { "<none>".into() } else { pairs.join(",") }
}
