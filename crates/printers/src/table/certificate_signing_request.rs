//! CertificateSigningRequests.

use podyard_api::kinds::Condition;
use podyard_api::{Value, duration};

use super::{AGE, NAME, Printer, cells, object_age, text};
use crate::values::or;

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, AGE, text("SignerName"), text("Requestor"), text("RequestedDuration"), text("Condition")],
    row: |object, now| {
        let spec = object.get("spec");
        let asked = match spec.get("expirationSeconds").as_i64() {
            Some(seconds) => duration::human(seconds.saturating_mul(1_000_000)),
            None => "<none>".into(),
        };
        cells![
            object.name(),
            object_age(object, now),
            or(spec.get("signerName").str(), "<none>"),
            spec.get("username").str(),
            asked,
            state(object),
        ]
    },
};

/// `Pending`, `Approved,Issued` …
pub(crate) fn state(request: &Value) -> String {
    let status = request.get("status");
    let has = |kind: &str| status.get("conditions").items().iter().any(|item| Condition(item).kind() == kind);
    let mut text = match () {
        () if has("Denied") => "Denied",
        () if has("Approved") => "Approved",
        () => "Pending",
    }
    .to_owned();
    if has("Failed") {
        text.push_str(",Failed");
    }
    if !status.get("certificate").is_empty() {
        text.push_str(",Issued");
    }
    text
}
