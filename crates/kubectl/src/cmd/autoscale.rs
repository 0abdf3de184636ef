//! `kubectl autoscale`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/autoscale/autoscale.go

use podyard_api::{Quantity, Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info};
use crate::templates::check_named;

pub(crate) static COMMAND: Command = Command {
    name: "autoscale",
    usage: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]",
    short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
    long: "Creates an autoscaler that automatically chooses and sets the number of pods that run in a Kubernetes cluster.

 Looks up a deployment, replica set, stateful set, or replication controller by name and creates an autoscaler that uses the given resource as a reference. An autoscaler can automatically increase or decrease number of pods deployed within the system as needed.",
    example: "# Auto scale a deployment \"foo\", with the number of pods between 2 and 10, no target CPU utilization specified so a default autoscaling policy will be used
kubectl autoscale deployment foo --min=2 --max=10

# Auto scale a replication controller \"foo\", with the number of pods between 1 and 5, target CPU utilization at 80%
kubectl autoscale rc foo --max=5 --cpu=80%

# Auto scale a deployment \"bar\", with the number of pods between 3 and 6, target average CPU of 500m and memory of 200Mi
kubectl autoscale deployment bar --min=3 --max=6 --cpu=500m --memory=200Mi",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to autoscale."),
        field_manager_flag!("kubectl-autoscale"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SAVE_CONFIG,
    ],
    run: run!(autoscale),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text("cpu", "", "Target CPU utilization over all the pods. When specified as a percentage (e.g.\"70%\" for 70% of requested CPU) it will target average utilization. When specified as quantity (e.g.\"500m\" for 500 milliCPU) it will target average value. Value without units is treated as a quantity with miliCPU being the unit (e.g.\"500\" is \"500m\")."),
    Flag::int32("cpu-percent", "-1", "The target average CPU utilization (represented as a percent of requested CPU) over all the pods. If it's not specified or negative, a default autoscaling policy will be used.")
        .deprecated("Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU)."),
    Flag::int32("max", "-1", "The upper limit for the number of pods that can be set by the autoscaler. Required.").required(),
    Flag::text("memory", "", "Target memory utilization over all the pods. When specified as a percentage (e.g.\"60%\" for 60% of requested memory) it will target average utilization. When specified as quantity (e.g.\"200Mi\" for 200 MiB, \"1Gi\" for 1 GiB) it will target average value. Value without units is treated as a quantity with mebibytes being the unit (e.g.\"200\" is \"200Mi\")."),
    Flag::int32("min", "-1", "The lower limit for the number of pods that can be set by the autoscaler. If it's not specified or negative, the server will apply a default value."),
    Flag::text("name", "", "The name for the newly created object. If not specified, the name of the input resource will be used."),
];

async fn autoscale(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::typed(&ctx, "autoscaled", dry_run).await?;
    let (min, max) = (flags.int("min"), flags.int("max"));
    if max < 1 {
        return Err(Failure::Text(format!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        return Err(Failure::Text(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
        )));
    }
    check_named(&ctx)?;
    let mut items = Builder::from_flags(&ctx, ctx.args()).await?.start(&ctx).await?;
    let mut failures = Vec::new();
    let mut count = 0;
    while let Some(next) = items.next(&ctx).await {
        let result = match next {
            Ok(info) => {
                count += 1;
                one(&ctx, &info, dry_run, &printer).await
            }
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    if count == 0 && failures.is_empty() {
        return Err("no objects passed to autoscale".into());
    }
    Failure::collect(failures)
}

async fn one(ctx: &Ctx, info: &Info, dry_run: DryRun, printer: &Printer) -> Outcome {
    let kind = info.object.kind();
    if !matches!(kind, "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet") {
        let group = &info.resource.group;
        let dot = if group.is_empty() { "" } else { "." };
        return Err(Failure::Text(format!("cannot autoscale a {kind}{dot}{group}: no autoscaler implemented")));
    }
    let flags = &ctx.flags;
    let name = match flags.text("name") {
        given if !given.is_empty() => given,
        _ => info.name.clone(),
    };
    let metrics = metrics(ctx)?;
    let mut spec = value!({
        "scaleTargetRef": {"apiVersion": info.resource.api_version(), "kind": kind, "name": &info.name},
        "maxReplicas": flags.int("max"),
    });
    if flags.int("min") > 0 {
        spec.set("minReplicas", flags.int("min"));
    }
    if metrics.is_empty() && dry_run != DryRun::Client {
        // With nothing to go by, the default policy of the older version is asked for, which needs a share of CPU.
        return Err("failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input".into());
    }
    if !metrics.is_empty() {
        spec.set("metrics", metrics);
    }
    let autoscaler = value!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": spec,
        "status": {"currentMetrics": null, "desiredReplicas": 0},
    });
    let made = creating::create(ctx, autoscaler, dry_run).await?;
    printer.print(ctx, &made).await
}

fn metrics(ctx: &Ctx) -> Outcome<Value> {
    let flags = &ctx.flags;
    let mut metrics = Value::array();
    let cpu = match flags.int("cpu-percent") {
        percent if percent >= 0 => format!("{percent}%"),
        _ => flags.text("cpu").to_string(),
    };
    for (resource, text, unit) in [("cpu", cpu, "m"), ("memory", flags.text("memory").to_string(), "Mi")] {
        if text.is_empty() {
            continue;
        }
        let target = match text.strip_suffix('%') {
            Some(percent) => {
                let percent: i64 = percent
                    .parse()
                    .map_err(|_| Failure::Text(format!("invalid percentage value for {resource}: {text}")))?;
                value!({"type": "Utilization", "averageUtilization": percent})
            }
            None => {
                let plain = text.chars().all(|c| c.is_ascii_digit());
                let amount = if plain { format!("{text}{unit}") } else { text.clone() };
                let quantity: Quantity = amount.parse().map_err(|error: podyard_api::quantity::Error| {
                    Failure::Text(format!("failed to parse {resource} target: {error}"))
                })?;
                value!({"type": "AverageValue", "averageValue": quantity.to_string()})
            }
        };
        metrics.push(value!({"type": "Resource", "resource": {"name": resource, "target": target}}));
    }
    Ok(metrics)
}
