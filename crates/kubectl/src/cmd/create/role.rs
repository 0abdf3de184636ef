//! `kubectl create role`, and the rules that it shares with `clusterrole`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_role.go

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::{Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::discovery::Discovery;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "role",
    usage: "role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a role with single rule",
    long: "Create a role with single rule.",
    example: "# Create a role named \"pod-reader\" that allows user to perform \"get\", \"watch\" and \"list\" on pods
kubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods

# Create a role named \"pod-reader\" with ResourceName specified
kubectl create role pod-reader --verb=get --resource=pods --resource-name=readablepod --resource-name=anotherpod

# Create a role named \"foo\" with API Group specified
kubectl create role foo --verb=get,list,watch --resource=rs.apps

# Create a role named \"foo\" with SubResource specified
kubectl create role foo --verb=get,list,watch --resource=pods,pods/status",
    flags: &[RULE, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

pub(super) static RULE: &[Flag] = &[
    Flag::slice("resource", "Resource that the rule applies to"),
    Flag::texts(
        "resource-name",
        "Resource in the white list that the rule applies to, repeat this flag for multiple items",
    ),
    Flag::slice("verb", "Verb that applies to the resources contained in the rule"),
];

const VERBS: [&str; 14] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

/// Verbs that only some resources have: (verb, group, resource).
const SPECIAL: [(&str, &str, &str); 11] = [
    ("use", "policy", "podsecuritypolicies"),
    ("use", "extensions", "podsecuritypolicies"),
    ("bind", "rbac.authorization.k8s.io", "roles"),
    ("bind", "rbac.authorization.k8s.io", "clusterroles"),
    ("escalate", "rbac.authorization.k8s.io", "roles"),
    ("escalate", "rbac.authorization.k8s.io", "clusterroles"),
    ("impersonate", "", "users"),
    ("impersonate", "", "serviceaccounts"),
    ("impersonate", "", "groups"),
    ("impersonate", "authentication.k8s.io", "userextras"),
    ("impersonate", "authentication.k8s.io", "uids"),
];

/// A resource named on the command line.
pub(super) struct Named {
    pub group: EcoString,
    pub resource: EcoString,
    pub sub: EcoString,
}

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let verbs = verbs(&ctx);
    let resources = resources(&ctx);
    if verbs.is_empty() {
        return Err("at least one verb must be specified".into());
    }
    warn(&ctx, &verbs).await;
    if resources.is_empty() {
        return Err("at least one resource must be specified".into());
    }
    let discovery = ctx.discovery().await?;
    check(&discovery, &resources, &verbs)?;
    let role = value!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name},
        "rules": rules(&ctx, &discovery, &verbs, &resources),
    });
    maker.make(&ctx, role, "").await
}

pub(super) async fn warn(ctx: &Ctx, verbs: &[EcoString]) {
    for verb in verbs.iter().filter(|verb| !VERBS.contains(&verb.as_str())) {
        ctx.warn(&format!("'{verb}' is not a standard resource verb")).await;
    }
}

/// The verbs without repetition; `*` stands for all.
pub(super) fn verbs(ctx: &Ctx) -> Vec<EcoString> {
    let mut verbs: Vec<EcoString> = Vec::new();
    for verb in ctx.flags.list("verb") {
        if verb == "*" {
            return vec![verb];
        }
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
    verbs
}

pub(super) fn resources(ctx: &Ctx) -> Vec<Named> {
    let mut resources = Vec::new();
    for text in ctx.flags.list("resource") {
        let (whole, sub) = text.split_once('/').map_or((text.as_str(), None), |(whole, sub)| (whole, Some(sub)));
        let (resource, group) = whole.split_once('.').map_or((whole, None), |(name, group)| (name, Some(group)));
        let named = Named {
            group: group.unwrap_or_default().into(),
            resource: resource.into(),
            sub: sub.unwrap_or_default().into(),
        };
        if resource == "*" && group.is_none() && sub.is_none() {
            return vec![named];
        }
        resources.push(named);
    }
    resources
}

/// Refuses resources that the server does not have, and verbs that they do not have.
pub(super) fn check(discovery: &Discovery, resources: &[Named], verbs: &[EcoString]) -> Outcome {
    for named in resources {
        if named.resource.is_empty() {
            return Err("resource must be specified if apiGroup/subresource specified".into());
        }
        if named.resource == "*" {
            return Ok(());
        }
        let known = discovery.named_resource(&named.resource, &named.group);
        let (group, resource) = match known {
            Some(known) => (known.group.as_str(), known.name.as_str()),
            None => (named.group.as_str(), named.resource.as_str()),
        };
        let mut special = false;
        for verb in verbs.iter().filter(|verb| SPECIAL.iter().any(|(known, ..)| known == *verb)) {
            if !SPECIAL.contains(&(verb.as_str(), group, resource)) {
                return Err(Failure::Text(format!("can not perform '{verb}' on '{resource}' in group '{group}'")));
            }
            special = true;
        }
        if known.is_none() && !special {
            return Err(no_such_resource(&named.resource, &named.group));
        }
    }
    Ok(())
}

/// As a failed mapping is printed, without `error: `.
fn no_such_resource(resource: &str, group: &str) -> Failure {
    let place = if group.is_empty() { String::new() } else { format!(" in group \"{group}\"") };
    Failure::Said { code: 1, text: format!("the server doesn't have a resource type \"{resource}\"{place}") }
}

/// One rule for each API group, in their order.
pub(super) fn rules(ctx: &Ctx, discovery: &Discovery, verbs: &[EcoString], resources: &[Named]) -> Value {
    let mut groups: BTreeMap<EcoString, Vec<EcoString>> = BTreeMap::new();
    for named in resources {
        let known = discovery.named_resource(&named.resource, &named.group);
        let (group, mut resource) = match known {
            Some(known) => (known.group.clone(), known.name.clone()),
            None => (named.group.clone(), named.resource.clone()),
        };
        if !named.sub.is_empty() {
            resource = ecow::eco_format!("{resource}/{}", named.sub);
        }
        let of_group = groups.entry(group).or_default();
        if !of_group.contains(&resource) {
            of_group.push(resource);
        }
    }
    let mut names: Vec<EcoString> = Vec::new();
    for name in ctx.flags.list("resource-name") {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let rule = |(group, resources): (EcoString, Vec<EcoString>)| {
        let mut rule = value!({
            "apiGroups": [group],
            "resources": resources,
            "verbs": verbs.iter().collect::<Value>(),
        });
        if !names.is_empty() {
            rule.set("resourceNames", names.iter().collect::<Value>());
        }
        rule
    };
    groups.into_iter().map(rule).collect()
}
