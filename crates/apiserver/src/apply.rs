//! Server-side apply.
// Models staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher)

use ecow::eco_format;
use podyard_api::{Body, PatchKind, Response, Status, Value};

use crate::registry::versions;
use crate::route::Ask;
use crate::validation::{Errors, Path};
use crate::{ApiServer, ResourceKey, decode};

impl Ask<'_> {
    /// The configuration that this request applies, if that is what it does.
    pub(crate) fn applied(&self) -> Option<&Value> {
        match &self.request.body {
            Body::Patch(PatchKind::Apply, config) => Some(config),
            _ => None,
        }
    }
}

impl ApiServer {
    /// Makes the object what the configuration says, in what the configuration names.
    pub(crate) fn apply(&mut self, ask: &Ask, key: ResourceKey, config: &Value) -> Result<Response, Status> {
        check(ask, config)?;
        let Some(old) = self.store().get(key, ask.namespace, ask.name).cloned() else {
            let (object, warnings) = decode::patched(ask, &Value::Null, config.clone())?;
            let mut response = self.create_object(ask, key, object)?;
            let own = std::mem::replace(&mut response.warnings, warnings);
            response.warnings.extend(own);
            return Ok(response);
        };
        let version = ask.resource.api_version();
        let current = versions::to_version(key, &version, old.object.clone());
        let merged = old.managed.apply(ask, &current, config)?;
        let (object, warnings) = decode::patched(ask, &current, merged)?;
        self.update_object(ask, key, &old, versions::from_version(key, object), warnings)
    }
}

/// What a configuration must be before it is looked at.
fn check(ask: &Ask, config: &Value) -> Result<(), Status> {
    if ask.request.field_manager.is_empty() {
        let mut errors = Errors::default();
        errors.required(&Path::root("fieldManager"), "is required for apply patch");
        return Err(Status::invalid("meta.k8s.io", "PatchOptions", "", errors.into_causes()));
    }
    if !config.get("metadata").get("managedFields").items().is_empty() {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let (version, kind) = (config.api_version(), config.kind());
    if kind != ask.resource.kind || version != ask.resource.api_version() {
        return Err(Status::bad_request(eco_format!(
            "failed to create typed patch object ({}/{}; {version}, Kind={kind}): the object is not of the kind asked for",
            ask.namespace,
            ask.name
        )));
    }
    if config.name() != ask.name {
        return Err(Status::bad_request(eco_format!(
            "the name of the object ({}) does not match the name on the URL ({})",
            config.name(),
            ask.name
        )));
    }
    Ok(())
}
