//! `kubectl delete`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/delete/delete.go

use podyard_api::{Target, Value, Verb, json};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::DryRun;
use crate::resource::{Builder, Info, delete_options, documents};
use crate::watching::{self, Watched};

pub(crate) static COMMAND: Command = Command {
    name: "delete",
    suggest_for: &["rm"],
    usage: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    long: "Delete resources by file names, stdin, resources and names, or by resources and label selector.

 JSON and YAML formats are accepted. Only one type of argument may be specified: file names, resources and names, or resources and label selector.

 Some resources, such as pods, support graceful deletion. These resources define a default period before they are forcibly terminated (the grace period) but you may override that value with the --grace-period flag, or pass --now to set a grace-period of 1. Because these resources often represent entities in the cluster, deletion may not be acknowledged immediately. If the node hosting a pod is down or cannot reach the API server, termination may take significantly longer than the grace period. To force delete a resource, you must specify the --force flag. Note: only a subset of resources support graceful deletion. In absence of the support, the --grace-period flag is ignored.

 IMPORTANT: Force deleting pods does not wait for confirmation that the pod's processes have been terminated, which can leave those processes running until the node detects the deletion and completes graceful deletion. If your processes use shared storage or talk to a remote API and depend on the name of the pod to identify themselves, force deleting those pods may result in multiple processes running on different machines using the same identification which may lead to data corruption or inconsistency. Only force delete pods when you are sure the pod is terminated, or if your application can tolerate multiple copies of the same pod running at once. Also, if you force delete pods, the scheduler may place new pods on those nodes before the node has released those resources and causing those pods to be evicted immediately.

 Note that the delete command does NOT do resource version checks, so if someone submits an update to a resource right when you submit a delete, their update will be lost along with the rest of the resource.

 After a CustomResourceDefinition is deleted, invalidation of discovery cache may take up to 6 hours. If you don't want to wait, you might want to run \"kubectl api-resources\" to refresh the discovery cache.",
    example: "# Delete a pod using the type and name specified in pod.json
kubectl delete -f ./pod.json

# Delete resources from a directory containing kustomization.yaml - e.g. dir/kustomization.yaml
kubectl delete -k dir

# Delete resources from all files that end with '.json'
kubectl delete -f '*.json'

# Delete a pod based on the type and name in the JSON passed into stdin
cat pod.json | kubectl delete -f -

# Delete pods and services with same names \"baz\" and \"foo\"
kubectl delete pod,service baz foo

# Delete pods and services with label name=myLabel
kubectl delete pods,services -l name=myLabel

# Delete a pod with minimal delay
kubectl delete pod foo --now

# Force delete a pod on a dead node
kubectl delete pod foo --force

# Delete all pods
kubectl delete pods --all

# Delete all pods only if the user confirms the deletion
kubectl delete pods --all --interactive",
    flags: &[FLAGS, filename_flags!("containing the resource to delete."), shared::DRY_RUN, shared::SELECTOR],
    run: run!(delete),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all", "Delete all resources, in the namespace of the specified resource types."),
    Flag::bool(
        "all-namespaces",
        "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.",
    )
    .short("A"),
    CASCADE,
    Flag::text(
        "field-selector",
        "",
        "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
    ),
    FORCE,
    GRACE_PERIOD,
    Flag::bool(
        "ignore-not-found",
        "Treat \"resource not found\" as a successful delete. Defaults to \"true\" when --all is specified.",
    ),
    Flag::bool("interactive", "If true, delete resource only when user confirms.").short("i"),
    Flag::bool("now", "If true, resources are signaled for immediate shutdown (same as --grace-period=1)."),
    Flag::text("output", "", "Output mode. Use \"-o name\" for shorter output (resource/name).").short("o"),
    Flag::text("raw", "", "Raw URI to DELETE to the server.  Uses the transport specified by the kubeconfig file."),
    TIMEOUT,
    WAIT,
];

pub(crate) const CASCADE: Flag = Flag::text(
    "cascade",
    "background",
    "Must be \"background\", \"orphan\", or \"foreground\". Selects the deletion cascading strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to background.",
)
.bare("background");

pub(crate) const FORCE: Flag = Flag::bool(
    "force",
    "If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation.",
);

pub(crate) const GRACE_PERIOD: Flag = Flag::int(
    "grace-period",
    "-1",
    "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion).",
);

pub(crate) const TIMEOUT: Flag = Flag::duration(
    "timeout",
    "0s",
    "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object",
);

pub(crate) const WAIT: Flag =
    Flag::on("wait", "If true, wait for resources to be gone before returning. This waits for finalizers.");

const WEEK: i64 = 168 * 3_600 * 1_000_000_000;

