//! `kubectl wait`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/wait

use ecow::EcoString;
use podyard_api::Value;
use podyard_expr::go;
use podyard_expr::jsonpath::{self, Template};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::flags::shared::{ALLOW_MISSING, SHOW_MANAGED_FIELDS, TEMPLATE};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, q};
use crate::watching::{self, Seen, Watched};

pub(crate) static COMMAND: Command = Command {
    name: "wait",
    usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    short: "Wait for a specific condition on one or many resources",
    long: "Wait for a specific condition on one or many resources.

 The command takes multiple resources and waits until the specified condition is seen in the Status field of every given resource.

 Alternatively, the command can wait for the given set of resources to be created or deleted by providing the \"create\" or \"delete\" keyword as the value to the --for flag.

 A successful message will be printed to stdout indicating when the specified condition has been met. You can use -o option to change to output destination.",
    example: "# Wait for the pod \"busybox1\" to contain the status condition of type \"Ready\"
kubectl wait --for=condition=Ready pod/busybox1

# The default value of status condition is true; you can wait for other targets after an equal delimiter (compared after Unicode simple case folding, which is a more general form of case-insensitivity)
kubectl wait --for=condition=Ready=false pod/busybox1

# Wait for the pod \"busybox1\" to contain the status phase to be \"Running\"
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox1

# Wait for pod \"busybox1\" to be Ready
kubectl wait --for='jsonpath={.status.conditions[?(@.type==\"Ready\")].status}=True' pod/busybox1

# Wait for the service \"loadbalancer\" to have ingress
kubectl wait --for=jsonpath='{.status.loadBalancer.ingress}' service/loadbalancer

# Wait for the secret \"busybox1\" to be created, with a timeout of 30s
kubectl create secret generic busybox1
kubectl wait --for=create secret/busybox1 --timeout=30s

# Wait for the pod \"busybox1\" to be deleted, with a timeout of 60s, after having issued the \"delete\" command
kubectl delete pod/busybox1
kubectl wait --for=delete pod/busybox1 --timeout=60s",
    flags: &[FLAGS],
    run: run!(wait),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
    Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short("A"),
    ALLOW_MISSING,
    Flag::text("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
    Flag::slice("filename", "identifying the resource.").short("f"),
    Flag::texts("for", "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true. Condition values are compared after Unicode simple case folding, which is a more general form of case-insensitivity."),
    Flag::bool("local", "If true, annotation will NOT contact api-server but run locally."),
    Flag::text("output", "", "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).").short("o"),
    Flag::on("recursive", "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.").short("R"),
    Flag::text("selector", "", "Selector (label query) to filter on, supports '=', '==', and '!='.(e.g. -l key1=value1,key2=value2)").short("l"),
    SHOW_MANAGED_FIELDS,
    TEMPLATE,
    Flag::duration("timeout", "30s", "The length of time to wait before giving up.  Zero means check once and don't wait, negative means wait for a week."),
];

const WEEK: i64 = 168 * 3_600 * 1_000_000_000;

/// What is waited for.
enum Condition {
    Create,
    Delete,
    /// A condition of this type has this status.
    Status {
        kind: String,
        status: String,
    },
    /// A path leads to something, or to this text.
    Path {
        template: Template,
        text: Option<String>,
    },
}

async fn wait(ctx: Ctx) -> Outcome {
    let printer = Printer::from_flags(&ctx, "condition met", DryRun::None).await?;
    let given = ctx.flags.list("for");
    let mut conditions = Vec::new();
    for text in &given {
        conditions.push(parse(text)?);
    }
    if conditions.is_empty() {
        return Err("unrecognized condition: []".into());
    }
    let timeout = ctx.flags.duration("timeout");
    let deadline = watching::deadline(&ctx, if timeout < 0 { WEEK } else { timeout }).await;
    for condition in &conditions {
        for_all(&ctx, condition, deadline, &printer).await?;
    }
    Ok(())
}

fn parse(text: &EcoString) -> Outcome<Condition> {
    let lower = text.to_lowercase();
    match lower.as_str() {
        "delete" => return Ok(Condition::Delete),
        "create" => return Ok(Condition::Create),
        _ => {}
    }
    if let Some(rest) = text.strip_prefix("condition=") {
        let (kind, status) = rest.split_once('=').unwrap_or((rest, "true"));
        return Ok(Condition::Status { kind: kind.to_owned(), status: status.to_owned() });
    }
    if let Some(rest) = text.strip_prefix("jsonpath=") {
        return path(rest);
    }
    Err(Failure::Text(format!("unrecognized condition: {}", q(text))))
}

fn path(text: &str) -> Outcome<Condition> {
    let wrong = || {
        Failure::from(
            "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
        )
    };
    let text = text.trim();
    // The value, if there is one, begins after the brace that ends the expression.
    let (expression, value) = match text.rfind('}') {
        Some(end) => match text[end + 1..].trim_start_matches(['\'', '"']) {
            "" => (&text[..=end], None),
            rest => (&text[..=end], Some(rest.strip_prefix('=').ok_or_else(wrong)?)),
        },
        None => text.split_once('=').map_or((text, None), |(expression, value)| (expression, Some(value))),
    };
    let expression = expression.trim_start_matches(['\'', '"']);
    if value == Some("") {
        return Err("jsonpath wait has to have a value after equal sign".into());
    }
    let value = value.map(|value| value.trim_matches(['\'', '"']).to_owned());
    let relaxed = jsonpath::relaxed(expression).map_err(|error| Failure::Text(error.to_string()))?;
    let template = Template::parse(&relaxed).map_err(|error| Failure::Text(error.to_string()))?;
    Ok(Condition::Path { template: template.allow_missing(), text: value })
}

async fn for_all(ctx: &Ctx, condition: &Condition, deadline: u64, printer: &Printer) -> Outcome {
    let mut builder = Builder::from_flags(ctx, ctx.args()).await?;
    builder.allow_empty_selector = builder.select_all;
    builder.select_all = false;
    if matches!(condition, Condition::Create) {
        if builder.label_selector.is_some() || builder.field_selector.is_some() || builder.allow_empty_selector {
            return Err("--for=create needs names of resources".into());
        }
        builder.fetch = false;
    }
    let mut items = builder.start(ctx).await?;
    let mut failures = Vec::new();
    let mut count = 0;
    while let Some(next) = items.next(ctx).await {
        let result = match next {
            Ok(info) => {
                count += 1;
                one(ctx, condition, &info, deadline, printer).await
            }
            Err(failure) if failure.is("NotFound") && matches!(condition, Condition::Delete) => {
                count += 1;
                Ok(())
            }
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    if count == 0 && failures.is_empty() {
        return match condition {
            Condition::Delete => Ok(()),
            _ => Err("no matching resources found".into()),
        };
    }
    Failure::collect(failures)
}

async fn one(ctx: &Ctx, condition: &Condition, info: &Info, deadline: u64, printer: &Printer) -> Outcome {
    let watched = Watched { resource: &info.resource, namespace: &info.namespace, name: &info.name };
    let mut watching = watched.begin(Some(deadline));
    let uid = info.object.uid();
    let met = loop {
        match (watching.next(ctx).await?, condition) {
            (Seen::TimedOut, Condition::Create) => break Err("timed out waiting for the condition".into()),
            (Seen::TimedOut, _) => break Err(watching::timed_out(&info.resource, &info.name)),
            (Seen::Absent, Condition::Delete) => break Ok(info.object.clone()),
            (Seen::Absent, _) => {}
            (Seen::Present(object), Condition::Delete) if object.uid() != uid => break Ok(info.object.clone()),
            (Seen::Present(_), Condition::Delete) => {}
            (Seen::Present(object), condition) => match is_met(condition, &object) {
                Ok(true) => break Ok(object),
                Ok(false) => {}
                Err(failure) => break Err(failure),
            },
        }
    };
    watching.end(ctx).await;
    printer.print(ctx, &met?).await
}

fn is_met(condition: &Condition, object: &Value) -> Outcome<bool> {
    match condition {
        Condition::Create => Ok(true),
        Condition::Delete => Ok(false),
        Condition::Status { kind, status } => Ok(has_condition(object, kind, status)),
        Condition::Path { template, text } => {
            let results = template.find(object).map_err(|error| Failure::Text(error.to_string()))?;
            let values: Vec<Value> = results.into_iter().flatten().collect();
            match (values.as_slice(), text) {
                ([], _) => Ok(false),
                (_, None) => Ok(true),
                ([Value::Object(_) | Value::Array(_)], _) => {
                    Err("jsonpath leads to a nested object or list which is not supported".into())
                }
                ([value], Some(text)) => Ok(go::print(value).trim() == text.trim()),
                _ => Err("given jsonpath expression matches more than one list".into()),
            }
        }
    }
}

/// Whether a condition has the status, for the generation of the object that is there.
fn has_condition(object: &Value, kind: &str, status: &str) -> bool {
    let generation = object.meta().generation();
    let observed = object.get("status").get("observedGeneration").as_i64();
    object.get("status").get("conditions").items().iter().any(|condition| {
        let of_condition = condition.get("observedGeneration").as_i64();
        condition.get("type").str().eq_ignore_ascii_case(kind)
            && of_condition.or(observed).is_none_or(|seen| seen >= generation)
            && condition.get("status").str().eq_ignore_ascii_case(status)
    })
}
