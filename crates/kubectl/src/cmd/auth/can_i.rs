//! `kubectl auth can-i`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/auth/cani.go

use podyard_api::{Target, Value, Verb, value};
use podyard_printers::TabWriter;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;

pub(super) static COMMAND: Command = Command {
    name: "can-i",
    usage: "can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    short: "Check whether an action is allowed",
    long: "Check whether an action is allowed.

 VERB is a logical Kubernetes API verb like 'get', 'list', 'watch', 'delete', etc. TYPE is a Kubernetes resource. Shortcuts and groups will be resolved. NONRESOURCEURL is a partial URL that starts with \"/\". NAME is the name of a particular Kubernetes resource. This command pairs nicely with impersonation. See --as global flag.",
    example: "# Check to see if I can create pods in any namespace
kubectl auth can-i create pods --all-namespaces

# Check to see if I can list deployments in my current namespace
kubectl auth can-i list deployments.apps

# Check to see if service account \"foo\" of namespace \"dev\" can list pods in the namespace \"prod\"
# You must be allowed to use impersonation for the global option \"--as\"
kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod

# Check to see if I can do everything in my current namespace (\"*\" means all)
kubectl auth can-i '*' '*'

# Check to see if I can get the job named \"bar\" in namespace \"foo\"
kubectl auth can-i list jobs.batch/bar -n foo

# Check to see if I can read pod logs
kubectl auth can-i get pods --subresource=log

# Check to see if I can access the URL /logs/
kubectl auth can-i get /logs/

# Check to see if I can approve certificates.k8s.io
kubectl auth can-i approve certificates.k8s.io

# List all allowed actions in namespace \"foo\"
kubectl auth can-i --list --namespace=foo",
    flags: &[&[
        Flag::bool("all-namespaces", "If true, check the specified action in all namespaces.").short("A"),
        Flag::bool("list", "If true, prints all allowed actions."),
        Flag::bool("no-headers", "If true, prints allowed actions without headers"),
        Flag::bool("quiet", "If true, suppress output and just return the exit code.").short("q"),
        Flag::text("subresource", "", "SubResource such as pod/log or deployment/scale"),
    ]],
    run: run!(can_i),
    ..EMPTY
};

const VERBS: [&str; 19] = [
    "*",
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "escalate",
    "proxy",
    "approve",
    "sign",
    "attest",
    "nodes/proxy",
    "post",
];
const PATH_VERBS: [&str; 8] = ["*", "get", "post", "put", "delete", "patch", "head", "options"];

async fn can_i(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    let namespace = if flags.bool("all-namespaces") { Default::default() } else { ctx.namespace().await? };
    if flags.bool("list") {
        if !ctx.args().is_empty() {
            return Err("list option must be specified with no arguments".into());
        }
        return list(&ctx, &namespace).await;
    }
    let [verb, rest @ ..] = ctx.args() else {
        return Err(two_arguments(&ctx));
    };
    let attributes = match rest {
        [path] if path.starts_with('/') => {
            if !flags.text("subresource").is_empty() {
                return Err("--subresource can not be used with NonResourceURL".into());
            }
            if !PATH_VERBS.contains(&verb.as_str()) {
                ctx.err(format!("Warning: verb '{verb}' is not a known verb\n\n")).await;
            }
            value!({"nonResourceAttributes": {"verb": verb, "path": path}})
        }
        [what] => {
            let (word, name) = what.split_once('/').unwrap_or((what, ""));
            value!({"resourceAttributes": resource(&ctx, verb, word, name, &namespace).await?})
        }
        [word, name] => value!({"resourceAttributes": resource(&ctx, verb, word, name, &namespace).await?}),
        _ => return Err(two_arguments(&ctx)),
    };
    let target = Target::resource("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "", "");
    let body = value!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": {}, "spec": attributes,
    });
    let review = ctx.send(ctx.request(Verb::Create, target).with_body(body)).await?;
    let status = review.get("status");
    let allowed = status.get("allowed").as_bool().unwrap_or_default();
    if !flags.bool("quiet") {
        ctx.out(answer(allowed, status)).await;
    }
    if allowed { Ok(()) } else { Err(Failure::Exit(1)) }
}

fn two_arguments(ctx: &Ctx) -> Failure {
    Failure::Text(format!(
        "you must specify two arguments: verb resource or verb resource/resourceName.\nSee '{} -h' for help and examples.",
        ctx.path
    ))
}

fn answer(allowed: bool, status: &Value) -> String {
    if allowed {
        return "yes\n".into();
    }
    let mut text = "no".to_owned();
    if !status.get("reason").is_empty() {
        text.push_str(&format!(" - {}", status.get("reason").str()));
    }
    if !status.get("evaluationError").is_empty() {
        text.push_str(&format!(" - {}", status.get("evaluationError").str()));
    }
    text + "\n"
}

