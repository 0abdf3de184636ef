//! Every exercise proves itself: its solution passes, its wrong answers fail where they say.

use std::process::Command;

#[test]
fn every_scenario_is_proven() {
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");
    let output = Command::new(env!("CARGO_BIN_EXE_podyard")).args(["verify", scenarios]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.lines().filter(|line| line.starts_with("ok")).count() >= 9, "{text}");
}
