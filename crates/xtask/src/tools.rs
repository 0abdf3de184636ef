//! The programs the build and the tests need: found, installed where that is ours to do, or named with how to get them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::run::{passed_through, quietly, root};

const NODE_HELP: &str = "install Node.js 20 or newer (https://nodejs.org, or `apt-get install nodejs npm`)";
const DEBIAN_PACKAGES: [&str; 3] = ["chromium", "fonts-dejavu", "fonts-noto-color-emoji"];

/// Adds rustup's wasm target if it is missing.
pub(crate) fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = quietly(Command::new("rustc").current_dir(root()).args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    passed_through(Command::new("rustup").current_dir(root()).args(["target", "add", TARGET])).with_context(|| {
        format!("the Rust target {TARGET} is missing: run `rustup target add {TARGET}` (rustup: https://rustup.rs)")
    })
}

/// Checks that node is there and new enough.
pub(crate) fn node() -> Result<()> {
    let version =
        quietly(Command::new("node").arg("--version")).map_err(|_| anyhow!("node is missing: {NODE_HELP}"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("node {} is too old: {NODE_HELP}", version.trim());
    }
    Ok(())
}

/// Installs www's packages unless those of the present lock file are installed already.
pub(crate) fn npm_packages() -> Result<()> {
    node()?;
    let www = root().join("www");
    let lock = std::fs::read_to_string(www.join("package-lock.json")).context("www/package-lock.json")?;
    let mark = www.join("node_modules/.podyard-lock");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(&www).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    quietly(&mut npm).with_context(|| format!("`npm ci` in www failed; if npm itself is missing: {NODE_HELP}"))?;
    std::fs::write(&mark, lock).context("www/node_modules/.podyard-lock")
}

/// The Chromium that browser tests run in: `$CHROME`, one of the usual places, or on Debian as root a fresh one.
pub(crate) fn chromium() -> Result<PathBuf> {
    const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
    const PLACES: [&str; 3] = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    ];
    let find = || NAMES.iter().find_map(|name| on_path(name)).or_else(|| existing(&PLACES));
    if let Some(path) = std::env::var_os("CHROME").map(PathBuf::from) {
        return if path.exists() { Ok(path) } else { bail!("CHROME names {}, which is not there", path.display()) };
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    let packages = DEBIAN_PACKAGES.join(" ");
    let help = format!("Chromium is missing: `apt-get install {packages}` on Debian, or set CHROME to its path");
    if !(Path::new("/etc/debian_version").exists() && is_root()) {
        bail!(help);
    }
    println!("installing {packages}");
    let apt = |args: &[&str]| {
        quietly(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(args)).context(help.clone())
    };
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], DEBIAN_PACKAGES.as_slice()].concat())?;
    find().context(help.clone())
}

/// Whether `cargo <name>` is installed.
pub(crate) fn cargo_has(name: &str) -> bool {
    on_path(&format!("cargo-{name}")).is_some()
}

fn on_path(name: &str) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

fn existing(places: &[&str]) -> Option<PathBuf> {
    places.iter().map(PathBuf::from).find(|path| path.exists())
}

fn is_root() -> bool {
    quietly(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
