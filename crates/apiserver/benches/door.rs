//! What a request costs: creating pods, binding them, writing their status, listing them.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use podyard_api::{PatchKind, Request, Target, User, Value, Verb, value};
use podyard_apiserver::{ApiServer, Outcome};
use podyard_sim::Time;

fn now() -> Time {
    Time::from_secs(1_795_360_664)
}

/// A server with a namespace, its account, and a node.
fn server() -> ApiServer {
    let mut server = ApiServer::new(1);
    let namespace = value!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}, "status": {"phase": "Active"}});
    server.seed(namespace);
    let account =
        value!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "default"}});
    server.seed(account);
    server.seed(value!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node01"}}));
    server
}

fn pod(name: &str) -> Value {
    value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"run": name}},
        "spec": {"containers": [{"name": "web", "image": "nginx:1.27", "resources": {}}]},
    })
}

fn target(name: &str) -> Target {
    Target::resource("", "v1", "pods", "default", name)
}

fn create(name: &str) -> Request {
    Request::new(User::admin(), Verb::Create, target("")).with_body(pod(name))
}

fn bind(name: &str) -> Request {
    let binding = value!({
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": name, "namespace": "default"},
        "target": {"apiVersion": "v1", "kind": "Node", "name": "node01"},
    });
    Request::new(User::system("system:kube-scheduler"), Verb::Create, target(name).sub("binding")).with_body(binding)
}

fn status(name: &str, phase: &str) -> Request {
    let patch = value!({"status": {
        "phase": phase,
        "hostIP": "172.18.0.3",
        "podIP": "10.244.1.7",
        "podIPs": [{"ip": "10.244.1.7"}],
        "startTime": "2026-11-22T15:17:44Z",
        "conditions": [
            {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-11-22T15:17:44Z"},
            {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-22T15:17:44Z"},
        ],
        "containerStatuses": [{
            "name": "web", "image": "nginx:1.27", "imageID": "sha256:1", "ready": true, "restartCount": 0,
            "state": {"running": {"startedAt": "2026-11-22T15:17:44Z"}},
        }],
    }});
    Request::new(User::node("node01"), Verb::Patch, target(name).sub("status")).with_patch(PatchKind::Strategic, patch)
}

fn done(server: &mut ApiServer, request: &Request) {
    match server.handle(now(), request) {
        Outcome::Done(response) => assert!(response.is_success(), "{:?}", response.body),
        other => panic!("{other:?}"),
    }
}

fn door(criterion: &mut Criterion) {
    let empty = server();
    criterion.bench_function("create a pod", |bencher| {
        let mut server = empty.clone();
        let mut number = 0;
        bencher.iter_batched(
            || {
                number += 1;
                create(&format!("web-{number}"))
            },
            |request| done(&mut server, &request),
            BatchSize::SmallInput,
        );
    });
    let mut full = empty.clone();
    for number in 0..1000 {
        done(&mut full, &create(&format!("web-{number}")));
    }
    criterion.bench_function("patch a pod's status", |bencher| {
        let mut server = full.clone();
        let mut number = 0;
        bencher.iter_batched(
            || {
                number += 1;
                status(&format!("web-{}", number % 1000), if number / 1000 % 2 == 0 { "Running" } else { "Failed" })
            },
            |request| done(&mut server, &request),
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("create, bind and run 1000 pods", |bencher| {
        bencher.iter(|| {
            let mut server = empty.clone();
            for number in 0..1000 {
                let name = format!("web-{number}");
                done(&mut server, &create(&name));
                done(&mut server, &bind(&name));
                done(&mut server, &status(&name, "Pending"));
                done(&mut server, &status(&name, "Running"));
            }
            black_box(server.revision())
        });
    });
    let list = Request::new(User::admin(), Verb::List, target(""));
    criterion.bench_function("list 1000 pods", |bencher| bencher.iter(|| black_box(full.handle(now(), &list))));
    let mut table = list.clone();
    table.as_table = true;
    criterion.bench_function("list 1000 pods as a table", |bencher| {
        bencher.iter(|| black_box(full.handle(now(), &table)));
    });
    criterion.bench_function("clone a server of 1000 pods", |bencher| bencher.iter(|| black_box(full.clone())));
}

criterion_group!(benches, door);
criterion_main!(benches);
