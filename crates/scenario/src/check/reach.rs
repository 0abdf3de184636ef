//! `reach`: what becomes of a connection.

use super::Finding;
use crate::probe::{Connection, Probe, Unsupported};
use crate::schema::{ReachCheck, Reached};
use podyard_api::value;

pub(super) fn find(check: &ReachCheck, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    let connections = probe.reach(check)?;
    let off = connections.iter().find(|connection| connection.reached != Some(check.expect));
    let shown = off.or_else(|| connections.first());
    let failure = if connections.is_empty() {
        Some("There is nothing to connect.".into())
    } else {
        off.map(|connection| format!("{}. {}", outcome(connection), connection.because))
    };
    Ok(Finding {
        expected: format!("from {} to {}: {}", check.from, check.to, word(check.expect)),
        found: shown.map(outcome).unwrap_or_default(),
        failure,
        variables: vec![("because", value!(shown.map(|shown| shown.because.clone()).unwrap_or_default()))],
    })
}

fn outcome(connection: &Connection) -> String {
    let became = connection.reached.map_or("not tried", word);
    format!("from {} to {}: {became}", connection.from, connection.to)
}

fn word(reached: Reached) -> &'static str {
    match reached {
        Reached::Allowed => "allowed",
        Reached::Refused => "refused",
        Reached::Timeout => "timed out",
        Reached::Unresolved => "name not resolved",
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::check;

    #[test]
    fn every_connection_must_become_what_is_expected() {
        // The probe answers at web:80, refuses at web:81, and has one of two pods of `mixed` cut off.
        check("{name: c, reach: {from: pod/a, to: 'web:80', expect: allowed}}", "");
        check(
            "{name: c, reach: {from: pod/a, to: 'web:81', expect: allowed}}",
            "from pod/a to web:81: refused. Nothing listens.",
        );
        check(
            "{name: c, reach: {from: deployment/mixed, to: 'web:80', expect: allowed}}",
            "from deployment/mixed to web:80: timed out. Policy deny.",
        );
        check(
            "{name: c, reach: {from: deployment/mixed, to: 'web:80', expect: timeout}}",
            "from deployment/mixed to web:80: allowed. It answers.",
        );
        check(
            "{name: c, reach: {from: pod/gone, to: 'web:80', expect: timeout}}",
            "from pod/gone to web:80: not tried. No such pod.",
        );
        check("{name: c, reach: {from: pod/none, to: 'web:80', expect: timeout}}", "There is nothing to connect.");
    }
}
