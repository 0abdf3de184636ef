//! `kubectl set image`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/set/set_image.go

use ecow::EcoString;

use super::{ALL, each_container};
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::pairs;
use crate::print::{DryRun, Printer};
use crate::resource::q;
use crate::templates::{self, Sender, check_resources};

pub(crate) static COMMAND: Command = Command {
    name: "image",
    usage: "image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    short: "Update the image of a pod template",
    long: "Update existing container image(s) of resources.

 Possible resources include (case insensitive):

  pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)",
    example: "# Set a deployment's nginx container image to 'nginx:1.9.1', and its busybox container image to 'busybox'
kubectl set image deployment/nginx busybox=busybox nginx=nginx:1.9.1

# Update all deployments' and rc's nginx container's image to 'nginx:1.9.1'
kubectl set image deployments,rc nginx=nginx:1.9.1 --all

# Update image of all containers of daemonset abc to 'nginx:1.9.1'
kubectl set image daemonset abc *=nginx:1.9.1

# Print result (in yaml format) of updating nginx container image from local file, without hitting the server
kubectl set image -f path/to/file.yaml nginx=nginx:1.9.1 --local -o yaml",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to get from a server."),
        field_manager_flag!("kubectl-set"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(set),
    ..EMPTY
};

static FLAGS: &[Flag] = &[ALL, Flag::bool("local", "If true, set image will NOT contact api-server but run locally.")];

async fn set(ctx: Ctx) -> Outcome {
    let (resources, pairs) = pairs::divide(ctx.args(), "image")?;
    let mut images: Vec<(EcoString, EcoString)> = Vec::new();
    for pair in pairs {
        match pair.split_once('=') {
            Some((name, image)) if !name.is_empty() => images.push((name.into(), image.into())),
            _ => return Err(Failure::Text(format!("invalid image format: {pair}"))),
        }
    }
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "image updated", dry_run).await?;
    let infos = templates::infos(&ctx, resources).await?;
    check_resources(&ctx, resources)?;
    if images.is_empty() {
        return Err("at least one image update is required".into());
    }
    if images.len() > 1 && images.iter().any(|(name, _)| name == "*") {
        return Err(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs"
                .into(),
        );
    }
    let sender =
        Sender { ctx: &ctx, printer: &printer, dry_run, refusal: "failed to patch image update to pod template:" };
    let mut failures = Vec::new();
    for info in &infos {
        let mut after = info.object.clone();
        let spec = match templates::pod_spec(&mut after) {
            Ok(spec) => spec,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let mut found_all = true;
        for (name, image) in &images {
            let found = each_container(spec, name, |container| container.set("image", image));
            if found == 0 {
                failures.push(Failure::Text(format!("error: unable to find container named {}", q(name))));
                found_all = false;
            }
        }
        if found_all {
            failures.extend(sender.send(info, after).await.err());
        }
    }
    Failure::collect(failures)
}
