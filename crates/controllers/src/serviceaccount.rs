//! Sees to it that every namespace has its `default` service account.
// Models pkg/controller/serviceaccount/serviceaccounts_controller.go

use podyard_api::{Target, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "serviceaccount-controller",
    account: "service-account-controller",
    component: "",
    route,
    reconcile,
};

const NAME: &str = "default";

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        ResourceKey::NAMESPACES if change.new.is_some() => keys.push(Key::new("", change.name.clone())),
        ResourceKey::SERVICE_ACCOUNTS if change.name == NAME && change.new.is_none() => {
            keys.push(Key::new("", change.namespace.clone()));
        }
        _ => {}
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let namespace = context.api.get(ResourceKey::NAMESPACES, "", &key.name);
    let is_active = namespace.is_some_and(|namespace| namespace.meta().deletion_timestamp().is_none());
    if !is_active || context.api.get(ResourceKey::SERVICE_ACCOUNTS, &key.name, NAME).is_some() {
        return Outcome::Done;
    }
    let account = value!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": &key.name},
    });
    match context.create(Target::resource("", "v1", "serviceaccounts", &key.name, ""), account) {
        Ok(_) => Outcome::Done,
        Err(status) if status.is("AlreadyExists") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
