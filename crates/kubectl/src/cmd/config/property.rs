//! `kubectl config set` and `kubectl config unset`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/config/{set,unset,navigation_step_parser}.go

use podyard_api::{Value, base64, value};

use super::File;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::kubeconfig;
use crate::resource::q;

pub(super) static SET: Command = Command {
    name: "set",
    usage: "set PROPERTY_NAME PROPERTY_VALUE",
    short: "Set an individual value in a kubeconfig file",
    long: "Set an individual value in a kubeconfig file.

 PROPERTY_NAME is a dot delimited name where each token represents either an attribute name or a map key.  Map keys may not contain dots.

 PROPERTY_VALUE is the new value you want to set. Binary fields such as 'certificate-authority-data' expect a base64 encoded string unless the --set-raw-bytes flag is used.

 Specifying an attribute name that already exists will merge new fields on top of existing values.",
    example: "# Set the server field on the my-cluster cluster to https://1.2.3.4
kubectl config set clusters.my-cluster.server https://1.2.3.4

# Set the cluster field in the my-context context to my-cluster
kubectl config set contexts.my-context.cluster my-cluster",
    flags: &[&[Flag::bool("set-raw-bytes", "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.")]],
    run: run!(set),
    ..EMPTY
};

pub(super) static UNSET: Command = Command {
    name: "unset",
    usage: "unset PROPERTY_NAME",
    short: "Unset an individual value in a kubeconfig file",
    long: "Unset an individual value in a kubeconfig file.

 PROPERTY_NAME is a dot delimited name where each token represents either an attribute name or a map key.  Map keys may not contain dots.",
    example: "# Unset the current-context
kubectl config unset current-context

# Unset namespace in foo context
kubectl config unset contexts.foo.namespace",
    run: run!(unset),
    ..EMPTY
};

/// `contexts.<name>.<field>`: list, entry and the rest; names may contain dots if they are known.
fn steps<'a>(config: &Value, property: &'a str) -> Option<(&'static str, &'a str, &'a str)> {
    let (first, rest) = property.split_once('.')?;
    let (list, _) = kubeconfig::LISTS.iter().find(|(known, _)| *known == first)?;
    let names = config.get(list).items().iter().map(|entry| entry.get("name").str());
    let known = names.filter(|name| rest == *name || rest.strip_prefix(name).is_some_and(|r| r.starts_with('.')));
    let length = known.map(str::len).max().unwrap_or_else(|| rest.rfind('.').unwrap_or(rest.len()));
    Some((list, &rest[..length], rest[length..].trim_start_matches('.')))
}

async fn set(ctx: Ctx) -> Outcome {
    let [property, text] = ctx.args() else {
        return Err(ctx.usage(format!("Unexpected args: [{}]", ctx.args().join(" "))));
    };
    let merged = kubeconfig::merged(&ctx).await?;
    if property == "current-context" {
        let mut file = File::holding(&ctx, |config| !config.get("current-context").is_empty()).await?;
        file.config.set("current-context", text);
        file.write(&ctx).await?;
    } else {
        let Some((list, name, field)) = steps(&merged, property).filter(|(_, _, field)| !field.is_empty()) else {
            return Err(Failure::Text(format!("unable to parse {property}: no such property")));
        };
        let value = if field.ends_with("-data") && ctx.flags.bool("set-raw-bytes") {
            Value::from(base64::encode(text))
        } else {
            text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from)
        };
        let mut file = File::with_entry(&ctx, list, name).await?;
        file.entry(list, name).0.set(field, value);
        file.write(&ctx).await?;
    }
    ctx.out(format!("Property {} set.\n", q(property))).await;
    Ok(())
}

async fn unset(ctx: Ctx) -> Outcome {
    let [property] = ctx.args() else {
        return Err(ctx.usage(format!("Unexpected args: [{}]", ctx.args().join(" "))));
    };
    let merged = kubeconfig::merged(&ctx).await?;
    if property == "current-context" {
        let mut file = File::holding(&ctx, |config| !config.get("current-context").is_empty()).await?;
        file.config.set("current-context", "");
        file.write(&ctx).await?;
    } else if kubeconfig::LISTS.iter().any(|(list, _)| list == property) {
        let mut file = File::holding(&ctx, |config| !config.get(property).is_empty()).await?;
        file.config.set(property, value!([]));
        file.write(&ctx).await?;
    } else {
        let Some((list, name, field)) = steps(&merged, property) else {
            return Err(Failure::Text(format!("unable to parse {property}: no such property")));
        };
        let mut file = File::with_entry(&ctx, list, name).await?;
        if kubeconfig::find(&file.config, list, name).is_none() {
            return Err(Failure::Text(format!("current map key `{name}` is invalid")));
        }
        if field.is_empty() {
            let kept = file.config.get(list).items().iter().filter(|entry| entry.get("name") != name).cloned();
            let kept: Value = kept.collect();
            file.config.set(list, kept);
        } else {
            file.entry(list, name).0.remove(field);
        }
        file.write(&ctx).await?;
    }
    ctx.out(format!("Property {} unset.\n", q(property))).await;
    Ok(())
}
