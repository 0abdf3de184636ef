//! `kubectl create clusterrole`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_clusterrole.go

use podyard_api::{Value, value};

use super::role::{RULE, check, resources, rules, verbs, warn};
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "clusterrole",
    usage: "clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a cluster role",
    long: "Create a cluster role.",
    example: "# Create a cluster role named \"pod-reader\" that allows user to perform \"get\", \"watch\" and \"list\" on pods
kubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods

# Create a cluster role named \"pod-reader\" with ResourceName specified
kubectl create clusterrole pod-reader --verb=get --resource=pods --resource-name=readablepod --resource-name=anotherpod

# Create a cluster role named \"foo\" with API Group specified
kubectl create clusterrole foo --verb=get,list,watch --resource=rs.apps

# Create a cluster role named \"foo\" with SubResource specified
kubectl create clusterrole foo --verb=get,list,watch --resource=pods,pods/status

# Create a cluster role name \"foo\" with NonResourceURL specified
kubectl create clusterrole \"foo\" --verb=get --non-resource-url=/logs/*

# Create a cluster role name \"monitoring\" with AggregationRule specified
kubectl create clusterrole monitoring --aggregation-rule=\"rbac.example.com/aggregate-to-monitoring=true\"",
    flags: &[FLAGS, RULE, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::map("aggregation-rule", "An aggregation label selector for combining ClusterRoles."),
    Flag::slice("non-resource-url", "A partial url that user should have access to."),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let mut role = value!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
    });
    let aggregation = ctx.flags.pairs("aggregation-rule");
    let (verbs, resources, urls) = (verbs(&ctx), resources(&ctx), ctx.flags.list("non-resource-url"));
    if !aggregation.is_empty() {
        if !urls.is_empty() || !verbs.is_empty() || !resources.is_empty() || ctx.flags.changed("resource-name") {
            return Err(
                "aggregation rule must be specified without nonResourceURLs, resources, or resourceNames".into()
            );
        }
        let mut labels = Value::object();
        aggregation.iter().for_each(|(key, value)| labels.set(key, value));
        role.set("aggregationRule", value!({"clusterRoleSelectors": [{"matchLabels": labels}]}));
        role.set("rules", Value::Null);
        return maker.make(&ctx, role, "").await;
    }
    if verbs.is_empty() {
        return Err("at least one verb must be specified".into());
    }
    if resources.is_empty() && urls.is_empty() {
        return Err("one of resource or nonResourceURL must be specified".into());
    }
    let discovery = ctx.discovery().await?;
    if !resources.is_empty() {
        warn(&ctx, &verbs).await;
        check(&discovery, &resources, &verbs)?;
    }
    check_urls(&verbs, &urls)?;
    let mut rules = rules(&ctx, &discovery, &verbs, &resources);
    if !urls.is_empty() {
        rules.push(value!({"verbs": verbs.iter().collect::<Value>(), "nonResourceURLs": urls}));
    }
    role.set("rules", rules);
    maker.make(&ctx, role, "").await
}

fn check_urls(verbs: &[ecow::EcoString], urls: &[ecow::EcoString]) -> Outcome {
    const VERBS: [&str; 8] = ["*", "get", "post", "put", "delete", "patch", "head", "options"];
    if urls.is_empty() {
        return Ok(());
    }
    if let Some(verb) = verbs.iter().find(|verb| !VERBS.contains(&verb.as_str())) {
        return Err(Failure::Text(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls {
        if url == "*" {
            continue;
        }
        if !url.starts_with('/') {
            return Err("nonResourceURL should start with /".into());
        }
        if url.trim_end_matches('*').contains('*') || url.ends_with("**") {
            return Err("nonResourceURL only supports wildcard matches when '*' is at the end".into());
        }
    }
    Ok(())
}
