//! Runs command lines against an API that is a closure.

mod basics;
mod more;

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::{Body, Request, Response, Status, Target, Value, Verb, WatchEvent, json, value};
use podyard_kernel::{Answer, Args, Bytes, Errno, FileKind, Metadata, Pid, Script, Syscall};

use crate::Kubectl;

/// What a command line did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub stdout: String,
    pub stderr: String,
    pub exit: u8,
    /// `VERB path body` of each request, but for discovery.
    pub requests: Vec<String>,
}

/// A workstation with files and an API server with objects.
#[derive(Default)]
pub(crate) struct World {
    pub files: BTreeMap<EcoString, String>,
    pub stdin: String,
    pub objects: Vec<Value>,
    pub env: Vec<(EcoString, EcoString)>,
    open: BTreeMap<u32, (EcoString, usize)>,
    watches: BTreeMap<u32, Vec<WatchEvent>>,
    next: u32,
    /// What happens to the objects when a watch is begun.
    pub then: Vec<WatchEvent>,
}

const KUBECONFIG: &str = r#"{"apiVersion":"v1","kind":"Config","current-context":"admin","clusters":[{"name":"k","cluster":{"server":"https://127.0.0.1:6443"}}],"contexts":[{"name":"admin","context":{"cluster":"k","user":"a"}}],"users":[{"name":"a","user":{}}]}"#;

/// Runs a line in a world with these objects and compares its standard output, standard error and exit status, one
/// after another.
pub(crate) fn check(objects: &[Value], line: &str, expect: &str) {
    let mut world = World { objects: objects.to_vec(), ..World::default() };
    world.check(line, expect);
}

impl World {
    /// The same, going on with what was there before. An exit status other than 0 is shown at the end.
    pub(crate) fn check(&mut self, line: &str, expect: &str) {
        let run = self.run(line);
        let exit = if run.exit == 0 { String::new() } else { format!("[{}]\n", run.exit) };
        let got = format!("{}{}{exit}", run.stdout, run.stderr);
        assert_eq!(got, expect, "kubectl {line}\n{:#?}", run.requests);
    }

    /// Runs `kubectl` with the words of a line; `'…'` quotes.
    pub(crate) fn run(&mut self, line: &str) -> Run {
        self.files.entry("/root/.kube/config".into()).or_insert_with(|| KUBECONFIG.into());
        let mut argv: Vec<EcoString> = vec!["kubectl".into()];
        argv.extend(words(line));
        let mut env: Vec<(EcoString, EcoString)> = vec![("HOME".into(), "/root".into())];
        env.extend(self.env.iter().cloned());
        let mut script: Script<Kubectl> = Script::new(Args { argv, env, state: Value::Null });
        let mut run = Run::default();
        let mut answer = Answer::Started;
        for _ in 0..100_000 {
            let call = script.step(answer);
            if let Syscall::Exit(status) = call {
                run.exit = status;
                return run;
            }
            answer = self.answer(call, &mut run);
        }
        panic!("kubectl {line} does not end");
    }

