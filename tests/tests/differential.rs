//! The project's own samples of the answers that the real Kubernetes 1.36 code computed.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

use podyard_tests::differential::{compare, sample};

/// Every case of the sample that is answered is answered as the real code does.
fn check(set: &str) {
    let report = compare(set, &sample(set)).unwrap();
    let differing: Vec<_> = report.differing.iter().map(|case| (&case.case["id"], &case.answers)).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(report.types.values().any(|counts| counts.compared > 0), "nothing was compared");
}

/// At least this many of the sample's cases are answered as the real code does.
fn check_at_least(set: &str, equal: usize) {
    let report = compare(set, &sample(set)).unwrap();
    let found: usize = report.types.values().map(|counts| counts.equal).sum();
    let differing: Vec<_> = report.differing.iter().map(|case| (&case.case["id"], &case.answers)).collect();
    assert!(found >= equal, "{found} equal, {equal} were: {differing:#?}");
}

#[test]
fn selectors_and_quantities() {
    check("selectors_quantities");
}

#[test]
fn decisions_of_the_scheduler() {
    check("scheduler");
}

#[test]
fn decisions_of_the_authorizer() {
    check("rbac");
}

#[test]
fn verdicts_of_network_policies() {
    check("networkpolicy");
}

#[test]
fn validation() {
    check_at_least("validation", 27);
}