/// How objects are deleted.
pub(crate) struct Deletion {
    pub grace_period: i64,
    pub force: bool,
    pub propagation: &'static str,
    pub dry_run: DryRun,
    pub ignore_not_found: bool,
    pub quiet: bool,
    /// `-o name`
    pub short: bool,
    pub wait: bool,
    /// Nanoseconds; 0 for a week.
    pub timeout: i64,
    pub interactive: bool,
    /// A namespace was asked for, so that deleting what has none is worth a word.
    pub warn_cluster_scope: bool,
}

impl Deletion {
    /// Without a word, waiting so many nanoseconds.
    pub(crate) fn quietly(timeout: i64) -> Self {
        Self {
            grace_period: -1,
            force: false,
            propagation: "Background",
            dry_run: DryRun::None,
            ignore_not_found: true,
            quiet: true,
            short: false,
            wait: true,
            timeout,
            interactive: false,
            warn_cluster_scope: false,
        }
    }

    /// Waits until the object as it is now is gone.
    pub(crate) async fn wait_for(&self, ctx: &Ctx, info: &Info) -> Outcome {
        wait(ctx, &[(info.clone(), info.object.uid().to_owned())], self).await
    }
}

async fn delete(ctx: Ctx) -> Outcome {
    let raw = ctx.flags.text("raw");
    let deletion = options(&ctx).await?;
    if !raw.is_empty() {
        return delete_raw(&ctx, &raw).await;
    }
    let mut builder = Builder::from_flags(&ctx, ctx.args()).await?;
    builder.fetch = false;
    let items = builder.start(&ctx).await?;
    validate(&ctx, &deletion).await?;
    run_deletion(&ctx, items, &deletion).await
}

async fn options(ctx: &Ctx) -> Outcome<Deletion> {
    let flags = &ctx.flags;
    let selecting = flags.bool("all") || !flags.text("selector").is_empty() || !flags.text("field-selector").is_empty();
    let force = flags.bool("force");
    let mut grace_period = flags.int("grace-period");
    if flags.bool("now") {
        if grace_period != -1 {
            return Err("--now and --grace-period cannot be specified together".into());
        }
        grace_period = 1;
    }
    if grace_period == 0 && !force {
        grace_period = 1;
    }
    if force && grace_period < 0 {
        grace_period = 0;
    }
    Ok(Deletion {
        grace_period,
        force,
        propagation: propagation(ctx).await?,
        dry_run: DryRun::from_flags(ctx).await?,
        ignore_not_found: flags.bool("ignore-not-found") || (selecting && !flags.changed("ignore-not-found")),
        quiet: false,
        short: flags.text("output") == "name",
        wait: flags.bool("wait"),
        timeout: flags.duration("timeout"),
        interactive: flags.bool("interactive"),
        warn_cluster_scope: ctx.access().await?.explicit_namespace && !flags.bool("all-namespaces"),
    })
}

/// `--cascade` as deletion propagation.
pub(crate) async fn propagation(ctx: &Ctx) -> Outcome<&'static str> {
    let given = ctx.flags.text("cascade");
    match given.as_str() {
        "background" => Ok("Background"),
        "foreground" => Ok("Foreground"),
        "orphan" => Ok("Orphan"),
        other => match other.parse::<bool>() {
            Ok(on) => {
                let (with, is) = if on { ("background", "Background") } else { ("orphan", "Orphan") };
                let message = format!(
                    "--cascade={other} is deprecated (boolean value) and can be replaced with --cascade={with}."
                );
                ctx.log('W', "helpers.go:746", &message).await;
                Ok(is)
            }
            Err(_) => Err(Failure::Text(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            ))),
        },
    }
}

async fn validate(ctx: &Ctx, deletion: &Deletion) -> Outcome {
    let flags = &ctx.flags;
    let output = flags.text("output");
    if !output.is_empty() && output != "name" {
        return Err(Failure::Text(format!("unexpected -o output mode: {output}. We only support '-o name'")));
    }
    if flags.bool("all") && !flags.text("selector").is_empty() {
        return Err("cannot set --all and --selector at the same time".into());
    }
    if flags.bool("all") && !flags.text("field-selector").is_empty() {
        return Err("cannot set --all and --field-selector at the same time".into());
    }
    if deletion.force && deletion.grace_period > 0 {
        return Err("--force and --grace-period greater than 0 cannot be specified together".into());
    }
    if deletion.force && deletion.grace_period == 0 && deletion.dry_run == DryRun::None {
        ctx.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.").await;
    }
    Ok(())
}

async fn delete_raw(ctx: &Ctx, path: &str) -> Outcome {
    let mut request = ctx.request(Verb::Delete, Target::Path(path.into()));
    if let Some(file) = ctx.flags.list("filename").first() {
        let (objects, failure) = documents(ctx, file).await;
        if let Some(failure) = failure {
            return Err(failure);
        }
        request = request.with_body(objects.into_iter().next().unwrap_or_default());
    }
    let body = ctx.send(request).await?;
    ctx.out(json::to_string(&body)).await;
    Ok(())
}

