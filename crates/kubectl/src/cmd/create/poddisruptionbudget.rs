//! `kubectl create poddisruptionbudget`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_pdb.go

use podyard_api::{Selector, Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, int_or_text, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "poddisruptionbudget",
    aliases: &["pdb"],
    usage: "poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    short: "Create a pod disruption budget with the specified name",
    long: "Create a pod disruption budget with the specified name, selector, and desired minimum available pods.",
    example: "# Create a pod disruption budget named my-pdb that will select all pods with the app=rails label
# and require at least one of them being available at any point in time
kubectl create poddisruptionbudget my-pdb --selector=app=rails --min-available=1

# Create a pod disruption budget named my-pdb that will select all pods with the app=nginx label
# and require at least half of the pods selected to be available at any point in time
kubectl create pdb my-pdb --selector=app=nginx --min-available=50%",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text("max-unavailable", "", "The maximum number or percentage of unavailable pods this budget requires."),
    Flag::text("min-available", "", "The minimum number or percentage of available pods this budget requires."),
    Flag::text(
        "selector",
        "",
        "A label selector to use for this budget. Only equality-based selector requirements are supported.",
    ),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let flags = &ctx.flags;
    let (min, max, selector) = (flags.text("min-available"), flags.text("max-unavailable"), flags.text("selector"));
    if selector.is_empty() {
        return Err("a selector must be specified".into());
    }
    if max.is_empty() && min.is_empty() {
        return Err("one of min-available or max-unavailable must be specified".into());
    }
    if !max.is_empty() && !min.is_empty() {
        return Err("min-available and max-unavailable cannot be both specified".into());
    }
    for text in [&min, &max] {
        let is_number = text.chars().all(|c| c.is_ascii_digit());
        let is_percent =
            text.strip_suffix('%').is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()));
        if !is_number && !is_percent {
            return Err(Failure::Text(format!(
                "invalid format specified for min-available or max-unavailable: {text}"
            )));
        }
    }
    let mut spec = value!({"selector": selector_value(&selector)?});
    if !min.is_empty() {
        spec.set("minAvailable", int_or_text(&min));
    }
    if !max.is_empty() {
        spec.set("maxUnavailable", int_or_text(&max));
    }
    let budget = value!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": spec,
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    });
    maker.make(&ctx, budget, "poddisruptionbudgets:").await
}

/// A selector's text as a `LabelSelector` of equalities.
fn selector_value(text: &str) -> Outcome<Value> {
    Selector::parse(text).map_err(Failure::Text)?;
    let mut labels = Value::object();
    for pair in text.split(',') {
        match pair.split_once('=') {
            Some((key, value)) if !key.ends_with('!') => labels.set(key.trim(), value.trim_start_matches('=').trim()),
            _ => return Err(Failure::Text(format!("{pair:?} is not a valid label selector"))),
        }
    }
    Ok(value!({"matchLabels": labels}))
}
