//! `kubectl create cronjob`.

use podyard_api::value;

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name, words};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "cronjob",
    aliases: &["cj"],
    usage: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
    short: "Create a cron job with the specified name",
    long: "Create a cron job with the specified name.",
    example: "# Create a cron job
kubectl create cronjob my-job --image=busybox --schedule=\"*/1 * * * *\"

# Create a cron job with a command
kubectl create cronjob my-job --image=busybox --schedule=\"*/1 * * * *\" -- date",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text("image", "", "Image name to run.").required(),
    Flag::text("restart", "", "job's restart policy. supported values: OnFailure, Never"),
    Flag::text("schedule", "", "A schedule in the Cron format the job should be run with.").required(),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let command = words(&ctx);
    let restart = ctx.flags.text("restart");
    let restart = if restart.is_empty() { "OnFailure" } else { restart.as_str() };
    let mut container = value!({"name": &name, "image": ctx.flags.text("image"), "resources": {}});
    if !command.is_empty() {
        container.set("command", command);
    }
    let cronjob = value!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": &name},
        "spec": {
            "schedule": ctx.flags.text("schedule"),
            "jobTemplate": {
                "metadata": {"name": &name},
                "spec": {"template": {"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}}},
            },
        },
        "status": {},
    });
    maker.make(&ctx, cronjob, "cronjob:").await
}
