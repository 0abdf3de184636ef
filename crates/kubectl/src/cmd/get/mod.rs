//! `kubectl get`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/get/get.go

mod human;
mod sort;
mod watch;

use podyard_api::{Target, Value, Verb, json, value};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{ALLOW_MISSING, SHOW_MANAGED_FIELDS, TEMPLATE, filename_flags};
use crate::flags::{Flag, shared};
use crate::order;
use crate::print;
use crate::resource::Builder;

pub(crate) static COMMAND: Command = Command {
    name: "get",
    suggest_for: &["list", "ps"],
    usage: "get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    short: "Display one or many resources",
    long: "Display one or many resources.

 Prints a table of the most important information about the specified resources. You can filter the list using a label selector and the --selector flag. If the desired resource type is namespaced you will only see results in the current namespace if you don't specify any namespace.

 By specifying the output as 'template' and providing a Go template as the value of the --template flag, you can filter the attributes of the fetched resources.

Use \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# List all pods in ps output format
kubectl get pods

# List all pods in ps output format with more information (such as node name)
kubectl get pods -o wide

# List a single replication controller with specified NAME in ps output format
kubectl get replicationcontroller web

# List deployments in JSON output format, in the \"v1\" version of the \"apps\" API group
kubectl get deployments.v1.apps -o json

# List a single pod in JSON output format
kubectl get -o json pod web-pod-13je7

# List a pod identified by type and name specified in \"pod.yaml\" in JSON output format
kubectl get -f pod.yaml -o json

# List resources from a directory with kustomization.yaml - e.g. dir/kustomization.yaml
kubectl get -k dir/

# Return only the phase value of the specified pod
kubectl get -o template pod/web-pod-13je7 --template={{.status.phase}}

# List resource information in custom columns
kubectl get pod test-pod -o custom-columns=CONTAINER:.spec.containers[0].name,IMAGE:.spec.containers[0].image

# List all replication controllers and services together in ps output format
kubectl get rc,services

# List one or more resources by their type and names
kubectl get rc/web service/frontend pods/web-pod-13je7

# List the 'status' subresource for a single pod
kubectl get pod web-pod-13je7 --subresource status

# List all deployments in namespace 'backend'
kubectl get deployments.apps --namespace backend

# List all pods existing in all namespaces
kubectl get pods --all-namespaces",
    flags: &[FLAGS, filename_flags!("identifying the resource to get from a server."), shared::SELECTOR],
    run: run!(get),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool(
        "all-namespaces",
        "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.",
    )
    .short("A"),
    ALLOW_MISSING,
    Flag::int64(
        "chunk-size",
        "500",
        "Return large lists in chunks rather than all at once. Pass 0 to disable. This flag is beta and may change in the future.",
    ),
    Flag::text(
        "field-selector",
        "",
        "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
    ),
    Flag::bool(
        "ignore-not-found",
        "If set to true, suppresses NotFound error for specific objects that do not exist. Using this flag with commands that query for collections of resources has no effect when no resources are found.",
    ),
    Flag::slice(
        "label-columns",
        "Accepts a comma separated list of labels that are going to be presented as columns. Names are case-sensitive. You can also use multiple flag options like -L label1 -L label2...",
    )
    .short("L"),
    Flag::bool(
        "no-headers",
        "When using the default or custom-column output format, don't print headers (default print headers).",
    ),
    Flag::text(
        "output",
        "",
        "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file, wide). See custom columns [https://kubernetes.io/docs/reference/kubectl/#custom-columns], golang template [http://golang.org/pkg/text/template/#pkg-overview] and jsonpath template [https://kubernetes.io/docs/reference/kubectl/jsonpath/].",
    )
    .short("o"),
    Flag::bool(
        "output-watch-events",
        "Output watch event objects when --watch or --watch-only is used. Existing objects are output as initial ADDED events.",
    ),
    Flag::text("raw", "", "Raw URI to request from the server.  Uses the transport specified by the kubeconfig file."),
    Flag::on(
        "server-print",
        "If true, have the server return the appropriate table output. Supports extension APIs and CRDs.",
    ),
    Flag::bool(
        "show-kind",
        "If present, list the resource type for the requested object(s).",
    ),
    Flag::bool("show-labels", "When printing, show all labels as the last column (default hide labels column)"),
    SHOW_MANAGED_FIELDS,
    Flag::text(
        "sort-by",
        "",
        "If non-empty, sort list types using this field specification.  The field specification is expressed as a JSONPath expression (e.g. '{.metadata.name}'). The field in the API resource specified by this JSONPath expression must be an integer or a string.",
    ),
    Flag::text("subresource", "", "If specified, gets the subresource of the requested object."),
    TEMPLATE,
    Flag::bool("watch", "After listing/getting the requested object, watch for changes.").short("w"),
    Flag::bool("watch-only", "Watch for changes to the requested object(s), without listing/getting first."),
];

