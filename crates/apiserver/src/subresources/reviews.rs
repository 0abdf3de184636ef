//! Questions that are answered and not stored: who am I, may I, may they.

use ecow::{EcoString, EcoVec};
use podyard_api::{Key, Response, Status, User, Value, Verb, value};
use podyard_printers::table;
use podyard_rbac::{Attributes, authorize};
use podyard_sim::Rng;

use crate::route::Ask;
use crate::update::not_simulated;
use crate::{ApiServer, decode};

pub(crate) fn serve(server: &mut ApiServer, ask: &Ask) -> Result<Response, Status> {
    match (ask.resource.plural.as_str(), ask.request.verb) {
        ("bindings", Verb::Create) => super::binding::create(server, ask),
        ("componentstatuses", _) => Ok(component_statuses(ask)),
        ("selfsubjectreviews", _) => self_review(ask),
        ("selfsubjectaccessreviews", _) => access_review(server, ask, Some(&ask.user)),
        ("localsubjectaccessreviews" | "subjectaccessreviews", _) => access_review(server, ask, None),
        ("selfsubjectrulesreviews", _) => rules_review(server, ask),
        (other, _) => Err(not_simulated(&format!("{other} are not simulated yet"))),
    }
}

fn self_review(ask: &Ask) -> Result<Response, Status> {
    let (mut review, _) = decode::body(ask)?;
    let mut info = value!({"username": &ask.user.name, "groups": groups(&ask.user)});
    if !ask.user.uid.is_empty() {
        info.set(Key::Static("uid"), &ask.user.uid);
    }
    let is_account = ask.user.name.starts_with("system:serviceaccount:");
    if ask.request.impersonate.is_none() && !is_account {
        // Whoever is not an account has come with a certificate, which is known by its hash.
        let mut hash = Rng::new(0, &ask.user.name);
        let hash: String = (0..4).map(|_| format!("{:016x}", hash.next_u64())).collect();
        info.set("extra", value!({"authentication.kubernetes.io/credential-id": [format!("X509SHA256={hash}")]}));
    }
    review.set(Key::Static("status"), value!({"userInfo": info}));
    review.meta_mut().set(Key::Static("creationTimestamp"), ask.now.rfc3339());
    Ok(Response::created(review))
}

fn groups(user: &User) -> Value {
    user.groups.iter().collect()
}

// Models pkg/registry/authorization
fn access_review(server: &ApiServer, ask: &Ask, own: Option<&User>) -> Result<Response, Status> {
    let (mut review, _) = decode::body(ask)?;
    let spec = review.get("spec").clone();
    let given = User {
        name: spec.get("user").text(),
        groups: spec.get("groups").items().iter().map(Value::text).collect::<EcoVec<EcoString>>(),
        uid: spec.get("uid").text(),
    };
    let (resource, path) = (spec.get("resourceAttributes"), spec.get("nonResourceAttributes"));
    let attributes = Attributes {
        user: own.unwrap_or(&given),
        verb: if path.is_null() { resource.get("verb").str() } else { path.get("verb").str() },
        group: resource.get("group").str(),
        resource: resource.get("resource").str(),
        subresource: resource.get("subresource").str(),
        namespace: resource.get("namespace").str(),
        name: resource.get("name").str(),
        path: path.get("path").str(),
    };
    let decision = authorize(&attributes, server.policy());
    let mut status = value!({"allowed": decision.allowed});
    if !decision.reason.is_empty() {
        status.set(Key::Static("reason"), decision.reason);
    }
    review.set(Key::Static("status"), status);
    Ok(Response::created(review))
}

/// What the user may in a namespace.
// Models pkg/registry/authorization/selfsubjectrulesreview/rest.go
fn rules_review(server: &ApiServer, ask: &Ask) -> Result<Response, Status> {
    let (mut review, _) = decode::body(ask)?;
    let namespace = review.at(&["spec", "namespace"]).text();
    if namespace.is_empty() {
        return Err(Status::bad_request("no namespace on request"));
    }
    let status = server.policy().rules_for(&ask.user, &namespace).review();
    review.set(Key::Static("status"), status);
    Ok(Response::created(review))
}

// Models pkg/registry/core/componentstatus/rest.go
fn component_statuses(ask: &Ask) -> Response {
    let status = |name: &str, message: &str| {
        value!({
            "metadata": {"name": name},
            "conditions": [{"type": "Healthy", "status": "True", "message": message}],
        })
    };
    let all = [status("etcd-0", "ok"), status("controller-manager", "ok"), status("scheduler", "ok")];
    if ask.request.as_table {
        let asked = |status: &&Value| ask.name.is_empty() || status.name() == ask.name;
        let shown: Vec<Value> = all.iter().filter(asked).cloned().collect();
        if shown.is_empty() {
            return ask.not_found(ask.name).into();
        }
        let options = table::Options { now: ask.now.as_micros() as i64, include: table::Include::Metadata };
        return Response::ok(table::table("", "componentstatuses", &shown, &options));
    }
    if ask.request.verb == Verb::List {
        return Response::ok(value!({
            "kind": "ComponentStatusList",
            "apiVersion": "v1",
            "metadata": {},
            "items": all.to_vec(),
        }));
    }
    match all.into_iter().find(|status| status.name() == ask.name) {
        Some(mut status) => {
            status.set(Key::Static("kind"), "ComponentStatus");
            status.set(Key::Static("apiVersion"), "v1");
            Response::ok(status)
        }
        None => ask.not_found(ask.name).into(),
    }
}
