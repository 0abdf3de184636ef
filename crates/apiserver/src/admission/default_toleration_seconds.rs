//! Pods stay five minutes on nodes that are not ready or not reached.
// Models plugin/pkg/admission/defaulttolerationseconds/admission.go

use std::sync::LazyLock;

use podyard_api::{Key, Status, Value, Verb, value};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const KEYS: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const SECONDS: i64 = 300;

pub(super) fn admit(_: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    let concerned = attributes.key == ResourceKey::PODS && attributes.sub.is_empty();
    if !concerned || attributes.verb == Verb::Delete {
        return Ok(());
    }
    let Some(pod) = attributes.object.as_mut() else { return Ok(()) };
    let present = pod.get("spec").get("tolerations");
    let tolerated = |key: &str| {
        present.items().iter().any(|toleration: &Value| {
            let of_key = *toleration.get("key") == key || toleration.get("key").str().is_empty();
            let effect = toleration.get("effect").str();
            of_key && (effect == "NoExecute" || effect.is_empty())
        })
    };
    if present.items().is_empty() {
        pod.field_mut("spec").set(Key::Static("tolerations"), &*BOTH);
        return Ok(());
    }
    let missing: Vec<&Value> = BOTH.items().iter().filter(|own| !tolerated(own.get("key").str())).collect();
    for toleration in missing {
        pod.field_mut("spec").field_mut("tolerations").push(toleration);
    }
    Ok(())
}

/// What most pods get, and share.
static BOTH: LazyLock<Value> = LazyLock::new(|| {
    let toleration =
        |key| value!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS});
    KEYS.into_iter().map(toleration).collect()
});
