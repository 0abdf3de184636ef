//! Deleting objects: at once, gracefully, or once their finalizers are gone.
// Models staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go and …/rest/delete.go

use std::time::Duration;

use ecow::eco_format;
use podyard_api::{Body, Key, Response, Status, Value, Verb, value};
use podyard_sim::Time;

use crate::admission::{self, Attributes};
use crate::registry::{self, versions};
use crate::route::Ask;
use crate::{ApiServer, ResourceKey, read};

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// `DeleteOptions`, as far as they matter here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) grace: Option<i64>,
    /// Whether dependents are left, deleted first, or deleted in the background; nothing: the default.
    propagation: Option<Propagation>,
    uid: Option<String>,
    revision: Option<String>,
    pub(crate) dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Propagation {
    Background,
    Foreground,
    Orphan,
}

impl Options {
    pub(crate) fn of(ask: &Ask) -> Result<Self, Status> {
        let body = match &ask.request.body {
            Body::Object(options) => options.clone(),
            _ => Value::Null,
        };
        Self::of_value(&body, ask.request.dry_run)
    }

    pub(crate) fn of_value(body: &Value, dry_run: bool) -> Result<Self, Status> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let preconditions = body.get("preconditions");
        let propagation = match body.get("propagationPolicy").as_str() {
            None => body.get("orphanDependents").as_bool().map(|orphan| match orphan {
                true => Propagation::Orphan,
                false => Propagation::Background,
            }),
            Some("Background") => Some(Propagation::Background),
            Some("Foreground") => Some(Propagation::Foreground),
            Some("Orphan") => Some(Propagation::Orphan),
            Some(other) => return Err(invalid_policy(other)),
        };
        Ok(Self {
            grace: body.get("gracePeriodSeconds").as_i64(),
            propagation,
            uid: text(preconditions.get("uid")),
            revision: text(preconditions.get("resourceVersion")),
            dry_run: dry_run || body.get("dryRun").items().iter().any(|item| *item == "All"),
        })
    }

    fn check(&self, ask: &Ask, object: &Value) -> Result<(), Status> {
        let meta = object.meta();
        for (what, wanted, present) in
            [("UID", &self.uid, meta.uid()), ("ResourceVersion", &self.revision, meta.resource_version())]
        {
            if let Some(wanted) = wanted.as_deref().filter(|wanted| *wanted != present) {
                let why =
                    format!("Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {present}");
                return Err(ask.conflict(object.name(), &why));
            }
        }
        Ok(())
    }
}

fn invalid_policy(policy: &str) -> Status {
    let mut errors = crate::validation::Errors::default();
    let path = crate::validation::Path::root("propagationPolicy");
    errors.not_supported(&path, policy, &[FOREGROUND_POLICY, "Background", "Orphan", "nil"]);
    Status::invalid("", "DeleteOptions", "", errors.into_causes())
}

const FOREGROUND_POLICY: &str = "Foreground";

/// What becomes of an object that is to go.
enum Fate {
    /// It goes now.
    Gone,
    /// It is marked, and goes later.
    Marked(Value),
    /// It is marked and goes now.
    MarkedGone(Value),
    /// It was marked before.
    Pending,
}

impl ApiServer {
    pub(crate) fn delete(&mut self, ask: &Ask, key: ResourceKey) -> Result<Response, Status> {
        let options = Options::of(ask)?;
        let object = self.get(key, ask.namespace, ask.name).ok_or_else(|| ask.not_found(ask.name))?.clone();
        let mut attributes = Attributes::new(ask, key, Verb::Delete, None, Some(object.clone()));
        admission::mutate(self, &mut attributes)?;
        options.check(ask, &object)?;
        admission::validate(self, &mut attributes)?;
        Ok(self.delete_object(ask, key, &object, &options))
    }

