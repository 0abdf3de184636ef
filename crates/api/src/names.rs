//! The forms of names, keys and values, and what is said of one that has not that form.
//!
//! Each check answers with its messages; none for a good value.
// Models staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go

use ecow::{EcoString, eco_format};

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
    start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
    '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SUBDOMAIN_UNDERSCORE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
    characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex \
    used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
    alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for \
    validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which \
    must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. \
    '*.example.com', regex used for validation is \
    '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
    '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex \
    used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
    'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const HEADER: &str = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex \
    used for validation is '[-A-Za-z0-9]+')";
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or \
    '93%', regex used for validation is '[0-9]+%')";
const ENV_FILE_NAME: &str = "a valid environment variable name must consist of alphabetic characters, digits, '_', \
    '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used \
    for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";
const ENV_NAME: &str =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";

/// The check of a name; `prefix` when something will be appended to it.
pub type NameCheck = fn(&str, bool) -> Vec<EcoString>;

/// `must be no more than N characters`.
pub fn too_long(max: usize) -> EcoString {
    eco_format!("must be no more than {max} characters")
}

/// `must be between A and B, inclusive`.
pub fn out_of_range(low: i64, high: i64) -> EcoString {
    eco_format!("must be between {low} and {high}, inclusive")
}

fn lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_label(text: &str, inner: fn(u8) -> bool) -> bool {
    match text.as_bytes() {
        [] => false,
        [one] => lower_or_digit(*one),
        [first, middle @ .., last] => {
            lower_or_digit(*first) && lower_or_digit(*last) && middle.iter().all(|b| inner(*b))
        }
    }
}

fn dash(byte: u8) -> bool {
    lower_or_digit(byte) || byte == b'-'
}

fn checked(text: &str, max: usize, good: bool, message: &str) -> Vec<EcoString> {
    if good && text.len() <= max {
        return Vec::new();
    }
    let mut messages = Vec::new();
    if text.len() > max {
        messages.push(too_long(max));
    }
    if !good {
        messages.push(message.into());
    }
    messages
}

pub fn dns_label(text: &str) -> Vec<EcoString> {
    let good = is_label(text, dash);
    // What would be a subdomain fails for its dots.
    let message = if !good && is_subdomain(text) { "must not contain dots" } else { LABEL };
    checked(text, 63, good, message)
}

pub fn dns_label_1035(text: &str) -> Vec<EcoString> {
    let good = is_label(text, dash) && text.as_bytes()[0].is_ascii_lowercase();
    checked(text, 63, good, LABEL_1035)
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(|part| is_label(part, dash))
}

pub fn dns_subdomain(text: &str) -> Vec<EcoString> {
    checked(text, 253, is_subdomain(text), SUBDOMAIN)
}

pub fn dns_subdomain_underscore(text: &str) -> Vec<EcoString> {
    let part = |part: &str| is_label(part.strip_prefix('_').unwrap_or(part), |b| dash(b) || b == b'_');
    checked(text, 253, text.split('.').all(part), SUBDOMAIN_UNDERSCORE)
}

pub fn wildcard_subdomain(text: &str) -> Vec<EcoString> {
    checked(text, 253, text.strip_prefix("*.").is_some_and(is_subdomain), WILDCARD)
}

fn is_qualified_part(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    match text.as_bytes() {
        [] => false,
        [one] => one.is_ascii_alphanumeric(),
        [first, middle @ .., last] => {
            first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() && middle.iter().all(|b| inner(*b))
        }
    }
}

/// A name with an optional DNS prefix, as label keys are.
pub fn qualified_name(text: &str) -> Vec<EcoString> {
    let mut messages = Vec::new();
    let name = match text.split_once('/') {
        None => text,
        Some((prefix, name)) if !name.contains('/') => {
            if prefix.is_empty() {
                messages.push("prefix part must be non-empty".into());
            } else {
                messages.extend(dns_subdomain(prefix).iter().map(|m| eco_format!("prefix part {m}")));
            }
            name
        }
        Some(_) => {
            let message = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![eco_format!("a qualified name {QUALIFIED} {message}")];
        }
    };
    if name.is_empty() {
        messages.push("name part must be non-empty".into());
    } else if name.len() > 63 {
        messages.push("name part must be no more than 63 bytes".into());
    }
    if !is_qualified_part(name) {
        messages.push(eco_format!("name part {QUALIFIED}"));
    }
    messages
}

/// A qualified name that must have its prefix.
pub fn fully_qualified_name(text: &str) -> Vec<EcoString> {
    if text.is_empty() {
        return vec!["must be non-empty".into()];
    }
    dns_subdomain(text)
}

pub fn label_value(text: &str) -> Vec<EcoString> {
    let mut messages = Vec::new();
    if text.len() > 63 {
        messages.push("must be no more than 63 bytes".into());
    }
    if !text.is_empty() && !is_qualified_part(text) {
        messages.push(LABEL_VALUE.into());
    }
    messages
}

/// A key of a ConfigMap or Secret.
pub fn config_key(text: &str) -> Vec<EcoString> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let mut messages = checked(text, 253, good, CONFIG_KEY);
    match text {
        "." => messages.push("must not be '.'".into()),
        ".." => messages.push("must not be '..'".into()),
        _ if text.starts_with("..") => messages.push("must not start with '..'".into()),
        _ => {}
    }
    messages
}

