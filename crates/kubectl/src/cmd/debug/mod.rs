//! `kubectl debug`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/debug/debug.go

mod profiles;

use ecow::EcoString;
use podyard_api::{PatchKind, Value, Verb, value, yaml};

use crate::attaching::Session;
use crate::cmd::exec;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::merging;
use crate::pods;
use crate::resource::{Builder, Info, delete_options, q};
use crate::strategic;
use crate::watching::Watched;
use profiles::{Profile, Style};

pub(crate) static COMMAND: Command = Command {
    name: "debug",
    usage: "debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    short: "Create debugging sessions for troubleshooting workloads and nodes",
    long: "Debug cluster resources using interactive debugging containers.

 'debug' provides automation for common debugging tasks for cluster objects identified by resource and name. Pods will be used by default if no resource is specified.

 The action taken by 'debug' varies depending on what resource is specified. Supported actions include:

  *  Workload: Create a copy of an existing pod with certain attributes changed, for example changing the image tag to a new version.
  *  Workload: Add an ephemeral container to an already running pod, for example to add debugging utilities without restarting the pod.
  *  Node: Create a new pod that runs in the node's host namespaces and can access the node's filesystem.

 Note: When a non-root user is configured for the entire target Pod, some capabilities granted by debug profile may not work.",
    example: "# Create an interactive debugging session in pod mypod and immediately attach to it.
kubectl debug mypod -it --image=busybox

# Create an interactive debugging session for the pod in the file pod.yaml and immediately attach to it.
# (requires the EphemeralContainers feature to be enabled in the cluster)
kubectl debug -f pod.yaml -it --image=busybox

# Create a debug container named debugger using a custom automated debugging image.
kubectl debug --image=myproj/debug-tools -c debugger mypod

# Create a copy of mypod adding a debug container and attach to it
kubectl debug mypod -it --image=busybox --copy-to=my-debugger

# Create a copy of mypod changing the command of mycontainer
kubectl debug mypod -it --copy-to=my-debugger --container=mycontainer -- sh

# Create a copy of mypod changing all container images to busybox
kubectl debug mypod --copy-to=my-debugger --set-image=*=busybox

# Create a copy of mypod adding a debug container and changing container images
kubectl debug mypod -it --copy-to=my-debugger --image=debian --set-image=app=app:debug,sidecar=sidecar:debug

# Create an interactive debugging session on a node and immediately attach to it.
# The container will run in the host namespaces and the host's filesystem will be mounted at /host
kubectl debug node/mynode -it --image=busybox",
    flags: &[FLAGS],
    run: run!(debug),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool(
        "arguments-only",
        "If specified, everything after -- will be passed to the new container as Args instead of Command.",
    ),
    Flag::bool(
        "attach",
        "If true, wait for the container to start running, and then attach as if 'kubectl attach ...' were called.  Default false, unless '-i/--stdin' is set, in which case the default is true.",
    ),
    Flag::text("container", "", "Container name to use for debug container.").short("c"),
    Flag::text("copy-to", "", "Create a copy of the target Pod with this name."),
    Flag::text(
        "custom",
        "",
        "Path to a JSON or YAML file containing a partial container spec to customize built-in debug profiles.",
    ),
    Flag::map("env", "Environment variables to set in the container."),
    Flag::slice("filename", "identifying the resource to debug").short("f"),
    Flag::text("image", "", "Container image to use for debug container."),
    Flag::text(
        "image-pull-policy",
        "",
        "The image pull policy for the container. If left empty, this value will not be specified by the client and defaulted by the server.",
    ),
    Flag::bool(
        "keep-annotations",
        "If true, keep the original pod annotations.(This flag only works when used with '--copy-to')",
    ),
    Flag::on(
        "keep-init-containers",
        "Run the init containers for the pod. Defaults to true.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-labels",
        "If true, keep the original pod labels.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-liveness",
        "If true, keep the original pod liveness probes.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-readiness",
        "If true, keep the original pod readiness probes.(This flag only works when used with '--copy-to')",
    ),
    Flag::bool(
        "keep-startup",
        "If true, keep the original startup probes.(This flag only works when used with '--copy-to')",
    ),
    Flag::text(
        "profile",
        "general",
        "Options are \"legacy\", \"general\", \"baseline\", \"netadmin\", \"restricted\" or \"sysadmin\". Defaults to \"general\"",
    ),
    Flag::bool("quiet", "If true, suppress informational messages.").short("q"),
    Flag::bool("replace", "When used with '--copy-to', delete the original Pod."),
    Flag::bool("same-node", "When used with '--copy-to', schedule the copy of target Pod on the same node."),
    Flag::map(
        "set-image",
        "When used with '--copy-to', a list of name=image pairs for changing container images, similar to how 'kubectl set image' works.",
    ),
    Flag::on("share-processes", "When used with '--copy-to', enable process namespace sharing in the copy."),
    Flag::bool("stdin", "Keep stdin open on the container(s) in the pod, even if nothing is attached.").short("i"),
    Flag::text("target", "", "When using an ephemeral container, target processes in this container name."),
    Flag::bool("tty", "Allocate a TTY for the debugging container.").short("t"),
];

