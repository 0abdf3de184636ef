//! `kubectl create quota`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_quota.go

use podyard_api::{Quantity, Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "quota",
    aliases: &["resourcequota"],
    usage: "quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    short: "Create a quota with the specified name",
    long: "Create a resource quota with the specified name, hard limits, and optional scopes.",
    example: "# Create a new resource quota named my-quota
kubectl create quota my-quota --hard=cpu=1,memory=1G,pods=2,services=3,replicationcontrollers=2,resourcequotas=1,secrets=5,persistentvolumeclaims=10

# Create a new resource quota named best-effort
kubectl create quota best-effort --hard=pods=100 --scopes=BestEffort",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text("hard", "", "A comma-delimited set of resource=quantity pairs that define a hard limit."),
    Flag::text(
        "scopes",
        "",
        "A comma-delimited set of quota scopes that must all match each object tracked by the quota.",
    ),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let mut spec = Value::object();
    let hard = resource_list(&ctx.flags.text("hard"))?;
    if !hard.is_empty() {
        spec.set("hard", hard);
    }
    let scopes = ctx.flags.text("scopes");
    if !scopes.is_empty() {
        spec.set("scopes", scopes.split(',').collect::<Value>());
    }
    let quota = value!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec, "status": {},
    });
    maker.make(&ctx, quota, "resourcequota:").await
}

/// `cpu=1,memory=1Gi` as a list of resources.
// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_quota.go populateResourceListV1
pub(crate) fn resource_list(text: &str) -> Outcome<Value> {
    let mut list = Value::object();
    if text.is_empty() {
        return Ok(list);
    }
    for statement in text.split(',') {
        let parts: Vec<&str> = statement.split('=').collect();
        let [resource, amount] = parts[..] else {
            return Err(Failure::Text(format!("Invalid argument syntax {statement}, expected <resource>=<value>")));
        };
        let quantity: Quantity =
            amount.parse().map_err(|error: podyard_api::quantity::Error| Failure::Text(error.to_string()))?;
        list.set(resource, quantity.to_string());
    }
    Ok(list)
}
