//! `cargo xtask bench`: the benchmarks of every crate that has some, optimised.

use anyhow::Result;

use crate::run::{cargo, passed_through, root};
use crate::site;

/// Runs every `crates/<crate>/benches/*.rs`; further arguments choose measurements by name.
pub(crate) fn run(filters: &[String]) -> Result<()> {
    let mut command = cargo();
    command.arg("bench");
    for krate in site::sorted(&root().join("crates"))? {
        let folder = krate.join("benches");
        let files = if folder.is_dir() { site::sorted(&folder)? } else { Vec::new() };
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
            let bench = file.file_stem().unwrap_or_default().to_string_lossy();
            command.args(["--package", &format!("podyard-{}", site::name(&krate)), "--bench", &bench]);
        }
    }
    passed_through(command.arg("--").args(filters))
}
