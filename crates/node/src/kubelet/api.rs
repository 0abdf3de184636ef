//! What the kubelet writes: pod statuses, events, its lease and its node's status.

use podyard_api::kinds::{ObjectMeta, Pod};
use podyard_api::{Request, Response, Target, User, Value, Verb};
use podyard_apiserver::events::Report;
use podyard_apiserver::{Outcome, ResourceKey};
use podyard_kernel::Program;

use super::{Context, Kubelet};

impl Kubelet {
    /// Sends a request as this node.
    pub(super) fn request<P: Program>(
        &self,
        context: &mut Context<'_, P>,
        verb: Verb,
        target: Target,
        body: Value,
    ) -> Response {
        let mut request = Request::new(User::node(&self.name), verb, target).with_body(body);
        request.field_manager = "kubelet".into();
        match context.api.handle(context.now, &request) {
            Outcome::Done(response) => response,
            _ => podyard_api::Status::internal("a kubelet asked for a stream").into(),
        }
    }

    /// Reports an event of a pod; `container` names the field it is about.
    pub(super) fn event<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        pod: &Value,
        container: Option<&str>,
        (kind, reason): (&str, &str),
        message: &str,
    ) {
        let field_path = container.map(|container| format!("spec.containers{{{container}}}")).unwrap_or_default();
        let report =
            Report { object: pod, field_path: &field_path, action: "", warning: kind == "Warning", reason, message };
        self.recorder.record(context.api, context.now, report);
    }

    /// Renews the lease, and the node's status if `with_status`.
    pub(super) fn heartbeat<P: Program>(&mut self, context: &mut Context<'_, P>, with_status: bool) {
        let lease = Target::resource("coordination.k8s.io", "v1", "leases", "kube-node-lease", &self.name);
        if let Some(mut object) = context.api.get(ResourceKey::LEASES, "kube-node-lease", &self.name).cloned() {
            podyard_api::kinds::coordination::renew(&mut object, &context.now.rfc3339_micros());
            self.request(context, Verb::Update, lease, object);
        }
        if with_status && let Some(mut node) = context.api.get(ResourceKey::NODES, "", &self.name).cloned() {
            podyard_api::kinds::node::beat(&mut node, &context.now.rfc3339());
            let target = Target::resource("", "v1", "nodes", "", &self.name).sub("status");
            self.request(context, Verb::Update, target, node);
        }
    }
}

/// Where a pod's status is written.
pub(super) fn status_target(pod: &Value) -> Target {
    let meta: ObjectMeta<'_> = Pod(pod).metadata();
    Target::resource("", "v1", "pods", meta.namespace(), meta.name()).sub("status")
}