    fn answer(&mut self, call: Syscall, run: &mut Run) -> Answer {
        match call {
            Syscall::Api(request) => Answer::Response(Box::new(self.respond(&request, run))),
            Syscall::Watch(request) => {
                run.requests.push(describe(&request));
                self.next += 1;
                let events = std::mem::take(&mut self.then);
                for event in &events {
                    self.objects.retain(|object| object.name() != event.object.name());
                    if event.kind != "DELETED" {
                        self.objects.push(event.object.clone());
                    }
                }
                self.watches.insert(100 + self.next, events);
                Answer::Fd(100 + self.next)
            }
            Syscall::NextEvent(fd) => match self.watches.get_mut(&fd).filter(|events| !events.is_empty()) {
                Some(events) => Answer::Event(Box::new(events.remove(0))),
                None => Answer::Bytes(Bytes::new()),
            },
            Syscall::Poll { fds, .. } => match fds.iter().find(|fd| self.watches.get(fd).is_none_or(|e| !e.is_empty()))
            {
                Some(fd) => Answer::Ready(*fd),
                None => Answer::Done,
            },
            Syscall::Write { fd, bytes } => {
                let text = String::from_utf8_lossy(&bytes);
                match fd {
                    1 => run.stdout.push_str(&text),
                    2 => run.stderr.push_str(&text),
                    fd => {
                        if let Some((path, _)) = self.open.get(&fd) {
                            self.files.entry(path.clone()).or_default().push_str(&text);
                        }
                    }
                }
                Answer::Done
            }
            Syscall::Open { path, mode } => {
                if !self.files.contains_key(&path) && !mode.create {
                    return Answer::Error(Errno::NoEntry);
                }
                if mode.truncate {
                    self.files.insert(path.clone(), String::new());
                }
                self.next += 1;
                self.open.insert(100 + self.next, (path, 0));
                Answer::Fd(100 + self.next)
            }
            Syscall::Read { fd: 0, .. } => {
                Answer::Bytes(std::mem::take(&mut self.stdin).into_bytes().into_iter().collect())
            }
            Syscall::Read { fd, .. } => {
                let Some((path, offset)) = self.open.get_mut(&fd) else {
                    return Answer::Error(Errno::BadDescriptor);
                };
                let text = &self.files[path][*offset..];
                *offset += text.len();
                Answer::Bytes(text.bytes().collect())
            }
            Syscall::Stat { path, .. } => {
                let metadata =
                    |kind| Metadata { kind, size: 0, mode: 0o644, modified: Default::default(), uid: 0, gid: 0 };
                let inside = format!("{path}/");
                if self.files.contains_key(&path) {
                    Answer::Metadata(metadata(FileKind::File))
                } else if self.files.keys().any(|file| file.starts_with(&inside)) {
                    Answer::Metadata(metadata(FileKind::Directory))
                } else {
                    Answer::Error(Errno::NoEntry)
                }
            }
            Syscall::ReadDir(path) => {
                let inside = format!("{path}/");
                let names =
                    self.files.keys().filter_map(|file| file.strip_prefix(&inside)).filter(|n| !n.contains('/'));
                let metadata = Metadata {
                    kind: FileKind::File,
                    size: 0,
                    mode: 0o644,
                    modified: Default::default(),
                    uid: 0,
                    gid: 0,
                };
                Answer::Entries(names.map(|name| (name.into(), metadata.clone())).collect())
            }
            Syscall::IsTerminal(_) => Answer::Flag(false),
            Syscall::Now => Answer::Time(Default::default()),
            Syscall::Connect { .. } => Answer::Error(Errno::Refused),
            Syscall::GetPid => Answer::Pid(Pid(7)),
            _ => Answer::Done,
        }
    }

    fn respond(&mut self, request: &Request, run: &mut Run) -> Response {
        let Target::Resource { group, version, resource, subresource, namespace, name } = &request.target else {
            let Target::Path(path) = &request.target else { unreachable!() };
            return match path.split('?').next().unwrap_or_default() {
                "/api" => Response::ok(discovery(true)),
                "/apis" => Response::ok(discovery(false)),
                _ => Status::page_not_found().into(),
            };
        };
        run.requests.push(describe(request));
        if !subresource.is_empty() {
            return Status::internal("no subresources here").into();
        }
        let is_it = |object: &Value| {
            kind_of(resource) == object.kind()
                && (namespace.is_empty() || object.namespace() == namespace)
                && (name.is_empty() || object.name() == name)
        };
        let position = self.objects.iter().position(&is_it);
        match request.verb {
            Verb::List => {
                let wanted = request.options.field_selector.strip_prefix("metadata.name=");
                let fits = |object: &&Value| is_it(object) && wanted.is_none_or(|name| object.name() == name);
                let found: Vec<Value> = self.objects.iter().filter(fits).cloned().collect();
                Response::ok(if request.as_table { table(&found) } else { list(resource, group, version, found) })
            }
            Verb::Create => {
                let mut object = request.object();
                let taken = self.objects.iter().any(|o| o.kind() == object.kind() && o.name() == object.name());
                if taken {
                    return Status::already_exists(group, resource, object.name()).into();
                }
                if !namespace.is_empty() {
                    object.meta_mut().set("namespace", namespace);
                }
                if !request.dry_run {
                    self.objects.push(object.clone());
                }
                Response::created(object)
            }
            _ => match position {
                None => Status::not_found(group, resource, name).into(),
                Some(index) => self.change(index, request),
            },
        }
    }

    fn change(&mut self, index: usize, request: &Request) -> Response {
        let object = self.objects[index].clone();
        let changed = match (&request.verb, &request.body) {
            (Verb::Get, _) => return Response::ok(if request.as_table { table(&[object]) } else { object }),
            (Verb::Delete, _) => {
                if !request.dry_run {
                    self.objects.remove(index);
                }
                return Response::ok(value!({"kind": "Status", "apiVersion": "v1", "status": "Success"}));
            }
            (Verb::Patch, Body::Patch(_, patch)) => crate::patch::apply_merge_patch(&object, patch),
            _ => request.object(),
        };
        if !request.dry_run {
            self.objects[index] = changed.clone();
        }
        Response::ok(changed)
    }
}

