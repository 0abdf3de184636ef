//! `kubectl label`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/label/label.go

use ecow::EcoString;
use podyard_api::{Value, names};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::pairs::{self, Changes, What};
use crate::resource::q;

pub(crate) static COMMAND: Command = Command {
    name: "label",
    usage: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the labels on a resource",
    long: "Update the labels on a resource.

  *  A label key and value must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters each.
  *  Optionally, the key can begin with a DNS subdomain prefix and a single '/', like example.com/my-app.
  *  If --overwrite is true, then existing labels can be overwritten, otherwise attempting to overwrite a label will result in an error.
  *  If --resource-version is specified, then updates will use this resource version, otherwise the existing resource-version will be used.",
    example: "# Update pod 'foo' with the label 'unhealthy' and the value 'true'
kubectl label pods foo unhealthy=true

# Update pod 'foo' with the label 'status' and the value 'unhealthy', overwriting any existing value
kubectl label --overwrite pods foo status=unhealthy

# Update all pods in the namespace
kubectl label pods --all status=unhealthy

# Update a pod identified by the type and name in \"pod.json\"
kubectl label -f pod.json status=unhealthy

# Update pod 'foo' only if the resource is unchanged from version 1
kubectl label pods foo status=unhealthy --resource-version=1

# Update pod 'foo' by removing a label named 'bar' if it exists
# Does not require the --overwrite flag
kubectl label pods foo bar-",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to update the labels"),
        field_manager_flag!("kubectl-label"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(label),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all", "Select all resources, in the namespace of the specified resource types"),
    Flag::bool("all-namespaces", "If true, check the specified action in all namespaces.").short("A"),
    Flag::text(
        "field-selector",
        "",
        "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
    ),
    Flag::bool("list", "If true, display the labels for a given resource."),
    Flag::bool("local", "If true, label will NOT contact api-server but run locally."),
    Flag::bool(
        "overwrite",
        "If true, allow labels to be overwritten, otherwise reject label updates that overwrite existing labels.",
    ),
    Flag::text(
        "resource-version",
        "",
        "If non-empty, the labels update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.",
    ),
];

async fn label(ctx: Ctx) -> Outcome {
    let what = What { word: "label", field: "labels" };
    let (resources, pairs) = pairs::divide(ctx.args(), what.word)?;
    let changes = parse(pairs)?;
    pairs::change(&ctx, what, resources, &changes, conflict, said).await
}

fn parse(pairs: &[EcoString]) -> Outcome<Changes> {
    let mut changes = Changes::default();
    for pair in pairs {
        match pair.split('=').collect::<Vec<_>>()[..] {
            [key, value] => {
                let problems = names::label_value(value);
                if !problems.is_empty() {
                    return Err(Failure::Text(format!("invalid label value: {}: {}", q(pair), problems.join(";"))));
                }
                changes.set.retain(|(known, _)| known != key);
                changes.set.push((key.into(), value.into()));
            }
            [_] => changes.remove.push(pair.strip_suffix('-').unwrap_or(pair).into()),
            _ => return Err(Failure::Text(format!("invalid label spec: {pair}"))),
        }
    }
    if changes.remove.iter().any(|key| changes.set.iter().any(|(set, _)| set == key)) {
        return Err("can not both modify and remove a label in the same command".into());
    }
    Ok(changes)
}

fn conflict(conflicts: &[(EcoString, EcoString)]) -> Failure {
    let one = |(key, value): &(EcoString, EcoString)| {
        Failure::Text(format!("'{key}' already has a value ({value}), and --overwrite is false"))
    };
    Failure::many(conflicts.iter().map(one).collect())
}

fn said(before: &Value, after: &Value, overwrite: bool) -> &'static str {
    if before == after {
        "not labeled"
    } else if !overwrite && pairs::length(after) < pairs::length(before) {
        "unlabeled"
    } else {
        "labeled"
    }
}
