//! `ping`

use std::time::Duration;

use podyard_kernel::{Answer, Disposition, Errno, Signal, Syscall};

use super::super::Flavour;
use super::super::opts::Spec;
use super::Env;
use super::net;

const PING: Spec = Spec { name: "ping", short: "46c:i:qs:w:W:", long: &[], usage: "ping [OPTIONS] HOST", status: 1 };

/// Whoever has an address answers; a port that nobody listens on tells whether it is there.
const ECHO_PORT: u16 = 7;

pub(super) async fn ping(env: &Env) -> u8 {
    let opts = opts!(env, PING);
    let busybox = env.flavour == Flavour::Busybox;
    let Some(host) = opts.args.first() else {
        return env.usage(PING.error("usage error: Destination address required", env.flavour)).await;
    };
    let Some(address) = net::resolve(env, host).await.and_then(|all| all.into_iter().next()) else {
        let text = if busybox { format!("bad address '{host}'") } else { format!("{host}: Name or service not known") };
        env.complain(text).await;
        return if busybox { 1 } else { 2 };
    };
    let number = |flag| opts.value(flag).and_then(|text| text.parse::<f64>().ok());
    let count = number('c').map_or(u64::MAX, |count| count as u64);
    let every = Duration::from_secs_f64(number('i').unwrap_or(1.0).clamp(0.01, 1e6));
    let begun = env.sys.now().await;
    let deadline = number('w').map(|secs| begun + Duration::from_secs_f64(secs.clamp(0.0, 1e6)));
    let interrupt = Signal::Interrupt;
    let disposition = Disposition::Catch;
    env.sys.call(Syscall::OnSignal { signal: interrupt, disposition }).await;
    let title = if busybox { "56 data bytes" } else { "56(84) bytes of data." };
    env.sys.print(format!("PING {host} ({address}){} {title}\n", if busybox { ":" } else { "" })).await;
    let mut times: Vec<u64> = Vec::new();
    let mut sent = 0;
    let mut next = begun;
    while sent < count && deadline.is_none_or(|deadline| next < deadline) {
        sent += 1;
        if answers(env, &address).await {
            // Some micros, the same in every run.
            let time = 48 + sent * 37 % 41;
            let sequence = if busybox { format!("seq={}", sent - 1) } else { format!("icmp_seq={sent}") };
            times.push(time);
            let ms = millis(time);
            env.sys.print(format!("64 bytes from {address}: {sequence} ttl=64 time={ms} ms\n")).await;
        }
        next += every;
        if sent < count && !env.sys.sleep_until(next).await {
            break;
        }
    }
    if times.is_empty() && sent == count {
        // The last answer is waited for.
        let wait = Duration::from_secs_f64(number('W').unwrap_or(10.0).clamp(0.0, 1e6));
        env.sys.sleep_until(env.sys.now().await + wait).await;
    }
    let text = summary(host, &address, busybox, sent, &times, env.sys.now().await.since(begun).as_millis());
    env.sys.print(text).await;
    u8::from(times.is_empty())
}

fn millis(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

async fn answers(env: &Env, address: &str) -> bool {
    let call = Syscall::Connect { address: address.into(), port: ECHO_PORT };
    match env.sys.call(call).await {
        Answer::Fd(fd) => {
            env.sys.close(fd).await;
            true
        }
        answer => matches!(answer, Answer::Error(Errno::Refused)),
    }
}

fn summary(host: &str, address: &str, busybox: bool, sent: u64, times: &[u64], elapsed: u128) -> String {
    let received = times.len() as u64;
    let lost = ((sent - received) * 100).checked_div(sent).unwrap_or(0);
    let (min, max) = (times.iter().min().copied().unwrap_or(0), times.iter().max().copied().unwrap_or(0));
    let mean = times.iter().sum::<u64>().checked_div(received).unwrap_or(0);
    let (low, middle, high) = (millis(min), millis(mean), millis(max));
    let host = if busybox && host == address { address } else { host };
    let head = format!("\n--- {host} ping statistics ---\n{sent} packets transmitted, {received}");
    let rest = match (busybox, received) {
        (true, 0) => " packets received, ".to_string() + &format!("{lost}% packet loss\n"),
        (true, _) => {
            format!(" packets received, {lost}% packet loss\nround-trip min/avg/max = {low}/{middle}/{high} ms\n")
        }
        (false, 0) => format!(" received, {lost}% packet loss, time {elapsed}ms\n\n"),
        (false, _) => {
            let spread = millis(times.iter().map(|time| time.abs_diff(mean)).sum::<u64>() / received);
            format!(
                " received, {lost}% packet loss, time {elapsed}ms\nrtt min/avg/max/mdev = {low}/{middle}/{high}/{spread} ms\n"
            )
        }
    };
    head + &rest
}
