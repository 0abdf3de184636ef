//! Every `-o yaml` output of the recorded sessions reads and writes back as it was.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]
#![expect(clippy::disallowed_methods, reason = "a test reads the recorded sessions")]

use std::path::{Path, PathBuf};

use podyard_api::yaml;

/// The outputs of commands that print YAML and nothing else.
fn outputs(session: &str) -> Vec<(String, String)> {
    let session: serde_yaml::Value = serde_yaml::from_str(session).unwrap();
    let steps = session["steps"].as_sequence().into_iter().flatten();
    steps
        .filter_map(|step| Some((step["run"].as_str()?, step["stdout"].as_str()?)))
        .filter(|(run, out)| run.contains("-o yaml") && !run.contains(['|', '>', ';']) && out.contains("apiVersion: "))
        .map(|(run, out)| (run.to_owned(), out.to_owned()))
        .collect()
}

/// How a text differs after reading and writing.
fn check(text: &str) -> Option<String> {
    for document in yaml::documents(text) {
        let value = match yaml::parse(document.text) {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        let written = yaml::to_string(&value);
        // Between two objects kubectl prints the line itself.
        let text = document.text.strip_prefix("---\n").unwrap_or(document.text);
        if written != text {
            let pair = written.lines().zip(text.lines()).find(|(written, real)| written != real);
            return Some(format!("wrote, expected: {pair:#?}"));
        }
    }
    None
}

fn sessions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    files
}

#[test]
fn recorded_outputs_are_written_as_they_were() {
    let (mut count, mut wrong) = (0, Vec::new());
    for file in sessions() {
        for (run, out) in outputs(&std::fs::read_to_string(&file).unwrap()) {
            count += 1;
            wrong.extend(check(&out).map(|why| format!("{}: {run}\n{why}", file.display())));
        }
    }
    assert!(count > 20, "only {count} outputs were found");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where the data folder is given: all objects of a fresh cluster.
#[test]
fn a_fresh_cluster_is_written_as_it_was() {
    let Some(folder) = std::env::var_os("PODYARD_DATA") else { return };
    for name in ["cluster-scoped", "namespaced", "rbac-cluster", "rbac-namespaced"] {
        let file = Path::new(&folder).join(format!("schema/fresh-{name}.yaml"));
        assert_eq!(check(&std::fs::read_to_string(&file).unwrap()), None, "{}", file.display());
    }
}
