//! `kubectl expose`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/expose/expose.go

use ecow::EcoString;
use podyard_api::kinds::PodSpec;
use podyard_api::{Value, value};

use crate::cmd::run::parse_labels;
use crate::command::{Command, EMPTY, run};
use crate::creating::{self, int_or_text};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::overrides::{self, OVERRIDES};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info};
use crate::templates::check_named;

pub(crate) static COMMAND: Command = Command {
    name: "expose",
    usage: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    short: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    long: "Expose a resource as a new Kubernetes service.

 Looks up a deployment, service, replica set, replication controller or pod by name and uses the selector for that resource as the selector for a new service on the specified port. A deployment or replica set will be exposed as a service only if its selector is convertible to a selector that service supports, i.e. when the selector contains only the matchLabels component. Note that if no port is specified via --port and the exposed resource has multiple ports, all will be re-used by the new service. Also if no labels are specified, the new service will re-use the labels from the resource it exposes.

 Possible resources include (case insensitive):

 pod (po), service (svc), replicationcontroller (rc), deployment (deploy), replicaset (rs)",
    example: "# Create a service for a replicated nginx, which serves on port 80 and connects to the containers on port 8000
kubectl expose rc nginx --port=80 --target-port=8000

# Create a service for a replication controller identified by type and name specified in \"nginx-controller.yaml\", which serves on port 80 and connects to the containers on port 8000
kubectl expose -f nginx-controller.yaml --port=80 --target-port=8000

# Create a service for a pod valid-pod, which serves on port 444 with the name \"frontend\"
kubectl expose pod valid-pod --port=444 --name=frontend

# Create a second service based on the above service, exposing the container port 8443 as port 443 with the name \"nginx-https\"
kubectl expose service nginx --port=443 --target-port=8443 --name=nginx-https

# Create a service for a replicated streaming application on port 4100 balancing UDP traffic and named 'video-stream'.
kubectl expose rc streamer --port=4100 --protocol=UDP --name=video-stream

# Create a service for a replicated nginx using replica set, which serves on port 80 and connects to the containers on port 8000
kubectl expose rs nginx --port=80 --target-port=8000

# Create a service for an nginx deployment, which serves on port 80 and connects to the containers on port 8000
kubectl expose deployment nginx --port=80 --target-port=8000",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to expose a service"),
        OVERRIDES,
        field_manager_flag!("kubectl-expose"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SAVE_CONFIG,
    ],
    run: run!(expose),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text(
        "cluster-ip",
        "",
        "ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to 'None' to create a headless service.",
    ),
    Flag::text(
        "external-ip",
        "",
        "Additional external IP address (not managed by Kubernetes) to accept for the service. If this IP is routed to a node, the service can be accessed by this IP in addition to its generated service IP.",
    ),
    Flag::text("labels", "", "Labels to apply to the service created by this call.").short("l"),
    Flag::text(
        "load-balancer-ip",
        "",
        "IP to assign to the LoadBalancer. If empty, an ephemeral IP will be created and used (cloud-provider specific).",
    ),
    Flag::text("name", "", "The name for the newly created object."),
    Flag::text(
        "port",
        "",
        "The port that the service should serve on. Copied from the resource being exposed, if unspecified",
    ),
    Flag::text("protocol", "", "The network protocol for the service to be created. Default is 'TCP'."),
    Flag::text(
        "selector",
        "",
        "A label selector to use for this service. Only equality-based selector requirements are supported. If empty (the default) infer the selector from the replication controller or replica set.)",
    ),
    Flag::text(
        "session-affinity",
        "",
        "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'",
    ),
    Flag::text(
        "target-port",
        "",
        "Name or number for the port on the container that the service should direct traffic to. Optional.",
    ),
    Flag::text(
        "type",
        "",
        "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'.",
    ),
];

