//! `kubectl top`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/top

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "top",
    usage: "top",
    short: "Display resource (CPU/memory) usage",
    long: "Display resource (CPU/memory) usage.

 This command provides a view of recent resource consumption for nodes and pods. It fetches metrics from the Metrics Server, which aggregates this data from the kubelet on each node. The Metrics Server must be installed and running in the cluster for this command to work.

 The metrics shown are specifically optimized for Kubernetes autoscaling decisions, such as those made by the Horizontal Pod Autoscaler (HPA) and Vertical Pod Autoscaler (VPA). Because of this, the values may not match those from standard OS tools like 'top', as the metrics are designed to provide a stable signal for autoscalers rather than for pinpoint accuracy.",
    children: &[&NODE, &POD],
    ..EMPTY
};

static NODE: Command = Command {
    name: "node",
    aliases: &["nodes", "no"],
    usage: "node [NAME | -l label]",
    short: "Display resource (CPU/memory) usage of nodes",
    long: "Display resource (CPU/memory) usage of nodes.

 The top-node command allows you to see the resource consumption of nodes.",
    example: "# Show metrics for all nodes
kubectl top node

# Show metrics for a given node
kubectl top node NODE_NAME",
    flags: &[
        &[
            Flag::bool("no-headers", "If present, print output without headers"),
            Flag::bool(
                "show-capacity",
                "Print node resources based on Capacity instead of Allocatable(default) of the nodes.",
            ),
            Flag::bool("show-swap", "Print node resources related to swap memory."),
            Flag::text(
                "sort-by",
                "",
                "If non-empty, sort nodes list using specified field. The field can be either 'cpu' or 'memory'.",
            ),
            Flag::on("use-protocol-buffers", "Enables using protocol-buffers to access Metrics API."),
        ],
        shared::SELECTOR,
    ],
    run: run!(top),
    ..EMPTY
};

static POD: Command = Command {
    name: "pod",
    aliases: &["pods", "po"],
    usage: "pod [NAME | -l label]",
    short: "Display resource (CPU/memory) usage of pods",
    long: "Display resource (CPU/memory) usage of pods.

 The 'top pod' command allows you to see the resource consumption of pods.

 Due to the metrics pipeline delay, they may be unavailable for a few minutes since pod creation.",
    example: "# Show metrics for all pods in the default namespace
kubectl top pod

# Show metrics for all pods in the given namespace
kubectl top pod --namespace=NAMESPACE

# Show metrics for a given pod and its containers
kubectl top pod POD_NAME --containers

# Show metrics for the pods defined by label name=myLabel
kubectl top pod -l name=myLabel",
    flags: &[
        &[
            Flag::bool("all-namespaces", "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.").short("A"),
            Flag::bool("containers", "If present, print usage of containers within a pod."),
            Flag::text("field-selector", "", "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type."),
            Flag::bool("no-headers", "If present, print output without headers."),
            Flag::bool("show-swap", "Print pod resources related to swap memory."),
            Flag::text("sort-by", "", "If non-empty, sort pods list using specified field. The field can be either 'cpu' or 'memory'."),
            Flag::bool("sum", "Print the sum of the resource usage"),
            Flag::on("use-protocol-buffers", "Enables using protocol-buffers to access Metrics API."),
        ],
        shared::SELECTOR,
    ],
    run: run!(top),
    ..EMPTY
};

/// Usage comes from the metrics API, which a cluster without a metrics server does not have.
async fn top(ctx: Ctx) -> Outcome {
    let discovery = ctx.discovery().await?;
    if discovery.versions.iter().any(|(group, _)| group == "metrics.k8s.io") {
        return Err("the metrics of a cluster with a metrics server are not simulated".into());
    }
    Err("Metrics API not available".into())
}
