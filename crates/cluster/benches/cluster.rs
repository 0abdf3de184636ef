//! What a cluster costs: pods from create to Running, copies and saves of a large one.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use podyard_api::kinds::Pod;
use podyard_api::{Request, Target, User, Verb, value};
use podyard_apiserver::ResourceKey;
use podyard_cluster::{Cluster, presets};

fn cluster() -> Cluster {
    Cluster::new(presets::find("twenty-workers").unwrap(), 1)
}

/// Asks for so many bare pods that ask for nothing.
fn create_pods(cluster: &mut Cluster, count: usize) {
    for number in 0..count {
        let pod = value!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": format!("web-{number}"), "namespace": "default", "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
        });
        let target = Target::resource("", "v1", "pods", "default", "");
        cluster.request(&Request::new(User::admin(), Verb::Create, target).with_body(pod));
    }
}

/// Asks for a deployment with so many replicas.
fn create_deployment(cluster: &mut Cluster, replicas: usize) {
    let deployment = value!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": i64::try_from(replicas).unwrap_or_default(),
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
            },
        },
    });
    let target = Target::resource("apps", "v1", "deployments", "default", "");
    cluster.request(&Request::new(User::admin(), Verb::Create, target).with_body(deployment));
}

/// Lets time pass until so many pods run.
fn run_until(cluster: &mut Cluster, count: usize) {
    let running = |cluster: &Cluster| {
        let pods = cluster.api().list(ResourceKey::PODS, Some("default"));
        pods.filter(|pod| Pod(pod).is_ready()).count()
    };
    for _ in 0..600 {
        cluster.advance(Duration::from_millis(500));
        if running(cluster) == count {
            return;
        }
    }
    panic!("only {} pods run", running(cluster));
}

fn creation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cluster");
    group.sample_size(10);
    group.bench_function("1000 bare pods on 20 nodes to Running", |bencher| {
        bencher.iter_batched(
            cluster,
            |mut cluster| {
                create_pods(&mut cluster, 1000);
                run_until(&mut cluster, 1000);
                cluster
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("1000 replicas on 20 nodes to Ready", |bencher| {
        bencher.iter_batched(
            cluster,
            |mut cluster| {
                create_deployment(&mut cluster, 1000);
                run_until(&mut cluster, 1000);
                cluster
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("boot", |bencher| bencher.iter_with_large_drop(cluster));
    group.finish();
}

fn copies(criterion: &mut Criterion) {
    let mut large = cluster();
    create_pods(&mut large, 10_000);
    large.settle();
    let mut group = criterion.benchmark_group("10000 pods");
    group.sample_size(10);
    group.bench_function("snapshot", |bencher| bencher.iter_with_large_drop(|| large.clone()));
    group.bench_function("fork and one write", |bencher| {
        bencher.iter_with_large_drop(|| {
            let mut fork = large.clone();
            let target = Target::resource("", "v1", "pods", "default", "web-1");
            fork.request(&Request::new(User::admin(), Verb::Delete, target));
            fork
        });
    });
    group.bench_function("save", |bencher| bencher.iter_with_large_drop(|| large.save()));
    group.finish();
}

criterion_group!(benches, creation, copies);
criterion_main!(benches);
