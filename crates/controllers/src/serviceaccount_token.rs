//! Fills secrets that hold the token of a service account, and deletes them when the account has gone.
// Models pkg/controller/serviceaccount/tokens_controller.go

use podyard_api::{Key as Field, Status, Value, Verb, base64, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::context::target;
use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller =
    Controller { name: "serviceaccount-token-controller", account: "", component: "", route, reconcile };

const ACCOUNTS: ResourceKey = ResourceKey::SERVICE_ACCOUNTS;
const SECRETS: ResourceKey = ResourceKey::SECRETS;
const TYPE: &str = "kubernetes.io/service-account-token";
const NAME: &str = "kubernetes.io/service-account.name";
const UID: &str = "kubernetes.io/service-account.uid";

fn is_token(secret: &Value) -> bool {
    *secret.get("type") == TYPE
}

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        SECRETS if change.new.as_ref().is_some_and(is_token) => {
            keys.push(Key::new(change.namespace.clone(), change.name.clone()));
        }
        ACCOUNTS if change.old.is_none() || change.new.is_none() => {
            for secret in api.list(SECRETS, Some(&change.namespace)).filter(|secret| is_token(secret)) {
                keys.push(Key::new(change.namespace.clone(), secret.name_text()));
            }
        }
        _ => {}
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(secret) = context.get(SECRETS, &key.namespace, &key.name).filter(is_token) else { return Outcome::Done };
    match sync(context, secret) {
        Ok(()) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

fn sync(context: &mut Context<'_>, secret: Value) -> Result<(), Status> {
    let (name, uid) = (secret.meta().annotation(NAME).unwrap_or_default(), secret.meta().annotation(UID));
    let account = context.get(ACCOUNTS, secret.namespace(), name);
    let Some(account) = account.filter(|account| uid.is_none_or(|uid| uid == account.uid())) else {
        return context.delete_object(SECRETS, &secret, Value::Null).map(|_| ());
    };
    let mut filled = secret.clone();
    filled.set_annotation(UID, account.uid());
    let mut data = secret.get("data").clone();
    if data.get("ca.crt").is_null() {
        let model = context.get(ResourceKey::CONFIG_MAPS, "kube-system", "kube-root-ca.crt").unwrap_or_default();
        data.set("ca.crt", base64::encode(model.get("data").get("ca.crt").str().as_bytes()));
    }
    if data.get("namespace").is_null() {
        data.set("namespace", base64::encode(secret.namespace().as_bytes()));
    }
    if data.get("token").is_null() {
        let request = value!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let path = target(ACCOUNTS, secret.namespace(), name).sub("token");
        let answer = context.request(Verb::Create, path, |ask| ask.with_body(request))?;
        data.set("token", base64::encode(answer.at(&["status", "token"]).str().as_bytes()));
    }
    filled.set(Field::Static("data"), data);
    if filled == secret {
        return Ok(());
    }
    context.update_object(SECRETS, filled).map(|_| ())
}
