//! `kubectl config delete-cluster`, `delete-context`, `delete-user`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/config/{delete_cluster,delete_context,delete_user}.go

use super::File;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::kubeconfig;

pub(super) static CLUSTER: Command = Command {
    name: "delete-cluster",
    usage: "delete-cluster NAME",
    short: "Delete the specified cluster from the kubeconfig",
    long: "Delete the specified cluster from the kubeconfig.",
    example: "# Delete the minikube cluster\nkubectl config delete-cluster minikube",
    run: run!(cluster),
    ..EMPTY
};

pub(super) static CONTEXT: Command = Command {
    name: "delete-context",
    usage: "delete-context NAME",
    short: "Delete the specified context from the kubeconfig",
    long: "Delete the specified context from the kubeconfig.",
    example: "# Delete the context for the minikube cluster\nkubectl config delete-context minikube",
    run: run!(context),
    ..EMPTY
};

pub(super) static USER: Command = Command {
    name: "delete-user",
    usage: "delete-user NAME",
    short: "Delete the specified user from the kubeconfig",
    long: "Delete the specified user from the kubeconfig.",
    example: "# Delete the minikube user\nkubectl config delete-user minikube",
    run: run!(user),
    ..EMPTY
};

async fn cluster(ctx: Ctx) -> Outcome {
    delete(&ctx, "clusters", "cluster").await
}

async fn context(ctx: Ctx) -> Outcome {
    delete(&ctx, "contexts", "context").await
}

async fn user(ctx: Ctx) -> Outcome {
    delete(&ctx, "users", "user").await
}

async fn delete(ctx: &Ctx, list: &'static str, what: &str) -> Outcome {
    let [name] = ctx.args() else {
        return Err(ctx.usage(format!("exactly one NAME is required, got {}", ctx.args().len())));
    };
    let mut file = File::with_entry(ctx, list, name).await?;
    let path = file.path.clone();
    if kubeconfig::find(&file.config, list, name).is_none() {
        return Err(Failure::Text(format!("cannot delete {what} {name}, not in {path}")));
    }
    let kept = file.config.get(list).items().iter().filter(|entry| entry.get("name") != name.as_str()).cloned();
    let kept: podyard_api::Value = kept.collect();
    let is_current = list == "contexts" && file.config.get("current-context") == name.as_str();
    if is_current {
        ctx.err(
            "warning: this removed your active context, use \"kubectl config use-context\" to select a different one\n",
        )
        .await;
    }
    file.config.set(list, kept);
    file.write(ctx).await?;
    ctx.out(format!("deleted {what} {name} from {path}\n")).await;
    Ok(())
}
