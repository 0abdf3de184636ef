//! Leases.

use super::*;
use crate::{Value, view};

view! {
    /// `coordination.k8s.io/v1` `Lease`.
    Lease: "coordination.v1.Lease" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view LeaseSpec;
    }
}

view! {
    LeaseSpec: "coordination.v1.LeaseSpec" {
        holder_identity "holderIdentity": str;
        lease_duration_seconds "leaseDurationSeconds": i64;
        acquire_time "acquireTime": opt str;
        renew_time "renewTime": opt str;
        lease_transitions "leaseTransitions": i64;
    }
}

/// Sets `spec.renewTime` (with microseconds).
pub fn set_renew_time(lease: &mut Value, now: &str) {
    lease.field_mut("spec").set("renewTime", now);
}

/// Sets a lease's `spec.renewTime`, a `metav1.MicroTime`.
pub fn renew(lease: &mut Value, now: &str) {
    lease.field_mut("spec").set("renewTime", now);
}
