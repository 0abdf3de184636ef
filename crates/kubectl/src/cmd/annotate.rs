//! `kubectl annotate`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/annotate/annotate.go

use ecow::EcoString;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::pairs::{self, Changes, What};

pub(crate) static COMMAND: Command = Command {
    name: "annotate",
    usage: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the annotations on a resource",
    long: "Update the annotations on one or more resources.

 All Kubernetes objects support the ability to store additional data with the object as annotations. Annotations are key/value pairs that can be larger than labels and include arbitrary string values such as structured JSON. Tools and system extensions may use annotations to store their own data.

 Attempting to set an annotation that already exists will fail unless --overwrite is set. If --resource-version is specified and does not match the current resource version on the server the command will fail.

Use \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# Update pod 'foo' with the annotation 'description' and the value 'my frontend'
# If the same annotation is set multiple times, only the last value will be applied
kubectl annotate pods foo description='my frontend'

# Update a pod identified by type and name in \"pod.json\"
kubectl annotate -f pod.json description='my frontend'

# Update pod 'foo' with the annotation 'description' and the value 'my frontend running nginx', overwriting any existing value
kubectl annotate --overwrite pods foo description='my frontend running nginx'

# Update all pods in the namespace
kubectl annotate pods --all description='my frontend running nginx'

# Update pod 'foo' only if the resource is unchanged from version 1
kubectl annotate pods foo description='my frontend running nginx' --resource-version=1

# Update pod 'foo' by removing an annotation named 'description' if it exists
# Does not require the --overwrite flag
kubectl annotate pods foo description-",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to update the annotation"),
        field_manager_flag!("kubectl-annotate"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(annotate),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all", "Select all resources, in the namespace of the specified resource types."),
    Flag::bool("all-namespaces", "If true, check the specified action in all namespaces.").short("A"),
    Flag::text(
        "field-selector",
        "",
        "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
    ),
    Flag::bool("list", "If true, display the annotations for a given resource."),
    Flag::bool("local", "If true, annotation will NOT contact api-server but run locally."),
    Flag::bool(
        "overwrite",
        "If true, allow annotations to be overwritten, otherwise reject annotation updates that overwrite existing annotations.",
    ),
    Flag::text(
        "resource-version",
        "",
        "If non-empty, the annotation update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.",
    ),
];

async fn annotate(ctx: Ctx) -> Outcome {
    let what = What { word: "annotation", field: "annotations" };
    let (resources, pairs) = pairs::divide(ctx.args(), what.word)?;
    let changes = parse(pairs)?;
    pairs::change(&ctx, what, resources, &changes, conflict, |_, _, _| "annotated").await
}

// Models staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go ParsePairs
fn parse(pairs: &[EcoString]) -> Outcome<Changes> {
    let mut changes = Changes::default();
    let mut invalid = Vec::new();
    for pair in pairs {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                changes.set.retain(|(known, _)| known != key);
                changes.set.push((key.into(), value.into()));
            }
            None if pair.ends_with('-') && pair != "-" => changes.remove.push(pair[..pair.len() - 1].into()),
            _ => invalid.push(pair.as_str()),
        }
    }
    if !invalid.is_empty() {
        return Err(Failure::Text(format!("invalid annotation format: {}", invalid.join(", "))));
    }
    let both: Vec<&str> = changes
        .remove
        .iter()
        .filter(|key| changes.set.iter().any(|(set, _)| set == *key))
        .map(EcoString::as_str)
        .collect();
    if !both.is_empty() {
        return Err(Failure::Text(format!(
            "can not both modify and remove the following annotation(s) in the same command: {}",
            both.join(", ")
        )));
    }
    Ok(changes)
}

fn conflict(conflicts: &[(EcoString, EcoString)]) -> Failure {
    let all: Vec<String> =
        conflicts.iter().map(|(key, value)| format!("'{key}' already has a value ({value})")).collect();
    Failure::Text(format!("--overwrite is false but found the following declared annotation(s): {}", all.join("; ")))
}
