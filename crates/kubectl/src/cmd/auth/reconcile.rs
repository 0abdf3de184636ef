//! `kubectl auth reconcile`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/auth/reconcile.go and staging/src/k8s.io/component-helpers/auth/rbac/reconciliation

use podyard_api::{Target, Value, Verb, value};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, delete_options};

pub(super) static COMMAND: Command = Command {
    name: "reconcile",
    usage: "reconcile -f FILENAME",
    short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
    long: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects.

 Missing objects are created, and the containing namespace is created for namespaced objects, if required.

 Existing roles are updated to include the permissions in the input objects, and remove extra permissions if --remove-extra-permissions is specified.

 Existing bindings are updated to include the subjects in the input objects, and remove extra subjects if --remove-extra-subjects is specified.

 This is preferred to 'apply' for RBAC resources so that semantically-aware merging of rules and subjects is done.",
    example: "# Reconcile RBAC resources from a file\nkubectl auth reconcile -f my-rbac-rules.yaml",
    flags: &[FLAGS, filename_flags!("identifying the resource to reconcile."), shared::PRINT, shared::DRY_RUN],
    run: run!(reconcile),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("remove-extra-permissions", "If true, removes extra permissions added to roles"),
    Flag::bool("remove-extra-subjects", "If true, removes extra subjects added to rolebindings"),
];

/// What was, or is to be, done with an object.
#[derive(Default)]
struct Change {
    operation: &'static str,
    missing: Vec<Value>,
    extra: Vec<Value>,
}

const PROTECTED: &str = "rbac.authorization.kubernetes.io/autoupdate";

async fn reconcile(ctx: Ctx) -> Outcome {
    if ctx.flags.list("filename").is_empty() && ctx.flags.text("kustomize").is_empty() {
        return Err("must specify one of -f and -k".into());
    }
    if !ctx.args().is_empty() {
        return Err("no arguments are allowed".into());
    }
    let dry_run = DryRun::from_flags(&ctx).await?;
    if dry_run.is_server() {
        return Err("--dry-run=server for command reconcile is not supported yet".into());
    }
    let printer = Printer::from_flags(&ctx, "reconciled", dry_run).await?;
    let mut builder = Builder::from_flags(&ctx, &[]).await?;
    builder.fetch = false;
    let mut items = builder.start(&ctx).await?;
    let (infos, mut failures) = items.all(&ctx, true).await;
    for info in infos {
        let kind = info.object.kind();
        if !matches!(kind, "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding") {
            continue;
        }
        match one(&ctx, &info, dry_run.is_client()).await {
            Ok((object, change)) => {
                printer.print(&ctx, &object).await?;
                say(&ctx, &object, &change).await;
            }
            Err(failure) => failures.push(failure),
        }
    }
    Failure::collect(failures)
}

/// The list that is reconciled: rules or subjects.
fn list_of(kind: &str) -> &'static str {
    if kind.ends_with("Binding") { "subjects" } else { "rules" }
}

async fn one(ctx: &Ctx, info: &Info, dry_run: bool) -> Outcome<(Value, Change)> {
    let wanted = defaulted(&info.object);
    let list = list_of(wanted.kind());
    let is_role = list == "rules";
    let live = match ctx.send(ctx.request(Verb::Get, info.target())).await {
        Ok(live) => live,
        Err(failure) if failure.is("NotFound") => {
            let change =
                Change { operation: "create", missing: wanted.get(list).items().to_vec(), ..Change::default() };
            let made = if dry_run { wanted } else { create(ctx, info, wanted).await? };
            return Ok((made, change));
        }
        Err(failure) => return Err(failure),
    };
    let (missing, extra) = if is_role {
        (uncovered(live.get(list), wanted.get(list)), uncovered(wanted.get(list), live.get(list)))
    } else {
        (without(wanted.get(list), live.get(list)), without(live.get(list), wanted.get(list)))
    };
    let removes = ctx.flags.bool(if is_role { "remove-extra-permissions" } else { "remove-extra-subjects" });
    let mut merged = live.clone();
    for field in ["labels", "annotations"] {
        for (key, value) in wanted.get("metadata").get(field).fields() {
            merged.at_mut(&["metadata", field]).set(key, value);
        }
    }
    if removes && !extra.is_empty() {
        merged.set(list, wanted.get(list));
    } else if !missing.is_empty() {
        let all: Value = live.get(list).items().iter().chain(&missing).cloned().collect();
        merged.set(list, all);
    }
    let recreate = !is_role && live.get("roleRef") != wanted.get("roleRef");
    let operation = match (recreate, merged != live) {
        (true, _) => "recreate",
        (false, true) => "update",
        (false, false) => "",
    };
    let change = Change { operation, missing, extra: if removes { extra } else { Vec::new() } };
    if dry_run || operation.is_empty() || live.meta().annotation(PROTECTED) == Some("false") {
        return Ok((merged, change));
    }
    if recreate {
        ctx.send(ctx.request(Verb::Delete, info.target()).with_body(delete_options(None, ""))).await?;
        return Ok((create(ctx, info, wanted).await?, change));
    }
    Ok((ctx.send(info.update(ctx, merged)).await?, change))
}

