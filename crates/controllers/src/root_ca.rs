//! Keeps the cluster's CA certificate in a ConfigMap of every namespace.
// Models pkg/controller/certificates/rootcacertpublisher/publisher.go

use podyard_api::{Target, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "root-ca-certificate-publisher-controller",
    account: "root-ca-cert-publisher",
    component: "",
    route,
    reconcile,
};

const NAME: &str = "kube-root-ca.crt";
/// The namespace whose ConfigMap is the model of all others.
const MODEL: &str = "kube-system";

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        ResourceKey::NAMESPACES if change.new.is_some() => keys.push(Key::new("", change.name.clone())),
        ResourceKey::CONFIG_MAPS if change.name == NAME && change.old.is_some() => {
            keys.push(Key::new("", change.namespace.clone()));
        }
        _ => {}
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let namespace = context.api.get(ResourceKey::NAMESPACES, "", &key.name);
    if namespace.is_none_or(|namespace| namespace.meta().deletion_timestamp().is_some()) {
        return Outcome::Done;
    }
    let Some(model) = context.api.get(ResourceKey::CONFIG_MAPS, MODEL, NAME).cloned() else { return Outcome::Done };
    let target = Target::resource("", "v1", "configmaps", &key.name, NAME);
    let result = match context.api.get(ResourceKey::CONFIG_MAPS, &key.name, NAME).cloned() {
        Some(present) if present.get("data") == model.get("data") => return Outcome::Done,
        Some(mut present) => {
            present.set("data", model.get("data"));
            context.update(target, present)
        }
        None => {
            let annotations = model.at(&["metadata", "annotations"]).clone();
            let object = value!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": NAME, "namespace": &key.name, "annotations": annotations},
                "data": (model.get("data").clone()),
            });
            context.create(Target::resource("", "v1", "configmaps", &key.name, ""), object)
        }
    };
    if result.is_ok() { Outcome::Done } else { Outcome::Retry }
}
