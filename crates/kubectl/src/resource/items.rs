//! Objects one by one, fetched when their turn comes.

// Models staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go

use std::collections::VecDeque;
use std::rc::Rc;

use ecow::EcoString;
use podyard_api::{Selector, Value, Verb};

use super::{Builder, Info, files, q};
use crate::ctx::Ctx;
use crate::discovery::{Discovery, Resource};
use crate::failure::{Failure, Outcome};

pub(super) enum Source {
    /// A file, directory entry, URL or `-`, to be read.
    Path(EcoString),
    /// An object of a file.
    Document {
        object: Value,
        source: EcoString,
        /// Not an item of a list.
        whole: bool,
    },
    Named {
        resource: Resource,
        namespace: EcoString,
        name: EcoString,
    },
    Select {
        resource: Resource,
        namespace: EcoString,
    },
    /// Already there.
    Ready(Box<Info>),
}

/// What a [`Builder`] asked for, one by one.
pub(crate) struct Items {
    pub(super) builder: Builder,
    pub(super) sources: VecDeque<Source>,
    /// Exactly one object was named.
    pub single: bool,
    pub(super) discovery: Option<Rc<Discovery>>,
}

impl Items {
    /// The next one, or why it cannot be had; `None` after the last.
    pub(crate) async fn next(&mut self, ctx: &Ctx) -> Option<Outcome<Info>> {
        loop {
            match self.sources.pop_front()? {
                Source::Path(path) => {
                    let (objects, failure) = files::documents(ctx, &path).await;
                    // A fault ends the file; what was read before it still comes.
                    self.push_documents(objects, &path);
                    if let Some(failure) = failure {
                        return Some(Err(failure));
                    }
                }
                Source::Document { object, source, whole } => {
                    if whole
                        && self.builder.validate
                        && let Err(why) = check_kind(&object)
                    {
                        self.drop_documents();
                        return Some(Err(invalid_document(&source, &why)));
                    }
                    if self.is_selected(&object) {
                        return Some(self.document(ctx, object, source).await);
                    }
                }
                Source::Named { resource, namespace, name } => {
                    return Some(self.named(ctx, resource, namespace, name).await);
                }
                Source::Select { resource, namespace } => match self.select(ctx, resource, namespace).await {
                    Ok(Some(info)) => return Some(Ok(info)),
                    Ok(None) => {}
                    Err(failure) => return Some(Err(failure)),
                },
                Source::Ready(info) => return Some(Ok(*info)),
            }
        }
    }

    /// How many kinds of resources are asked for by arguments.
    pub(crate) fn resources(&self) -> usize {
        let mut known: Vec<&Resource> = Vec::new();
        for source in &self.sources {
            if let Source::Named { resource, .. } | Source::Select { resource, .. } = source
                && !known.contains(&resource)
            {
                known.push(resource);
            }
        }
        known.len()
    }

    /// All of them; with `keep_going` those that can be had, and the failures beside.
    pub(crate) async fn all(&mut self, ctx: &Ctx, keep_going: bool) -> (Vec<Info>, Vec<Failure>) {
        let (mut infos, mut failures) = (Vec::new(), Vec::new());
        while let Some(next) = self.next(ctx).await {
            match next {
                Ok(info) => infos.push(info),
                Err(failure) => {
                    failures.push(failure);
                    if !keep_going {
                        break;
                    }
                }
            }
        }
        (infos, failures)
    }

    fn push_documents(&mut self, objects: Vec<Value>, path: &EcoString) {
        let source: EcoString = if path == "-" { "STDIN".into() } else { path.clone() };
        for object in objects.into_iter().rev() {
            let is_list = object.kind().ends_with("List") && object.get("items").is_array();
            if is_list && self.builder.flatten {
                for item in object.get("items").items().iter().rev() {
                    let source = source.clone();
                    self.sources.push_front(Source::Document { object: item.clone(), source, whole: false });
                }
            } else {
                self.sources.push_front(Source::Document { object, source: source.clone(), whole: true });
            }
        }
    }

    /// Whether the label selector, if there is one, holds for an object of a file.
    fn is_selected(&self, object: &Value) -> bool {
        let Some(text) = self.builder.label_selector.as_ref().filter(|text| !text.is_empty()) else {
            return true;
        };
        Selector::parse(text).is_ok_and(|selector| selector.matches_object(object))
    }

    /// Gives up the rest of the file that is being read.
    fn drop_documents(&mut self) {
        while let Some(Source::Document { .. }) = self.sources.front() {
            self.sources.pop_front();
        }
    }

    async fn document(&mut self, ctx: &Ctx, mut object: Value, source: EcoString) -> Outcome<Info> {
        let resource = match &self.discovery {
            Some(discovery) => {
                discovery.of_object(&object).map_err(|failure| unknown(&object, &source, &failure))?.clone()
            }
            None => guess(&object),
        };
        if resource.namespaced {
            self.builder.check_namespace(object.namespace())?;
            if object.namespace().is_empty() && !self.builder.local {
                object.meta_mut().set("namespace", &self.builder.namespace);
            }
        }
        let (namespace, name) = (object.namespace_text(), object.name_text());
        let mut info = Info { resource, namespace, name, source, object };
        if self.builder.fetch && !self.builder.local {
            self.fetch(ctx, &mut info).await?;
        }
        Ok(info)
    }

