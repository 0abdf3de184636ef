//! `kubectl kustomize`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/kustomize and sigs.k8s.io/kustomize/kustomize/v5/commands/build

use podyard_api::yaml;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::kustomize;

pub(crate) static COMMAND: Command = Command {
    name: "kustomize",
    usage: "kustomize DIR [flags]",
    short: "Build a kustomization target from a directory or URL",
    long: "Build a set of KRM resources using a 'kustomization.yaml' file. The DIR argument must be a path to a directory containing 'kustomization.yaml', or a git repository URL with a path suffix specifying same with respect to the repository root. If DIR is omitted, '.' is assumed.",
    example: "# Build the current working directory
kubectl kustomize

# Build some shared configuration directory
kubectl kustomize /home/config/production

# Build from github
kubectl kustomize https://github.com/kubernetes-sigs/kustomize.git/examples/helloWorld?ref=v1.0.6",
    flags: &[FLAGS],
    run: run!(build),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("as-current-user", "use the uid and gid of the command executor to run the function in the container"),
    Flag::bool("enable-alpha-plugins", "enable kustomize plugins"),
    Flag::bool("enable-helm", "Enable use of the Helm chart inflator generator."),
    Flag::texts("env", "a list of environment variables to be used by functions").short("e"),
    Flag::text("helm-api-versions", "", "Kubernetes api versions used by Helm for Capabilities.APIVersions"),
    Flag::text("helm-command", "helm", "helm command (path to executable)"),
    Flag::bool("helm-debug", "Enable debug output from the Helm chart inflator generator."),
    Flag::text("helm-kube-version", "", "Kubernetes version used by Helm for Capabilities.KubeVersion"),
    Flag::text(
        "load-restrictor",
        "LoadRestrictionsRootOnly",
        "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root. This does, however, break the relocatability of the kustomization.",
    ),
    Flag::texts("mount", "a list of storage options read from the filesystem"),
    Flag::bool("network", "enable network access for functions that declare it"),
    Flag::text("network-name", "bridge", "the docker network to run the container in"),
    Flag::text("output", "", "If specified, write output to this path.").short("o"),
];

async fn build(ctx: Ctx) -> Outcome {
    let directory = match ctx.args() {
        [] => ".",
        [directory] => directory.as_str(),
        _ => return Err("specify one path to kustomization.yaml".into()),
    };
    let objects = kustomize::build(&ctx, directory).await?;
    let texts: Vec<String> = objects.iter().map(yaml::to_string).collect();
    let text = texts.join("---\n");
    let output = ctx.flags.text("output");
    if output.is_empty() {
        ctx.out(text).await;
        return Ok(());
    }
    ctx.sys
        .write_file(&output, text)
        .await
        .map_err(|errno| Failure::Text(format!("open {output}: {}", errno.to_string().to_lowercase())))
}
