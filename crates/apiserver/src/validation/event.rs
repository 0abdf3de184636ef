//! Events.
// Models pkg/apis/core/validation/events.go

use podyard_api::{Value, names};

use super::field::{At, Errors};

pub(crate) fn create(event: &Value, errors: &mut Errors) {
    legacy(event, errors);
    // Events with a time in microseconds are of the new form, which is checked.
    if event.get("eventTime").is_null() {
        return;
    }
    let controller = At::root(event, "reportingComponent");
    if controller.str().is_empty() {
        errors.required(&super::Path::root("reportingController"), "");
    } else {
        let path = super::Path::root("reportingController");
        errors.invalid_each(&path, controller.str(), names::qualified_name(controller.str()));
    }
    for (field, max) in [("reportingInstance", 128), ("action", 128), ("reason", 128)] {
        let at = At::root(event, field);
        match at.text() {
            None => errors.required(&at.path, ""),
            Some(text) if text.len() > max => {
                errors.invalid(&at.path, "", &format!("can have at most {max} characters"));
            }
            Some(_) => {}
        }
    }
    let message = At::root(event, "message");
    if message.str().len() > 1024 {
        errors.invalid(&message.path, "", "can have at most 1024 characters");
    }
}

/// The object concerned is in the event's namespace.
fn legacy(event: &Value, errors: &mut Errors) {
    let object = At::root(event, "involvedObject");
    let namespace = object.at("namespace");
    let own = event.namespace();
    if namespace.str().is_empty() {
        if own != "default" && own != "kube-system" && !own.is_empty() {
            errors.invalid(&namespace.path, namespace.str(), "does not match event.namespace");
        }
    } else if namespace.str() != own {
        errors.invalid(&namespace.path, namespace.str(), "does not match event.namespace");
    }
}
