//! Updating and patching objects.
// Models staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go and …/rest/update.go

use ecow::{EcoVec, eco_format};
use podyard_api::{Key, PatchKind, Response, Status, Value, Verb};

use crate::admission::{self, Attributes};
use crate::create::{invalid, set_namespace};
use crate::registry::{self, Strategy, versions};
use crate::route::Ask;
use crate::store::Stored;
use crate::validation::{Errors, Path, meta};
use crate::{ApiServer, ResourceKey, decode, escalation, patch};

const MODIFIED: &str = "the object has been modified; please apply your changes to the latest version and try again";

impl ApiServer {
    /// `PUT` of an object or of its status.
    pub(crate) fn update(&mut self, ask: &Ask, key: ResourceKey) -> Result<Response, Status> {
        let (object, warnings) = decode::body(ask)?;
        let name = object.name();
        if name.is_empty() {
            return Err(Status::bad_request("name must be provided"));
        }
        if name != ask.name {
            return Err(Status::bad_request(eco_format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                ask.name
            )));
        }
        let old = self.stored(ask, key)?;
        let object = versions::from_version(key, object);
        self.update_object(ask, key, &old, object, warnings)
    }

    /// `PATCH` of an object or of its status.
    pub(crate) fn patch(
        &mut self,
        ask: &Ask,
        key: ResourceKey,
        kind: PatchKind,
        change: &Value,
    ) -> Result<Response, Status> {
        if kind == PatchKind::Apply {
            return self.apply(ask, key, change);
        }
        let old = self.stored(ask, key)?;
        let version = ask.resource.api_version();
        let current = versions::to_version(key, &version, old.object.clone());
        let patched = patch::apply(kind, &current, change, &ask.resource.kind, &version)?;
        let (object, warnings) = decode::patched(ask, &current, patched)?;
        if object.name() != ask.name {
            return Err(Status::bad_request(eco_format!(
                "the name of the object ({}) does not match the name on the URL ({})",
                object.name(),
                ask.name
            )));
        }
        let object = versions::from_version(key, object);
        self.update_object(ask, key, &old, object, warnings)
    }

    /// What is stored under the request's name.
    pub(crate) fn stored(&self, ask: &Ask, key: ResourceKey) -> Result<Stored, Status> {
        self.store().get(key, ask.namespace, ask.name).cloned().ok_or_else(|| ask.not_found(ask.name))
    }

    /// Goes through the rest of an update with a decoded object.
    pub(crate) fn update_object(
        &mut self,
        ask: &Ask,
        key: ResourceKey,
        old: &Stored,
        mut object: Value,
        warnings: EcoVec<ecow::EcoString>,
    ) -> Result<Response, Status> {
        let strategy = registry::of(key);
        set_namespace(ask, &mut object)?;
        (strategy.defaults)(&mut object);
        let mut attributes = Attributes::new(ask, key, Verb::Update, Some(object), Some(old.object.clone()));
        admission::mutate(self, &mut attributes)?;
        let mut object = attributes.object.take().unwrap_or_default();
        escalation::check(self, ask, key, &object, Some(&old.object))?;
        check_versions(ask, strategy, &object, &old.object)?;
        prepare(ask.sub(), strategy, &mut object, &old.object);
        if let Some(allocate) = strategy.allocate.filter(|_| ask.sub().is_empty()) {
            allocate(self, &mut object, Some(&old.object), ask.request.dry_run)?;
        }
        if object != old.object {
            validate_update(key, ask.sub(), strategy, &object, &old.object)?;
        }
        let mut all_warnings = warnings;
        all_warnings.extend((strategy.warnings)(&object, Some(&old.object)));
        attributes.object = Some(object);
        admission::validate(self, &mut attributes)?;
        all_warnings.extend(std::mem::take(&mut attributes.warnings));
        let object = attributes.object.take().unwrap_or_default();
        let stored = self.finish_update(ask, key, old, object);
        let stored = versions::to_version(key, &ask.resource.api_version(), stored);
        Ok(Response { warnings: all_warnings, ..Response::ok(stored) })
    }

    /// Writes what has changed; an object that waited for its last finalizer goes.
    fn finish_update(&mut self, ask: &Ask, key: ResourceKey, old: &Stored, object: Value) -> Value {
        let is_new_manager = ask.applied().is_some_and(|config| !old.managed.has_applied(ask, config));
        if ask.request.dry_run || object == old.object && !is_new_manager {
            return object;
        }
        let gone = registry::of(key).gone_after_update;
        if object.meta().deletion_timestamp().is_some() && gone(&object, &old.object) {
            self.remove(key, object.namespace(), object.name());
            return object;
        }
        let managed = old.managed.updated(ask, &old.object, &object);
        self.store.put(key, object, managed)
    }
}

