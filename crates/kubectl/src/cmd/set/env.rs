//! `kubectl set env`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/set/set_env.go and staging/src/k8s.io/kubectl/pkg/cmd/set/env

use ecow::EcoString;
use podyard_api::{Value, value};

use super::{ALL, each_container};
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, q};
use crate::templates::{self, Sender};

pub(crate) static COMMAND: Command = Command {
    name: "env",
    usage: "env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    short: "Update environment variables on a pod template",
    long: "Update environment variables on a pod template.

 List environment variable definitions in one or more pods, pod templates. Add, update, or remove container environment variable definitions in one or more pod templates (within replication controllers or deployment configurations). View or modify the environment variable definitions on all containers in the specified pods or pod templates, or just those that match a wildcard.

 If \"--env -\" is passed, environment variables can be read from STDIN using the standard env syntax.

 Possible resources include (case insensitive):

  pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)",
    example: "# Update deployment 'registry' with a new environment variable
kubectl set env deployment/registry STORAGE_DIR=/local

# List the environment variables defined on a deployments 'sample-build'
kubectl set env deployment/sample-build --list

# List the environment variables defined on all pods
kubectl set env pods --all --list

# Output modified deployment in YAML, and does not alter the object on the server
kubectl set env deployment/sample-build STORAGE_DIR=/data -o yaml

# Update all containers in all replication controllers in the project to have ENV=prod
kubectl set env rc --all ENV=prod

# Import environment from a secret
kubectl set env --from=secret/mysecret deployment/myapp

# Import environment from a config map with a prefix
kubectl set env --from=configmap/myconfigmap --prefix=MYSQL_ deployment/myapp

# Import specific keys from a config map
kubectl set env --keys=my-example-key --from=configmap/myconfigmap deployment/myapp

# Remove the environment variable ENV from container 'c1' in all deployment configs
kubectl set env deployments --all --containers=\"c1\" ENV-

# Remove the environment variable ENV from a deployment definition on disk and
# update the deployment config on the server
kubectl set env -f deploy.json ENV-

# Set some of the local shell environment into a deployment config on the server
env | grep RAILS_ | kubectl set env -e - deployment/registry",
    flags: &[
        FLAGS,
        filename_flags!("the resource to update the env"),
        field_manager_flag!("kubectl-set"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(set),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    ALL,
    Flag::text(
        "containers",
        "*",
        "The names of containers in the selected pod templates to change - may use wildcards",
    )
    .short("c"),
    Flag::texts("env", "Specify a key-value pair for an environment variable to set into each container.").short("e"),
    Flag::text("from", "", "The name of a resource from which to inject environment variables"),
    Flag::slice("keys", "Comma-separated list of keys to import from specified resource"),
    Flag::bool(
        "list",
        "If true, display the environment and any changes in the standard format. this flag will removed when we have kubectl view env.",
    ),
    Flag::bool("local", "If true, set env will NOT contact api-server but run locally."),
    Flag::on(
        "overwrite",
        "If true, allow environment to be overwritten, otherwise reject updates that overwrite existing environment.",
    ),
    Flag::text("prefix", "", "Prefix to append to variable names"),
    Flag::bool("resolve", "If true, show secret or configmap references when listing variables"),
];

/// Variables to set and names to remove.
#[derive(Default)]
struct Changes {
    set: Vec<Value>,
    remove: Vec<EcoString>,
}

async fn set(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    let (resources, words) = divide(ctx.args())?;
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "env updated", dry_run).await?;
    if flags.bool("list") && flags.changed("output") {
        return Err("--list and --output may not be specified together".into());
    }
    let from = flags.text("from");
    let mut given: Vec<EcoString> = words.to_vec();
    for entry in flags.list("env") {
        if entry == "-" {
            let text = ctx.sys.read_all(0).await.unwrap_or_default();
            given.extend(String::from_utf8_lossy(&text).lines().filter(|line| line.contains('=')).map(EcoString::from));
        } else {
            given.push(entry);
        }
    }
    if flags.changed("keys") && from.is_empty() {
        return Err("when specifying --keys, a configmap or secret must be provided with --from".into());
    }
    let mut changes = parse(&given)?;
    if !from.is_empty() {
        imported(&ctx, &from, &mut changes).await?;
    }
    let infos = templates::infos(&ctx, resources).await?;
    if given.is_empty() && !flags.bool("list") && from.is_empty() {
        return Err("at least one environment variable must be provided".into());
    }
    let sender =
        Sender { ctx: &ctx, printer: &printer, dry_run, refusal: "failed to patch env update to pod template:" };
    let mut failures = Vec::new();
    for info in &infos {
        failures.extend(one(&ctx, info, &changes, &sender).await.err());
    }
    Failure::collect(failures)
}

/// Resources, then `KEY=value`, `KEY-` or `-`.
fn divide(args: &[EcoString]) -> Outcome<(&[EcoString], &[EcoString])> {
    let is_env = |arg: &EcoString| arg.contains('=') || arg.ends_with('-');
    let first = args.iter().position(is_env).unwrap_or(args.len());
    let (resources, words) = args.split_at(first);
    match words.iter().find(|arg| !is_env(arg)) {
        Some(arg) => Err(Failure::Text(format!("all resources must be specified before environment changes: {arg}"))),
        None => Ok((resources, words)),
    }
}