/// Creates the object, and its namespace before it if that is not there.
async fn create(ctx: &Ctx, info: &Info, object: Value) -> Outcome<Value> {
    if !info.namespace.is_empty() {
        let target = Target::resource("", "v1", "namespaces", "", &info.namespace);
        match ctx.send(ctx.request(Verb::Get, target)).await {
            Err(failure) if failure.is("NotFound") => {
                let body = value!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": &info.namespace}});
                let target = Target::resource("", "v1", "namespaces", "", "");
                ctx.send(ctx.request(Verb::Create, target).with_body(body)).await?;
            }
            _ => {}
        }
    }
    ctx.send(info.create(ctx, object)).await
}

/// The object with the API groups that its subjects and role have by default.
fn defaulted(object: &Value) -> Value {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let mut object = object.clone();
    for subject in object.get_mut("subjects").map_or(&mut [][..], Value::items_mut) {
        if subject.get("kind") != "ServiceAccount" && subject.get("apiGroup").is_empty() {
            subject.set("apiGroup", GROUP);
        }
    }
    if let Some(role) = object.get_mut("roleRef")
        && role.get("apiGroup").is_empty()
    {
        role.set("apiGroup", GROUP);
    }
    object
}

/// Those of one list that are not in the other.
fn without(list: &Value, other: &Value) -> Vec<Value> {
    list.items().iter().filter(|item| !other.items().contains(item)).cloned().collect()
}

/// What `wanted` allows and `present` does not, each right by itself.
// Models staging/src/k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go Covers
fn uncovered(present: &Value, wanted: &Value) -> Vec<Value> {
    let single: Vec<Value> = wanted.items().iter().flat_map(broken_down).collect();
    single.into_iter().filter(|right| !present.items().iter().any(|rule| covers(rule, right))).collect()
}

fn broken_down(rule: &Value) -> Vec<Value> {
    let mut rights = Vec::new();
    let names: Vec<Value> = match rule.get("resourceNames").items() {
        [] => vec![Value::Null],
        names => names.to_vec(),
    };
    for group in rule.get("apiGroups").items() {
        for resource in rule.get("resources").items() {
            for verb in rule.get("verbs").items() {
                for name in &names {
                    let mut right = value!({"verbs": [verb], "apiGroups": [group], "resources": [resource]});
                    if !name.is_null() {
                        right.field_mut("resourceNames").push(name);
                    }
                    rights.push(right);
                }
            }
        }
    }
    for path in rule.get("nonResourceURLs").items() {
        for verb in rule.get("verbs").items() {
            rights.push(value!({"verbs": [verb], "nonResourceURLs": [path]}));
        }
    }
    rights
}

fn covers(rule: &Value, right: &Value) -> bool {
    let has = |field: &str, or_all: bool| {
        let wanted = right.get(field).item(0);
        let own = rule.get(field).items();
        own.contains(wanted) || (or_all && own.iter().any(|value| value == "*"))
    };
    if !has("verbs", true) {
        return false;
    }
    let path = right.get("nonResourceURLs").item(0).str();
    if !path.is_empty() {
        let fits =
            |own: &Value| own == path || own.str().strip_suffix('*').is_some_and(|start| path.starts_with(start));
        return rule.get("nonResourceURLs").items().iter().any(fits);
    }
    let resource = right.get("resources").item(0).str();
    let any_parent = resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
    let named = rule.get("resources").items();
    let resource_fits = has("resources", true) || named.iter().any(|own| Some(own.str()) == any_parent.as_deref());
    let names = rule.get("resourceNames");
    let name_fits = names.is_empty() || names.items().contains(right.get("resourceNames").item(0));
    has("apiGroups", true) && resource_fits && name_fits
}

async fn say(ctx: &Ctx, object: &Value, change: &Change) {
    if change.operation.is_empty() {
        return;
    }
    let caveat = match object.meta().annotation(PROTECTED) {
        Some("false") => format!(", but object opted out ({PROTECTED}: false)"),
        _ => String::new(),
    };
    let mut text = format!("\treconciliation required {}{caveat}\n", change.operation);
    let list = list_of(object.kind());
    for (title, items) in
        [(format!("missing {list} added"), &change.missing), (format!("extra {list} removed"), &change.extra)]
    {
        if items.is_empty() {
            continue;
        }
        text.push_str(&format!("\t{title}:\n"));
        items.iter().for_each(|item| text.push_str(&format!("\t\t{}\n", shown(item, list))));
    }
    ctx.err(text).await;
}

/// As Go prints the structure.
fn shown(item: &Value, list: &str) -> String {
    if list == "subjects" {
        return format!(
            "{{Kind:{} APIGroup:{} Name:{} Namespace:{}}}",
            item.get("kind").str(),
            item.get("apiGroup").str(),
            item.get("name").str(),
            item.get("namespace").str()
        );
    }
    let words = |field: &str| {
        let words: Vec<&str> = item.get(field).items().iter().map(Value::str).collect();
        words.join(" ")
    };
    format!(
        "{{Verbs:[{}] APIGroups:[{}] Resources:[{}] ResourceNames:[{}] NonResourceURLs:[{}]}}",
        words("verbs"),
        words("apiGroups"),
        words("resources"),
        words("resourceNames"),
        words("nonResourceURLs")
    )
}
