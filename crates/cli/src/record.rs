//! `podyard record`: a session's steps in a fresh cluster, printed as a transcript.

use std::fs;
use std::path::Path;

use anyhow::Context;
use podyard_lab::recording::{Session, record};
use podyard_lab::{Cluster, presets};

pub(crate) fn run(file: &Path, preset: &str, seed: u64) -> anyhow::Result<()> {
    let (transcript, _) = play(file, preset, seed)?;
    print!("{}", serde_yaml::to_string(&transcript)?);
    Ok(())
}

/// Prints a digest of the final state: what the wasm build must come to as well.
pub(crate) fn digest(file: &Path, preset: &str, seed: u64) -> anyhow::Result<()> {
    let (_, cluster) = play(file, preset, seed)?;
    println!("{}", cluster.digest());
    Ok(())
}

fn play(file: &Path, preset: &str, seed: u64) -> anyhow::Result<(podyard_lab::recording::Transcript, Cluster)> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let session: Session = serde_yaml::from_str(&text).with_context(|| format!("{} is no session", file.display()))?;
    let preset = presets::find(preset).with_context(|| format!("there is no preset {preset:?}"))?;
    let mut cluster = Cluster::new(preset, seed);
    let transcript = record(&session, &mut cluster);
    Ok((transcript, cluster))
}
