//! From arguments and files to objects.

// Models staging/src/k8s.io/cli-runtime/pkg/resource/{builder,visitor}.go

mod builder;
mod files;
mod items;

use ecow::EcoString;
use podyard_api::{Body, Request, Target, Value, Verb, gostr, value};

pub(crate) use builder::{Builder, MISSING};
pub(crate) use files::{documents, parse_documents};
pub(crate) use items::Items;

use crate::ctx::Ctx;
use crate::discovery::Resource;
use crate::failure::Outcome;

/// One thing that the command is about.
#[derive(Clone, Debug)]
pub(crate) struct Info {
    pub resource: Resource,
    /// Empty for cluster-scoped resources and lists over all namespaces.
    pub namespace: EcoString,
    /// Empty for lists.
    pub name: EcoString,
    /// The file that it came from; empty for arguments.
    pub source: EcoString,
    /// What the server has, or what the file says; `Null` where it was not asked for.
    pub object: Value,
}

impl Info {
    /// `deployment.apps/web`
    pub(crate) fn printed(&self) -> String {
        format!("{}/{}", self.resource.printed_kind(), self.name)
    }

    pub(crate) fn target(&self) -> Target {
        self.resource.target(&self.namespace, &self.name)
    }

    /// Takes the server's answer as what is known of the object.
    pub(crate) fn refresh(&mut self, object: Value) {
        if !object.name().is_empty() {
            self.name = object.name_text();
            self.namespace = object.namespace_text();
        }
        self.object = object;
    }

    /// Fetches the object.
    pub(crate) async fn get(&mut self, ctx: &Ctx) -> Outcome {
        if self.name.is_empty() {
            return Err("resource name may not be empty".into());
        }
        let object = ctx.send(ctx.request(Verb::Get, self.target())).await?;
        self.refresh(object);
        Ok(())
    }

    /// A request to create it; `object` is what is sent.
    pub(crate) fn create(&self, ctx: &Ctx, mut object: Value) -> Request {
        // What was read from a server has a version, which nothing new may have.
        if !object.meta().resource_version().is_empty() {
            object.meta_mut().remove("resourceVersion");
        }
        let mut request = ctx.request(Verb::Create, self.resource.target(&self.namespace, ""));
        request.body = Body::Object(object);
        request
    }

    /// A request to replace it by `object`.
    pub(crate) fn update(&self, ctx: &Ctx, object: Value) -> Request {
        let mut request = ctx.request(Verb::Update, self.target());
        request.body = Body::Object(object);
        request
    }
}

/// `DeleteOptions` as kubectl sends them.
pub(crate) fn delete_options(grace_period: Option<i64>, propagation: &str) -> Value {
    let mut options = value!({"apiVersion": "v1", "kind": "DeleteOptions"});
    if let Some(seconds) = grace_period {
        options.set("gracePeriodSeconds", seconds);
    }
    if !propagation.is_empty() {
        options.set("propagationPolicy", propagation);
    }
    options
}

/// A text in Go's quotes.
pub(crate) fn q(text: &str) -> String {
    gostr::quote(text)
}
