//! Names and addresses: `nslookup`, `dig`, `getent`.

use ecow::EcoString;

use super::super::Flavour;
use super::super::opts::Spec;
use super::Env;
use super::net;

const NSLOOKUP: Spec = Spec {
    name: "nslookup",
    short: "",
    long: &[],
    usage: "nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]",
    status: 1,
};

pub(super) async fn nslookup(env: &Env) -> u8 {
    let mut words = env.args.argv.iter().skip(1).filter(|word| !word.starts_with('-'));
    let Some(name) = words.next() else {
        return env.usage(NSLOOKUP.error("", env.flavour)).await;
    };
    let (servers, search) = net::resolv_conf(env).await;
    let server = match words.next() {
        Some(server) => net::resolve(env, server).await.and_then(|all| all.into_iter().next()).map(|a| a.to_string()),
        None => servers.into_iter().next(),
    };
    let Some(server) = server else {
        env.sys.print(";; connection timed out; no servers could be reached\n\n").await;
        return 1;
    };
    let separator = if env.flavour == Flavour::Busybox { ':' } else { '#' };
    env.sys.print(format!("Server:\t\t{server}\nAddress:\t{server}{separator}53\n\n")).await;
    match env.flavour {
        Flavour::Busybox => each(env, name, &search).await,
        Flavour::Gnu => first(env, name).await,
    }
}

/// Busybox asks for a name without a dot in every search domain, and for any other as it stands.
async fn each(env: &Env, name: &EcoString, search: &[String]) -> u8 {
    let bare = name.trim_end_matches('.');
    let names: Vec<String> = if name.contains('.') || search.is_empty() {
        vec![bare.to_string()]
    } else {
        search.iter().map(|domain| format!("{name}.{domain}")).collect()
    };
    let mut status = 0;
    for name in names {
        // Once for its IPv4 addresses, once for its IPv6 addresses, of which there are none.
        let text = match absolute(env, &name).await {
            Some(all) => {
                let all: String = all.iter().map(|address| format!("Name:\t{name}\nAddress: {address}\n")).collect();
                format!("{all}\n\n")
            }
            None => {
                status = 1;
                format!("** server can't find {name}: NXDOMAIN\n\n").repeat(2)
            }
        };
        env.sys.print(text).await;
    }
    status
}

async fn absolute(env: &Env, name: &str) -> Option<Vec<EcoString>> {
    if net::is_address(name) {
        return None;
    }
    net::resolve(env, &format!("{name}.")).await
}

async fn first(env: &Env, name: &str) -> u8 {
    let found = if net::is_address(name) { None } else { net::find_name(env, name).await };
    let Some((full, all)) = found else {
        let asked = if net::is_address(name) {
            let reversed: Vec<&str> = name.rsplit('.').collect();
            format!("{}.in-addr.arpa", reversed.join("."))
        } else {
            name.trim_end_matches('.').to_string()
        };
        env.sys.print(format!("** server can't find {asked}: NXDOMAIN\n\n")).await;
        return 1;
    };
    let all: String = all.iter().map(|address| format!("Name:\t{full}\nAddress: {address}\n")).collect();
    env.sys.print(format!("{all}\n")).await;
    0
}

/// The number that a query goes by.
const QUERY_ID: u16 = 41_235;
/// How long CoreDNS lets an answer be kept, in seconds.
const TTL: u32 = 30;