pub fn env_name(text: &str) -> Vec<EcoString> {
    let good = !text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'=');
    if good { Vec::new() } else { vec![ENV_NAME.into()] }
}

/// A name in a file of environment variables, which kubectl takes less freely than the server.
pub fn env_file_name(text: &str) -> Vec<EcoString> {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let is_name = text.bytes().all(good) && text.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    let mut messages: Vec<EcoString> = if is_name { Vec::new() } else { vec![ENV_FILE_NAME.into()] };
    if text == "." || text.starts_with("..") {
        let what = if text.len() > 2 { "must not start with '..'".into() } else { eco_format!("must not be '{text}'") };
        messages.push(what);
    }
    messages
}

pub fn http_header(text: &str) -> Vec<EcoString> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if good { Vec::new() } else { vec![HEADER.into()] }
}

pub fn percent(text: &str) -> Vec<EcoString> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    let good = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if good { Vec::new() } else { vec![PERCENT.into()] }
}

pub fn port_number(port: i64) -> Vec<EcoString> {
    if (1..=65535).contains(&port) { Vec::new() } else { vec![out_of_range(1, 65535)] }
}

/// A port's name (IANA service name).
pub fn port_name(text: &str) -> Vec<EcoString> {
    let mut messages = Vec::new();
    if text.len() > 15 {
        messages.push(too_long(15));
    }
    if text.is_empty() || !text.bytes().all(dash) {
        messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        messages.push("must contain at least one letter (a-z)".into());
    }
    if text.contains("--") {
        messages.push("must not contain consecutive hyphens".into());
    }
    if text.starts_with('-') || text.ends_with('-') {
        messages.push("must not begin or end with a hyphen".into());
    }
    messages
}

/// A user or group id.
pub fn id_number(id: i64) -> Vec<EcoString> {
    let max = i64::from(i32::MAX);
    if (0..=max).contains(&id) { Vec::new() } else { vec![out_of_range(0, max)] }
}

pub fn ip_address(text: &str) -> Vec<EcoString> {
    if parse_ip(text).is_some() {
        return Vec::new();
    }
    vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".into()]
}

/// Go's lenient reading: numbers of an IPv4 address may have leading zeros.
pub fn parse_ip(text: &str) -> Option<std::net::IpAddr> {
    if let Ok(ip) = text.parse() {
        return Some(ip);
    }
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// The name as the last part of a URL path.
pub fn path_segment(text: &str) -> Vec<EcoString> {
    if text == "." || text == ".." {
        return vec![eco_format!("may not be '{text}'")];
    }
    ['/', '%'].into_iter().filter(|c| text.contains(*c)).map(|c| eco_format!("may not contain '{c}'")).collect()
}

/// A name to which something will be appended may end in a dash.
fn masked(text: &str, prefix: bool) -> std::borrow::Cow<'_, str> {
    match text.strip_suffix('-') {
        Some(rest) if prefix && !text.is_empty() => format!("{rest}a").into(),
        _ => text.into(),
    }
}

pub fn name_subdomain(text: &str, prefix: bool) -> Vec<EcoString> {
    dns_subdomain(&masked(text, prefix))
}

pub fn name_label(text: &str, prefix: bool) -> Vec<EcoString> {
    dns_label(&masked(text, prefix))
}

pub fn name_label_1035(text: &str, prefix: bool) -> Vec<EcoString> {
    dns_label_1035(&masked(text, prefix))
}

pub fn name_path_segment(text: &str, _prefix: bool) -> Vec<EcoString> {
    path_segment(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let check = |messages: Vec<EcoString>, expect: &[&str]| {
            let starts = messages.len() == expect.len() && messages.iter().zip(expect).all(|(m, e)| m.starts_with(e));
            assert!(starts, "{messages:?} is not {expect:?}");
        };
        check(dns_label("a"), &[]);
        check(dns_label("a-1"), &[]);
        check(dns_label(""), &["a lowercase RFC 1123 label"]);
        check(dns_label(&"A".repeat(64)), &["must be no more than 63 characters", "a lowercase"]);
        check(dns_subdomain("a.b-c.d"), &[]);
        check(dns_subdomain("a..b"), &["a lowercase RFC 1123 subdomain"]);
        check(dns_label_1035("1a"), &["a DNS-1035 label"]);
        check(qualified_name("a.b/C_d"), &[]);
        check(qualified_name("/x"), &["prefix part must be non-empty"]);
        check(qualified_name("a/"), &["name part must be non-empty", "name part must consist"]);
        check(qualified_name("a/b/c"), &["a qualified name must consist"]);
        check(label_value(""), &[]);
        check(label_value("-x"), &["a valid label"]);
        check(config_key(".."), &["must not be '..'"]);
        check(port_name("HTTP"), &["must contain only alpha-numeric", "must contain at least one letter"]);
        check(env_name("A=B"), &["a valid environment variable name"]);
        check(wildcard_subdomain("*.a.b"), &[]);
        check(wildcard_subdomain("*.*.b"), &["a wildcard"]);
        check(name_label("web-", true), &[]);
        check(name_label("web-", false), &["a lowercase"]);
        check(ip_address("10.0.0.1"), &[]);
        check(ip_address("10.0.0"), &["must be a valid IP"]);
    }
}
