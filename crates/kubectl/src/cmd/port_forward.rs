//! `kubectl port-forward`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/portforward and staging/src/k8s.io/client-go/tools/portforward

use std::collections::BTreeSet;

use podyard_api::kinds::Pod;
use podyard_api::{Target, Value, Verb, value};
use podyard_kernel::{Answer, Fd, Syscall};

use crate::cmd::exec;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::pods::{self, Rank};
use crate::resource::q;

pub(crate) static COMMAND: Command = Command {
    name: "port-forward",
    usage: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    short: "Forward one or more local ports to a pod",
    long: "Forward one or more local ports to a pod.

 Use resource type/name such as deployment/mydeployment to select a pod. Resource type defaults to 'pod' if omitted.

 If there are multiple pods matching the criteria, a pod will be selected automatically. The forwarding session ends when the selected pod terminates, and a rerun of the command is needed to resume forwarding.",
    example: "# Listen on ports 5000 and 6000 locally, forwarding data to/from ports 5000 and 6000 in the pod
kubectl port-forward pod/mypod 5000 6000

# Listen on ports 5000 and 6000 locally, forwarding data to/from ports 5000 and 6000 in a pod selected by the deployment
kubectl port-forward deployment/mydeployment 5000 6000

# Listen on port 8443 locally, forwarding to the targetPort of the service's port named \"https\" in a pod selected by the service
kubectl port-forward service/myservice 8443:https

# Listen on port 8888 locally, forwarding to 5000 in the pod
kubectl port-forward pod/mypod 8888:5000

# Listen on port 8888 on all addresses, forwarding to 5000 in the pod
kubectl port-forward --address 0.0.0.0 pod/mypod 8888:5000

# Listen on port 8888 on localhost and selected IP, forwarding to 5000 in the pod
kubectl port-forward --address localhost,10.19.21.23 pod/mypod 8888:5000

# Listen on a random port locally, forwarding to 5000 in the pod
kubectl port-forward pod/mypod :5000",
    flags: &[FLAGS],
    run: run!(forward),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag {
        default: "[localhost]",
        ..Flag::slice(
            "address",
            "Addresses to listen on (comma separated). Only accepts IP addresses or localhost as a value. When localhost is supplied, kubectl will try to bind on both 127.0.0.1 and ::1 and will fail if neither of these addresses are available to bind.",
        )
    },
    pods::running_timeout("1m0s"),
];

/// A local port and the pod's port that stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    local: u16,
    remote: u16,
}

async fn forward(ctx: Ctx) -> Outcome {
    let [target, ports @ ..] = ctx.args() else {
        return Err(ctx.usage("TYPE/NAME and list of ports are required for port-forward"));
    };
    if ports.is_empty() {
        return Err(ctx.usage("TYPE/NAME and list of ports are required for port-forward"));
    }
    let object = exec::find(&ctx, target).await?;
    let timeout = ctx.flags.duration("pod-running-timeout");
    let (pod, _) = pods::first(&ctx, &object, Rank::Active, timeout).await?;
    let mut numbered = Vec::new();
    for port in ports {
        numbered.push(if object.kind() == "Service" { of_service(port, &object, &pod)? } else { of_pod(port, &pod)? });
    }
    let phase = Pod(&pod).status().phase();
    if phase != "Running" {
        return Err(Failure::Text(format!(
            "unable to forward port because pod is not running. Current status={phase}"
        )));
    }
    let pairs = numbered.iter().map(|port| parse(port)).collect::<Outcome<Vec<Pair>>>()?;
    let mut listening: Vec<(Fd, Pair)> = Vec::new();
    for pair in &pairs {
        match listen(&ctx, *pair).await {
            Some((fd, local)) => {
                let pair = Pair { local, ..*pair };
                announce(&ctx, pair).await;
                listening.push((fd, pair));
            }
            None => {
                let port = pair.local;
                let used = "bind: address already in use";
                ctx.err(format!("Unable to listen on port {port}: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:{port}: {used} unable to create listener: Error listen tcp6 [::1]:{port}: {used}]\n")).await;
            }
        }
    }
    if listening.is_empty() {
        let shown: Vec<String> = pairs.iter().map(|pair| format!("{{{} {}}}", pair.local, pair.remote)).collect();
        return Err(Failure::Text(format!("unable to listen on any of the requested ports: [{}]", shown.join(" "))));
    }
    serve(&ctx, &pod, &listening).await
}

