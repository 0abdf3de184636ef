//! The objects that `kubectl run` makes.

// Models staging/src/k8s.io/kubectl/pkg/generate/versioned/run.go and service.go

use ecow::EcoString;
use podyard_api::{Value, names, value};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};

/// The pod that the flags describe.
pub(super) fn pod(ctx: &Ctx) -> Outcome<Value> {
    let flags = &ctx.flags;
    let name = &ctx.args()[0];
    let mut container = value!({"name": name, "image": flags.text("image"), "resources": {}});
    if flags.bool("stdin") {
        container.set("stdin", true);
        if !flags.bool("leave-stdin-open") {
            container.set("stdinOnce", true);
        }
    }
    if flags.bool("tty") {
        container.set("tty", true);
    }
    if flags.bool("privileged") {
        container.set("securityContext", value!({"privileged": true}));
    }
    let policy = flags.text("image-pull-policy");
    if !policy.is_empty() {
        container.set("imagePullPolicy", policy);
    }
    let words: Value = ctx.args()[1..].iter().collect();
    if !words.is_empty() {
        container.set(if flags.bool("command") { "command" } else { "args" }, words);
    }
    let env = flags.list("env");
    if !env.is_empty() {
        container.set("env", env.iter().map(variable).collect::<Outcome<Vec<Value>>>()?);
    }
    let port = flags.text("port");
    if !port.is_empty() {
        let number: i64 = port.parse().map_err(|_| atoi(&port))?;
        container.set("ports", value!([{"containerPort": number}]));
    }
    let restart = flags.text("restart");
    let mut pod = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels(ctx)?},
        "spec": {
            "containers": [container],
            "dnsPolicy": "ClusterFirst",
            "restartPolicy": if restart.is_empty() { "Always" } else { restart.as_str() },
        },
        "status": {},
    });
    for annotation in flags.list("annotations") {
        let Some((key, value)) = annotation.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::Text(format!("unexpected annotation spec: {annotation}")));
        };
        pod.set_annotation(key, value);
    }
    Ok(pod)
}

/// The service of `--expose`.
pub(super) fn service(ctx: &Ctx) -> Outcome<Value> {
    let port_text = ctx.flags.text("port");
    let port: i64 = port_text.parse().map_err(|_| atoi(&port_text))?;
    Ok(value!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": &ctx.args()[0]},
        "spec": {
            "selector": labels(ctx)?,
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
        },
        "status": {"loadBalancer": {}},
    }))
}

fn labels(ctx: &Ctx) -> Outcome<Value> {
    let text = ctx.flags.text("labels");
    if text.is_empty() {
        return Ok(value!({"run": &ctx.args()[0]}));
    }
    parse_labels(&text)
}

/// `key=value,key=value`
// Models staging/src/k8s.io/kubectl/pkg/generate/generate.go ParseLabels
pub(crate) fn parse_labels(text: &str) -> Outcome<Value> {
    let mut labels = Value::object();
    for pair in text.split(',') {
        let parts: Vec<&str> = pair.split('=').collect();
        let [key, label] = parts[..] else {
            return Err(Failure::Text(format!("unexpected label spec: {pair}")));
        };
        if key.is_empty() {
            return Err("unexpected empty label key".into());
        }
        labels.set(key, label);
    }
    Ok(labels)
}

/// `NAME=value`
fn variable(entry: &EcoString) -> Outcome<Value> {
    match entry.split_once('=') {
        Some((name, text)) if names::env_name(name).is_empty() => {
            let mut variable = value!({"name": name});
            if !text.is_empty() {
                variable.set("value", text);
            }
            Ok(variable)
        }
        _ => Err(Failure::Text(format!("invalid env: {entry}"))),
    }
}

fn atoi(text: &str) -> Failure {
    let is_number = text.strip_prefix('-').unwrap_or(text).chars().all(|c| c.is_ascii_digit()) && !text.is_empty();
    let why = if is_number { "value out of range" } else { "invalid syntax" };
    Failure::Text(format!("strconv.ParseInt: parsing {}: {why}", crate::resource::q(text)))
}
