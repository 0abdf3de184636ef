//! `pods/log`, `exec`, `attach` and `portforward`: checked here, answered by the node.
// Models pkg/registry/core/pod/strategy.go

use ecow::{EcoString, EcoVec, eco_format};
use podyard_api::{Status, Value, timestamp};

use crate::exchange::{Exchange, ExecOptions, Kind, LogOptions};
use crate::route::Ask;
use crate::validation::{Errors, Path, meta};
use crate::{ApiServer, ResourceKey};

pub(super) fn serve(server: &ApiServer, ask: &Ask) -> Result<Exchange, Status> {
    let pod = server.get(ResourceKey::PODS, ask.namespace, ask.name).ok_or_else(|| ask.not_found(ask.name))?;
    let options = ask.request.object();
    let container = match ask.sub() {
        "portforward" => EcoString::new(),
        _ => container(pod, options.get("container").str())?,
    };
    let kind = match ask.sub() {
        "log" => Kind::Log(log_options(&options, pod.name())?),
        "exec" => Kind::Exec(exec_options(&options, true)?),
        "attach" => Kind::Attach(exec_options(&options, false)?),
        _ => Kind::PortForward { ports: ports(&options)? },
    };
    let node = pod.at(&["spec", "nodeName"]).text();
    if node.is_empty() && !matches!(kind, Kind::Log(_)) {
        return Err(Status::bad_request(eco_format!("pod {} does not have a host assigned", pod.name())));
    }
    Ok(Exchange { node, namespace: ask.namespace.clone(), pod: pod.name_text(), container, kind })
}

/// The container meant: the one named, or the only one.
fn container(pod: &Value, wanted: &str) -> Result<EcoString, Status> {
    let names = |list: &str| -> Vec<&str> {
        pod.at(&["spec", list]).items().iter().map(|container| container.get("name").str()).collect()
    };
    let regular = names("containers");
    if !wanted.is_empty() {
        let lists = ["containers", "initContainers", "ephemeralContainers"];
        return match lists.iter().any(|list| names(list).contains(&wanted)) {
            true => Ok(wanted.into()),
            false => Err(Status::bad_request(eco_format!("container {wanted} is not valid for pod {}", pod.name()))),
        };
    }
    match regular.as_slice() {
        [only] => Ok((*only).into()),
        [] => Err(Status::bad_request(eco_format!("a container name must be specified for pod {}", pod.name()))),
        several => {
            let mut message = eco_format!(
                "a container name must be specified for pod {}, choose one of: [{}]",
                pod.name(),
                several.join(" ")
            );
            let init = names("initContainers");
            if !init.is_empty() {
                message.push_str(&format!(" or one of the init containers: [{}]", init.join(" ")));
            }
            Err(Status::bad_request(message))
        }
    }
}

// Models pkg/apis/core/validation/validation.go
fn log_options(options: &Value, pod: &str) -> Result<LogOptions, Status> {
    let number = |field: &str| options.get(field).as_i64();
    let flag = |field: &str| options.get(field).as_bool() == Some(true);
    let mut errors = Errors::default();
    if let Some(lines) = number("tailLines").filter(|lines| *lines < 0) {
        errors.invalid(&Path::root("tailLines"), lines, meta::NEGATIVE);
    }
    if let Some(bytes) = number("limitBytes").filter(|bytes| *bytes < 1) {
        errors.invalid(&Path::root("limitBytes"), bytes, "must be greater than 0");
    }
    let since_time = options.get("sinceTime").as_str().map(|text| timestamp::parse(text).unwrap_or_default());
    match (number("sinceSeconds"), since_time) {
        (Some(_), Some(_)) => {
            errors.forbidden(&Path::root(""), "at most one of `sinceTime` or `sinceSeconds` may be specified");
        }
        (Some(seconds), None) if seconds < 1 => {
            errors.invalid(&Path::root("sinceSeconds"), seconds, "must be greater than 0");
        }
        _ => {}
    }
    if !errors.is_empty() {
        return Err(Status::invalid("", "PodLogOptions", pod, errors.into_causes()));
    }
    Ok(LogOptions {
        follow: flag("follow"),
        previous: flag("previous"),
        timestamps: flag("timestamps"),
        since_seconds: number("sinceSeconds"),
        since_time,
        tail_lines: number("tailLines"),
        limit_bytes: number("limitBytes"),
    })
}

fn exec_options(options: &Value, exec: bool) -> Result<ExecOptions, Status> {
    let flag = |field: &str| options.get(field).as_bool() == Some(true);
    let command: EcoVec<EcoString> = options.get("command").items().iter().map(Value::text).collect();
    if exec && command.is_empty() {
        return Err(Status::bad_request("you must specify at least one command for the container"));
    }
    let options =
        ExecOptions { command, stdin: flag("stdin"), stdout: flag("stdout"), stderr: flag("stderr"), tty: flag("tty") };
    if !(options.stdin || options.stdout || options.stderr) {
        return Err(Status::bad_request("you must specify at least one of stdin, stdout, stderr"));
    }
    Ok(options)
}

fn ports(options: &Value) -> Result<EcoVec<u16>, Status> {
    let ports = options.get("ports").items().iter();
    ports
        .map(|port| {
            let number = port.as_i64().and_then(|n| u16::try_from(n).ok()).filter(|n| *n > 0);
            number.ok_or_else(|| Status::bad_request("port must be between 1 and 65535, inclusive"))
        })
        .collect()
}
