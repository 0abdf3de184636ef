//! `kubectl taint`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/taint

use ecow::EcoString;
use podyard_api::{PatchKind, Value, Verb, names, value};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::field_manager_flag;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info};

pub(crate) static COMMAND: Command = Command {
    name: "taint",
    usage: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    short: "Update the taints on one or more nodes",
    long: "Update the taints on one or more nodes.

  *  A taint consists of a key, value, and effect. As an argument here, it is expressed as key=value:effect.
  *  The key must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 253 characters.
  *  Optionally, the key can begin with a DNS subdomain prefix and a single '/', like example.com/my-app.
  *  The value is optional. If given, it must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters.
  *  The effect must be NoSchedule, PreferNoSchedule or NoExecute.
  *  Currently taint can only apply to node.",
    example: "# Update node 'foo' with a taint with key 'dedicated' and value 'special-user' and effect 'NoSchedule'
# If a taint with that key and effect already exists, its value is replaced as specified
kubectl taint nodes foo dedicated=special-user:NoSchedule

# Remove from node 'foo' the taint with key 'dedicated' and effect 'NoSchedule' if one exists
kubectl taint nodes foo dedicated:NoSchedule-

# Remove from node 'foo' all the taints with key 'dedicated'
kubectl taint nodes foo dedicated-

# Add a taint with key 'dedicated' on nodes having label myLabel=X
kubectl taint node -l myLabel=X  dedicated=foo:PreferNoSchedule

# Add to node 'foo' a taint with key 'bar' and no value
kubectl taint nodes foo bar:NoSchedule",
    flags: &[FLAGS, field_manager_flag!("kubectl-taint"), shared::DRY_RUN, shared::PRINT, shared::SELECTOR, shared::VALIDATE],
    run: run!(taint),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all", "Select all nodes in the cluster"),
    Flag::bool(
        "overwrite",
        "If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints.",
    ),
];

/// `key=value:effect`; what is not given is empty.
#[derive(Clone, Debug, PartialEq)]
struct Taint {
    key: EcoString,
    value: EcoString,
    effect: EcoString,
}

async fn taint(ctx: Ctx) -> Outcome {
    let is_taint = |arg: &EcoString| arg.contains(['=', ':']) || arg.ends_with('-');
    let first = ctx.args().iter().position(is_taint).unwrap_or(ctx.args().len());
    let (resources, words) = ctx.args().split_at(first);
    if let Some(arg) = words.iter().find(|arg| !is_taint(arg)) {
        return Err(Failure::Text(format!("all resources must be specified before taint changes: {arg}")));
    }
    let dry_run = DryRun::from_flags(&ctx).await?;
    if resources.is_empty() {
        return Err("one or more resources must be specified as <resource> <name>".into());
    }
    if words.is_empty() {
        return Err("at least one taint update is required".into());
    }
    let (add, remove) = parse(words).map_err(|why| ctx.usage(why))?;
    check_kind(&ctx, &resources[0]).await?;
    let printer = Printer::from_flags(&ctx, "", dry_run).await?;
    let mut builder = Builder::from_flags(&ctx, resources).await?;
    builder.allow_empty_selector = builder.select_all;
    builder.select_all = false;
    let mut items = builder.start(&ctx).await?;
    let mut failures = Vec::new();
    while let Some(next) = items.next(&ctx).await {
        let result = match next {
            Ok(info) => one(&ctx, &info, &add, &remove, dry_run, &printer).await,
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    Failure::collect(failures)
}

async fn check_kind(ctx: &Ctx, word: &str) -> Outcome {
    let word = word.split('/').next().unwrap_or(word);
    let discovery = ctx.discovery().await?;
    if discovery.resolve(word)?.kind == "Node" {
        return Ok(());
    }
    Err(Failure::Text(format!("invalid resource type {word}, only node(s) is supported")))
}

fn parse(words: &[EcoString]) -> Result<(Vec<Taint>, Vec<Taint>), String> {
    let (mut add, mut remove): (Vec<Taint>, Vec<Taint>) = (Vec::new(), Vec::new());
    for word in words {
        let taint = one_taint(word.strip_suffix('-').unwrap_or(word))?;
        if word.ends_with('-') {
            remove.push(taint);
            continue;
        }
        if taint.effect.is_empty() {
            return Err(format!("invalid taint spec: {word}"));
        }
        if add.iter().any(|known| known.key == taint.key && known.effect == taint.effect) {
            return Err(format!(
                "duplicated taints with the same key and effect: {{{} {} {} <nil>}}",
                taint.key, taint.value, taint.effect
            ));
        }
        add.push(taint);
    }
    Ok((add, remove))
}

fn one_taint(text: &str) -> Result<Taint, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (pair, effect) = match parts[..] {
        [pair] => (pair, ""),
        [pair, effect] => (pair, effect),
        _ => return Err(format!("invalid taint spec: {text}")),
    };
    if parts.len() == 2 && !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
        return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
    }
    let halves: Vec<&str> = pair.split('=').collect();
    let (key, value) = match halves[..] {
        [key] => (key, ""),
        [key, value] => (key, value),
        _ => return Err(format!("invalid taint spec: {text}")),
    };
    for problems in [names::qualified_name(key), names::label_value(value)] {
        if !problems.is_empty() {
            return Err(format!("invalid taint spec: {text}, {}", problems.join("; ")));
        }
    }
    Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
}

