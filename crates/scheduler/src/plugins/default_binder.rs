//! Binds the pod to the node that was chosen.
// Models pkg/scheduler/framework/plugins/defaultbinder/default_binder.go

use super::Spec;

pub const SPEC: Spec = Spec { bind: true, ..Spec::named("DefaultBinder") };

pub type State = ();
