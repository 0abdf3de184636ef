//! `kubectl create priorityclass`.

use podyard_api::value;

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "priorityclass",
    aliases: &["pc"],
    usage: "priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    short: "Create a priority class with the specified name",
    long: "Create a priority class with the specified name, value, globalDefault and description.",
    example: "# Create a priority class named high-priority
kubectl create priorityclass high-priority --value=1000 --description=\"high priority\"

# Create a priority class named default-priority that is considered as the global default priority
kubectl create priorityclass default-priority --value=1000 --global-default=true --description=\"default priority\"

# Create a priority class named high-priority that cannot preempt pods with lower priority
kubectl create priorityclass high-priority --value=1000 --description=\"high priority\" --preemption-policy=\"Never\"",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text(
        "description",
        "",
        "description is an arbitrary string that usually provides guidelines on when this priority class should be used.",
    ),
    Flag::bool(
        "global-default",
        "global-default specifies whether this PriorityClass should be considered as the default priority.",
    ),
    Flag::text(
        "preemption-policy",
        "PreemptLowerPriority",
        "preemption-policy is the policy for preempting pods with lower priority.",
    ),
    Flag::int32("value", "0", "the value of this priority class."),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let flags = &ctx.flags;
    let mut class = value!({
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": flags.int("value"),
        "preemptionPolicy": flags.text("preemption-policy"),
    });
    if flags.bool("global-default") {
        class.set("globalDefault", true);
    }
    let description = flags.text("description");
    if !description.is_empty() {
        class.set("description", description);
    }
    maker.make(&ctx, class, "priorityclass:").await
}
