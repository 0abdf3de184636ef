//! No recorded session matches in fewer steps than it did.

use std::path::Path;

use podyard_tests::conformance::{play_all, promised, recordings};

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn no_session_falls_under_its_baseline() {
    let baseline = std::fs::read_to_string(recordings().join("baseline.tsv")).expect("tests/conformance/baseline.tsv");
    let promised = promised(&baseline);
    let podyard = Path::new(env!("CARGO_BIN_EXE_podyard"));
    let reports = play_all(podyard, &recordings(), "").expect("the sessions are readable");
    let mut fallen = Vec::new();
    for report in &reports {
        let least = promised.get(&report.session).copied().unwrap_or(0);
        if report.matched < least {
            fallen.push(format!("{}: {} steps match, {least} did", report.session, report.matched));
        }
    }
    assert!(fallen.is_empty(), "{}\n`cargo xtask conformance --show 3` shows why", fallen.join("\n"));
}