async fn resource(ctx: &Ctx, verb: &str, word: &str, name: &str, namespace: &str) -> Outcome<Value> {
    let (plain, group) = word.split_once('.').unwrap_or((word, ""));
    let discovery = ctx.discovery().await?;
    let known = if word == "*" { None } else { discovery.named_resource(plain, group) };
    let (group, resource) = match known {
        Some(known) => {
            if !known.namespaced && !ctx.flags.bool("all-namespaces") {
                let place = if known.group.is_empty() { String::new() } else { format!(" in group '{}'", known.group) };
                ctx.err(format!("Warning: resource '{}' is not namespace scoped{place}\n\n", known.name)).await;
            }
            (known.group.as_str(), known.name.as_str())
        }
        None => {
            if word != "*" {
                let place = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
                ctx.err(format!("Warning: the server doesn't have a resource type '{plain}'{place}\n\n")).await;
            }
            if word == "*" { ("*", "*") } else { (group, plain) }
        }
    };
    if !VERBS.contains(&verb) {
        ctx.err(format!("Warning: verb '{verb}' is not a known verb\n\n")).await;
    }
    let mut attributes = value!({"verb": verb, "resource": resource});
    let subresource = ctx.flags.text("subresource");
    for (field, text) in [("group", group), ("name", name), ("namespace", namespace), ("subresource", &subresource)] {
        if !text.is_empty() {
            attributes.set(field, text);
        }
    }
    Ok(attributes)
}

/// One line of the list: verbs, and what they are allowed on.
#[derive(Clone, Default, PartialEq)]
struct Rule {
    verbs: Vec<String>,
    group: String,
    resource: String,
    name: String,
    path: String,
}

impl Rule {
    /// As Go prints the rule, by which the lines are sorted.
    fn key(&self) -> String {
        let Self { verbs, group, resource, name, path } = self;
        format!(
            "Verbs:[{}],APIGroups:[{group}],Resources:[{resource}],ResourceNames:[{name}],NonResourceURLs:[{path}]",
            verbs.join(" ")
        )
    }
}

async fn list(ctx: &Ctx, namespace: &str) -> Outcome {
    let target = Target::resource("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "", "");
    let body = value!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "metadata": {},
        "spec": {"namespace": namespace},
    });
    let review = ctx.send(ctx.request(Verb::Create, target).with_body(body)).await?;
    let status = review.get("status");
    let incomplete = status.get("incomplete").as_bool().unwrap_or_default();
    if incomplete {
        let why = status.get("evaluationError").str();
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        ctx.err(format!("warning: the list may be incomplete{why}\n")).await;
    }
    ctx.out(table(status, !ctx.flags.bool("no-headers"))).await;
    Ok(())
}

/// The table of `kubectl auth can-i --list` for the `status` of a SelfSubjectRulesReview.
pub(crate) fn table(status: &Value, headers: bool) -> String {
    let mut rules = broken_down(status);
    rules.sort_by_key(Rule::key);
    let mut text = String::new();
    if headers {
        text.push_str("Resources\tNon-Resource URLs\tResource Names\tVerbs\n");
    }
    let brackets = |text: &str| format!("[{text}]");
    for rule in &rules {
        // Models staging/src/k8s.io/kubectl/pkg/describe/describe.go
        let dot = if rule.group.is_empty() { "" } else { "." };
        let (resource, sub) = rule.resource.split_at(rule.resource.find('/').unwrap_or(rule.resource.len()));
        text.push_str(&format!(
            "{resource}{dot}{}{sub}\t{}\t{}\t[{}]\n",
            rule.group,
            brackets(&rule.path),
            brackets(&rule.name),
            rule.verbs.join(" ")
        ));
    }
    TabWriter::tables().format(&text)
}

/// Each resource and path by itself; the verbs of a resource together.
// Models pkg/registry/rbac/validation/{rule,policy_compact}.go
fn broken_down(status: &Value) -> Vec<Rule> {
    let words = |value: &Value| -> Vec<String> { value.items().iter().map(|word| word.str().to_owned()).collect() };
    let mut rules: Vec<Rule> = Vec::new();
    for rule in status.get("resourceRules").items() {
        let names = words(rule.get("resourceNames"));
        let names = if names.is_empty() { vec![String::new()] } else { names };
        for group in words(rule.get("apiGroups")) {
            for resource in words(rule.get("resources")) {
                for name in &names {
                    let place = Rule {
                        group: group.clone(),
                        resource: resource.clone(),
                        name: name.clone(),
                        ..Rule::default()
                    };
                    let known = rules.iter_mut().find(|known| Rule { verbs: Vec::new(), ..(*known).clone() } == place);
                    let verbs = words(rule.get("verbs"));
                    match known {
                        Some(known) => {
                            for verb in verbs {
                                if !known.verbs.contains(&verb) {
                                    known.verbs.push(verb);
                                }
                            }
                        }
                        None => rules.push(Rule { verbs, ..place }),
                    }
                }
            }
        }
    }
    for rule in status.get("nonResourceRules").items() {
        for path in words(rule.get("nonResourceURLs")) {
            for verb in words(rule.get("verbs")) {
                rules.push(Rule { verbs: vec![verb], path: path.clone(), ..Rule::default() });
            }
        }
    }
    rules
}
