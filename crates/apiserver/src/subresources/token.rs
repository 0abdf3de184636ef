//! `serviceaccounts/token`: a token for an account.
// Models pkg/registry/core/serviceaccount/storage/token.go

use std::time::Duration;

use podyard_api::{Key, Response, Status, Value, base64, json, value};

use crate::route::Ask;
use crate::validation::{At, Errors};
use crate::{ApiServer, decode};

const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";
const HOUR: i64 = 3600;

pub(super) fn create(server: &mut ApiServer, ask: &Ask) -> Result<Response, Status> {
    let account = server.stored(ask, crate::ResourceKey::SERVICE_ACCOUNTS)?.object;
    let (mut request, _) = decode::body(ask)?;
    let seconds = request.at(&["spec", "expirationSeconds"]).as_i64().unwrap_or(HOUR);
    validate(&request, seconds)?;
    let spec = request.field_mut("spec");
    spec.set(Key::Static("expirationSeconds"), seconds);
    if spec.get("audiences").items().is_empty() {
        spec.set(Key::Static("audiences"), value!([AUDIENCE]));
    }
    let expires = ask.now + Duration::from_secs(seconds.unsigned_abs());
    let claims = value!({
        "aud": request.at(&["spec", "audiences"]),
        "exp": expires.as_secs() as i64,
        "iat": ask.now.as_secs() as i64,
        "iss": AUDIENCE,
        "jti": server.tokens.uuid(),
        "kubernetes.io": {
            "namespace": ask.namespace,
            "serviceaccount": {"name": ask.name, "uid": account.uid()},
        },
        "nbf": ask.now.as_secs() as i64,
        "sub": format!("system:serviceaccount:{}:{}", ask.namespace, ask.name),
    });
    let status = value!({
        "token": token(&claims, server),
        "expirationTimestamp": expires.rfc3339(),
    });
    request.set(Key::Static("status"), status);
    let meta = request.meta_mut();
    meta.set(Key::Static("name"), ask.name);
    meta.set(Key::Static("namespace"), ask.namespace);
    meta.set(Key::Static("creationTimestamp"), ask.now.rfc3339());
    Ok(Response::created(request))
}

fn validate(request: &Value, seconds: i64) -> Result<(), Status> {
    let mut errors = Errors::default();
    let spec = At::root(request, "spec");
    let path = spec.path.child("expirationSeconds");
    if seconds < 600 {
        errors.invalid(&path, seconds, "may not specify a duration less than 10 minutes");
    }
    if seconds > 1 << 32 {
        errors.invalid(&path, seconds, "may not specify a duration larger than 2^32 seconds");
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid("authentication.k8s.io", "TokenRequest", request.name(), errors.into_causes()))
}

/// Header, claims and a signature of random bytes: nothing outside the simulation checks it.
fn token(claims: &Value, server: &mut ApiServer) -> String {
    let url = |bytes: &[u8]| base64::encode(bytes).replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned();
    let header = value!({"alg": "RS256", "kid": "podyard"});
    let signature: Vec<u8> = (0..32).flat_map(|_| server.tokens.next_u64().to_le_bytes()).collect();
    let text = |value: &Value| url(json::to_string(value).as_bytes());
    format!("{}.{}.{}", text(&header), text(claims), url(&signature))
}
