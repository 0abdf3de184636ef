//! `kubectl set`: one file for each child.

mod env;
mod image;
mod resources;
mod selector;
mod serviceaccount;
mod subject;

use podyard_api::Value;

use crate::command::{Command, EMPTY};
use crate::flags::Flag;

pub(crate) static COMMAND: Command = Command {
    name: "set",
    usage: "set SUBCOMMAND",
    short: "Set specific features on objects",
    long: "Configure application resources.

 These commands help you make changes to existing application resources.",
    children: &[
        &env::COMMAND,
        &image::COMMAND,
        &resources::COMMAND,
        &selector::COMMAND,
        &serviceaccount::COMMAND,
        &subject::COMMAND,
    ],
    ..EMPTY
};

const ALL: Flag = Flag::bool("all", "Select all resources, in the namespace of the specified resource types");

/// Whether a pattern with `*` fits a container's name.
// Models staging/src/k8s.io/kubectl/pkg/cmd/set/helper.go selectContainers
fn fits(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((start, rest)) => {
            let Some(left) = name.strip_prefix(start) else {
                return false;
            };
            (0..=left.len()).filter(|at| left.is_char_boundary(*at)).any(|at| fits(&left[at..], rest))
        }
    }
}

/// The containers and init containers of a pod's specification that fit, for change.
fn each_container(spec: &mut Value, pattern: &str, mut change: impl FnMut(&mut Value)) -> usize {
    let mut found = 0;
    for list in ["initContainers", "containers"] {
        if let Some(containers) = spec.get_mut(list) {
            for container in containers.items_mut().iter_mut().filter(|c| fits(c.get("name").str(), pattern)) {
                change(container);
                found += 1;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_of_containers() {
        for (name, pattern, expect) in
            [("web", "*", true), ("web", "web", true), ("web", "w*", true), ("web", "x*", false), ("web", "*b", true)]
        {
            assert_eq!(fits(name, pattern), expect, "{name} {pattern}");
        }
    }
}
