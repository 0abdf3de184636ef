//! `kubectl set resources`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/set/set_resources.go

use super::{ALL, each_container};
use crate::cmd::create::resource_list;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::templates::{self, Sender};

pub(crate) static COMMAND: Command = Command {
    name: "resources",
    usage: "resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    short: "Update resource requests/limits on objects with pod templates",
    long: "Specify compute resource requirements (CPU, memory) for any resource that defines a pod template. If a pod is successfully scheduled, it is guaranteed the amount of resource requested, but may burst up to its specified limits.

 For each compute resource, if a limit is specified and a request is omitted, the request will default to the limit.

 Possible resources include (case insensitive): Use \"kubectl api-resources\" for a complete list of supported resources..",
    example: "# Set a deployments nginx container cpu limits to \"200m\" and memory to \"512Mi\"
kubectl set resources deployment nginx -c=nginx --limits=cpu=200m,memory=512Mi

# Set the resource request and limits for all containers in nginx
kubectl set resources deployment nginx --limits=cpu=200m,memory=512Mi --requests=cpu=100m,memory=256Mi

# Remove the resource requests for resources on containers in nginx
kubectl set resources deployment nginx --limits=cpu=0,memory=0 --requests=cpu=0,memory=0

# Print the result (in yaml format) of updating nginx container limits from a local, without hitting the server
kubectl set resources -f path/to/file.yaml --limits=cpu=200m,memory=512Mi --local -o yaml",
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

static FLAGS: &[Flag] = &[
    ALL,
    Flag::text("containers", "*", "The names of containers in the selected pod templates to change, all containers are selected by default - may use wildcards").short("c"),
    Flag::text("limits", "", "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'.  Note that server side components may assign requests depending on the server configuration, such as limit ranges."),
    Flag::bool("local", "If true, set resources will NOT contact api-server but run locally."),
    Flag::text("requests", "", "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'.  Note that server side components may assign requests depending on the server configuration, such as limit ranges."),
];

async fn set(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "resource requirements updated", dry_run).await?;
    let infos = templates::infos(&ctx, ctx.args()).await?;
    let (limits, requests) = (ctx.flags.text("limits"), ctx.flags.text("requests"));
    if limits.is_empty() && requests.is_empty() {
        return Err("you must specify an update to requests or limits (in the form of --requests/--limits)".into());
    }
    let lists = [("limits", resource_list(&limits)?), ("requests", resource_list(&requests)?)];
    let pattern = ctx.flags.text("containers");
    let sender =
        Sender { ctx: &ctx, printer: &printer, dry_run, refusal: "failed to patch resources update to pod template" };
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
        let found = each_container(spec, &pattern, |container| {
            for (field, list) in &lists {
                for (resource, amount) in list.fields() {
                    container.field_mut("resources").field_mut(*field).set(resource, amount);
                }
            }
        });
        if found == 0 {
            failures.push(Failure::Text(format!("error: unable to find container named {pattern}")));
        } else {
            failures.extend(sender.send(info, after).await.err());
        }
    }
    Failure::collect(failures)
}