/// What the command line asks for.
struct Options {
    profile: Profile,
    /// A part of a container that is merged into the debug container.
    custom: Option<Value>,
    words: Vec<EcoString>,
    attach: bool,
}

async fn debug(ctx: Ctx) -> Outcome {
    let args = ctx.args().to_vec();
    let before = ctx.flags.dash.unwrap_or(args.len());
    let (targets, words) = args.split_at(before.min(args.len()));
    let profile = Profile::parse(&ctx.flags.text("profile"))?;
    let custom = custom(&ctx).await?;
    let attach = ctx.flags.bool("attach") || (!ctx.flags.changed("attach") && ctx.flags.bool("stdin"));
    let options = Options { profile, custom, words: words.to_vec(), attach };
    validate(&ctx, targets, &options).await?;
    let named: Vec<EcoString> = targets
        .iter()
        .map(|target| if target.contains('/') { target.clone() } else { ecow::eco_format!("pods/{target}") })
        .collect();
    let mut items = Builder::from_flags(&ctx, &named).await?.start(&ctx).await?;
    while let Some(info) = items.next(&ctx).await {
        let info = info?;
        let (pod, container) = match info.object.kind() {
            "Node" => on_node(&ctx, &options, &info).await?,
            "Pod" if ctx.flags.text("copy-to").is_empty() => ephemeral(&ctx, &options, &info).await?,
            "Pod" => copy(&ctx, &options, &info).await?,
            kind => {
                let what = format!("{}/{}, Kind={kind}", info.resource.group, info.resource.version);
                return Err(Failure::Text(format!("{} not supported by debug", q(&what))));
            }
        };
        if options.attach && !container.is_empty() {
            wait_and_attach(&ctx, &pod, &container).await?;
        }
    }
    Ok(())
}

async fn custom(ctx: &Ctx) -> Outcome<Option<Value>> {
    let path = ctx.flags.text("custom");
    if path.is_empty() {
        return Ok(None);
    }
    let bytes = ctx.sys.read_file(&path).await.map_err(|errno| {
        let why = errno.to_string().to_lowercase();
        Failure::Text(format!("must pass a container spec json file for custom profile: open {path}: {why}"))
    })?;
    let value = yaml::parse(&String::from_utf8_lossy(&bytes))
        .map_err(|error| Failure::Text(format!("{path} does not contain a valid container spec: {error}")))?;
    let fixed = ["name", "command", "image", "lifecycle", "volumeDevices"];
    if fixed.iter().any(|field| !value.get(field).is_empty()) {
        return Err("name, command, image, lifecycle and volume devices are not modifiable via custom profile".into());
    }
    Ok(Some(value))
}