/// Deletes what `items` gives, then waits until it is gone.
pub(crate) async fn run_deletion(ctx: &Ctx, mut items: crate::resource::Items, deletion: &Deletion) -> Outcome {
    let (mut found, mut failures, mut gone): (Vec<Info>, Vec<Failure>, Vec<(Info, String)>) = Default::default();
    let mut warn = deletion.warn_cluster_scope;
    let mut count = 0;
    if deletion.interactive {
        let (infos, mut failed) = items.all(ctx, true).await;
        failures.append(&mut failed);
        if infos.is_empty() && failures.is_empty() {
            ctx.out("No resources found\n").await;
            return Ok(());
        }
        if !confirm(ctx, &infos).await {
            ctx.out("deletion is cancelled\n").await;
            return Ok(());
        }
        found = infos;
        found.reverse();
    }
    loop {
        let next = match found.pop() {
            Some(info) => Some(Ok(info)),
            None => items.next(ctx).await,
        };
        let Some(next) = next else {
            break;
        };
        let result = match next {
            Ok(info) => {
                count += 1;
                if warn && !info.resource.namespaced {
                    ctx.warn("deleting cluster-scoped resources, not scoped to the provided namespace").await;
                    warn = false;
                }
                delete_one(ctx, &info, deletion).await.map(|uid| gone.push((info, uid)))
            }
            Err(failure) => Err(failure),
        };
        match result {
            Err(failure) if deletion.ignore_not_found && failure.is("NotFound") => {}
            Err(failure) => failures.push(failure),
            Ok(()) => {}
        }
    }
    Failure::collect(failures)?;
    if count == 0 {
        ctx.out("No resources found\n").await;
        return Ok(());
    }
    if deletion.wait && deletion.dry_run == DryRun::None { wait(ctx, &gone, deletion).await } else { Ok(()) }
}

/// Deletes one object and says so; gives its uid.
async fn delete_one(ctx: &Ctx, info: &Info, deletion: &Deletion) -> Outcome<String> {
    if deletion.dry_run.is_client() {
        say(ctx, info, deletion).await;
        return Ok(String::new());
    }
    let grace = (deletion.grace_period >= 0).then_some(deletion.grace_period);
    let mut request = ctx.request(Verb::Delete, info.target());
    request.dry_run = deletion.dry_run.is_server();
    request = request.with_body(delete_options(grace, deletion.propagation));
    let answer = ctx.send(request).await.map_err(|failure| failure.when("deleting", &info.source))?;
    say(ctx, info, deletion).await;
    Ok(uid(&answer))
}

fn uid(answer: &Value) -> String {
    let of_status = answer.get("details").get("uid").str();
    if answer.kind() == "Status" { of_status.to_owned() } else { answer.uid().to_owned() }
}

async fn say(ctx: &Ctx, info: &Info, deletion: &Deletion) {
    if deletion.quiet {
        return;
    }
    let kind = info.resource.printed_kind();
    let text = if deletion.short {
        format!("{kind}/{}\n", info.name)
    } else {
        let word = if deletion.grace_period == 0 { "force deleted" } else { "deleted" };
        let place = match info.namespace.as_str() {
            "" => String::new(),
            namespace => format!(" from {namespace} namespace"),
        };
        let word = deletion.dry_run.mark(&format!("{word}{place}"));
        format!("{kind} \"{}\" {word}\n", info.name)
    };
    ctx.out(text).await;
}

/// Asks whether these should be deleted.
async fn confirm(ctx: &Ctx, infos: &[Info]) -> bool {
    let mut text = "You are about to delete the following ".to_owned();
    text.push_str(&format!("{} resource(s):\n", infos.len()));
    for info in infos {
        text.push_str(&format!("{}\n", info.printed()));
    }
    text.push_str("Do you want to continue? (y/N): ");
    ctx.out(text).await;
    let answer = ctx.sys.read(0, 4096).await.unwrap_or_default();
    matches!(String::from_utf8_lossy(&answer).trim(), "y" | "Y")
}

/// Waits until the objects with these uids are gone.
async fn wait(ctx: &Ctx, gone: &[(Info, String)], deletion: &Deletion) -> Outcome {
    let timeout = if deletion.timeout == 0 { WEEK } else { deletion.timeout };
    let deadline = watching::deadline(ctx, timeout).await;
    for (info, uid) in gone {
        let watched = Watched { resource: &info.resource, namespace: &info.namespace, name: &info.name };
        let still = |object: Option<&Value>| match object {
            Some(object) if uid.is_empty() || object.uid() == uid => Ok(None),
            _ => Ok(Some(())),
        };
        match watched.until(ctx, Some(deadline), still).await {
            Ok(Some(())) => {}
            Ok(None) => return Err(watching::timed_out(&info.resource, &info.name)),
            // Who may not look on has been told that it is deleted.
            Err(failure) if failure.is("Forbidden") || failure.is("MethodNotAllowed") => return Ok(()),
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}
