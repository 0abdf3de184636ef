//! `kubectl create deployment`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_deployment.go

use podyard_api::{Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name, words};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "deployment",
    aliases: &["deploy"],
    usage: "deployment NAME --image=image -- [COMMAND] [args...]",
    short: "Create a deployment with the specified name",
    long: "Create a deployment with the specified name.",
    example: "# Create a deployment named my-dep that runs the busybox image
kubectl create deployment my-dep --image=busybox

# Create a deployment with a command
kubectl create deployment my-dep --image=busybox -- date

# Create a deployment named my-dep that runs the nginx image with 3 replicas
kubectl create deployment my-dep --image=nginx --replicas=3

# Create a deployment named my-dep that runs the busybox image and expose port 5701
kubectl create deployment my-dep --image=busybox --port=5701

# Create a deployment named my-dep that runs multiple containers
kubectl create deployment my-dep --image=busybox:latest --image=ubuntu:latest --image=nginx",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::slice("image", "Image names to run. A deployment can have multiple images set for multi-container pod.")
        .required(),
    Flag::int32("port", "-1", "The containerPort that this deployment exposes."),
    Flag::int32("replicas", "1", "Number of replicas to create. Default is 1.").short("r"),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let images = ctx.flags.list("image");
    let command = words(&ctx);
    if images.len() > 1 && !command.is_empty() {
        return Err("cannot specify multiple --image options and command".into());
    }
    let now = ctx.sys.now().await.as_micros();
    let mut containers: Vec<Value> = Vec::new();
    for image in &images {
        let mut container = value!({"name": container_name(image, now), "image": image, "resources": {}});
        if !command.is_empty() {
            container.set("command", &command);
        }
        containers.push(container);
    }
    let port = ctx.flags.int("port");
    if port >= 0
        && let Some(first) = containers.first_mut()
    {
        first.set("ports", value!([{"containerPort": port}]));
    }
    let deployment = value!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": &name, "labels": {"app": &name}},
        "spec": {
            "replicas": ctx.flags.int("replicas"),
            "selector": {"matchLabels": {"app": &name}},
            "strategy": {},
            "template": {"metadata": {"labels": {"app": &name}}, "spec": {"containers": containers}},
        },
        "status": {},
    });
    maker.make(&ctx, deployment, "deployment:").await
}

/// The last part of the image's name without tag; what no container may be called is replaced, and an ending is
/// added, drawn from the time.
fn container_name(image: &str, now: u64) -> String {
    let name = image.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    if !name.contains(['_', '.']) {
        return name.to_owned();
    }
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut rest = now;
    let ending = (0..5).map(|_| {
        let letter = LETTERS[(rest % LETTERS.len() as u64) as usize];
        rest /= LETTERS.len() as u64;
        char::from(letter)
    });
    format!("{}-{}", name.replace(['_', '.'], "-"), ending.collect::<String>())
}
