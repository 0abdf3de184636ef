//! The commands: one file each, listed here by name.

mod annotate;
mod apiresources;
mod apply;
mod attach;
pub(crate) mod auth;
mod autoscale;
mod certificate;
mod clusterinfo;
mod completion;
mod config;
mod cp;
mod create;
mod debug;
pub(crate) mod delete;
mod describe;
mod diff;
mod drain;
mod edit;
mod events;
pub(crate) mod exec;
mod explain;
mod expose;
mod get;
mod help;
mod kuberc;
mod kustomize;
mod label;
mod logs;
mod node;
mod options;
mod patch;
mod plugin;
mod port_forward;
mod proxy;
mod replace;
mod rollout;
mod run;
mod scale;
mod set;
mod taint;
mod top;
mod version;
mod wait;

use crate::command::{Command, EMPTY};

/// `kubectl` itself.
pub(crate) static ROOT: Command = Command {
    name: "kubectl",
    usage: "kubectl [flags]",
    short: "kubectl controls the Kubernetes cluster manager",
    long: "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/",
    children: &[
        &annotate::COMMAND,
        &apiresources::RESOURCES,
        &apiresources::VERSIONS,
        &apply::COMMAND,
        &attach::COMMAND,
        &auth::COMMAND,
        &autoscale::COMMAND,
        &certificate::COMMAND,
        &clusterinfo::COMMAND,
        &completion::COMMAND,
        &config::COMMAND,
        &node::CORDON,
        &cp::COMMAND,
        &create::COMMAND,
        &debug::COMMAND,
        &delete::COMMAND,
        &describe::COMMAND,
        &diff::COMMAND,
        &drain::COMMAND,
        &edit::COMMAND,
        &events::COMMAND,
        &exec::COMMAND,
        &explain::COMMAND,
        &expose::COMMAND,
        &get::COMMAND,
        &help::COMMAND,
        &kuberc::COMMAND,
        &kustomize::COMMAND,
        &label::COMMAND,
        &logs::COMMAND,
        &options::COMMAND,
        &patch::COMMAND,
        &plugin::COMMAND,
        &port_forward::COMMAND,
        &proxy::COMMAND,
        &replace::COMMAND,
        &rollout::COMMAND,
        &run::COMMAND,
        &scale::COMMAND,
        &set::COMMAND,
        &taint::COMMAND,
        &top::COMMAND,
        &node::UNCORDON,
        &version::COMMAND,
        &wait::COMMAND,
    ],
    ..EMPTY
};

/// How the root's help groups its commands; what is in no group comes last, as "Other Commands".
pub(crate) const GROUPS: &[(&str, &[&str])] = &[
    ("Basic Commands (Beginner)", &["create", "expose", "run", "set"]),
    ("Basic Commands (Intermediate)", &["explain", "get", "edit", "delete"]),
    ("Deploy Commands", &["rollout", "scale", "autoscale"]),
    ("Cluster Management Commands", &["certificate", "cluster-info", "top", "cordon", "uncordon", "drain", "taint"]),
    (
        "Troubleshooting and Debugging Commands",
        &["describe", "logs", "attach", "exec", "port-forward", "proxy", "cp", "auth", "debug", "events"],
    ),
    ("Advanced Commands", &["diff", "apply", "patch", "replace", "wait", "kustomize"]),
    ("Settings Commands", &["label", "annotate", "completion"]),
];
