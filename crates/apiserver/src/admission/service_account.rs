//! Every pod runs as an account of its namespace, and gets its token.
// Models plugin/pkg/admission/serviceaccount/admission.go

use std::sync::LazyLock;

use ecow::{EcoString, eco_format};
use podyard_api::{Key, Status, Value, value};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const MOUNT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// An hour, and a little so that it is not confused with a token that was asked for.
const EXPIRATION: i64 = 3607;
const MIRROR: &str = "kubernetes.io/config.mirror";

pub(super) fn admit(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    if !attributes.creates(ResourceKey::PODS) {
        return Ok(());
    }
    let Some(pod) = attributes.object.as_ref() else { return Ok(()) };
    let spec = pod.get("spec");
    if pod.meta().annotation(MIRROR).is_some() {
        return mirror(attributes, spec);
    }
    let name = match spec.get("serviceAccountName").str() {
        "" => EcoString::from("default"),
        name => name.into(),
    };
    let Some(account) = server.get(ResourceKey::SERVICE_ACCOUNTS, &attributes.namespace, &name).cloned() else {
        let why = eco_format!(
            "error looking up service account {}/{name}: serviceaccount \"{name}\" not found",
            attributes.namespace
        );
        return Err(attributes.forbidden(&why));
    };
    let automount = |object: &Value| object.get("automountServiceAccountToken").as_bool();
    let mounts = automount(spec).or(automount(&account)).unwrap_or(true);
    let volume = mounts.then(|| eco_format!("kube-api-access-{}", server.names.suffix(5)));
    let Some(pod) = attributes.object.as_mut() else { return Ok(()) };
    let spec = pod.field_mut("spec");
    spec.set(Key::Static("serviceAccountName"), &name);
    spec.set(Key::Static("serviceAccount"), name);
    if let Some(volume) = volume {
        mount_token(spec, volume);
    }
    let secrets = account.get("imagePullSecrets");
    if spec.get("imagePullSecrets").items().is_empty() && !secrets.items().is_empty() {
        spec.set(Key::Static("imagePullSecrets"), secrets);
    }
    Ok(())
}

/// Static pods' mirrors have no account.
fn mirror(attributes: &Attributes, spec: &Value) -> Result<(), Status> {
    if !spec.get("serviceAccountName").str().is_empty() {
        return Err(attributes.forbidden("a mirror pod may not reference service accounts"));
    }
    let token = |source: &Value| source.get("serviceAccountToken").is_object();
    for volume in spec.get("volumes").items() {
        if volume.at(&["projected", "sources"]).items().iter().any(token) {
            return Err(attributes.forbidden("a mirror pod may not use ServiceAccountToken volume projections"));
        }
    }
    Ok(())
}

fn mount_token(spec: &mut Value, volume: EcoString) {
    let has_token = |volume: &Value| volume.get("name").str().starts_with("kube-api-access-");
    let own = spec.get("volumes").items().iter().find(|volume| has_token(volume)).map(|v| v.get("name").text());
    let name = own.clone().unwrap_or(volume);
    let mut used = false;
    for list in ["initContainers", "containers"] {
        if !spec.get(list).items().iter().any(lacks_mount) {
            continue;
        }
        let Some(containers) = spec.get_mut(list) else { continue };
        for container in containers.items_mut().iter_mut().filter(|container| lacks_mount(container)) {
            let mount = value!({"name": &name, "readOnly": true, "mountPath": MOUNT_PATH});
            container.field_mut("volumeMounts").push(mount);
            used = true;
        }
    }
    if used && own.is_none() {
        spec.field_mut("volumes").push(token_volume(name));
    }
}

fn lacks_mount(container: &Value) -> bool {
    !container.get("volumeMounts").items().iter().any(|mount| *mount.get("mountPath") == MOUNT_PATH)
}

fn token_volume(name: EcoString) -> Value {
    value!({
        "name": name,
        "projected": &*SOURCES,
    })
}

/// Token, certificate and namespace: the same for all pods, which share it.
static SOURCES: LazyLock<Value> = LazyLock::new(|| {
    value!({
        "defaultMode": 420,
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": EXPIRATION, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [
                {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
            ]}},
        ],
    })
});