async fn validate(ctx: &Ctx, targets: &[EcoString], options: &Options) -> Outcome {
    let flags = &ctx.flags;
    let (image, container, copy_to) = (flags.text("image"), flags.text("container"), flags.text("copy-to"));
    if options.attach && flags.changed("attach") && image.is_empty() && container.is_empty() {
        return Err("you must specify --container or create a new container using --image in order to attach.".into());
    }
    if !copy_to.is_empty() {
        if image.is_empty() && !flags.changed("set-image") && options.words.is_empty() {
            return Err("you must specify --image, --set-image or command arguments.".into());
        }
        if !options.words.is_empty() && container.is_empty() && image.is_empty() {
            return Err("you must specify an existing container or a new image when specifying args.".into());
        }
    } else {
        for flag in ["replace", "same-node"] {
            if flags.bool(flag) {
                return Err(Failure::Text(format!("--{flag} may only be used with --copy-to.")));
            }
        }
        if flags.changed("set-image") {
            return Err("--set-image may only be used with --copy-to.".into());
        }
        if image.is_empty() {
            return Err("you must specify --image when not using --copy-to.".into());
        }
    }
    if !image.is_empty() && !is_reference(&image) {
        return Err(Failure::Text(format!("invalid image name {}: invalid reference format", q(&image))));
    }
    if targets.is_empty() && flags.list("filename").is_empty() {
        return Err("NAME or filename is required for debug".into());
    }
    let policy = flags.text("image-pull-policy");
    if !matches!(policy.as_str(), "" | "Always" | "IfNotPresent" | "Never") {
        return Err(Failure::Text(format!("invalid image pull policy: {policy}")));
    }
    for (name, image) in flags.pairs("set-image") {
        if !is_reference(&image) {
            let (image, name) = (q(&image), q(&name));
            return Err(Failure::Text(format!(
                "invalid image name {image} for container {name}: invalid reference format"
            )));
        }
    }
    let target = flags.text("target");
    if !target.is_empty() {
        if !copy_to.is_empty() {
            return Err("--target is incompatible with --copy-to. Use --share-processes instead.".into());
        }
        if !flags.bool("quiet") {
            ctx.out(format!("Targeting container {}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n", q(&target))).await;
        }
    }
    if flags.bool("tty") && !flags.bool("stdin") {
        return Err("-i/--stdin is required for containers with -t/--tty=true".into());
    }
    if options.profile == Profile::Legacy {
        ctx.err("--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example \"--profile=general\".\n").await;
    }
    Ok(())
}

/// Whether it may be the name of an image.
fn is_reference(image: &str) -> bool {
    !image.is_empty()
        && image.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:@".contains(c))
        && !image.ends_with(':')
}

/// Five letters and digits that the pod does not have in a container's name: from the time and the pod.
async fn suffix(ctx: &Ctx, salt: &str) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut state = ctx.sys.now().await.as_micros();
    for byte in salt.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut text = String::new();
    for _ in 0..5 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (state >> 33) as usize % LETTERS.len();
        text.push(char::from(LETTERS[at]));
    }
    text
}

async fn container_name(ctx: &Ctx, pod: &Value) -> EcoString {
    let asked = ctx.flags.text("container");
    if !asked.is_empty() {
        return asked;
    }
    let mut salt = pod.name().to_owned();
    loop {
        let name: EcoString = ecow::eco_format!("debugger-{}", suffix(ctx, &salt).await);
        if !pods::has_container(pod, &name) {
            if !ctx.flags.bool("quiet") {
                ctx.out(format!("Defaulting debug container name to {name}.\n")).await;
            }
            return name;
        }
        salt.push('+');
    }
}

