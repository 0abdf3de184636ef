//! Reading: get, list and the beginning of watches, as objects or as tables.

use ecow::{EcoString, eco_format};
use podyard_api::{FieldSelector, Response, Selector, Status, Value, value};
use podyard_printers::table;
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::registry::versions;
use crate::route::Ask;
use crate::{ApiServer, ResourceKey, Watch, managed};

/// The form in which objects are wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Form {
    resource: ResourceKey,
    /// `apps/v1`, as asked for.
    api_version: EcoString,
    /// A table, with the ages of this moment and this much of each object.
    table: Option<(Time, EcoString)>,
    /// A table of names and ages, as of a subresource that has none of its own.
    plain: bool,
}

impl Form {
    fn of(ask: &Ask, resource: ResourceKey) -> Self {
        let table = ask.request.as_table.then(|| (ask.now, ask.request.options.include_object.clone()));
        let plain = matches!(ask.sub(), "ephemeralcontainers" | "resize");
        Self { resource, api_version: ask.resource.api_version(), table, plain }
    }

    pub(crate) fn is_table(&self) -> bool {
        self.table.is_some()
    }

    /// One object in this form.
    pub(crate) fn one(&self, object: Value, server: &ApiServer) -> Value {
        match &self.table {
            None => {
                let object = versions::to_version(self.resource, &self.api_version, object);
                managed::with_fields(server, self.resource, object)
            }
            Some(_) => {
                let revision = object.get("metadata").get("resourceVersion").clone();
                let mut table = self.table(&[object]);
                table.field_mut("metadata").set("resourceVersion", revision);
                table
            }
        }
    }

    fn table(&self, objects: &[Value]) -> Value {
        let (now, include) = match &self.table {
            Some((now, include)) => (*now, include.as_str()),
            None => (Time::default(), ""),
        };
        let include = match include {
            "None" => table::Include::None,
            "Object" => table::Include::Object,
            _ => table::Include::Metadata,
        };
        let options = table::Options { now: now.as_micros() as i64, include };
        let (group, _) = podyard_api::kinds::reference::group_version(&self.api_version);
        if self.plain {
            return table::custom_table(&Value::Null, objects, &options);
        }
        table::table(group, self.resource.plural(), objects, &options)
    }
}

/// Selectors of a list, watch or deletion of a collection.
pub(crate) fn selectors(ask: &Ask) -> Result<(Selector, FieldSelector), Status> {
    let options = &ask.request.options;
    let labels = match options.label_selector.as_str() {
        "" => Selector::everything(),
        text => Selector::parse(text).map_err(Status::bad_request)?,
    };
    let mut fields = match options.field_selector.as_str() {
        "" => FieldSelector::default(),
        text => {
            let parsed = FieldSelector::parse(text).map_err(Status::bad_request)?;
            parsed.for_kind(&ask.resource.group, &ask.resource.kind).map_err(Status::bad_request)?
        }
    };
    if !ask.name.is_empty() {
        let named = FieldSelector::parse(&format!("metadata.name={}", ask.name)).unwrap_or_default();
        fields.terms.extend(named.terms);
    }
    Ok((labels, fields))
}

impl ApiServer {
    pub(crate) fn read(&mut self, ask: &Ask, key: ResourceKey) -> Result<Response, Status> {
        let object = self.get(key, ask.namespace, ask.name).ok_or_else(|| ask.not_found(ask.name))?.clone();
        Ok(Response::ok(Form::of(ask, key).one(object, self)))
    }

    // Models staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go
    pub(crate) fn read_list(&mut self, ask: &Ask, key: ResourceKey) -> Result<Response, Status> {
        let (labels, fields) = selectors(ask)?;
        let options = &ask.request.options;
        let page = Page::of(options.limit, &options.continue_token, self.revision())?;
        let namespace = Some(ask.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let matching = |object: &&Value| labels.matches_object(object) && fields.matches(object);
        let mut objects: Vec<Value> = Vec::new();
        let mut next = None;
        let mut left = 0;
        let all: Box<dyn Iterator<Item = &Value>> = match &page.after {
            None => Box::new(self.list(key, namespace)),
            Some(after) => Box::new(self.store().list_after(key, namespace, after).map(|stored| &stored.object)),
        };
        for object in all.filter(matching) {
            if page.limit > 0 && objects.len() == page.limit {
                next = objects.last().map(|last| (last.namespace_text(), last.name_text()));
                left += 1;
            } else {
                objects.push(object.clone());
            }
        }
        let mut metadata = value!({"resourceVersion": eco_format!("{}", page.revision)});
        if let Some(next) = next {
            metadata.set("continue", Page::token(page.revision, &next));
            if options.label_selector.is_empty() && options.field_selector.is_empty() {
                metadata.set("remainingItemCount", left);
            }
        }
        Ok(Response::ok(self.list_form(ask, key, objects, metadata)))
    }

    fn list_form(&self, ask: &Ask, key: ResourceKey, objects: Vec<Value>, metadata: Value) -> Value {
        let form = Form::of(ask, key);
        if form.is_table() {
            let mut table = form.table(&objects);
            table.set("metadata", metadata);
            return table;
        }
        let items: Value = objects
            .into_iter()
            .map(|object| {
                let mut item = form.one(object, self);
                // Items of typed lists come without what the list says.
                item.remove("kind");
                item.remove("apiVersion");
                item
            })
            .collect();
        value!({
            "kind": eco_format!("{}List", ask.resource.kind),
            "apiVersion": ask.resource.api_version(),
            "metadata": metadata,
            "items": items,
        })
    }

    pub(crate) fn watch(&self, ask: &Ask, key: ResourceKey) -> Result<Watch, Status> {
        let (labels, fields) = selectors(ask)?;
        let from = ask.request.options.resource_version.as_str();
        let revision = match from {
            "" | "0" => self.revision(),
            text => text.parse().map_err(|_| invalid_version(text))?,
        };
        Ok(Watch {
            resource: key,
            namespace: ask.namespace.clone(),
            labels,
            fields,
            revision,
            initial: matches!(from, "" | "0"),
            form: Form::of(ask, key),
            begun: false,
            ended: false,
        })
    }
}

fn invalid_version(text: &str) -> Status {
    Status::bad_request(eco_format!(
        "resourceVersion: Invalid value: {}: strconv.ParseUint: parsing {}: invalid syntax",
        podyard_api::gostr::quote(text),
        podyard_api::gostr::quote(text)
    ))
}

/// Which part of a list is wanted.
struct Page {
    limit: usize,
    revision: u64,
    /// Namespace and name of the last object told.
    after: Option<(EcoString, EcoString)>,
}

impl Page {
    fn of(limit: u32, token: &str, revision: u64) -> Result<Self, Status> {
        let limit = limit as usize;
        if token.is_empty() {
            return Ok(Self { limit, revision, after: None });
        }
        let mut parts = token.splitn(3, '/');
        let revision = parts.next().and_then(|text| text.parse().ok());
        match (revision, parts.next(), parts.next()) {
            (Some(revision), Some(namespace), Some(name)) => {
                Ok(Self { limit, revision, after: Some((namespace.into(), name.into())) })
            }
            _ => Err(Status::bad_request("continue key is not valid: invalid character in token")),
        }
    }

    fn token(revision: u64, last: &(EcoString, EcoString)) -> EcoString {
        eco_format!("{revision}/{}/{}", last.0, last.1)
    }
}
