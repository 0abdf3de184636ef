//! Layering, lengths of files and functions, first lines, and words that must not stay.

use podyard_xtask::tidy;

fn check(findings: &[tidy::Finding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn every_crate_depends_only_on_layers_below() {
    check(&tidy::layers::check().expect("cargo metadata"));
}

#[test]
fn files_and_functions_stay_short() {
    let sources = tidy::sources().expect("the sources are readable");
    check(&sources.iter().flat_map(tidy::lengths::check).collect::<Vec<_>>());
}

#[test]
fn files_say_what_they_are_for_and_leave_nothing_half_done() {
    let sources = tidy::sources().expect("the sources are readable");
    check(&sources.iter().flat_map(tidy::words::check).collect::<Vec<_>>());
}

#[test]
fn registries_are_in_alphabetical_order() {
    let sources = tidy::sources().expect("the sources are readable");
    check(&sources.iter().flat_map(tidy::order::check).collect::<Vec<_>>());
}
