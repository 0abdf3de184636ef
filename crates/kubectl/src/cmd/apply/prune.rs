//! `kubectl apply --prune`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/apply/prune.go

use ecow::EcoString;
use podyard_api::Verb;

use crate::cmd::delete;
use crate::creating::LAST_APPLIED;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::print::DryRun;
use crate::resource::{Info, delete_options};

/// Which kinds are pruned unless `--prune-allowlist` says others: group, version, kind.
const DEFAULT: [(&str, &str, &str); 16] = [
    ("", "v1", "ConfigMap"),
    ("", "v1", "Endpoints"),
    ("", "v1", "Namespace"),
    ("", "v1", "PersistentVolumeClaim"),
    ("", "v1", "PersistentVolume"),
    ("", "v1", "Pod"),
    ("", "v1", "ReplicationController"),
    ("", "v1", "Secret"),
    ("", "v1", "Service"),
    ("batch", "v1", "Job"),
    ("batch", "v1", "CronJob"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("apps", "v1", "DaemonSet"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "ReplicaSet"),
    ("apps", "v1", "StatefulSet"),
];

/// Deletes what was applied once and is not among `applied` now.
pub(super) async fn prune(ctx: &Ctx, applied: &[Info], dry_run: DryRun) -> Outcome {
    let discovery = ctx.discovery().await?;
    let propagation = delete::propagation(ctx).await?;
    let mut namespaces: Vec<EcoString> = Vec::new();
    for info in applied.iter().filter(|info| info.resource.namespaced) {
        if !namespaces.contains(&info.namespace) {
            namespaces.push(info.namespace.clone());
        }
    }
    for (group, version, kind) in allowlist(ctx)? {
        let Some(resource) = discovery.kind(&kind, Some(&group), &version) else {
            return Err(Failure::Text(format!("no matches for kind {kind:?} in version {version:?}")));
        };
        let places = if resource.namespaced { namespaces.clone() } else { vec![EcoString::new()] };
        for namespace in places {
            let mut request = ctx.request(Verb::List, resource.target(&namespace, ""));
            request.options.label_selector = ctx.flags.text("selector");
            let list = ctx.send(request).await?;
            for object in list.get("items").items() {
                let kept = applied.iter().any(|info| info.object.uid() == object.uid());
                if kept || object.meta().annotation(LAST_APPLIED).is_none() {
                    continue;
                }
                if !dry_run.is_client() {
                    let target = resource.target(object.namespace(), object.name());
                    let mut request = ctx.request(Verb::Delete, target);
                    request.dry_run = dry_run.is_server();
                    ctx.send(request.with_body(delete_options(None, propagation))).await?;
                }
                let word = dry_run.mark("pruned");
                ctx.out(format!("{}/{} {word}\n", resource.printed_kind(), object.name())).await;
            }
        }
    }
    Ok(())
}

fn allowlist(ctx: &Ctx) -> Outcome<Vec<(EcoString, EcoString, EcoString)>> {
    let given = ctx.flags.list("prune-allowlist");
    if given.is_empty() {
        return Ok(DEFAULT.iter().map(|(g, v, k)| ((*g).into(), (*v).into(), (*k).into())).collect());
    }
    let entry = |text: &EcoString| {
        let parts: Vec<&str> = text.split('/').collect();
        let [group, version, kind] = parts[..] else {
            return Err(Failure::Text(format!(
                "invalid GroupVersionKind format: {text}, please follow <group/version/kind>"
            )));
        };
        let group = if group == "core" { "" } else { group };
        Ok((group.into(), version.into(), kind.into()))
    };
    given.iter().map(entry).collect()
}
