//! Builds the site: two wasm modules, their bindings, scripts and styles, and the scenarios, into one folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use wasm_bindgen_cli_support::Bindgen;

use crate::run::{cargo, passed_through, quietly, root, stage};
use crate::tools;

/// The crates that become wasm modules.
const MODULES: [&str; 2] = ["web", "worker"];
/// What rustc's wasm target may use, named because the modules' own list of features is stripped.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// How to build the site.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct Options {
    /// Optimise for size, as for a published site, and check the size of what the first visit loads.
    #[arg(long)]
    pub(crate) release: bool,
    /// Include the hidden commands that browser tests use.
    #[arg(long)]
    pub(crate) test: bool,
}

/// Builds the site into the folder `out`, whose former content goes only when all went well.
///
/// # Errors
/// When a tool is missing (the message says how to get it), a stage fails, or a release build is over its size.
pub(crate) fn build(options: &Options, out: &Path) -> Result<()> {
    stage("rust target", tools::wasm_target)?;
    stage("npm packages", tools::npm_packages)?;
    stage("wasm modules", || compile(options))?;
    let bindings = bindings_folder(options);
    stage("wasm bindings", || bind(options, &bindings))?;
    if options.release {
        stage("wasm-opt", || optimise(&bindings))?;
    }
    let fresh = out.with_extension("new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh)?;
    }
    std::fs::create_dir_all(fresh.join("scenarios"))?;
    stage("scripts, styles, pages", || bundle(options, &bindings, &fresh))?;
    stage("scenarios", || scenarios(&root().join("scenarios"), &fresh.join("scenarios")))?;
    if out.exists() {
        std::fs::remove_dir_all(out)?;
    }
    std::fs::rename(&fresh, out).with_context(|| format!("cannot put the site at {}", out.display()))?;
    if options.release { sizes(out) } else { Ok(()) }
}

fn profile(options: &Options) -> &'static str {
    if options.release { "wasm" } else { "wasm-ci" }
}

pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

fn bindings_folder(options: &Options) -> PathBuf {
    let test = if options.test { "-test" } else { "" };
    target_folder().join("site").join(format!("{}{test}", profile(options)))
}

fn compile(options: &Options) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--lib", "--target", "wasm32-unknown-unknown", "--profile", profile(options)]);
    for module in MODULES {
        command.args(["--package", &format!("podyard-{module}")]);
    }
    if options.test {
        command.args(["--features", "podyard-worker/test-commands"]);
    }
    passed_through(&mut command)
}

fn bind(options: &Options, bindings: &Path) -> Result<()> {
    let compiled = target_folder().join("wasm32-unknown-unknown").join(profile(options));
    for module in MODULES {
        let input = compiled.join(format!("podyard_{module}.wasm"));
        Bindgen::new()
            .input_path(&input)
            .web(true)?
            .typescript(false)
            .omit_default_module_path(false)
            .remove_name_section(options.release)
            .remove_producers_section(options.release)
            .generate(bindings)
            .with_context(|| format!("bindings of {}", input.display()))?;
    }
    Ok(())
}

/// Makes the bindings of a wasm test, whose exports are its tests.
pub(crate) fn bind_test(input: &Path, bindings: &Path, name: &str) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name(name).web(true)?.typescript(false).omit_default_module_path(false);
    bindgen.debug(true).export_wasm(true).emit_start(false).generate(bindings)
}

fn optimise(bindings: &Path) -> Result<()> {
    for module in MODULES {
        let file = bindings.join(format!("podyard_{module}_bg.wasm"));
        let mut command = Command::new("node");
        command.current_dir(root().join("www")).arg("node_modules/binaryen/bin/wasm-opt");
        quietly(command.arg("-Oz").args(WASM_FEATURES).arg("-o").arg(&file).arg(&file))?;
    }
    Ok(())
}

fn bundle(options: &Options, bindings: &Path, out: &Path) -> Result<()> {
    let mut command = Command::new("node");
    command.current_dir(root().join("www")).arg("build.mjs").arg(out).arg(bindings);
    command.args(options.release.then_some("--release")).args(options.test.then_some("--test"));
    passed_through(&mut command)
}

/// Writes every `<track>/<slug>.yaml` as JSON, and the list of them.
fn scenarios(from: &Path, to: &Path) -> Result<()> {
    let mut list = Vec::new();
    let mut tracks = Vec::new();
    for folder in sorted(from)?.into_iter().filter(|path| path.is_dir()) {
        let track = name(&folder);
        let made = to.join(&track);
        std::fs::create_dir_all(&made)?;
        for file in sorted(&folder)?.into_iter().filter(|path| path.extension() == Some(OsStr::new("yaml"))) {
            let text = std::fs::read_to_string(&file)?;
            let value: Value = serde_yaml::from_str(&text).with_context(|| file.display().to_string())?;
            let slug = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if slug == "track" {
                tracks.push(json!({
                    "track": track,
                    "title": value["title"],
                    "about": value["about"],
                    "order": value["order"],
                }));
                continue;
            }
            std::fs::write(made.join(format!("{slug}.json")), value.to_string())?;
            list.push(json!({
                "path": format!("{track}/{slug}"),
                "track": track,
                "title": value.pointer("/metadata/title"),
                "minutes": value.pointer("/spec/minutes"),
                "difficulty": value.pointer("/spec/difficulty"),
                "tasks": value.pointer("/spec/tasks").and_then(Value::as_array).map_or(0, Vec::len),
            }));
        }
    }
    let index = json!({"scenarios": list, "tracks": tracks});
    std::fs::write(to.join("index.json"), index.to_string()).context("scenarios/index.json")
}

pub(crate) fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

pub(crate) fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Prints the sizes of a release build; what the first visit loads must stay in its budget.
fn sizes(out: &Path) -> Result<()> {
    let mut command = Command::new("node");
    passed_through(command.current_dir(root().join("www")).arg("sizes.mjs").arg(out))
}