/// `LOCAL:REMOTE`, or the same for both.
fn split(port: &str) -> (&str, &str) {
    match port.split(':').collect::<Vec<_>>()[..] {
        [local, remote] => (local, remote),
        [first, ..] => (first, first),
        [] => ("", ""),
    }
}

fn joined(local: &str, remote: &str) -> String {
    if local == remote { remote.to_owned() } else { format!("{local}:{remote}") }
}

/// A pod's port by its number or name.
fn of_pod(port: &str, pod: &Value) -> Outcome<String> {
    if port.matches(':').count() > 1 {
        return Ok(port.to_owned());
    }
    let (local, remote) = split(port);
    if remote.is_empty() {
        return Err("remote port cannot be empty".into());
    }
    if remote.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(port.to_owned());
    }
    let number = named_port(pod, remote)?.to_string();
    Ok(if local == remote { number } else { joined(local, &number) })
}

fn named_port(pod: &Value, name: &str) -> Outcome<i64> {
    let containers = pod.get("spec").get("containers").items().iter();
    let mut ports = containers.flat_map(|container| container.get("ports").items());
    let found = ports.find(|port| port.get("name") == name).and_then(|port| port.get("containerPort").as_i64());
    found.ok_or_else(|| Failure::Text(format!("Pod '{}' does not have a named port '{name}'", pod.name())))
}

/// A service's port as that of the pod.
// Models staging/src/k8s.io/kubectl/pkg/util/service_port.go
fn of_service(port: &str, service: &Value, pod: &Value) -> Outcome<String> {
    let (local, remote) = split(port);
    let ports = service.get("spec").get("ports").items();
    let name = service.name();
    let found = match remote.parse::<i64>() {
        Ok(number) => ports
            .iter()
            .find(|port| port.get("port").as_i64() == Some(number))
            .ok_or_else(|| Failure::Text(format!("Service {name} does not have a service port {number}")))?,
        Err(_) => ports
            .iter()
            .find(|port| port.get("name") == remote)
            .ok_or_else(|| Failure::Text(format!("Service '{name}' does not have a named port '{remote}'")))?,
    };
    let number = found.get("port").as_i64().unwrap_or_default();
    if found.get("protocol") == "UDP" {
        return Err(Failure::Text(format!("UDP protocol is not supported for {remote}")));
    }
    let local = if local == remote { number.to_string() } else { local.to_owned() };
    let target = found.get("targetPort");
    let behind = match target.as_i64() {
        _ if service.get("spec").get("clusterIP") == "None" => number,
        Some(0) | None if target.str().is_empty() => number,
        Some(target) => target,
        None => named_port(pod, target.str())?,
    };
    Ok(joined(&local, &behind.to_string()))
}

fn parse(port: &str) -> Outcome<Pair> {
    let (local, remote) = match port.split(':').collect::<Vec<_>>()[..] {
        [one] => (one, one),
        [local, remote] => (local, remote),
        _ => return Err(Failure::Text(format!("invalid port format '{port}'"))),
    };
    let number = |which: &str, text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let why = if digits { "value out of range" } else { "invalid syntax" };
        text.parse::<u16>().map_err(|_| {
            Failure::Text(format!("error parsing {which} port '{text}': strconv.ParseUint: parsing {}: {why}", q(text)))
        })
    };
    let local = number("local", if local.is_empty() { "0" } else { local })?;
    let remote = number("remote", remote)?;
    if remote == 0 {
        return Err("remote port must be > 0".into());
    }
    Ok(Pair { local, remote })
}