/// Words between blanks; `'…'` quotes.
fn words(line: &str) -> Vec<EcoString> {
    let mut words: Vec<String> = Vec::new();
    let (mut quoted, mut inside) = (false, false);
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                if !inside {
                    words.push(String::new());
                }
                inside = true;
            }
            c if c.is_whitespace() && !quoted => inside = false,
            c => {
                if !inside {
                    words.push(String::new());
                }
                inside = true;
                words.last_mut().expect("a word has begun").push(c);
            }
        }
    }
    words.into_iter().map(Into::into).collect()
}

fn describe(request: &Request) -> String {
    let Target::Resource { resource, subresource, namespace, name, .. } = &request.target else {
        return String::new();
    };
    let parts: Vec<&str> =
        [namespace, resource, name, subresource].map(EcoString::as_str).into_iter().filter(|p| !p.is_empty()).collect();
    let body = match &request.body {
        Body::None => String::new(),
        Body::Object(object) => json::to_string(object),
        Body::Patch(kind, patch) => format!("{kind:?} {}", json::to_string(patch)),
    };
    format!("{} {} {body}", request.verb.as_str(), parts.join("/")).trim_end().to_owned()
}

const KINDS: [(&str, &str, &str, &str, bool, &str); 12] = [
    ("", "v1", "configmaps", "ConfigMap", true, "cm"),
    ("", "v1", "events", "Event", true, "ev"),
    ("", "v1", "namespaces", "Namespace", false, "ns"),
    ("", "v1", "nodes", "Node", false, "no"),
    ("", "v1", "pods", "Pod", true, "po"),
    ("", "v1", "secrets", "Secret", true, ""),
    ("", "v1", "serviceaccounts", "ServiceAccount", true, "sa"),
    ("", "v1", "services", "Service", true, "svc"),
    ("apps", "v1", "deployments", "Deployment", true, "deploy"),
    ("apps", "v1", "replicasets", "ReplicaSet", true, "rs"),
    ("batch", "v1", "jobs", "Job", true, ""),
    ("rbac.authorization.k8s.io", "v1", "roles", "Role", true, ""),
];

fn kind_of(resource: &str) -> &'static str {
    KINDS.iter().find(|(_, _, plural, ..)| *plural == resource).map_or("", |(_, _, _, kind, ..)| kind)
}

fn discovery(core: bool) -> Value {
    let groups: Vec<&str> = if core { vec![""] } else { vec!["apps", "batch", "rbac.authorization.k8s.io"] };
    let group = |group: &&str| {
        let of_group = KINDS.iter().filter(|(g, ..)| g == group);
        let resources = of_group.map(|(group, version, plural, kind, namespaced, short)| {
            let all = matches!(*plural, "pods" | "services" | "deployments" | "replicasets");
            value!({
                "resource": *plural,
                "singularResource": kind.to_lowercase(),
                "responseKind": {"group": *group, "version": *version, "kind": *kind},
                "scope": if *namespaced { "Namespaced" } else { "Cluster" },
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
                "shortNames": [*short],
                "categories": if all { value!(["all"]) } else { value!([]) },
            })
        });
        value!({"metadata": {"name": *group}, "versions": [{"version": "v1", "resources": resources.collect::<Value>()}]})
    };
    value!({"kind": "APIGroupDiscoveryList", "items": groups.iter().map(group).collect::<Value>()})
}

fn list(resource: &str, group: &str, version: &str, items: Vec<Value>) -> Value {
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    value!({"kind": format!("{}List", kind_of(resource)), "apiVersion": api_version, "metadata": {"resourceVersion": "7"}, "items": items})
}

fn table(objects: &[Value]) -> Value {
    let rows = objects.iter().map(|object| value!({"cells": [object.name()], "object": object}));
    value!({
        "kind": "Table",
        "metadata": {"resourceVersion": "7"},
        "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "priority": 0}],
        "rows": rows.collect::<Value>(),
    })
}

/// A pod with a label.
pub(crate) fn pod(name: &str) -> Value {
    value!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": name}, "uid": format!("uid-{name}")},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
        "status": {"phase": "Running"},
    })
}
