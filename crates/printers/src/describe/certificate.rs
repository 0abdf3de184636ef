//! CertificateSigningRequests.

mod request;

use podyard_api::{Value, base64, duration};

use super::out::Out;
use super::{Describer, Related, nothing};
use crate::labels::labels;
use crate::table::certificate_state;
use crate::values::moment;
use request::Request;

pub(super) const DESCRIBER: Describer = Describer { reads: nothing, write };

fn write(object: &Value, _: &Related, out: &mut Out) {
    let (meta, spec) = (object.meta(), object.get("spec"));
    out.field(0, "Name", meta.name());
    out.field(0, "Labels", labels(meta.labels()));
    out.field(0, "Annotations", labels(meta.annotations()));
    out.field(0, "CreationTimestamp", moment(meta.creation_timestamp()));
    out.field(0, "Requesting User", spec.get("username").str());
    out.field_if(0, "Signer", spec.get("signerName").str());
    if let Some(seconds) = spec.get("expirationSeconds").as_i64() {
        out.field(0, "Requested Duration", duration::human(seconds.saturating_mul(1_000_000)));
    }
    out.field(0, "Status", certificate_state(object));
    let pem = base64::decode(spec.get("request").str()).unwrap_or_default();
    subject(&Request::parse(&pem).unwrap_or_default(), out);
}

fn subject(request: &Request, out: &mut Out) {
    out.line(0, "Subject:");
    let first = |oid| request.names.iter().find(|(known, _)| known == oid).map(|(_, text)| text.as_str());
    out.line(0, format_args!("\tCommon Name:\t{}", first(request::COMMON_NAME).unwrap_or_default()));
    out.line(0, format_args!("\tSerial Number:\t{}", first(request::SERIAL_NUMBER).unwrap_or_default()));
    for (label, oid) in request::SUBJECT_LISTS {
        let texts = request.names.iter().filter(|(known, _)| known == oid).map(|(_, text)| text.clone());
        list(label, texts.collect(), out);
    }
    if request.alternatives.is_empty() {
        return;
    }
    out.line(0, "Subject Alternative Names:");
    for (label, kind) in request::ALTERNATIVE_LISTS {
        let texts = request.alternatives.iter().filter(|(known, _)| *known == kind).map(|(_, text)| text.clone());
        list(label, texts.collect(), out);
    }
}

fn list(label: &str, texts: Vec<String>, out: &mut Out) {
    for (index, text) in texts.into_iter().enumerate() {
        let label = if index == 0 { format!("{label}:") } else { String::new() };
        out.line(0, format_args!("\t{label}\t{text}"));
    }
}