/// What the flags say of the debug container.
fn fill(ctx: &Ctx, options: &Options, container: &mut Value) {
    let flags = &ctx.flags;
    if !options.words.is_empty() {
        let field = if flags.bool("arguments-only") { "args" } else { "command" };
        if field == "command" {
            container.remove("args");
        }
        container.set(field, options.words.iter().collect::<Value>());
    }
    let env: Vec<Value> = flags.pairs("env").iter().map(|(name, text)| value!({"name": name, "value": text})).collect();
    if !env.is_empty() {
        container.set("env", env);
    }
    for (flag, field) in [("image", "image"), ("image-pull-policy", "imagePullPolicy")] {
        if !flags.text(flag).is_empty() {
            container.set(field, flags.text(flag));
        }
    }
    for flag in ["stdin", "tty"] {
        match flags.bool(flag) {
            true => container.set(flag, true),
            false => {
                container.remove(flag);
            }
        }
    }
}

fn customized(options: &Options, container: Value) -> Value {
    match &options.custom {
        Some(custom) => merging::strategic_as(&container, custom, "core.v1.Container"),
        None => container,
    }
}

/// Adds an ephemeral container to the pod.
async fn ephemeral(ctx: &Ctx, options: &Options, info: &Info) -> Outcome<(Value, EcoString)> {
    let pod = &info.object;
    let name = container_name(ctx, pod).await;
    let mut container = value!({"name": &name, "resources": {}, "terminationMessagePolicy": "File"});
    fill(ctx, options, &mut container);
    if !ctx.flags.text("target").is_empty() {
        container.set("targetContainerName", ctx.flags.text("target"));
    }
    options.profile.container(Style::Ephemeral, &mut container);
    let container = customized(options, container);
    warn_of_user(ctx, pod, &container).await;
    let mut changed = pod.clone();
    changed.field_mut("spec").field_mut("ephemeralContainers").push(container);
    let patch = strategic::three_way(pod, &changed, pod);
    let target = info.target().sub("ephemeralcontainers");
    let patched = ctx.send(ctx.request(Verb::Patch, target).with_patch(PatchKind::Strategic, patch)).await?;
    Ok((patched, name))
}

async fn warn_of_user(ctx: &Ctx, pod: &Value, container: &Value) {
    let user = |value: &Value| value.get("securityContext").get("runAsUser").as_i64();
    if matches!(user(pod.get("spec")), None | Some(0)) || user(container) == Some(0) {
        return;
    }
    let security = container.get("securityContext");
    let privileged = security.get("privileged").as_bool() == Some(true);
    if !privileged && security.at(&["capabilities", "add"]).is_empty() {
        return;
    }
    ctx.err("Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using \"--custom\" with a custom profile that specifies \"securityContext.runAsUser: 0\".\n").await;
}