/// Listens on the port; on any free one for 0.
async fn listen(ctx: &Ctx, pair: Pair) -> Option<(Fd, u16)> {
    const FIRST_FREE: u16 = 32768;
    const TRIES: u16 = 1000;
    let ports = if pair.local == 0 { FIRST_FREE..FIRST_FREE + TRIES } else { pair.local..pair.local.saturating_add(1) };
    for port in ports {
        if let Answer::Fd(fd) = ctx.sys.call(Syscall::Listen(port)).await {
            return Some((fd, port));
        }
    }
    None
}

async fn announce(ctx: &Ctx, pair: Pair) {
    let mut addresses = ctx.flags.list("address");
    if addresses.is_empty() {
        addresses.push("localhost".into());
    }
    for address in &addresses {
        let shown: &[&str] = if address == "localhost" { &["127.0.0.1", "[::1]"] } else { &[address.as_str()] };
        for address in shown {
            ctx.out(format!("Forwarding from {address}:{} -> {}\n", pair.local, pair.remote)).await;
        }
    }
}

/// Takes connections one after another until the program is stopped.
async fn serve(ctx: &Ctx, pod: &Value, listening: &[(Fd, Pair)]) -> Outcome {
    loop {
        let fds = listening.iter().map(|(fd, _)| *fd).collect();
        let ready = match ctx.sys.call(Syscall::Poll { fds, until: None }).await {
            Answer::Ready(fd) => fd,
            Answer::Interrupted(_) => continue,
            _ => return Ok(()),
        };
        let Some((_, pair)) = listening.iter().find(|(fd, _)| *fd == ready) else {
            continue;
        };
        let Answer::Fd(connection) = ctx.sys.call(Syscall::Accept(ready)).await else {
            continue;
        };
        ctx.out(format!("Handling connection for {}\n", pair.local)).await;
        if let Err(failure) = handle(ctx, pod, *pair, connection).await {
            let Pair { local, remote } = pair;
            let why = format!("an error occurred forwarding {local} -> {remote}: {}", failure.message());
            ctx.log('E', "portforward.go:424", &format!("\"Unhandled Error\" err={}", q(&why))).await;
        }
        ctx.sys.close(connection).await;
    }
}

/// Copies both ways between a connection and the pod's port.
async fn handle(ctx: &Ctx, pod: &Value, pair: Pair, connection: Fd) -> Outcome {
    let target = Target::resource("", "v1", "pods", pod.namespace(), pod.name()).sub("portforward");
    let options = value!({
        "apiVersion": "v1",
        "kind": "PodPortForwardOptions",
        "ports": [i64::from(pair.remote)],
    });
    let streams = ctx.stream(ctx.request(Verb::Create, target).with_body(options)).await?;
    let mut open: BTreeSet<Fd> = [connection, streams.output].into();
    while open.contains(&streams.output) {
        let call = Syscall::Poll { fds: open.iter().copied().collect(), until: None };
        let ready = match ctx.sys.call(call).await {
            Answer::Ready(fd) => fd,
            Answer::Interrupted(_) => continue,
            _ => break,
        };
        let bytes = ctx.sys.read(ready, 1 << 16).await.unwrap_or_default();
        if bytes.is_empty() {
            open.remove(&ready);
            if ready == connection {
                ctx.sys.close(streams.input).await;
            }
            continue;
        }
        let to = if ready == connection { streams.input } else { connection };
        if ctx.sys.write(to, &bytes).await.is_err() {
            break;
        }
    }
    for fd in [streams.input, streams.output, streams.error, streams.status] {
        ctx.sys.close(fd).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(port: &str, expect: &str) {
        let got = match parse(port) {
            Ok(Pair { local, remote }) => format!("{local} {remote}"),
            Err(failure) => failure.message(),
        };
        assert_eq!(got, expect, "{port}");
    }

    #[test]
    fn ports() {
        check("80", "80 80");
        check("8080:80", "8080 80");
        check(":80", "0 80");
        check("1:2:3", "invalid port format '1:2:3'");
        check("99999:80", "error parsing local port '99999': strconv.ParseUint: parsing \"99999\": value out of range");
        check("80:x", "error parsing remote port 'x': strconv.ParseUint: parsing \"x\": invalid syntax");
        check("80:0", "remote port must be > 0");
    }
}
