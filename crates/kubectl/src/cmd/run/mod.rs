//! `kubectl run`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/run/run.go

mod attached;
mod generate;

pub(crate) use generate::parse_labels;

use podyard_api::Value;

use crate::command::{Command, EMPTY, run};
use crate::creating;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::field_manager_flag;
use crate::flags::{Flag, shared};
use crate::overrides::{self, OVERRIDES};
use crate::pods;
use crate::print::{DryRun, Printer};
use crate::resource::q;

pub(crate) static COMMAND: Command = Command {
    name: "run",
    usage: "run NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    short: "Run a particular image on the cluster",
    long: "Create and run a particular image in a pod.",
    example: "# Start a nginx pod
kubectl run nginx --image=nginx

# Start a hazelcast pod and let the container expose port 5701
kubectl run hazelcast --image=hazelcast/hazelcast --port=5701

# Start a hazelcast pod and set environment variables \"DNS_DOMAIN=cluster\" and \"POD_NAMESPACE=default\" in the container
kubectl run hazelcast --image=hazelcast/hazelcast --env=\"DNS_DOMAIN=cluster\" --env=\"POD_NAMESPACE=default\"

# Start a hazelcast pod and set labels \"app=hazelcast\" and \"env=prod\" in the container
kubectl run hazelcast --image=hazelcast/hazelcast --labels=\"app=hazelcast,env=prod\"

# Dry run; print the corresponding API objects without creating them
kubectl run nginx --image=nginx --dry-run=client

# Start a nginx pod, but overload the spec with a partial set of values parsed from JSON
kubectl run nginx --image=nginx --overrides='{ \"apiVersion\": \"v1\", \"spec\": { ... } }'

# Start a busybox pod and keep it in the foreground, don't restart it if it exits
kubectl run -i -t busybox --image=busybox --restart=Never

# Start the nginx pod using the default command, but use custom arguments (arg1 .. argN) for that command
kubectl run nginx --image=nginx -- <arg1> <arg2> ... <argN>

# Start the nginx pod using a different command and custom arguments
kubectl run nginx --image=nginx --command -- <cmd> <arg1> ... <argN>",
    flags: &[
        FLAGS,
        OVERRIDES,
        field_manager_flag!("kubectl-run"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SAVE_CONFIG,
    ],
    run: run!(run_image),
    ..EMPTY
};

const UNUSED: &str = "because it is not used by this command. It will be removed in version 1.29.";

static FLAGS: &[Flag] = &[
    Flag::texts("annotations", "Annotations to apply to the pod."),
    Flag::bool(
        "attach",
        "If true, wait for the Pod to start running, and then attach to the Pod as if 'kubectl attach ...' were called.  Default false, unless '-i/--stdin' is set, in which case the default is true. With '--restart=Never' the exit code of the container process is returned.",
    ),
    Flag::bool(
        "command",
        "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default.",
    ),
    Flag::texts("env", "Environment variables to set in the container."),
    Flag::bool("expose", "If true, create a ClusterIP service associated with the pod.  Requires `--port`."),
    Flag::bool("force", "").deprecated(UNUSED),
    Flag::int("grace-period", "-1", "").deprecated(UNUSED),
    Flag::text("image", "", "The image for the container to run.").required(),
    Flag::text(
        "image-pull-policy",
        "",
        "The image pull policy for the container.  If left empty, this value will not be specified by the client and defaulted by the server.",
    ),
    Flag::text("labels", "", "Comma separated labels to apply to the pod. Will override previous values.").short("l"),
    Flag::bool(
        "leave-stdin-open",
        "If the pod is started in interactive mode or with stdin, leave stdin open after the first attach completes. By default, stdin will be closed after the first attach completes.",
    ),
    pods::running_timeout("1m0s"),
    Flag::text("port", "", "The port that this container exposes."),
    Flag::bool("privileged", "If true, run the container in privileged mode."),
    Flag::bool("quiet", "If true, suppress prompt messages.").short("q"),
    Flag::text("restart", "Always", "The restart policy for this Pod.  Legal values [Always, OnFailure, Never]."),
    Flag::bool(
        "rm",
        "If true, delete the pod after it exits.  Only valid when attaching to the container, e.g. with '--attach' or with '-i/--stdin'.",
    ),
    Flag::bool("stdin", "Keep stdin open on the container in the pod, even if nothing is attached.").short("i"),
    Flag::bool("tty", "Allocate a TTY for the container in the pod.").short("t"),
];

async fn run_image(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::typed(&ctx, "created", dry_run).await?;
    let flags = &ctx.flags;
    let attach = flags.bool("attach") || (!flags.changed("attach") && flags.bool("stdin"));
    validate(&ctx, attach, dry_run)?;
    let pod = overrides::apply(&ctx, generate::pod(&ctx)?)?;
    let pod = create(&ctx, pod, dry_run).await?;
    if flags.bool("expose") {
        let service = create(&ctx, generate::service(&ctx)?, dry_run).await?;
        printer.print(&ctx, &service).await?;
        if flags.text("output") == "yaml" {
            ctx.out("---\n").await;
        }
    }
    if attach { attached::attach(&ctx, &pod).await } else { printer.print(&ctx, &pod).await }
}

fn validate(ctx: &Ctx, attach: bool, dry_run: DryRun) -> Outcome {
    let flags = &ctx.flags;
    if ctx.args().is_empty() || flags.dash == Some(0) {
        return Err(ctx.usage("NAME is required for run"));
    }
    let image = flags.text("image");
    if image.is_empty() {
        return Err("--image is required".into());
    }
    if !is_reference(&image) {
        return Err(Failure::Text(format!("Invalid image name {}: invalid reference format", q(&image))));
    }
    if flags.bool("tty") && !flags.bool("stdin") {
        return Err(ctx.usage("-i/--stdin is required for containers with -t/--tty=true"));
    }
    if flags.bool("expose") && flags.text("port").is_empty() {
        return Err(ctx.usage("--port must be set when exposing a service"));
    }
    let restart = flags.text("restart");
    if !matches!(restart.as_str(), "" | "Always" | "OnFailure" | "Never") {
        return Err(ctx.usage(format!("invalid restart policy: {restart}")));
    }
    if !attach && flags.bool("rm") {
        return Err(ctx.usage("--rm should only be used for attached containers"));
    }
    if attach && dry_run != DryRun::None {
        return Err(ctx.usage(
            "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
        ));
    }
    let policy = flags.text("image-pull-policy");
    if !matches!(policy.as_str(), "" | "Always" | "IfNotPresent" | "Never") {
        return Err(ctx.usage(format!("invalid image pull policy: {policy}")));
    }
    Ok(())
}

/// Whether a text can be an image's name.
// Models github.com/distribution/reference ReferenceRegexp
fn is_reference(image: &str) -> bool {
    let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    let good_digest = digest.is_none_or(|digest| {
        digest.split_once(':').is_some_and(|(algorithm, hex)| {
            !algorithm.is_empty() && hex.len() >= 32 && hex.chars().all(|c| c.is_ascii_hexdigit())
        })
    });
    let slash = rest.rfind('/').map_or(0, |index| index + 1);
    let (name, tag) = match rest[slash..].find(':') {
        Some(colon) => (&rest[..slash + colon], Some(&rest[slash + colon + 1..])),
        None => (rest, None),
    };
    let good_tag = tag.is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && !tag.starts_with(['.', '-'])
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    });
    good_digest && good_tag && is_repository(name)
}

fn is_repository(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let is_host = parts.len() > 1 && (parts[0].contains(['.', ':']) || parts[0] == "localhost");
    let (host, path) = if is_host { (parts.first().copied(), &parts[1..]) } else { (None, &parts[..]) };
    let good_host = host.is_none_or(|host| {
        let (domain, port) = host.split_once(':').unwrap_or((host, "0"));
        let good = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        domain.split('.').all(good) && !port.is_empty() && port.chars().all(|c| c.is_ascii_digit())
    });
    good_host && path.iter().all(|part| is_component(part))
}

/// Letters and digits in lower case, separated by one `.`, one or two `_`, or any number of `-`.
fn is_component(part: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(letter)
        && part.ends_with(letter)
        && part.split(letter).all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.chars().all(|c| c == '-'))
}

/// Creates the object, unless nothing is to be sent.
async fn create(ctx: &Ctx, object: Value, dry_run: DryRun) -> Outcome<Value> {
    creating::create(ctx, object, dry_run).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images() {
        for good in ["nginx", "nginx:1.25", "localhost:5000/a/b:v1", "ghcr.io/x/y__z", "a.b/c-d--e"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["Nginx", "nginx:", "a//b", "-a", "nginx:1:2", "a@sha256:xyz", "a b"] {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