async fn expose(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::typed(&ctx, "exposed", dry_run).await?;
    check_named(&ctx)?;
    let mut builder = Builder::from_flags(&ctx, ctx.args()).await?;
    builder.label_selector = None;
    let mut items = builder.start(&ctx).await?;
    let mut failures = Vec::new();
    while let Some(next) = items.next(&ctx).await {
        let result = match next {
            Ok(info) => one(&ctx, &info, dry_run, &printer).await,
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    Failure::collect(failures)
}

async fn one(ctx: &Ctx, info: &Info, dry_run: DryRun, printer: &Printer) -> Outcome {
    if !matches!(info.object.kind(), "Deployment" | "Pod" | "ReplicaSet" | "ReplicationController" | "Service") {
        let resource = &info.resource;
        let dot = if resource.group.is_empty() { "" } else { "." };
        return Err(Failure::Text(format!("cannot expose a {}{dot}{}", resource.kind, resource.group)));
    }
    let service = overrides::apply(ctx, service(ctx, info)?)?;
    let made = creating::create(ctx, service, dry_run).await?;
    printer.print(ctx, &made).await
}

fn service(ctx: &Ctx, info: &Info) -> Outcome<Value> {
    let flags = &ctx.flags;
    let name = match flags.text("name") {
        given if !given.is_empty() => given,
        _ => info.name.chars().take(63).collect::<String>().into(),
    };
    let given = flags.text("selector");
    let selector = if given.is_empty() {
        selector_of(&info.object).map_err(|why| {
            Failure::Text(format!("couldn't retrieve selectors via --selector flag or introspection: {why}"))
        })?
    } else {
        parse_labels(&given)?
    };
    let labels = match flags.text("labels") {
        given if !given.is_empty() => parse_labels(&given)?,
        _ => info.object.get("metadata").get("labels").clone(),
    };
    let mut metadata = value!({"name": name});
    if !labels.is_empty() {
        metadata.set("labels", labels);
    }
    let mut spec = value!({"selector": selector});
    let ports = ports(ctx, &info.object)?;
    if !ports.is_empty() {
        spec.set("ports", ports);
    }
    for (flag, field) in [("type", "type"), ("load-balancer-ip", "loadBalancerIP"), ("cluster-ip", "clusterIP")] {
        let text = flags.text(flag);
        if !text.is_empty() {
            spec.set(field, text);
        }
    }
    let external = flags.text("external-ip");
    if !external.is_empty() {
        spec.set("externalIPs", value!([external]));
    }
    let affinity = flags.text("session-affinity");
    match affinity.as_str() {
        "" => {}
        "None" | "ClientIP" => spec.set("sessionAffinity", affinity),
        other => return Err(Failure::Text(format!("unknown session affinity: {other}"))),
    }
    Ok(value!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec, "status": {"loadBalancer": {}},
    }))
}

/// The labels by which the object finds its pods.
// Models staging/src/k8s.io/kubectl/pkg/polymorphichelpers/mapbasedselectorforobject.go
fn selector_of(object: &Value) -> Result<Value, String> {
    let selector = object.get("spec").get("selector");
    match object.kind() {
        "Pod" => match object.get("metadata").get("labels") {
            labels if labels.is_empty() => Err("the pod has no labels and cannot be exposed".into()),
            labels => Ok(labels.clone()),
        },
        "Service" if selector.is_empty() => Err("the service has no pod selector set".into()),
        "Service" | "ReplicationController" => Ok(selector.clone()),
        _ if !selector.get("matchExpressions").is_empty() => Err(format!(
            "couldn't convert expressions - \"{}\" to map-based selector format",
            podyard_expr::go::print(selector.get("matchExpressions"))
        )),
        _ => Ok(selector.get("matchLabels").clone()),
    }
}

/// Ports with their protocols, as the object declares them.
fn declared(object: &Value) -> Vec<(EcoString, EcoString)> {
    let of = |port: &Value, field: &str| {
        let protocol = port.get("protocol").str();
        (
            podyard_expr::go::print(port.get(field)).into(),
            if protocol.is_empty() { "TCP".into() } else { protocol.into() },
        )
    };
    match object.kind() {
        "Service" => object.get("spec").get("ports").items().iter().map(|port| of(port, "port")).collect(),
        kind => {
            let spec = object.get("spec");
            let spec = if kind == "Pod" { spec } else { spec.get("template").get("spec") };
            let containers = PodSpec(spec).containers();
            containers.flat_map(|c| c.value().get("ports").items()).map(|port| of(port, "containerPort")).collect()
        }
    }
}

fn ports(ctx: &Ctx, object: &Value) -> Outcome<Value> {
    let flags = &ctx.flags;
    let given = flags.text("port");
    let known = declared(object);
    let headless = flags.text("cluster-ip") == "None";
    let numbers: Vec<EcoString> = if given.is_empty() {
        let mut numbers: Vec<EcoString> = Vec::new();
        for (number, _) in &known {
            if !numbers.contains(number) {
                numbers.push(number.clone());
            }
        }
        numbers
    } else {
        given.split(',').map(EcoString::from).collect()
    };
    if numbers.is_empty() {
        return if headless {
            Ok(Value::array())
        } else {
            Err("couldn't find port via --port flag or introspection".into())
        };
    }
    let (target, protocol) = (flags.text("target-port"), flags.text("protocol"));
    let mut ports = Value::array();
    for (index, number) in numbers.iter().enumerate() {
        let port: i64 = number.parse().map_err(|_| {
            Failure::Text(format!("strconv.Atoi: parsing {}: invalid syntax", crate::resource::q(number)))
        })?;
        let protocol: EcoString = match known.iter().find(|(known, _)| known == number) {
            _ if !protocol.is_empty() => protocol.clone(),
            Some((_, protocol)) => protocol.clone(),
            None => "TCP".into(),
        };
        let mut entry = value!({"port": port, "protocol": protocol});
        if numbers.len() > 1 {
            entry.set("name", format!("port-{}", index + 1));
        }
        entry.set("targetPort", if target.is_empty() { Value::from(port) } else { int_or_text(&target) });
        ports.push(entry);
    }
    Ok(ports)
}
