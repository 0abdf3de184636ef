//! What is asked of the API server, and what it answers.

use ecow::{EcoString, EcoVec};
use serde::{Deserialize, Serialize};

use crate::{Status, Value};

/// One request at the API server's door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub user: User,
    /// `Impersonate-User` and its kin: whom `user` wants to act as. The server checks whether `user` may
    /// impersonate that user and groups, and then goes on as them.
    pub impersonate: Option<User>,
    pub verb: Verb,
    pub target: Target,
    pub body: Body,
    pub options: ListOptions,
    /// `dryRun=All`: everything but the storing happens.
    pub dry_run: bool,
    /// Who is recorded in `metadata.managedFields`; empty takes the program's default.
    pub field_manager: EcoString,
    /// `fieldValidation`: `Strict`, `Warn` or `Ignore`; empty is `Warn`.
    pub field_validation: EcoString,
    /// Server-side apply takes fields from other managers.
    pub force: bool,
    /// The answer is wanted as `meta.k8s.io/v1` `Table`, as `kubectl get` prints it.
    pub as_table: bool,
}

/// Who asks. Admission and authorization go by this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub name: EcoString,
    pub groups: EcoVec<EcoString>,
    pub uid: EcoString,
}

/// Kubernetes' request verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
}

/// What the request is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A resource path. `name` is empty for collections, `namespace` for cluster-scoped resources and for
    /// lists over all namespaces.
    Resource {
        group: EcoString,
        version: EcoString,
        /// The plural, as `pods`.
        resource: EcoString,
        /// As `status`, `log`, `exec`, `binding`, `scale`; empty for the object itself.
        subresource: EcoString,
        namespace: EcoString,
        name: EcoString,
    },
    /// Anything else: `/version`, `/healthz`, `/api`, `/apis/apps/v1`, `/openapi/v3` …, with its query, if any.
    /// `/api?as=APIGroupDiscoveryList` and `/apis?as=APIGroupDiscoveryList` ask for aggregated discovery
    /// (`apidiscovery.k8s.io/v2`), which a real client asks for by its `Accept` header.
    Path(EcoString),
}

/// What is sent along.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Body {
    #[default]
    None,
    /// An object to create, update or apply; `DeleteOptions` for a delete; options of a subresource (`PodLogOptions`,
    /// `PodExecOptions`).
    Object(Value),
    Patch(PatchKind, Value),
}

/// The patch content types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatchKind {
    /// `application/json-patch+json`
    Json,
    /// `application/merge-patch+json`
    Merge,
    /// `application/strategic-merge-patch+json`
    Strategic,
    /// `application/apply-patch+yaml`
    Apply,
}

/// Query parameters of list, watch and deletecollection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOptions {
    pub label_selector: EcoString,
    pub field_selector: EcoString,
    /// 0: no limit.
    pub limit: u32,
    /// `continue`: opaque, from the last page's metadata.
    pub continue_token: EcoString,
    /// A watch begins after this; empty: with the present objects.
    pub resource_version: EcoString,
    /// `includeObject` of a table's rows: `None`, `Metadata` or `Object`; empty is `Metadata`.
    pub include_object: EcoString,
}

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// HTTP status code.
    pub code: u16,
    /// The object, list, table, text (as a string) or `Status`.
    pub body: Value,
    /// `Warning:` headers, in order.
    pub warnings: EcoVec<EcoString>,
}

/// One line of a watch stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchEvent {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    pub kind: EcoString,
    pub object: Value,
}

impl Request {
    /// A request without body or options.
    pub fn new(user: User, verb: Verb, target: Target) -> Self {
        Self {
            user,
            impersonate: None,
            verb,
            target,
            body: Body::None,
            options: ListOptions::default(),
            dry_run: false,
            field_manager: EcoString::new(),
            field_validation: EcoString::new(),
            force: false,
            as_table: false,
        }
    }

    pub fn with_body(mut self, object: Value) -> Self {
        self.body = Body::Object(object);
        self
    }

    pub fn with_patch(mut self, kind: PatchKind, patch: Value) -> Self {
        self.body = Body::Patch(kind, patch);
        self
    }

    /// The object sent along; `Null` where there is none.
    pub fn object(&self) -> Value {
        match &self.body {
            Body::Object(object) => object.clone(),
            _ => Value::Null,
        }
    }
}

impl Verb {
    /// As RBAC rules spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
        }
    }
}

impl Target {
    /// A resource's path; empty texts where a part does not apply.
    pub fn resource(group: &str, version: &str, resource: &str, namespace: &str, name: &str) -> Self {
        Self::Resource {
            group: group.into(),
            version: version.into(),
            resource: resource.into(),
            subresource: EcoString::new(),
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    /// The same, with a subresource.
    #[expect(clippy::should_implement_trait, reason = "a subresource, not a difference")]
    pub fn sub(self, sub: &str) -> Self {
        match self {
            Self::Resource { group, version, resource, namespace, name, .. } => {
                Self::Resource { group, version, resource, subresource: sub.into(), namespace, name }
            }
            other => other,
        }
    }
}

impl User {
    pub fn new(name: &str, groups: &[&str]) -> Self {
        Self { name: name.into(), groups: groups.iter().map(|g| EcoString::from(*g)).collect(), uid: EcoString::new() }
    }

    /// The administrator of a fresh cluster's kubeconfig.
    pub fn admin() -> Self {
        Self::new("kubernetes-admin", &["system:masters", "system:authenticated"])
    }

    /// A component, such as `system:kube-scheduler`.
    pub fn system(name: &str) -> Self {
        Self::new(name, &["system:authenticated"])
    }

    /// The kubelet of a node.
    pub fn node(name: &str) -> Self {
        Self::new(&format!("system:node:{name}"), &["system:nodes", "system:authenticated"])
    }

    /// A service account.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self::new(
            &format!("system:serviceaccount:{namespace}:{name}"),
            &["system:serviceaccounts", &format!("system:serviceaccounts:{namespace}"), "system:authenticated"],
        )
    }
}

impl Response {
    /// 200 with `body`.
    pub fn ok(body: impl Into<Value>) -> Self {
        Self { code: 200, body: body.into(), warnings: EcoVec::new() }
    }

    /// 201 with `body`.
    pub fn created(body: Value) -> Self {
        Self { code: 201, ..Self::ok(body) }
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// The body, or the error it carries.
    pub fn into_result(self) -> Result<Value, Status> {
        if self.is_success() { Ok(self.body) } else { Err(Status::from_value(&self.body)) }
    }
}

impl From<Status> for Response {
    fn from(status: Status) -> Self {
        Self { code: status.code, body: status.to_value(), warnings: EcoVec::new() }
    }
}

impl From<Result<Value, Status>> for Response {
    fn from(result: Result<Value, Status>) -> Self {
        result.map_or_else(Self::from, Self::ok)
    }
}
