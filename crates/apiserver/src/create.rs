//! Creating objects.
// Models staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go and …/rest/create.go

use ecow::{EcoString, eco_format};
use podyard_api::{Key, Object, Response, Status, Value, Verb};

use crate::admission::{self, Attributes};
use crate::managed::Managed;
use crate::registry::{self, Strategy, versions};
use crate::route::Ask;
use crate::validation::{Errors, meta};
use crate::{ApiServer, ResourceKey, decode, escalation};

/// The longest base of a generated name.
const MAX_BASE: usize = 58;
/// How often another name is tried when the generated one exists.
const TRIES: usize = 8;

/// Fields of `metadata` that no client sets.
const SERVER_SET: [&str; 6] =
    ["deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink"];

impl ApiServer {
    pub(crate) fn create(&mut self, ask: &Ask, key: ResourceKey) -> Result<Response, Status> {
        let (object, warnings) = decode::body(ask)?;
        let mut response = match self.create_object(ask, key, object) {
            // What was found odd in the text is told even where the object is refused.
            Err(status) if !warnings.is_empty() => Response::from(status),
            outcome => outcome?,
        };
        let own = std::mem::replace(&mut response.warnings, warnings);
        response.warnings.extend(own);
        Ok(response)
    }

    /// Creates a decoded object.
    pub(crate) fn create_object(&mut self, ask: &Ask, key: ResourceKey, object: Value) -> Result<Response, Status> {
        let strategy = registry::of(key);
        let mut object = versions::from_version(key, object);
        set_namespace(ask, &mut object)?;
        (strategy.defaults)(&mut object);
        let mut attributes = Attributes::new(ask, key, Verb::Create, Some(object), None);
        admission::mutate(self, &mut attributes)?;
        let mut object = attributes.object.take().unwrap_or_default();
        escalation::check(self, ask, key, &object, None)?;
        self.system_fields(ask, key, strategy, &mut object)?;
        (strategy.prepare_create)(&mut object);
        if let Some(allocate) = strategy.allocate {
            allocate(self, &mut object, None, ask.request.dry_run)?;
        }
        validate_create(key, strategy, &object)?;
        let warnings = (strategy.warnings)(&object, None);
        if self.store().get(key, object.namespace(), object.name()).is_some() {
            return Err(Status::already_exists(key.group(), key.plural(), object.name()));
        }
        attributes.object = Some(object);
        admission::validate(self, &mut attributes)?;
        let told = std::mem::take(&mut attributes.warnings);
        let mut object = attributes.object.take().unwrap_or_default();
        (strategy.on_read)(&mut object);
        let stored = if ask.request.dry_run {
            object
        } else {
            let managed = Managed::created(ask, &object);
            self.store.put(key, object, managed)
        };
        let stored = versions::to_version(key, &ask.resource.api_version(), stored);
        Ok(Response { warnings: warnings.into_iter().chain(told).collect(), ..Response::created(stored) })
    }

    /// Uid, time of creation, and the name if it is to be generated.
    fn system_fields(
        &mut self,
        ask: &Ask,
        key: ResourceKey,
        strategy: &Strategy,
        object: &mut Value,
    ) -> Result<(), Status> {
        let namespace = object.namespace_text();
        let base = object.meta().generate_name();
        let generated = (object.name().is_empty() && !base.is_empty()).then(|| {
            let base: EcoString = base.chars().take(MAX_BASE).collect();
            self.generated_name(key, &namespace, &base)
        });
        if !object.meta().resource_version().is_empty() {
            return Err(Status {
                code: 500,
                message: "resourceVersion should not be set on objects to be created".into(),
                ..Status::default()
            });
        }
        let (uid, stamp) = (self.uids.uuid(), self.stamp(ask.now));
        let given = object.get("metadata").fields().iter();
        let kept = given.filter(|(key, _)| !SERVER_SET.contains(&key.as_str())).cloned();
        // In alphabetical order.
        let own = [
            Some((Key::Static("creationTimestamp"), stamp)),
            strategy.generation.then(|| (Key::Static("generation"), Value::Int(1))),
            generated.map(|name| (Key::Static("name"), Value::from(name))),
            Some((Key::Static("uid"), Value::from(uid))),
        ];
        let metadata = Object::merged(kept, own.into_iter().flatten());
        object.set(Key::Static("metadata"), metadata);
        Ok(())
    }

    fn generated_name(&mut self, key: ResourceKey, namespace: &str, base: &str) -> EcoString {
        let mut name = EcoString::new();
        for _ in 0..TRIES {
            name = eco_format!("{base}{}", self.names.suffix(5));
            if self.store.get(key, namespace, &name).is_none() {
                break;
            }
        }
        name
    }
}

/// Strategy and metadata checks of a new object.
pub(crate) fn validate_create(key: ResourceKey, strategy: &Strategy, object: &Value) -> Result<(), Status> {
    let mut errors = Errors::default();
    (strategy.validate_create)(object, &mut errors);
    if !strategy.validates_meta {
        meta::check(object, key.is_namespaced(), strategy.name_check, &mut errors);
    }
    if errors.is_empty() {
        meta::check_common(object, key.is_namespaced(), &mut errors);
    }
    invalid(key, object, errors)
}

/// The status of what was found wrong, if anything was.
pub(crate) fn invalid(key: ResourceKey, object: &Value, errors: Errors) -> Result<(), Status> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(key.group(), key.kind(), object.name(), errors.into_causes()))
}

/// The object's namespace is the path's.
pub(crate) fn set_namespace(ask: &Ask, object: &mut Value) -> Result<(), Status> {
    if !ask.resource.namespaced {
        if !object.namespace().is_empty() {
            object.meta_mut().remove("namespace");
        }
        return Ok(());
    }
    if object.namespace().is_empty() {
        object.meta_mut().set(Key::Static("namespace"), ask.namespace);
    } else if object.namespace() != ask.namespace {
        return Err(Status::bad_request(eco_format!(
            "the namespace of the provided object does not match the namespace sent on the request"
        )));
    }
    Ok(())
}
