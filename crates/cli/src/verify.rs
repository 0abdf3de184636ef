//! `podyard verify`: every scenario proves itself.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use podyard_lab::{ClusterProbe, Scenario, presets, prove, start};

/// The seed with which scenarios are proven.
const SEED: u64 = 1;

pub(crate) fn run(paths: &[PathBuf]) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    let mut failed = 0;
    for file in &files {
        let flaws = verify(file)?;
        println!("{} {}", if flaws.is_empty() { "ok  " } else { "FAIL" }, file.display());
        for flaw in &flaws {
            println!("     {flaw}");
        }
        failed += usize::from(!flaws.is_empty());
    }
    if failed > 0 {
        bail!("{failed} of {} scenarios do not prove themselves", files.len());
    }
    println!("{} scenarios proven", files.len());
    Ok(())
}

/// The scenario files below a path.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "yaml")
        && path.file_name().is_some_and(|name| name != "track.yaml")
    {
        files.push(path.to_path_buf());
    }
    Ok(())
}

/// The flaws of one scenario file, as sentences.
fn verify(file: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let value: serde_json::Value = match serde_yaml::from_str(&text) {
        Ok(value) => value,
        Err(error) => return Ok(vec![error.to_string()]),
    };
    let scenario = match Scenario::from_json(&value.to_string()) {
        Ok(scenario) => scenario,
        Err(error) => return Ok(vec![error]),
    };
    let Some(preset) = presets::find(&scenario.spec.cluster.preset) else {
        return Ok(vec![format!("there is no preset {:?}", scenario.spec.cluster.preset)]);
    };
    let fresh = start(preset, SEED, &scenario.spec.setup);
    let flaws = prove(&scenario, &|| Box::new(ClusterProbe::new(fresh.clone())));
    Ok(flaws.iter().map(ToString::to_string).collect())
}
