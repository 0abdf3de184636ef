//! `canI`: somebody is allowed a request, or is not.

use super::Finding;
use crate::probe::{Probe, Unsupported};
use crate::schema::CanICheck;
use podyard_api::value;

pub(super) fn find(check: &CanICheck, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    let permission = probe.can_i(check)?;
    let say = |allowed: bool| {
        let may = if allowed { "may" } else { "may not" };
        format!("{} {may} {} {}", check.user, check.verb, what(check))
    };
    Ok(Finding {
        expected: say(check.expect),
        found: say(permission.allowed),
        failure: (permission.allowed != check.expect)
            .then(|| format!("{}. {}", say(permission.allowed), permission.because)),
        variables: vec![("because", value!(permission.because))],
    })
}

/// As `deployments/scale web in namespace shop`.
fn what(check: &CanICheck) -> String {
    let mut text = check.resource.clone();
    if !check.subresource.is_empty() {
        text += &format!("/{}", check.subresource);
    }
    if !check.name.is_empty() {
        text += &format!(" {}", check.name);
    }
    match check.namespace.as_deref() {
        _ if check.resource.starts_with('/') => {}
        Some("") => text += " in all namespaces",
        namespace => text += &format!(" in namespace {}", namespace.unwrap_or("default")),
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::check::testing::check;

    #[test]
    fn the_answer_and_what_decided_it() {
        // The probe lets jane get what is in the namespace dev.
        check("{name: c, canI: {user: jane, verb: get, resource: pods, namespace: dev}}", "");
        check(
            "{name: c, canI: {user: jane, verb: get, resource: pods}}",
            "jane may not get pods in namespace default. The binding is in dev.",
        );
        check(
            "{name: c, canI: {user: jane, verb: get, resource: pods, subresource: log, name: a, namespace: dev, expect: false}}",
            "jane may get pods/log a in namespace dev. The binding is in dev.",
        );
        check("{name: c, canI: {user: bob, verb: get, resource: pods, namespace: dev, expect: false}}", "");
        check(
            "{name: c, canI: {user: bob, verb: get, resource: /metrics}, otherwise: Bind him}",
            "bob may not get /metrics. The binding is in dev. Bind him",
        );
    }

    #[test]
    fn a_cluster_that_cannot_tell_fails_the_check() {
        check("{name: c, canI: {user: unknown, verb: get, resource: pods}}", "this cluster cannot tell: who that is");
    }
}