/// What no client may change, and what the strategy resets.
pub(crate) fn prepare(sub: &str, strategy: &Strategy, object: &mut Value, old: &Value) {
    let was = old.get("metadata");
    if !object.get("metadata").same(was) {
        let meta = object.meta_mut();
        for field in ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "uid"]
        {
            keep(meta, was, field);
        }
        meta.remove("managedFields");
        meta.remove("selfLink");
        keep(meta, was, "generation");
        if *meta == *was {
            object.set(Key::Static("metadata"), was);
        }
    }
    match sub {
        "" | "scale" => (strategy.prepare_update)(object, old),
        "finalize" => {
            // Only the namespace's finalizers change.
            let finalizers = object.at(&["spec", "finalizers"]).clone();
            *object = old.clone();
            match finalizers {
                Value::Null => drop(object.field_mut("spec").remove("finalizers")),
                finalizers => object.field_mut("spec").set(Key::Static("finalizers"), finalizers),
            }
        }
        "approval" => {
            let conditions = object.at(&["status", "conditions"]).clone();
            let status = old.get("status").clone();
            object.set(Key::Static("spec"), old.get("spec"));
            object.set(Key::Static("status"), status);
            object.field_mut("status").set(Key::Static("conditions"), conditions);
        }
        _ => (strategy.prepare_status)(object, old),
    }
    if strategy.generation && matches!(sub, "" | "scale") && (strategy.changed)(object, old) {
        let generation = was.get("generation").as_i64().unwrap_or_default() + 1;
        object.meta_mut().set(Key::Static("generation"), generation);
    }
}

/// Sets a field to what it was.
pub(crate) fn keep(value: &mut Value, old: &Value, field: &'static str) {
    match old.get(field) {
        Value::Null => drop(value.remove(field)),
        before if value.get(field) == before => {}
        before => value.set(Key::Static(field), before),
    }
}

/// Strategy and metadata checks of a changed object.
pub(crate) fn validate_update(
    key: ResourceKey,
    sub: &str,
    strategy: &Strategy,
    object: &Value,
    old: &Value,
) -> Result<(), Status> {
    let mut errors = Errors::default();
    if !object.get("metadata").same(old.get("metadata")) {
        meta::check_common(object, key.is_namespaced(), &mut errors);
        meta::check_update(object, old, &mut errors);
        if !strategy.validates_meta {
            meta::check_update(object, old, &mut errors);
        }
    }
    match sub {
        "status" => (strategy.validate_status)(object, old, &mut errors),
        "" | "scale" => (strategy.validate_update)(object, old, &mut errors),
        _ => {}
    }
    invalid(key, object, errors)
}

/// A client that says which object or version it means must mean the present one.
fn check_versions(ask: &Ask, strategy: &Strategy, object: &Value, old: &Value) -> Result<(), Status> {
    let (wanted, present) = (object.uid(), old.uid());
    if ask.request.verb == Verb::Patch && !wanted.is_empty() && wanted != present {
        let mut errors = Errors::default();
        errors.invalid(&Path::root("metadata").child("uid"), wanted, "field is immutable");
        return Err(Status::invalid(&ask.resource.group, &ask.resource.kind, ask.name, errors.into_causes()));
    }
    if !wanted.is_empty() && wanted != present {
        let why = format!("Precondition failed: UID in precondition: {wanted}, UID in object meta: {present}");
        return Err(ask.conflict(ask.name, &why));
    }
    match object.meta().resource_version() {
        "" if !strategy.unconditional_update => {
            let mut errors = Errors::default();
            let metadata = Path::root("metadata");
            errors.invalid(&metadata.child("resourceVersion"), 0, "must be specified for an update");
            Err(Status::invalid(&ask.resource.group, &ask.resource.kind, ask.name, errors.into_causes()))
        }
        "" | "0" => Ok(()),
        version if version == old.meta().resource_version() => Ok(()),
        _ => Err(ask.conflict(ask.name, MODIFIED)),
    }
}

/// What the simulator does not do.
pub(crate) fn not_simulated(what: &str) -> Status {
    Status { code: 501, reason: "NotImplemented".into(), message: what.into(), ..Status::default() }
}
