//! The sentences of FailedScheduling.

use std::collections::BTreeMap;

use ecow::EcoString;

use crate::status::Status;

/// What is said where there are no nodes.
pub const NO_NODES: &str = "no nodes available to schedule pods";

/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). …`
///
/// `statuses` are of the nodes that were looked at, `absent` is of the others; `rejected` is what `PreFilter` said.
// Models pkg/scheduler/framework/types.go (FitError)
pub fn fit_error(
    nodes: usize,
    rejected: Option<&str>,
    statuses: &[(EcoString, Status)],
    absent: Option<&Status>,
    post_filter: &str,
) -> String {
    let mut message = format!("0/{nodes} nodes are available:");
    let reasons = match rejected {
        Some(reason) => reason.to_owned(),
        None => histogram(nodes, statuses, absent),
    };
    if !reasons.is_empty() {
        message += &format!(" {reasons}.");
    }
    if !post_filter.is_empty() {
        message += &format!(" {post_filter}");
    }
    message
}

fn histogram(nodes: usize, statuses: &[(EcoString, Status)], absent: Option<&Status>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, status) in statuses {
        for reason in &status.reasons {
            *counts.entry(reason).or_default() += 1;
        }
    }
    let others = nodes.saturating_sub(statuses.len());
    if let Some(absent) = absent.filter(|_| others > 0) {
        for reason in &absent.reasons {
            *counts.entry(reason).or_default() += others;
        }
    }
    let mut lines: Vec<_> = counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    lines.sort();
    lines.join(", ")
}

/// An event's text is cut at its limit.
// Models pkg/scheduler/schedule_one.go (truncateMessage)
pub fn truncate(message: &str) -> EcoString {
    const LIMIT: usize = 1024;
    if message.len() <= LIMIT {
        return message.into();
    }
    let mut end = LIMIT - 4;
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    ecow::eco_format!("{} ...", &message[..end])
}
