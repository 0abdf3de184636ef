//! The priority of a pod is that of its class.
// Models plugin/pkg/admission/priority/admission.go

use ecow::{EcoString, eco_format};
use podyard_api::{Key, Status, Value, Verb};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const PREEMPT: &str = "PreemptLowerPriority";

pub(super) fn admit(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    if attributes.key != ResourceKey::PODS || !attributes.sub.is_empty() {
        return Ok(());
    }
    match attributes.verb {
        Verb::Create => create(server, attributes),
        Verb::Update => {
            // What was computed at the creation stays.
            if let (Some(pod), Some(old)) = (&mut attributes.object, &attributes.old) {
                for field in ["priority", "preemptionPolicy"] {
                    let before = old.get("spec").get(field);
                    if pod.get("spec").get(field).is_null() && !before.is_null() {
                        pod.field_mut("spec").set(Key::Static(field), before);
                    }
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn create(server: &ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    let Some(pod) = attributes.object.as_ref() else { return Ok(()) };
    let spec = pod.get("spec");
    let wanted = spec.get("priorityClassName").text();
    let class = match wanted.as_str() {
        "" => default_class(server),
        name => match server.get(ResourceKey::PRIORITY_CLASSES, "", name) {
            Some(class) => Some(class.clone()),
            None => {
                let why = eco_format!("no PriorityClass with name {name} was found");
                return Err(attributes.forbidden(&why));
            }
        },
    };
    let priority = class.as_ref().map_or(0, |class| class.get("value").as_i64().unwrap_or_default());
    let policy = class.as_ref().and_then(|class| class.get("preemptionPolicy").as_str()).unwrap_or(PREEMPT);
    if let Some(given) = spec.get("priority").as_i64().filter(|given| *given != priority) {
        let why = eco_format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller \
             computed {priority} from the given PriorityClass name"
        );
        return Err(attributes.forbidden(&why));
    }
    if let Some(given) = spec.get("preemptionPolicy").as_str().filter(|given| *given != policy) {
        let why = eco_format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission \
             controller computed {policy} from the given PriorityClass name"
        );
        return Err(attributes.forbidden(&why));
    }
    let policy = EcoString::from(policy);
    let name = class.as_ref().map(Value::name_text).filter(|_| wanted.is_empty());
    let Some(pod) = attributes.object.as_mut() else { return Ok(()) };
    let spec = pod.field_mut("spec");
    spec.set(Key::Static("priority"), priority);
    spec.set(Key::Static("preemptionPolicy"), policy);
    if let Some(name) = name {
        spec.set(Key::Static("priorityClassName"), name);
    }
    Ok(())
}

/// The class of pods that name none: of several the one with the lowest value.
fn default_class(server: &ApiServer) -> Option<Value> {
    let classes = server.list(ResourceKey::PRIORITY_CLASSES, None);
    let defaults = classes.filter(|class| class.get("globalDefault").as_bool() == Some(true));
    defaults.min_by_key(|class| class.get("value").as_i64()).cloned()
}

/// Only one class is the default.
pub(super) fn validate(server: &ApiServer, attributes: &Attributes) -> Result<(), Status> {
    if attributes.key != ResourceKey::PRIORITY_CLASSES || attributes.verb == Verb::Delete {
        return Ok(());
    }
    let Some(class) = attributes.object.as_ref() else { return Ok(()) };
    if class.get("globalDefault").as_bool() != Some(true) {
        return Ok(());
    }
    match default_class(server).filter(|other| other.name() != class.name()) {
        None => Ok(()),
        Some(other) => {
            let why =
                eco_format!("PriorityClass {} is already marked as default. Only one default can exist", other.name());
            Err(attributes.forbidden(&why))
        }
    }
}
