//! Creating an object that a command has made.

use ecow::EcoString;
use podyard_api::{Value, json};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::order;
use crate::print::{DryRun, Printer};
use crate::resource::Info;

/// The annotation in which `apply` keeps what was applied last.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Sends the object and gives what the server made of it; with `--dry-run=client` gives it as it is.
pub(crate) async fn create(ctx: &Ctx, mut object: Value, dry_run: DryRun) -> Outcome<Value> {
    let access = ctx.access().await?;
    if dry_run.is_client() {
        if access.explicit_namespace && is_namespaced(ctx, &object).await {
            object.meta_mut().set("namespace", &access.namespace);
        }
        return Ok(object);
    }
    let discovery = ctx.discovery().await?;
    let resource = discovery.of_object(&object)?.clone();
    let namespace = if resource.namespaced { access.namespace.clone() } else { Default::default() };
    if access.explicit_namespace && resource.namespaced {
        object.meta_mut().set("namespace", &namespace);
    }
    if ctx.flags.bool("save-config") {
        let text = order::to_string(&object) + "\n";
        object.set_annotation(LAST_APPLIED, &text);
    }
    let info = Info { resource, namespace, name: object.name_text(), source: Default::default(), object: Value::Null };
    let mut request = info.create(ctx, object);
    request.dry_run = dry_run.is_server();
    request.field_manager = ctx.flags.text("field-manager");
    request.field_validation = validation(ctx).into();
    ctx.send(request).await
}

/// Whether objects of this kind live in namespaces, by what is known without the server if it cannot be asked.
async fn is_namespaced(ctx: &Ctx, object: &Value) -> bool {
    match ctx.discovery().await {
        Ok(discovery) => discovery.of_object(object).map_or(true, |resource| resource.namespaced),
        Err(_) => true,
    }
}

/// Makes one object as all `kubectl create <kind>` do.
pub(crate) struct Maker {
    dry_run: DryRun,
    printer: Printer,
}

impl Maker {
    /// Reads the flags that say what is done with the object.
    pub(crate) async fn new(ctx: &Ctx) -> Outcome<Self> {
        let dry_run = DryRun::from_flags(ctx).await?;
        Ok(Self { dry_run, printer: Printer::typed(ctx, "created", dry_run).await? })
    }

    /// Creates the object and prints it; a refusal begins with `failed to create <what>: `, if `what` is not empty.
    pub(crate) async fn make(&self, ctx: &Ctx, object: Value, what: &str) -> Outcome {
        let made = create(ctx, object, self.dry_run).await.map_err(|failure| match failure {
            Failure::Server(status) if !what.is_empty() => {
                Failure::Text(format!("failed to create {what} {}", status.message))
            }
            other => other,
        })?;
        self.printer.print(ctx, &made).await
    }
}

/// The one name that the arguments give.
// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create.go NameFromCommandArgs
pub(crate) fn name(ctx: &Ctx) -> Outcome<EcoString> {
    let before = ctx.flags.dash.unwrap_or(ctx.args().len());
    match ctx.args() {
        [name, ..] if before == 1 => Ok(name.clone()),
        _ => Err(ctx.usage(format!("exactly one NAME is required, got {before}"))),
    }
}

/// The words after `--`.
pub(crate) fn words(ctx: &Ctx) -> Value {
    let words = ctx.args().get(1..).unwrap_or_default();
    words.iter().collect()
}

/// `fieldValidation` by `--validate`; empty where the command has no such flag.
pub(crate) fn validation(ctx: &Ctx) -> &'static str {
    if !ctx.flags.has("validate") {
        return "";
    }
    match ctx.flags.text("validate").as_str() {
        "warn" => "Warn",
        "false" | "ignore" => "Ignore",
        _ => "Strict",
    }
}

/// A number, or the text as it is.
pub(crate) fn int_or_text(text: &str) -> Value {
    text.parse::<i32>().map_or_else(|_| Value::from(text), |number| Value::from(i64::from(number)))
}

/// The object as it is kept in [`LAST_APPLIED`], which itself is left out.
// Models staging/src/k8s.io/kubectl/pkg/util/apply.go GetModifiedConfiguration
pub(crate) fn applied_text(object: &Value) -> String {
    let mut kept = object.clone();
    let annotations = kept.meta_mut().field_mut("annotations").object_mut();
    annotations.remove(LAST_APPLIED);
    json::to_string(&kept) + "\n"
}
