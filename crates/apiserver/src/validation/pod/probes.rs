//! Probes, lifecycle hooks and their handlers.

use podyard_api::Value;

use super::super::field::{At, Errors, Path};
use podyard_api::names;

use super::super::meta;
use super::Context;
use super::containers::port_number;

pub(crate) fn liveness(at: &At, context: &Context, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    probe(at, context, errors);
    let success = at.at("successThreshold");
    if success.value.as_i64() != Some(1) {
        errors.invalid(&success.path, success.value.as_i64().unwrap_or_default(), "must be 1");
    }
}

pub(crate) fn readiness(at: &At, context: &Context, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    probe(at, context, errors);
    let grace = at.at("terminationGracePeriodSeconds");
    if grace.is_set() {
        errors.invalid(&grace.path, grace.value, "must not be set for readinessProbes");
    }
}

fn probe(at: &At, context: &Context, errors: &mut Errors) {
    handler(at, &["exec", "httpGet", "tcpSocket", "grpc"], context, errors);
    for name in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        non_negative(&at.at(name), errors);
    }
    let grace = at.at("terminationGracePeriodSeconds");
    if grace.value.as_i64().is_some_and(|seconds| seconds <= 0) {
        errors.invalid(&grace.path, grace.value, "must be greater than 0");
    }
}

/// A number that may not be negative; absent is 0.
pub(crate) fn non_negative(at: &At, errors: &mut Errors) {
    if at.value.as_i64().is_some_and(|n| n < 0) {
        errors.invalid(&at.path, at.value, meta::NEGATIVE);
    }
}

pub(crate) fn lifecycle(at: &At, context: &Context, errors: &mut Errors) {
    for name in ["postStart", "preStop"] {
        let hook = at.at(name);
        if hook.is_set() {
            handler(&hook, &["exec", "httpGet", "tcpSocket", "sleep"], context, errors);
        }
    }
    let signal = at.at("stopSignal");
    if signal.is_set() && context.os.is_empty() {
        errors.forbidden(&signal.path, "may not be set for containers with empty `spec.os.name`");
    }
}

fn handler(at: &At, kinds: &[&str], context: &Context, errors: &mut Errors) {
    let mut found = false;
    for kind in kinds {
        let action = at.at(kind);
        if !action.is_set() {
            continue;
        }
        if found {
            errors.forbidden(&action.path, "may not specify more than 1 handler type");
            continue;
        }
        found = true;
        match *kind {
            "exec" => {
                let command = action.at("command");
                if command.is_empty() {
                    errors.required(&command.path, "");
                }
            }
            "httpGet" => http_get(&action, errors),
            "tcpSocket" => port(&action.at("port"), errors),
            "grpc" => {
                let port = action.at("port");
                port_number(port.value.as_i64().unwrap_or_default(), &port.path, errors);
            }
            _ => sleep(&action, context, errors),
        }
    }
    if !found {
        errors.required(&at.path, "must specify a handler type");
    }
}

fn http_get(at: &At, errors: &mut Errors) {
    let path = at.at("path");
    if path.str().is_empty() {
        errors.required(&path.path, "");
    }
    port(&at.at("port"), errors);
    let scheme = at.at("scheme");
    if !["HTTP", "HTTPS"].contains(&scheme.str()) {
        errors.not_supported(&scheme.path, scheme.str(), &["HTTP", "HTTPS"]);
    }
    let headers = at.at("httpHeaders");
    for header in headers.value.items() {
        let name = header.get("name").str();
        errors.invalid_each(&headers.path, name, names::http_header(name));
    }
}

fn port(at: &At, errors: &mut Errors) {
    port_or_name(at.value, &at.path, errors);
}

/// A port's number or name.
pub(crate) fn port_or_name(value: &Value, path: &Path, errors: &mut Errors) {
    match value.as_str() {
        Some(name) => errors.invalid_each(path, name, names::port_name(name)),
        None => port_number(value.as_i64().unwrap_or_default(), path, errors),
    }
}

fn sleep(at: &At, context: &Context, errors: &mut Errors) {
    let seconds = at.value.get("seconds").as_i64().unwrap_or_default();
    let Some(grace) = context.grace else { return };
    if seconds < 0 || seconds > grace {
        let detail = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        errors.invalid(&at.path, seconds, &detail);
    }
}