fn parse(words: &[EcoString]) -> Outcome<Changes> {
    let mut changes = Changes::default();
    for word in words {
        match word.split_once('=') {
            Some((name, text)) if !name.is_empty() => {
                if changes.remove.iter().any(|gone| gone == name) {
                    return Err(Failure::Text(format!(
                        "can not both modify and remove {} in the same command",
                        q(name)
                    )));
                }
                let mut variable = value!({"name": name});
                variable.set("value", text);
                changes.set.push(variable);
            }
            None if word.len() > 1 && word.ends_with('-') => changes.remove.push(word[..word.len() - 1].into()),
            _ => return Err(Failure::Text(format!("unknown environment variable: {word}"))),
        }
    }
    Ok(changes)
}

/// Variables that refer to the keys of a config map or secret.
async fn imported(ctx: &Ctx, from: &str, changes: &mut Changes) -> Outcome {
    let (keys, prefix) = (ctx.flags.list("keys"), ctx.flags.text("prefix"));
    let mut builder = Builder::from_flags(ctx, &[from.into()]).await?;
    (builder.label_selector, builder.select_all, builder.files) = (None, false, Vec::new());
    let mut items = builder.start(ctx).await?;
    while let Some(info) = items.next(ctx).await {
        let object = info?.object;
        let field = match object.kind() {
            "Secret" => "secretKeyRef",
            "ConfigMap" => "configMapKeyRef",
            kind => return Err(Failure::Text(format!("unsupported resource specified in --from: {kind}"))),
        };
        for (key, _) in object.get("data").fields() {
            if !keys.is_empty() && !keys.iter().any(|wanted| wanted == key.as_str()) {
                continue;
            }
            let name: String =
                key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
            if name != key.as_str() {
                ctx.warn(&format!("key {} transferred to {name}", key.as_str())).await;
            }
            let source = value!({(field): {"name": object.name(), "key": key.as_str()}});
            changes.set.push(value!({"name": format!("{prefix}{name}"), "valueFrom": source}));
        }
    }
    Ok(())
}

async fn one(ctx: &Ctx, info: &Info, changes: &Changes, sender: &Sender<'_>) -> Outcome {
    let (pattern, overwrite) = (ctx.flags.text("containers"), ctx.flags.bool("overwrite"));
    let mut after = info.object.clone();
    let kind = after.kind().to_owned();
    let spec = templates::pod_spec(&mut after)?;
    let (mut listing, mut conflict) = (String::new(), None);
    let found = each_container(spec, &pattern, |container| {
        if !overwrite && let Some(taken) = taken(container, changes) {
            conflict.get_or_insert(taken);
        }
        update(container, changes);
        listing.push_str(&listed(&kind, &info.name, container));
    });
    if let Some(conflict) = conflict {
        return Err(conflict);
    }
    if found == 0 {
        ctx.warn(&format!("{kind}/{} does not have any containers matching {}", info.name, q(&pattern))).await;
        return Ok(());
    }
    if ctx.flags.bool("list") {
        ctx.out(listing).await;
        return Ok(());
    }
    sender.send(info, after).await
}

fn taken(container: &Value, changes: &Changes) -> Option<Failure> {
    let present = container.get("env").items();
    let conflict = changes.set.iter().find_map(|new| present.iter().find(|old| old.get("name") == new.get("name")))?;
    let (name, text) = (conflict.get("name").str(), conflict.get("value").str());
    Some(Failure::Text(format!("'{name}' already has a value ({text}), and --overwrite is false")))
}

fn update(container: &mut Value, changes: &Changes) {
    let mut variables: Vec<Value> = container.get("env").items().to_vec();
    for new in &changes.set {
        match variables.iter_mut().find(|old| old.get("name") == new.get("name")) {
            Some(old) => *old = new.clone(),
            None => variables.push(new.clone()),
        }
    }
    variables.retain(|variable| !changes.remove.iter().any(|gone| variable.get("name") == gone.as_str()));
    if variables.is_empty() {
        container.remove("env");
    } else {
        container.set("env", variables);
    }
}

/// The variables of a container as `--list` shows them.
fn listed(kind: &str, object: &str, container: &Value) -> String {
    let mut text = format!("# {kind} {object}, container {}\n", container.get("name").str());
    for variable in container.get("env").items() {
        let (name, source) = (variable.get("name").str(), variable.get("valueFrom"));
        let reference = |field: &str, what: &str| {
            let source = source.get(field);
            format!("# {name} from {what} {}, key {}\n", source.get("name").str(), source.get("key").str())
        };
        text.push_str(&if source.is_null() {
            format!("{name}={}\n", variable.get("value").str())
        } else if !source.get("configMapKeyRef").is_null() {
            reference("configMapKeyRef", "configmap")
        } else if !source.get("secretKeyRef").is_null() {
            reference("secretKeyRef", "secret")
        } else if !source.get("fieldRef").is_null() {
            format!("# {name} from field path {}\n", source.get("fieldRef").get("fieldPath").str())
        } else {
            let resource = source.get("resourceFieldRef");
            let place = resource.get("containerName").str();
            let place = if place.is_empty() { String::new() } else { format!("container {place}, ") };
            format!("# {name} from {place}resource {}\n", resource.get("resource").str())
        });
    }
    text
}