    async fn named(&mut self, ctx: &Ctx, resource: Resource, namespace: EcoString, name: EcoString) -> Outcome<Info> {
        let mut info = Info { resource, namespace, name, source: EcoString::new(), object: Value::Null };
        if self.builder.fetch {
            self.fetch(ctx, &mut info).await?;
        }
        Ok(info)
    }

    async fn fetch(&self, ctx: &Ctx, info: &mut Info) -> Outcome {
        let mut target = info.target();
        if !self.builder.subresource.is_empty() {
            target = target.sub(&self.builder.subresource);
        }
        let mut request = ctx.request(Verb::Get, target);
        request.as_table = self.builder.as_table;
        request.options.include_object = self.include();
        let object = ctx.send(request).await?;
        if self.builder.as_table {
            info.object = object;
        } else {
            info.refresh(object);
        }
        Ok(())
    }

    fn include(&self) -> EcoString {
        if self.builder.include_object { "Object".into() } else { EcoString::new() }
    }

    /// Lists. With `flatten` the items are queued and nothing is given yet.
    async fn select(&mut self, ctx: &Ctx, resource: Resource, namespace: EcoString) -> Outcome<Option<Info>> {
        let labels = self.builder.label_selector.clone().unwrap_or_default();
        let fields = self.builder.field_selector.clone().unwrap_or_default();
        let mut request = ctx.request(Verb::List, resource.target(&namespace, ""));
        request.options.label_selector = labels.clone();
        request.options.field_selector = fields.clone();
        request.as_table = self.builder.as_table;
        request.options.include_object = self.include();
        let list = ctx.send(request).await.map_err(|failure| cannot_list(failure, &resource, &labels, &fields))?;
        let info = Info { resource, namespace, name: EcoString::new(), source: EcoString::new(), object: list };
        if !self.builder.flatten {
            return Ok(Some(info));
        }
        let list_kind = info.object.kind().trim_end_matches("List").to_owned();
        let api_version = info.object.api_version().to_owned();
        for item in info.object.get("items").items().iter().rev() {
            let mut object = item.clone();
            if object.kind().is_empty() {
                object.set("apiVersion", api_version.as_str());
                object.set("kind", list_kind.as_str());
            }
            self.sources.push_front(Source::Ready(Box::new(Info {
                resource: info.resource.clone(),
                namespace: object.namespace_text(),
                name: object.name_text(),
                source: EcoString::new(),
                object,
            })));
        }
        Ok(None)
    }
}

/// What every document must say.
// Models staging/src/k8s.io/kubectl/pkg/util/openapi/validation/validation.go getObjectKind
fn check_kind(object: &Value) -> Result<(), String> {
    if !object.is_object() {
        return Err("invalid object to validate".to_owned());
    }
    let mut problems = Vec::new();
    for field in ["apiVersion", "kind"] {
        match object.get(field) {
            Value::Null => problems.push(format!("{field} not set")),
            Value::String(_) => {}
            _ => problems.push(format!("{field} isn't string type")),
        }
    }
    match problems.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("[{}]", many.join(", "))),
    }
}

fn invalid_document(source: &str, why: &str) -> Failure {
    Failure::Text(format!(
        "error validating {}: error validating data: {why}; if you choose to ignore these errors, turn validation off with --validate=false",
        q(source)
    ))
}

fn cannot_list(failure: Failure, resource: &Resource, labels: &str, fields: &str) -> Failure {
    match failure {
        Failure::Server(mut status) if status.is("BadRequest") || status.is("NotFound") => {
            let what = format!("{}/{}, Resource={}", resource.group, resource.version, resource.name);
            let message = if labels.is_empty() && fields.is_empty() {
                format!("Unable to list {}: {}", q(&what), status.message)
            } else {
                let (what, labels, fields) = (q(&what), q(labels), q(fields));
                format!(
                    "Unable to find {what} that match label selector {labels}, field selector {fields}: {}",
                    status.message
                )
            };
            status.message = message.into();
            Failure::Server(status)
        }
        other => other,
    }
}

fn unknown(object: &Value, source: &str, failure: &Failure) -> Failure {
    if object.kind().is_empty() {
        return Failure::Text(format!(
            "unable to decode {}: Object 'Kind' is missing in '{}'",
            q(source),
            podyard_api::json::to_string_plain(object)
        ));
    }
    Failure::Text(format!(
        "resource mapping not found for name: {} namespace: {} from {}: {}\nensure CRDs are installed first",
        q(object.name()),
        q(object.namespace()),
        q(source),
        failure.message()
    ))
}

/// What can be said of an object's resource without asking the server.
fn guess(object: &Value) -> Resource {
    let (group, version) = object.api_version().split_once('/').unwrap_or(("", object.api_version()));
    let singular: EcoString = object.kind().to_lowercase().into();
    Resource {
        group: group.into(),
        version: version.into(),
        name: ecow::eco_format!("{singular}s"),
        singular,
        kind: object.kind().into(),
        namespaced: !object.namespace().is_empty(),
        ..Resource::default()
    }
}
