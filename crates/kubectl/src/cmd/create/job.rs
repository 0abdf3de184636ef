//! `kubectl create job`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_job.go

use podyard_api::{Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name, words};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};
use crate::resource::Builder;

pub(crate) static COMMAND: Command = Command {
    name: "job",
    usage: "job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    short: "Create a job with the specified name",
    long: "Create a job with the specified name.",
    example: "# Create a job
kubectl create job my-job --image=busybox

# Create a job with a command
kubectl create job my-job --image=busybox -- date

# Create a job from a cron job named \"a-cronjob\"
kubectl create job test-job --from=cronjob/a-cronjob",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text("from", "", "The name of the resource to create a Job from (only cronjob is supported)."),
    Flag::text("image", "", "Image name to run."),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let (image, from) = (ctx.flags.text("image"), ctx.flags.text("from"));
    let command = words(&ctx);
    if image.is_empty() == from.is_empty() {
        return Err("either --image or --from must be specified".into());
    }
    if !command.is_empty() && !from.is_empty() {
        return Err("cannot specify --from and command".into());
    }
    let job = if from.is_empty() { new_job(&name, &image, &command) } else { of_cronjob(&ctx, &name, &from).await? };
    maker.make(&ctx, job, "job:").await
}

fn new_job(name: &str, image: &str, command: &Value) -> Value {
    let mut container = value!({"name": name, "image": image, "resources": {}});
    if !command.is_empty() {
        container.set("command", command);
    }
    value!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"metadata": {}, "spec": {"containers": [container], "restartPolicy": "Never"}}},
        "status": {},
    })
}

/// A run of a cron job by hand.
async fn of_cronjob(ctx: &Ctx, name: &str, from: &str) -> Outcome<Value> {
    let mut items = Builder::from_flags(ctx, &[from.into()]).await?.start(ctx).await?;
    let Some(info) = items.next(ctx).await else {
        return Err("from must be an existing cronjob".into());
    };
    let cronjob = info?.object;
    if cronjob.kind() != "CronJob" {
        return Err("from must be an existing cronjob".into());
    }
    let template = cronjob.get("spec").get("jobTemplate");
    let mut metadata = value!({
        "name": name,
        "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
        "ownerReferences": [{
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": cronjob.name(),
            "uid": cronjob.uid(),
            "controller": true,
        }],
    });
    for (key, value) in template.meta().annotations() {
        metadata.field_mut("annotations").set(key, value);
    }
    if !template.meta().labels().is_empty() {
        metadata.set("labels", template.get("metadata").get("labels"));
    }
    Ok(value!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template.get("spec"), "status": {},
    }))
}
