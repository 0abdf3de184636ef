//! What lies below an object: bindings, evictions, scales, logs, commands and tokens.

mod binding;
mod eviction;
mod pod_streams;
mod pod_updates;
pub(crate) mod reviews;
pub(crate) mod scale;
mod token;

use podyard_api::{Body, Response, Status, Verb};

use crate::route::Ask;
use crate::update::not_simulated;
use crate::{ApiServer, Outcome, ResourceKey};

/// Serves a request for a subresource other than `status`.
pub(crate) fn serve(server: &mut ApiServer, ask: &Ask, key: ResourceKey) -> Result<Outcome, Status> {
    let response: Response = match (key, ask.sub()) {
        (ResourceKey::PODS, "binding") => binding::create(server, ask)?,
        (ResourceKey::PODS, "eviction") => eviction::create(server, ask)?,
        (ResourceKey::PODS, "ephemeralcontainers" | "resize") if ask.request.verb != Verb::Get => {
            pod_updates::serve(server, ask)?
        }
        (ResourceKey::PODS, "log" | "exec" | "attach" | "portforward") => {
            return pod_streams::serve(server, ask).map(Outcome::Exchange);
        }
        (ResourceKey::NAMESPACES, "finalize") => server.update(ask, key)?,
        (ResourceKey::SERVICE_ACCOUNTS, "token") => token::create(server, ask)?,
        (_, "scale") => scale::serve(server, ask, key)?,
        (_, "proxy") => return Err(not_simulated("proxying to nodes, pods and services is not simulated yet")),
        _ if ask.request.verb == Verb::Get => server.read(ask, key)?,
        (_, "approval") => match &ask.request.body {
            Body::Patch(kind, change) => server.patch(ask, key, *kind, change)?,
            _ => server.update(ask, key)?,
        },
        _ => return Err(Status::page_not_found()),
    };
    Ok(Outcome::Done(response))
}