async fn one(ctx: &Ctx, info: &Info, add: &[Taint], remove: &[Taint], dry_run: DryRun, printer: &Printer) -> Outcome {
    let overwrite = ctx.flags.bool("overwrite");
    let present = info.object.get("spec").get("taints").items();
    let same =
        |old: &Value, new: &Taint| old.get("key") == new.key.as_str() && old.get("effect") == new.effect.as_str();
    if !overwrite {
        let taken: Vec<&str> =
            add.iter().filter(|new| present.iter().any(|old| same(old, new))).map(|new| new.key.as_str()).collect();
        if !taken.is_empty() {
            let (name, keys) = (&info.name, taken.join(","));
            return Err(Failure::Text(format!(
                "node {name} already has {keys} taint(s) with same effect(s) and --overwrite is false"
            )));
        }
    }
    let mut taints: Vec<Value> = add.iter().map(to_value).collect();
    taints.extend(present.iter().filter(|old| !add.iter().any(|new| same(old, new))).cloned());
    let mut failures = Vec::new();
    for gone in remove {
        let before = taints.len();
        taints.retain(|old| {
            let fits = old.get("key") == gone.key.as_str();
            !(fits && (gone.effect.is_empty() || old.get("effect") == gone.effect.as_str()))
        });
        if taints.len() == before {
            let effect = if gone.effect.is_empty() { String::new() } else { format!(":{}", gone.effect) };
            failures.push(Failure::Text(format!("taint \"{}{effect}\" not found", gone.key)));
        }
    }
    Failure::collect(failures)?;
    let word = match (add.is_empty(), remove.is_empty()) {
        _ if overwrite => "modified",
        (false, false) => "modified",
        (false, true) => "tainted",
        _ => "untainted",
    };
    let taints: Value = taints.into_iter().collect();
    let wanted = if taints.is_empty() { Value::Null } else { taints };
    let shown = if dry_run.is_client() {
        let mut after = info.object.clone();
        after.field_mut("spec").set("taints", wanted);
        after
    } else {
        let patch = value!({"spec": {"taints": wanted}});
        let mut request = ctx.request(Verb::Patch, info.target()).with_patch(PatchKind::Merge, patch);
        request.dry_run = dry_run.is_server();
        request.field_manager = ctx.flags.text("field-manager");
        ctx.send(request).await?
    };
    printer.saying(dry_run.mark(word)).print(ctx, &shown).await
}

fn to_value(taint: &Taint) -> Value {
    let mut value = value!({"key": &taint.key, "effect": &taint.effect});
    if !taint.value.is_empty() {
        value.set("value", &taint.value);
    }
    value
}
