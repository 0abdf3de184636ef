//! ConfigMaps, Secrets and service accounts.

use podyard_api::kinds::{ConfigMap, ObjectMeta, Secret, ServiceAccount};
use podyard_api::{Value, base64};

use super::out::Out;
use super::{Describer, Related, lists, nothing};

pub(super) const CONFIG_MAP: Describer = Describer { reads: nothing, write: config_map };
pub(super) const SECRET: Describer = Describer { reads: nothing, write: secret };
pub(super) const SERVICE_ACCOUNT: Describer = Describer { reads: nothing, write: service_account };

/// Name, namespace, labels and annotations.
pub(super) fn head(meta: ObjectMeta<'_>, out: &mut Out) {
    out.field(0, "Name", meta.name());
    out.field(0, "Namespace", meta.namespace());
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
}

fn config_map(object: &Value, _: &Related, out: &mut Out) {
    let map = ConfigMap(object);
    head(map.metadata(), out);
    out.line(0, "\nData\n====");
    for (key, value) in map.data() {
        out.line(0, format_args!("{key}:\n----"));
        out.line(0, value.str());
        out.line(0, "");
    }
    out.line(0, "\nBinaryData\n====");
    for (key, value) in map.binary_data() {
        out.line(0, format_args!("{key}: {} bytes", decoded(value).len()));
    }
    out.line(0, "");
}

fn secret(object: &Value, _: &Related, out: &mut Out) {
    let secret = Secret(object);
    head(secret.metadata(), out);
    out.line(0, format_args!("\nType:\t{}", secret.kind()));
    out.line(0, "\nData\n====");
    for (key, value) in secret.data() {
        let data = decoded(value);
        if &**key == "token" && secret.kind() == "kubernetes.io/service-account-token" {
            out.field(0, key, String::from_utf8_lossy(&data));
        } else {
            out.field(0, key, format_args!("{} bytes", data.len()));
        }
    }
}

fn decoded(value: &Value) -> Vec<u8> {
    base64::decode(value.str()).unwrap_or_default()
}

fn service_account(object: &Value, _: &Related, out: &mut Out) {
    let account = ServiceAccount(object);
    head(account.metadata(), out);
    let names: Vec<_> = account.image_pull_secrets().map(|secret| secret.name()).collect();
    if names.is_empty() {
        out.line(0, "Image pull secrets:\t<none>");
    }
    for (index, name) in names.into_iter().enumerate() {
        let label = if index == 0 { "Image pull secrets:" } else { "                   " };
        out.line(0, format_args!("{label}\t{name}"));
    }
}
