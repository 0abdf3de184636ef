//! ClusterTrustBundles and PodCertificateRequests.

use podyard_api::kinds::Condition;

use super::{NAME, Printer, cells, text};
use crate::values::or;

pub(super) const TRUST_BUNDLE: Printer = Printer {
    columns: &[NAME, text("SignerName")],
    row: |object, _| cells![object.name(), or(object.at(&["spec", "signerName"]).str(), "<none>")],
};

pub(super) const REQUEST: Printer = Printer {
    columns: &[NAME, text("PodName"), text("ServiceAccountName"), text("NodeName"), text("SignerName"), text("State")],
    row: |object, _| {
        let conditions = object.at(&["status", "conditions"]).items().iter().map(|item| Condition(item).kind());
        let state = conditions.rev().find(|kind| matches!(*kind, "Issued" | "Denied" | "Failed"));
        let [pod, account, node, signer] =
            ["podName", "serviceAccountName", "nodeName", "signerName"].map(|field| object.at(&["spec", field]).str());
        cells![object.name(), pod, account, node, signer, state.unwrap_or("Pending")]
    },
};
