//! Nothing comes into a namespace that is not there or is going; the first namespaces stay.
// Models staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go

use ecow::eco_format;
use podyard_api::{Cause, Status, Verb};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

pub(super) fn admit(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    if attributes.key == ResourceKey::NAMESPACES {
        if attributes.verb == Verb::Delete && IMMORTAL.contains(&attributes.name.as_str()) {
            return Err(attributes.forbidden("this namespace may not be deleted"));
        }
        return Ok(());
    }
    if attributes.namespace.is_empty() || attributes.verb != Verb::Create {
        return Ok(());
    }
    let name = &attributes.namespace;
    let Some(namespace) = server.get(ResourceKey::NAMESPACES, "", name) else {
        return Err(Status::not_found("", "namespaces", name));
    };
    if *namespace.get("status").get("phase") != "Terminating" {
        return Ok(());
    }
    let why = eco_format!("unable to create new content in namespace {name} because it is being terminated");
    let mut status = attributes.forbidden(&why);
    status.causes.push(Cause {
        reason: "NamespaceTerminating".into(),
        message: eco_format!("namespace {name} is being terminated"),
        field: "metadata.namespace".into(),
    });
    Err(status)
}
