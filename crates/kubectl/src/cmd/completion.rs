//! `kubectl completion`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/completion/completion.go

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::resource::q;

pub(crate) static COMMAND: Command = Command {
    name: "completion",
    usage: "completion SHELL",
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    long: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell). The shell code must be evaluated to provide interactive completion of kubectl commands.  This can be done by sourcing it from the .bash_profile.

 Detailed instructions on how to do this are available here:

        for macOS:
        https://kubernetes.io/docs/tasks/tools/install-kubectl-macos/#enable-shell-autocompletion
        
        for linux:
        https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/#enable-shell-autocompletion
        
        for windows:
        https://kubernetes.io/docs/tasks/tools/install-kubectl-windows/#enable-shell-autocompletion
        
 Note for zsh users: [1] zsh completions are only supported in versions of zsh >= 5.2.",
    example: "# Write bash completion code to a file and source it from .bash_profile
kubectl completion bash > ~/.kube/completion.bash.inc

# Load the kubectl completion code for bash into the current shell
source <(kubectl completion bash)",
    run: run!(completion),
    ..EMPTY
};

/// The console completes by itself; the function is there for those who let an alias be completed by it.
const BASH: &str = "\
# bash completion for kubectl                              -*- shell-script -*-

__start_kubectl()
{
    COMPREPLY=()
}

if type complete >/dev/null 2>&1; then
    complete -o default -F __start_kubectl kubectl
fi
";

async fn completion(ctx: Ctx) -> Outcome {
    match ctx.args() {
        [] => Err(ctx.usage("Shell not specified.")),
        [shell] => match shell.as_str() {
            "bash" => {
                ctx.out(BASH).await;
                Ok(())
            }
            "zsh" | "fish" | "powershell" => {
                Err(Failure::Text(format!("completion code for {shell} is not simulated; see kubectl completion bash")))
            }
            other => Err(ctx.usage(format!("Unsupported shell type {}.", q(other)))),
        },
        _ => Err(ctx.usage("Too many arguments. Expected only the shell type.")),
    }
}
