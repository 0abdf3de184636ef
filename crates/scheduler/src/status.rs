//! What a plugin says of a pod, or of a pod on a node.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::plugins::Plugin;

/// A verdict's kind, with the names that kube-scheduler prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    Success,
    Error,
    /// No, but preempting pods might help.
    Unschedulable,
    /// No, and preemption cannot help.
    UnschedulableAndUnresolvable,
    Wait,
    Skip,
    Pending,
}

impl Code {
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Error => "Error",
            Self::Unschedulable => "Unschedulable",
            Self::UnschedulableAndUnresolvable => "UnschedulableAndUnresolvable",
            Self::Wait => "Wait",
            Self::Skip => "Skip",
            Self::Pending => "Pending",
        }
    }
}

/// One reason, in Kubernetes' words.
pub type Reason = Cow<'static, str>;

/// A rejection or an error with its reasons and the plugin that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub code: Code,
    /// The plugin that decided; set by the framework.
    pub plugin: Option<Plugin>,
    pub reasons: Vec<Reason>,
}

impl Status {
    pub fn new(code: Code, reason: impl Into<Reason>) -> Self {
        Self { code, plugin: None, reasons: vec![reason.into()] }
    }

    pub fn unschedulable(reason: impl Into<Reason>) -> Self {
        Self::new(Code::Unschedulable, reason)
    }

    pub fn unresolvable(reason: impl Into<Reason>) -> Self {
        Self::new(Code::UnschedulableAndUnresolvable, reason)
    }

    pub fn error(reason: impl Into<Reason>) -> Self {
        Self::new(Code::Error, reason)
    }

    pub fn by(mut self, plugin: Plugin) -> Self {
        self.plugin = Some(plugin);
        self
    }

    /// The reasons in one line.
    pub fn message(&self) -> String {
        self.reasons.join(", ")
    }

    /// Whether this is one of the two kinds of no.
    pub fn is_rejected(&self) -> bool {
        matches!(self.code, Code::Unschedulable | Code::UnschedulableAndUnresolvable)
    }
}

/// `Ok` where a node passes.
pub type Verdict = Result<(), Status>;
