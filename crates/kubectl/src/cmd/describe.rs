//! `kubectl describe`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/describe/describe.go

use podyard_api::{Status, Target, Value, Verb};
use podyard_printers::describe::{self, Read, Related};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::resource::{Builder, Info};

pub(crate) static COMMAND: Command = Command {
    name: "describe",
    usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    short: "Show details of a specific resource or group of resources",
    long: "Show details of a specific resource or group of resources.

 Print a detailed description of the selected resources, including related resources such as events or controllers. You may select a single object by name, all objects of that type, provide a name prefix, or label selector. For example:

  $ kubectl describe TYPE NAME_PREFIX
  
 will first check for an exact match on TYPE and NAME_PREFIX. If no such resource exists, it will output details for every resource that has a name prefixed with NAME_PREFIX.

Use \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# Describe a node
kubectl describe nodes kubernetes-node-emt8.c.myproject.internal

# Describe a pod
kubectl describe pods/nginx

# Describe a pod identified by type and name in \"pod.json\"
kubectl describe -f pod.json

# Describe all pods
kubectl describe pods

# Describe pods by label name=myLabel
kubectl describe pods -l name=myLabel

# Describe all pods managed by the 'frontend' replication controller
# (rc-created pods get the name of the rc as a prefix in the pod name)
kubectl describe pods frontend",
    flags: &[FLAGS, filename_flags!("containing the resource to describe"), shared::SELECTOR],
    run: run!(run_describe),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool(
        "all-namespaces",
        "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.",
    )
    .short("A"),
    Flag::int64(
        "chunk-size",
        "500",
        "Return large lists in chunks rather than all at once. Pass 0 to disable. This flag is beta and may change in the future.",
    ),
    Flag::on("show-events", "If true, display events related to the described object."),
];

async fn run_describe(ctx: Ctx) -> Outcome {
    if ctx.args().is_empty() && ctx.flags.list("filename").is_empty() && ctx.flags.text("kustomize").is_empty() {
        return Err("You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.".into());
    }
    let mut builder = Builder::from_flags(&ctx, ctx.args()).await?;
    builder.allow_empty_selector = true;
    let namespace = builder.namespace.clone();
    let all_namespaces = builder.all_namespaces;
    let mut items = builder.start(&ctx).await?;
    let (infos, mut failures) = items.all(&ctx, true).await;
    if let [failure] = failures.as_slice()
        && failure.is("NotFound")
        && let [kind, prefix] = ctx.args()
    {
        let failure = failure.clone();
        return by_prefix(&ctx, kind, prefix, failure).await;
    }
    // Events of several objects are not looked up, as that would be slow.
    let show_events = ctx.flags.bool("show-events") && infos.len() <= 1;
    let mut first = true;
    for info in &infos {
        match one(&ctx, info, show_events).await {
            Ok(text) => {
                let separator = if std::mem::take(&mut first) { "" } else { "\n\n" };
                ctx.out(format!("{separator}{text}")).await;
            }
            Err(failure) => failures.push(failure),
        }
    }
    if infos.is_empty() && failures.is_empty() {
        let place = if all_namespaces { String::new() } else { format!(" in {namespace} namespace.") };
        ctx.err(format!("No resources found{place}\n")).await;
    }
    Failure::collect(failures)
}

/// All objects of a kind whose names begin so; the failure if there is none.
async fn by_prefix(ctx: &Ctx, kind: &str, prefix: &str, failure: Failure) -> Outcome {
    let mut builder = Builder::from_flags(ctx, &[kind.into()]).await?;
    builder.allow_empty_selector = true;
    let mut items = builder.start(ctx).await?;
    let mut found = false;
    while let Some(info) = items.next(ctx).await {
        let info = info?;
        if info.name.starts_with(prefix) {
            found = true;
            let text = one(ctx, &info, ctx.flags.bool("show-events")).await?;
            ctx.out(format!("{text}\n")).await;
        }
    }
    if found { Ok(()) } else { Err(failure) }
}

/// The description of one object.
async fn one(ctx: &Ctx, info: &Info, show_events: bool) -> Outcome<String> {
    let now = i64::try_from(ctx.sys.now().await.as_micros()).unwrap_or_default();
    let mut related = Related::new(now);
    for read in describe::reads(&info.object, show_events) {
        let answer = fetch(ctx, &read).await?;
        related.add(read, answer);
    }
    Ok(describe::describe(&info.object, &related))
}

async fn fetch(ctx: &Ctx, read: &Read) -> Outcome<Result<Value, Status>> {
    let target = Target::resource(read.group, read.version, read.resource, &read.namespace, &read.name);
    let verb = if read.name.is_empty() { Verb::List } else { Verb::Get };
    let mut request = ctx.request(verb, target);
    request.options.label_selector = read.label_selector.as_str().into();
    request.options.field_selector = read.field_selector.as_str().into();
    match ctx.send(request).await {
        Ok(body) => Ok(Ok(body)),
        Err(Failure::Server(status)) => Ok(Err(*status)),
        Err(other) => Err(other),
    }
}
