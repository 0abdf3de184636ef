//! `images` and `replicas`.

// Models sigs.k8s.io/kustomize/api/filters/{imagetag,replicacount}

use podyard_api::Value;

use super::Resource;
use crate::failure::{Failure, Outcome};

pub(super) fn run(images: &Value, resources: &mut [Resource]) {
    for image in images.items() {
        for resource in resources.iter_mut() {
            containers(&mut resource.object, image);
        }
    }
}

/// Changes the image of each container, wherever in the object it is.
fn containers(value: &mut Value, image: &Value) {
    match value {
        Value::Array(_) => value.items_mut().iter_mut().for_each(|item| containers(item, image)),
        Value::Object(_) => {
            let keys: Vec<String> = value.fields().iter().map(|(key, _)| key.as_str().to_owned()).collect();
            for key in keys {
                let Some(field) = value.get_mut(&key) else { continue };
                if matches!(key.as_str(), "containers" | "initContainers") && field.is_array() {
                    for container in field.items_mut() {
                        if let Some(changed) = changed(container.get("image").str(), image) {
                            container.set("image", changed);
                        }
                    }
                } else {
                    containers(field, image);
                }
            }
        }
        _ => {}
    }
}

/// The image's new name, if it is the one that is meant.
fn changed(current: &str, image: &Value) -> Option<String> {
    let (rest, digest) = current.split_once('@').map_or((current, ""), |(rest, digest)| (rest, digest));
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest[slash..].find(':') {
        Some(at) => (&rest[..slash + at], &rest[slash + at + 1..]),
        None => (rest, ""),
    };
    if image.get("name") != name {
        return None;
    }
    let text = |field: &str| image.get(field).text();
    let name = if text("newName").is_empty() { name.into() } else { text("newName") };
    Some(match (text("newTag").as_str(), text("digest").as_str()) {
        (new, found) if !new.is_empty() && !found.is_empty() => format!("{name}:{new}@{found}"),
        ("", found) if !found.is_empty() => format!("{name}@{found}"),
        (new, _) if !new.is_empty() => format!("{name}:{new}"),
        _ if !digest.is_empty() => format!("{name}@{digest}"),
        _ if !tag.is_empty() => format!("{name}:{tag}"),
        _ => name.to_string(),
    })
}

pub(super) fn replicas(replicas: &Value, resources: &mut [Resource]) -> Outcome {
    const KINDS: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];
    for entry in replicas.items() {
        let name = entry.get("name").text();
        let mut found = false;
        for resource in resources.iter_mut() {
            if KINDS.contains(&resource.object.kind()) && resource.names.contains(&name) {
                resource.object.field_mut("spec").set("replicas", entry.get("count"));
                found = true;
            }
        }
        if !found {
            return Err(Failure::Text(format!(
                "resource with name {name} does not match a config with the following GVK [Deployment.[noVer].[noGrp] ReplicationController.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] StatefulSet.[noVer].[noGrp]]"
            )));
        }
    }
    Ok(())
}