pub(super) async fn dig(env: &Env) -> u8 {
    let mut given = None;
    let mut words: Vec<&EcoString> = Vec::new();
    let (mut short, mut searches) = (false, false);
    for word in env.args.argv.iter().skip(1) {
        match word.as_str() {
            "+short" => short = true,
            "+search" => searches = true,
            word if word.starts_with('@') => given = Some(word[1..].to_string()),
            word if word.starts_with(['+', '-']) => {}
            _ => words.push(word),
        }
    }
    let kinds = ["A", "AAAA", "ANY", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"];
    let kind = words.iter().find_map(|word| kinds.iter().find(|kind| word.eq_ignore_ascii_case(kind)));
    let name = words.iter().find(|word| !kinds.iter().any(|kind| word.eq_ignore_ascii_case(kind)));
    let (kind, name) = (kind.copied().unwrap_or("A"), name.map_or(".", |name| name.as_str()));
    let (servers, _) = net::resolv_conf(env).await;
    let command: Vec<&str> = env.args.argv.iter().skip(1).map(|word| word.as_str()).collect();
    let banner = format!("\n; <<>> DiG 9.18.28 <<>> {}\n;; global options: +cmd\n", command.join(" "));
    let Some(server) = given.or_else(|| servers.into_iter().next()) else {
        let text = ";; no servers could be reached\n";
        env.sys.print(if short { text.into() } else { format!("{banner}{text}") }).await;
        return 9;
    };
    let full = name.trim_end_matches('.').to_string();
    let found = match searches {
        true => net::find_name(env, name).await,
        false => absolute(env, &full).await.map(|all| (full.clone(), all)),
    };
    let exists = found.is_some();
    let (full, all) = found.unwrap_or((full, Vec::new()));
    let all = if kind == "A" || kind == "ANY" { all } else { Vec::new() };
    if short {
        env.sys.print(all.iter().map(|address| format!("{address}\n")).collect::<String>()).await;
        return 0;
    }
    let status = if exists { "NOERROR" } else { "NXDOMAIN" };
    let count = all.len();
    let mut text = format!(
        "{banner};; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: {QUERY_ID}\n;; flags: qr aa rd; QUERY: 1, ANSWER: {count}, AUTHORITY: 0, ADDITIONAL: 1\n;; WARNING: recursion requested but not available\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION SECTION:\n;{full}.\t\tIN\t{kind}\n"
    );
    if count > 0 {
        text.push_str("\n;; ANSWER SECTION:\n");
        text.extend(all.iter().map(|address| format!("{full}.\t{TTL}\tIN\tA\t{address}\n")));
    }
    let now = env.sys.now().await.unix_date();
    let size = 29 + full.len() + count * (16 + full.len());
    text.push_str(&format!(
        "\n;; Query time: 0 msec\n;; SERVER: {server}#53({server}) (UDP)\n;; WHEN: {now}\n;; MSG SIZE  rcvd: {size}\n\n"
    ));
    env.sys.print(text).await;
    0
}

/// `getent hosts NAME…`, and the databases that are files.
pub(super) async fn getent(env: &Env) -> u8 {
    let mut words = env.args.argv.iter().skip(1).filter(|word| !word.starts_with('-'));
    let Some(database) = words.next() else {
        env.sys
            .eprint(
                "getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n",
            )
            .await;
        return 1;
    };
    let keys: Vec<&EcoString> = words.collect();
    match database.as_str() {
        "hosts" | "ahosts" | "ahostsv4" => {
            for key in keys {
                let Some((full, all)) = net::find_name(env, key).await else { return 2 };
                let text: String = match database.as_str() {
                    "hosts" => all.iter().map(|address| format!("{address:<15} {full}\n")).collect(),
                    _ => all
                        .iter()
                        .flat_map(|address| {
                            [("STREAM", full.as_str()), ("DGRAM", ""), ("RAW", "")].map(|(kind, name)| {
                                format!("{:<15} {:<6} {name}", address.as_str(), kind).trim_end().to_string() + "\n"
                            })
                        })
                        .collect(),
                };
                env.sys.print(text).await;
            }
            0
        }
        "passwd" | "group" => {
            let bytes = env.sys.read_file(&format!("/etc/{database}")).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let of = |line: &str, key: &str| line.split(':').step_by(2).take(2).any(|part| part == key);
            let wanted = |line: &&str| keys.is_empty() || keys.iter().any(|key| of(line, key));
            let found: String = text.lines().filter(wanted).map(|line| format!("{line}\n")).collect();
            env.sys.print(&found).await;
            if found.is_empty() && !keys.is_empty() { 2 } else { 0 }
        }
        _ => {
            env.sys
                .eprint(format!(
                    "Unknown database: {database}\nTry `getent --help' or `getent --usage' for more information.\n"
                ))
                .await;
            1
        }
    }
}
