//! API errors: one typed value, worded as the API server words it.

use std::fmt;

use ecow::{EcoString, eco_format};
use serde::{Deserialize, Serialize};

use crate::{Value, value};

/// `metav1.Status` of a failed request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// HTTP status code.
    pub code: u16,
    /// As `NotFound`.
    pub reason: EcoString,
    pub message: EcoString,
    /// `details.name`, `.group`, `.kind`, `.uid`; empty where not given.
    pub name: EcoString,
    pub group: EcoString,
    pub kind: EcoString,
    pub uid: EcoString,
    pub causes: Vec<Cause>,
    pub retry_after_seconds: u32,
}

/// One entry of `details.causes`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// As `FieldValueInvalid`.
    pub reason: EcoString,
    pub message: EcoString,
    pub field: EcoString,
}

/// `pods` or `deployments.apps`.
fn qualified(group: &str, resource: &str) -> EcoString {
    if group.is_empty() { resource.into() } else { eco_format!("{resource}.{group}") }
}

// Models staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go
impl Status {
    fn about(code: u16, reason: &str, group: &str, resource: &str, name: &str, message: EcoString) -> Self {
        Self {
            code,
            reason: reason.into(),
            message,
            name: name.into(),
            group: group.into(),
            kind: resource.into(),
            ..Self::default()
        }
    }

    pub fn not_found(group: &str, resource: &str, name: &str) -> Self {
        let message = eco_format!("{} {name:?} not found", qualified(group, resource));
        Self::about(404, "NotFound", group, resource, name, message)
    }

    pub fn already_exists(group: &str, resource: &str, name: &str) -> Self {
        let message = eco_format!("{} {name:?} already exists", qualified(group, resource));
        Self::about(409, "AlreadyExists", group, resource, name, message)
    }

    pub fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = eco_format!("Operation cannot be fulfilled on {} {name:?}: {why}", qualified(group, resource));
        Self::about(409, "Conflict", group, resource, name, message)
    }

    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let what = qualified(group, resource);
        let message = match (resource, name) {
            ("", _) => eco_format!("forbidden: {why}"),
            (_, "") => eco_format!("{what} is forbidden: {why}"),
            _ => eco_format!("{what} {name:?} is forbidden: {why}"),
        };
        Self::about(403, "Forbidden", group, resource, name, message)
    }

    /// `kind` is the object's kind, as `Pod`.
    pub fn invalid(group: &str, kind: &str, name: &str, causes: Vec<Cause>) -> Self {
        // Found twice is said once.
        let mut texts: Vec<String> = Vec::new();
        for text in causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let all = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let message = eco_format!("{} {name:?} is invalid: {all}", qualified(group, kind));
        Self { causes, ..Self::about(422, "Invalid", group, kind, name, message) }
    }

    pub fn bad_request(message: impl Into<EcoString>) -> Self {
        Self { code: 400, reason: "BadRequest".into(), message: message.into(), ..Self::default() }
    }

    pub fn unauthorized() -> Self {
        Self { code: 401, reason: "Unauthorized".into(), message: "Unauthorized".into(), ..Self::default() }
    }

    pub fn method_not_allowed(group: &str, resource: &str, verb: &str) -> Self {
        let message = eco_format!("{verb} is not supported on resources of kind \"{}\"", qualified(group, resource));
        Self::about(405, "MethodNotAllowed", group, resource, "", message)
    }

    /// No such path or resource.
    pub fn page_not_found() -> Self {
        Self {
            code: 404,
            reason: "NotFound".into(),
            message: "the server could not find the requested resource".into(),
            ..Self::default()
        }
    }

    pub fn gone(message: impl Into<EcoString>) -> Self {
        Self { code: 410, reason: "Expired".into(), message: message.into(), ..Self::default() }
    }

    pub fn internal(message: impl Into<EcoString>) -> Self {
        Self {
            code: 500,
            reason: "InternalError".into(),
            message: eco_format!("Internal error occurred: {}", message.into()),
            ..Self::default()
        }
    }

    pub fn is(&self, reason: &str) -> bool {
        self.reason == reason
    }

    /// As sent over the wire.
    pub fn to_value(&self) -> Value {
        let mut details = Value::object();
        for (key, text) in [("name", &self.name), ("group", &self.group), ("kind", &self.kind), ("uid", &self.uid)] {
            if !text.is_empty() {
                details.set(key, text);
            }
        }
        if !self.causes.is_empty() {
            let causes = self.causes.iter().map(|cause| {
                let mut value = value!({"reason": &cause.reason, "message": &cause.message});
                if !cause.field.is_empty() {
                    value.set("field", &cause.field);
                }
                value
            });
            details.set("causes", causes.collect::<Value>());
        }
        if self.retry_after_seconds > 0 {
            details.set("retryAfterSeconds", self.retry_after_seconds);
        }
        let mut status = value!({
            "apiVersion": "v1",
            "kind": "Status",
            "metadata": {},
            "status": "Failure",
            "message": &self.message,
            "reason": &self.reason,
            "code": i64::from(self.code),
        });
        if !details.is_empty() {
            status.set("details", details);
        }
        status
    }

    pub fn from_value(value: &Value) -> Self {
        let details = value.get("details");
        let cause = |cause: &Value| Cause {
            reason: cause.get("reason").text(),
            message: cause.get("message").text(),
            field: cause.get("field").text(),
        };
        Self {
            code: value.get("code").as_i64().and_then(|code| u16::try_from(code).ok()).unwrap_or(500),
            reason: value.get("reason").text(),
            message: value.get("message").text(),
            name: details.get("name").text(),
            group: details.get("group").text(),
            kind: details.get("kind").text(),
            uid: details.get("uid").text(),
            causes: details.get("causes").items().iter().map(cause).collect(),
            retry_after_seconds: details
                .get("retryAfterSeconds")
                .as_i64()
                .and_then(|seconds| u32::try_from(seconds).ok())
                .unwrap_or_default(),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}
