//! The layering: which crate may depend on which. The table is exhaustive; a test compares it with `cargo metadata`.

use anyhow::Result;
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Finding;
use crate::run::root;

/// What a crate may depend on.
enum Allowed {
    /// These crates and no other of the workspace.
    Only(&'static [&'static str]),
    /// Whatever it needs: no product code depends on it.
    Anything,
}
use Allowed::{Anything, Only};

/// From the lowest layer to the highest. Tests may use more: development dependencies are not layered.
const LAYERS: &[(&str, Allowed)] = &[
    ("sim", Only(&[])),
    ("api", Only(&[])),
    ("expr", Only(&["api"])),
    ("pki", Only(&["sim"])),
    ("rbac", Only(&["api"])),
    ("netpol", Only(&["api"])),
    ("network", Only(&["api", "netpol"])),
    ("scheduler", Only(&["api", "sim"])),
    ("printers", Only(&["api", "expr"])),
    // A system call may carry an API request, whose type is `api`'s.
    ("kernel", Only(&["api", "sim"])),
    ("shell", Only(&["api", "kernel", "sim"])),
    ("kubectl", Only(&["kernel", "api", "expr", "printers"])),
    ("apiserver", Only(&["api", "expr", "rbac", "printers", "pki", "sim"])),
    ("controllers", Only(&["api", "expr", "pki", "apiserver", "sim"])),
    ("node", Only(&["api", "apiserver", "kernel", "shell", "pki", "sim"])),
    ("cluster", Only(BELOW_CLUSTER)),
    ("scenario", Only(&["api", "expr", "sim"])),
    ("view", Only(&[])),
    ("lab", Only(&["cluster", "scenario", "view"])),
    ("worker", Only(&["lab"])),
    ("web", Only(&["view"])),
    ("cli", Only(&["lab"])),
    ("testkit", Anything),
    ("tests", Anything),
    ("xtask", Anything),
];

const BELOW_CLUSTER: &[&str] = &[
    "api",
    "apiserver",
    "controllers",
    "expr",
    "kernel",
    "kubectl",
    "netpol",
    "network",
    "node",
    "pki",
    "printers",
    "rbac",
    "scheduler",
    "shell",
    "sim",
];

/// Compares the table with the workspace's manifests.
///
/// # Errors
/// When `cargo metadata` fails.
pub fn check() -> Result<Vec<Finding>> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec()?;
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.trim_start_matches("podyard-");
        let used = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
        let used: Vec<&str> = used.filter_map(|dependency| dependency.name.strip_prefix("podyard-")).collect();
        findings.extend(judged(name, &used));
    }
    Ok(findings)
}

fn judged(name: &str, used: &[&str]) -> Vec<Finding> {
    let finding = |what: String| Finding { place: format!("crates/{name}"), what };
    let Some((_, allowed)) = LAYERS.iter().find(|(krate, _)| *krate == name) else {
        return vec![finding("is not in the table of layers (crates/xtask/src/tidy/layers.rs)".into())];
    };
    let may = |other: &str| match allowed {
        Only(list) => list.contains(&other),
        Anything => true,
    };
    used.iter().filter(|other| !may(other)).map(|other| finding(format!("may not depend on {other}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, used: &[&str], expect: &[&str]) {
        let found: Vec<String> = judged(name, used).iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn only_what_the_table_names_is_allowed() {
        check("shell", &["kernel"], &[]);
        check("shell", &["kernel", "apiserver"], &["crates/shell: may not depend on apiserver"]);
        check("web", &["lab", "view"], &["crates/web: may not depend on lab"]);
        check("xtask", &["lab"], &[]);
        check("new", &[], &["crates/new: is not in the table of layers (crates/xtask/src/tidy/layers.rs)"]);
    }

    #[test]
    fn no_layer_depends_on_one_above_it() {
        for (index, (name, allowed)) in LAYERS.iter().enumerate() {
            let Only(list) = allowed else { continue };
            for other in *list {
                let below = LAYERS[..index].iter().any(|(lower, _)| lower == other);
                assert!(below, "{name} may depend on {other}, which is not below it");
            }
        }
    }
}
