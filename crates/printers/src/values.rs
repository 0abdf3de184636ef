//! Small texts that tables and descriptions share.

use podyard_api::kinds::ObjectMeta;
use podyard_api::{Quantity, Value, duration, timestamp};

/// The age of what happened at `since`; `<unknown>` without a moment.
pub(crate) fn age(since: &str, now: i64) -> String {
    timestamp::parse(since).map_or_else(|| "<unknown>".into(), |then| duration::human(now - then))
}

/// `True` or `False`.
pub(crate) fn title_bool(flag: bool) -> &'static str {
    if flag { "True" } else { "False" }
}

/// The text, or `otherwise` where it is empty.
pub(crate) fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// A number or a text, as Go's `IntOrString` prints itself.
pub(crate) fn int_or_string(value: &Value) -> String {
    value.as_i64().map_or_else(|| value.str().to_owned(), |number| number.to_string())
}

/// A quantity as Kubernetes prints it; `0` where there is none.
pub(crate) fn quantity(value: &Value) -> String {
    Quantity::of(value).to_string()
}

/// `RWO,ROX`.
// Models pkg/apis/core/helper/helpers.go GetAccessModesAsString
pub(crate) fn access_modes<'a>(modes: impl Iterator<Item = &'a str>) -> String {
    let given: Vec<_> = modes.collect();
    let short =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let texts: Vec<_> = short.iter().filter(|(mode, _)| given.contains(mode)).map(|(_, text)| *text).collect();
    texts.join(",")
}

/// The storage class, be it given in the old way.
// Models pkg/apis/core/helper/helpers.go GetPersistentVolumeClass
pub(crate) fn storage_class<'a>(meta: ObjectMeta<'a>, class: &'a str) -> &'a str {
    meta.annotation("volume.beta.kubernetes.io/storage-class").unwrap_or(class)
}

/// `host:port`, IPv6 addresses in brackets.
pub(crate) fn join_host_port(host: &str, port: &str) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// A moment as descriptions print it: `Sun, 22 Nov 2026 15:17:44 +0000`; year 1 where there is none.
pub(crate) fn moment(text: &str) -> String {
    const YEAR_ONE: &str = "0001-01-01T00:00:00Z";
    let micros = timestamp::parse(text).or_else(|| timestamp::parse(YEAR_ONE));
    timestamp::rfc1123z(micros.unwrap_or_default())
}
