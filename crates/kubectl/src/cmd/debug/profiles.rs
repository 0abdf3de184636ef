//! What `--profile` gives a debug container and its pod.

// Models staging/src/k8s.io/kubectl/pkg/cmd/debug/profiles.go

use podyard_api::{Value, value};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    Legacy,
    General,
    Baseline,
    Restricted,
    Netadmin,
    Sysadmin,
}

/// What is debugged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Ephemeral,
    Copy,
    Node,
}

impl Profile {
    pub(super) fn parse(name: &str) -> Outcome<Self> {
        Ok(match name {
            "legacy" => Self::Legacy,
            "general" => Self::General,
            "baseline" => Self::Baseline,
            "restricted" => Self::Restricted,
            "netadmin" => Self::Netadmin,
            "sysadmin" => Self::Sysadmin,
            other => return Err(Failure::Text(format!("unknown profile: {other}"))),
        })
    }

    /// Changes the debug container.
    pub(super) fn container(self, style: Style, container: &mut Value) {
        let is_node = style == Style::Node;
        match self {
            Self::General if !is_node => add_capabilities(container, &["SYS_PTRACE"]),
            Self::Netadmin => add_capabilities(container, &["NET_ADMIN", "NET_RAW"]),
            Self::Sysadmin => container.field_mut("securityContext").set("privileged", true),
            Self::Restricted => {
                let context = value!({
                    "allowPrivilegeEscalation": false,
                    "capabilities": {"drop": ["ALL"]},
                    "runAsNonRoot": true,
                    "seccompProfile": {"type": "RuntimeDefault"},
                });
                container.set("securityContext", context);
            }
            Self::Baseline if !is_node => {
                container.remove("securityContext");
            }
            _ => {}
        }
        if is_node && self.sees_host() {
            container.field_mut("volumeMounts").push(value!({"mountPath": "/host", "name": "host-root"}));
        }
    }

    /// Whether a node's file system is mounted.
    fn sees_host(self) -> bool {
        matches!(self, Self::Legacy | Self::General | Self::Sysadmin)
    }

    /// Changes the pod around it.
    pub(super) fn pod(self, ctx: &Ctx, style: Style, pod: &mut Value) {
        match style {
            Style::Node => {
                let spec = pod.field_mut("spec");
                if self.sees_host() {
                    spec.field_mut("volumes").push(value!({"name": "host-root", "hostPath": {"path": "/"}}));
                }
                if self.sees_host() || self == Self::Netadmin {
                    for field in ["hostIPC", "hostNetwork", "hostPID"] {
                        spec.set(field, true);
                    }
                }
            }
            Style::Copy if self != Self::Legacy => {
                strip(ctx, pod);
                let spec = pod.field_mut("spec");
                if spec.get("shareProcessNamespace").is_null() {
                    spec.set("shareProcessNamespace", true);
                }
            }
            _ => {}
        }
    }
}

/// What the `--keep-…` flags do not keep.
fn strip(ctx: &Ctx, pod: &mut Value) {
    for (flag, field) in [("keep-labels", "labels"), ("keep-annotations", "annotations")] {
        if !ctx.flags.bool(flag) {
            pod.meta_mut().object_mut().remove(field);
        }
    }
    let probes =
        [("keep-liveness", "livenessProbe"), ("keep-readiness", "readinessProbe"), ("keep-startup", "startupProbe")];
    let spec = pod.field_mut("spec");
    for container in spec.field_mut("containers").items_mut() {
        for (flag, field) in probes {
            if !ctx.flags.bool(flag) {
                container.remove(field);
            }
        }
    }
    if !ctx.flags.bool("keep-init-containers") {
        spec.remove("initContainers");
    }
}

fn add_capabilities(container: &mut Value, names: &[&str]) {
    for name in names {
        container.field_mut("securityContext").field_mut("capabilities").field_mut("add").push(*name);
    }
}