/// Creates a copy of the pod with another container or other images.
async fn copy(ctx: &Ctx, options: &Options, info: &Info) -> Outcome<(Value, EcoString)> {
    let flags = &ctx.flags;
    let pod = &info.object;
    let mut made = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": flags.text("copy-to"), "namespace": pod.namespace()},
        "spec": pod.get("spec"),
    });
    for field in ["labels", "annotations"] {
        let kept = pod.get("metadata").get(field);
        if !kept.is_empty() {
            made.meta_mut().set(field, kept);
        }
    }
    let spec = made.field_mut("spec");
    spec.remove("ephemeralContainers");
    if flags.changed("share-processes") {
        spec.set("shareProcessNamespace", flags.bool("share-processes"));
    }
    if !flags.bool("same-node") {
        spec.remove("nodeName");
    }
    let images = flags.pairs("set-image");
    for container in spec.field_mut("containers").items_mut() {
        let named = container.get("name").text();
        let own = images.iter().rev().find(|(name, _)| *name == named);
        if let Some((_, image)) = own.or_else(|| images.iter().rev().find(|(name, _)| name == "*")) {
            container.set("image", image);
        }
    }
    let asked = flags.text("container");
    let is_there = made.get("spec").get("containers").items().iter().any(|c| c.get("name") == asked.as_str());
    let name = if is_there {
        asked
    } else {
        if flags.text("image").is_empty() {
            if !images.is_empty() {
                options.profile.pod(ctx, Style::Copy, &mut made);
                let made = create(ctx, info, made).await?;
                return Ok((made, EcoString::new()));
            }
            return Err("you must specify image when creating new container".into());
        }
        let name = container_name(ctx, &made).await;
        let container = value!({"name": &name, "resources": {}, "terminationMessagePolicy": "File"});
        made.field_mut("spec").field_mut("containers").push(container);
        name
    };
    for container in made.field_mut("spec").field_mut("containers").items_mut() {
        if container.get("name") == name.as_str() {
            fill(ctx, options, container);
            options.profile.container(Style::Copy, container);
            *container = customized(options, container.clone());
        }
    }
    options.profile.pod(ctx, Style::Copy, &mut made);
    let created = create(ctx, info, made).await?;
    if flags.bool("replace") {
        let request = ctx.request(Verb::Delete, info.target()).with_body(delete_options(Some(0), ""));
        ctx.send(request).await?;
    }
    Ok((created, name))
}

async fn create(ctx: &Ctx, info: &Info, pod: Value) -> Outcome<Value> {
    ctx.send(info.create(ctx, pod)).await
}

/// Creates a pod that sees the node as the node sees itself.
async fn on_node(ctx: &Ctx, options: &Options, info: &Info) -> Outcome<(Value, EcoString)> {
    let asked = ctx.flags.text("container");
    let name: EcoString = if asked.is_empty() { "debugger".into() } else { asked };
    let node = &info.name;
    let pod_name = format!("node-debugger-{node}-{}", suffix(ctx, node).await);
    if !ctx.flags.bool("quiet") {
        ctx.out(format!("Creating debugging pod {pod_name} with container {name} on node {node}.\n")).await;
    }
    let mut container = value!({"name": &name, "resources": {}, "terminationMessagePolicy": "File"});
    fill(ctx, options, &mut container);
    options.profile.container(Style::Node, &mut container);
    let container = customized(options, container);
    let mut pod = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": pod_name, "labels": {"app.kubernetes.io/managed-by": "kubectl-debug"}},
        "spec": {
            "containers": [container],
            "nodeName": node,
            "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}],
        },
    });
    options.profile.pod(ctx, Style::Node, &mut pod);
    let discovery = ctx.discovery().await?;
    let target = discovery.resolve("pods")?.target(&ctx.namespace().await?, "");
    let created = ctx.send(ctx.request(Verb::Create, target).with_body(pod)).await?;
    Ok((created, name))
}

/// Waits until the container runs or has run, and attaches to it.
async fn wait_and_attach(ctx: &Ctx, pod: &Value, container: &str) -> Outcome {
    let discovery = ctx.discovery().await?;
    let watched = Watched { resource: discovery.resolve("pods")?, namespace: pod.namespace(), name: pod.name() };
    let found = watched
        .until(ctx, None, |object| {
            let Some(pod) = object else {
                return Err(Failure::Text(format!("pods {} not found", q(watched.name))));
            };
            let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
            let mut statuses = lists.iter().flat_map(|list| pod.get("status").get(list).items());
            let status = statuses.find(|status| status.get("name") == container);
            let state = status.map(|status| status.get("state"));
            let begun = state.is_some_and(|s| !s.get("running").is_null() || !s.get("terminated").is_null());
            Ok(begun.then(|| pod.clone()))
        })
        .await?;
    let Some(pod) = found else {
        return Err("timed out waiting for the condition".into());
    };
    let quiet = ctx.flags.bool("quiet");
    let joined = exec::terminal(ctx, quiet).await;
    Session { pod: &pod, container, joined, quiet }.run(ctx).await
}