    /// Deletes an object whose deletion was let through.
    pub(crate) fn delete_object(&mut self, ask: &Ask, key: ResourceKey, object: &Value, options: &Options) -> Response {
        let (object, gone) = match fate(key, object, options, ask.now) {
            Fate::Pending => (object.clone(), false),
            Fate::Gone => (object.clone(), true),
            Fate::Marked(marked) => (self.mark(ask, key, object, marked, options), false),
            Fate::MarkedGone(marked) => (self.mark(ask, key, object, marked, options), true),
        };
        if !gone {
            return Response::ok(versions::to_version(key, &ask.resource.api_version(), object));
        }
        if !options.dry_run {
            self.remove(key, object.namespace(), object.name());
        }
        if registry::of(key).returns_deleted {
            return Response::ok(versions::to_version(key, &ask.resource.api_version(), object));
        }
        let mut details = value!({"name": object.name_text(), "kind": key.plural(), "uid": object.uid()});
        if !key.group().is_empty() {
            details.set("group", key.group());
        }
        Response::ok(value!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": details,
        }))
    }

    fn mark(&mut self, ask: &Ask, key: ResourceKey, old: &Value, marked: Value, options: &Options) -> Value {
        if options.dry_run || marked == *old {
            return marked;
        }
        let managed = match self.store.get(key, old.namespace(), old.name()) {
            Some(stored) => stored.managed.updated(ask, old, &marked),
            None => Default::default(),
        };
        self.store.put(key, marked, managed)
    }

    /// Takes an object out of the store, and what it held with it.
    pub(crate) fn remove(&mut self, key: ResourceKey, namespace: &str, name: &str) {
        if let Some(object) = self.store.remove(key, namespace, name)
            && let Some(release) = registry::of(key).release
        {
            release(self, &object);
        }
    }

    pub(crate) fn delete_collection(&mut self, ask: &Ask, key: ResourceKey) -> Result<Response, Status> {
        let options = Options::of(ask)?;
        let (labels, fields) = read::selectors(ask)?;
        let namespace = Some(ask.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let objects: Vec<Value> = self
            .list(key, namespace)
            .filter(|object| labels.matches_object(object) && fields.matches(object))
            .cloned()
            .collect();
        for object in &objects {
            let mut attributes = Attributes::new(ask, key, Verb::Delete, None, Some(object.clone()));
            admission::mutate(self, &mut attributes)?;
            admission::validate(self, &mut attributes)?;
            self.delete_object(ask, key, object, &options);
        }
        Ok(Response::ok(value!({
            "kind": eco_format!("{}List", ask.resource.kind),
            "apiVersion": ask.resource.api_version(),
            "metadata": {"resourceVersion": eco_format!("{}", self.revision())},
            "items": objects,
        })))
    }
}

fn fate(key: ResourceKey, object: &Value, options: &Options, now: Time) -> Fate {
    let strategy = registry::of(key);
    if let Some(special) = strategy.delete {
        return match special(object, now) {
            None => Fate::Gone,
            Some(marked) if marked == *object => Fate::Pending,
            Some(marked) => Fate::Marked(marked),
        };
    }
    let meta = object.meta();
    let mut marked = object.clone();
    let mut grace = None;
    match (strategy.grace, meta.deletion_timestamp()) {
        (None, _) => {}
        (Some(_), Some(at)) => match meta.deletion_grace_period_seconds() {
            None => {}
            Some(left) => match options.grace {
                Some(wanted) if wanted < left => {
                    let start = Time::parse_rfc3339(at).unwrap_or(now) - seconds(left);
                    set_deletion(&mut marked, start + seconds(wanted), wanted);
                    grace = Some(wanted);
                }
                _ => return Fate::Pending,
            },
        },
        (Some(grace_of), None) => {
            let period = grace_of(object, options.grace);
            set_deletion(&mut marked, now + seconds(period), period);
            bump_generation(&mut marked);
            grace = Some(period);
        }
    }
    set_finalizers(&mut marked, options.propagation);
    let waits = !marked.get("metadata").get("finalizers").items().is_empty();
    match grace {
        Some(period) if waits || period > 0 => Fate::Marked(marked),
        Some(_) => Fate::MarkedGone(marked),
        None if waits => {
            if meta.deletion_timestamp().is_none() {
                set_deletion(&mut marked, now, 0);
                bump_generation(&mut marked);
            }
            if marked == *object { Fate::Pending } else { Fate::Marked(marked) }
        }
        None => Fate::Gone,
    }
}

fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or_default())
}

fn set_deletion(object: &mut Value, at: Time, grace: i64) {
    let meta = object.meta_mut();
    meta.set(Key::Static("deletionTimestamp"), at.rfc3339());
    meta.set(Key::Static("deletionGracePeriodSeconds"), grace);
}

fn bump_generation(object: &mut Value) {
    let generation = object.meta().generation();
    if generation > 0 {
        object.meta_mut().set(Key::Static("generation"), generation + 1);
    }
}

/// The garbage collector's finalizers stand for what shall become of dependents.
fn set_finalizers(object: &mut Value, propagation: Option<Propagation>) {
    let Some(propagation) = propagation else { return };
    let old = object.get("metadata").get("finalizers").clone();
    let mut finalizers: Vec<Value> =
        old.items().iter().filter(|f| **f != ORPHAN && **f != FOREGROUND).cloned().collect();
    match propagation {
        Propagation::Background => {}
        Propagation::Foreground => finalizers.push(FOREGROUND.into()),
        Propagation::Orphan => finalizers.push(ORPHAN.into()),
    }
    if finalizers == old.items() {
        return;
    }
    let meta = object.meta_mut();
    if finalizers.is_empty() {
        meta.remove("finalizers");
    } else {
        meta.set(Key::Static("finalizers"), finalizers);
    }
}