async fn get(ctx: Ctx) -> Outcome {
    if !ctx.env.state.is_null() {
        return watch::resume(&ctx).await;
    }
    let raw = ctx.flags.text("raw");
    if !raw.is_empty() {
        return get_raw(&ctx, &raw).await;
    }
    validate(&ctx).await?;
    if ctx.flags.bool("watch") || ctx.flags.bool("watch-only") {
        return watch::watch(&ctx).await;
    }
    if is_human(&ctx) { human::print(&ctx).await } else { generic(&ctx).await }
}

async fn get_raw(ctx: &Ctx, path: &str) -> Outcome {
    if !ctx.args().is_empty() {
        return Err("arguments may not be passed when --raw is specified".into());
    }
    let filtered = ["watch", "watch-only"].iter().any(|flag| ctx.flags.bool(flag));
    if filtered || ctx.flags.changed("selector") {
        return Err(
            "--raw may not be specified with other flags that filter the server request or alter the output".into()
        );
    }
    if ctx.flags.changed("output") {
        return Err(ctx.usage("--raw and --output are mutually exclusive"));
    }
    if !path.starts_with('/') {
        let why = format!("parse {}: invalid URI for request", crate::resource::q(path));
        return Err(ctx.usage(format!("--raw must be a valid URL path: {why}")));
    }
    let body = ctx.send(ctx.request(Verb::Get, Target::Path(path.into()))).await?;
    let text = match body {
        Value::String(text) => text.to_string(),
        // Only /version is indented by the server itself.
        body if path == "/version" => json::to_string_indented(&body, "  "),
        body => order::to_string(&body) + "\n",
    };
    ctx.out(text).await;
    Ok(())
}

async fn validate(ctx: &Ctx) -> Outcome {
    let output = ctx.flags.text("output");
    let watching = ctx.flags.bool("watch") || ctx.flags.bool("watch-only");
    if watching {
        if ctx.flags.changed("sort-by") {
            ctx.warn("--watch requested, --sort-by will be ignored").await;
        }
    } else if ctx.args().is_empty() && ctx.flags.list("filename").is_empty() && ctx.flags.text("kustomize").is_empty() {
        ctx.err("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\n").await;
        return Err(ctx.usage(
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    if ctx.flags.bool("show-labels") && !output.is_empty() && output != "wide" {
        return Err(Failure::Text(format!("--show-labels option cannot be used with {output} printer")));
    }
    if ctx.flags.bool("output-watch-events") && !watching {
        return Err("--output-watch-events option can only be used with --watch or --watch-only".into());
    }
    Ok(())
}

/// Whether the answer is a table for people.
pub(super) fn is_human(ctx: &Ctx) -> bool {
    let output = ctx.flags.text("output");
    (output.is_empty() && !ctx.flags.changed("template")) || output == "wide"
}

/// What `get` asks for.
async fn builder(ctx: &Ctx) -> Outcome<Builder> {
    let mut builder = Builder::from_flags(ctx, ctx.args()).await?;
    builder.allow_empty_selector = true;
    builder.subresource = ctx.flags.text("subresource");
    builder.enforce_namespace &= !builder.all_namespaces;
    Ok(builder)
}

/// Prints in the format of `-o`: one object as it is, several as a list.
async fn generic(ctx: &Ctx) -> Outcome {
    let mut format = print::format_of(ctx).await?;
    let mut items = builder(ctx).await?.start(ctx).await?;
    let single = items.single;
    let (infos, mut failures) = items.all(ctx, true).await;
    let ignore = ctx.flags.bool("ignore-not-found");
    failures.retain(|failure| !(ignore && failure.is("NotFound")));
    if single && !failures.is_empty() {
        return Failure::collect(failures);
    }
    if infos.is_empty() && ignore {
        return Failure::collect(failures);
    }
    let mut object = match infos.as_slice() {
        [info] if single => info.object.clone(),
        infos => value!({
            "apiVersion": "v1",
            "kind": "List",
            "metadata": {"resourceVersion": ""},
            "items": infos.iter().map(|info| info.object.clone()).collect::<Value>(),
        }),
    };
    let path = ctx.flags.text("sort-by");
    if !path.is_empty() && object.get("items").is_array() {
        let sorted = sort::objects(object.get("items").items(), &path)?;
        object.set("items", sorted);
    }
    match format.print(&object) {
        Ok(text) => ctx.out(text).await,
        Err(error) => {
            ctx.out(error.output).await;
            failures.push(Failure::Text(error.message));
        }
    }
    Failure::collect(failures)
}
