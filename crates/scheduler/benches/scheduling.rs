//! Placing pods in a large cluster: pods per second, and how that grows.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use podyard_api::{Value, value};
use podyard_scheduler::{Effect, Scheduler};
use podyard_sim::Time;

/// What the pods of a run ask for besides room.
#[derive(Clone, Copy)]
enum Workload {
    Plain,
    /// Owned by a ReplicaSet: spread by the default constraints.
    Replicated,
    Spread,
    AntiAffinity,
}

fn node(number: usize) -> Value {
    let name = format!("node-{number}");
    value!({
        "metadata": {
            "name": name.as_str(),
            "labels": {
                "kubernetes.io/hostname": name.as_str(),
                "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
            },
        },
        "spec": {},
        "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "110"}},
    })
}

fn pod(number: usize, workload: Workload) -> Value {
    let mut pod = value!({
        "metadata": {
            "name": format!("web-{number}"),
            "namespace": "default",
            "uid": format!("{:08x}-uid", (number as u32).wrapping_mul(2_654_435_761)),
            "labels": {"app": "web"},
        },
        "spec": {
            "containers": [{
                "name": "web",
                "image": "nginx",
                "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}},
            }],
            "priority": 0,
            "tolerations": [
                {"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300},
                {"effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300},
            ],
        },
        "status": {"phase": "Pending"},
    });
    let selector = value!({"matchLabels": {"app": "web"}});
    match workload {
        Workload::Plain => {}
        Workload::Replicated => pod.meta_mut().set(
            "ownerReferences",
            vec![
                value!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "rs", "controller": true}),
            ],
        ),
        Workload::Spread => pod.field_mut("spec").set(
            "topologySpreadConstraints",
            vec![value!({
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": selector,
            })],
        ),
        Workload::AntiAffinity => pod.field_mut("spec").set(
            "affinity",
            value!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"labelSelector": selector, "topologyKey": "kubernetes.io/hostname"},
            ]}}),
        ),
    }
    pod
}

fn cluster(nodes: usize) -> Scheduler {
    let mut scheduler = Scheduler::new(1);
    let set = value!({
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
    });
    scheduler.observe(Time::default(), "replicasets", None, Some(&set));
    for number in 0..nodes {
        scheduler.observe(Time::default(), "nodes", None, Some(&node(number)));
    }
    scheduler
}

/// From the pods' coming to their being seen bound.
fn place(mut scheduler: Scheduler, pods: &[Value]) -> Scheduler {
    let now = Time::default();
    for pod in pods {
        scheduler.observe(now, "pods", None, Some(pod));
    }
    let mut waiting: std::collections::BTreeMap<_, _> = pods.iter().map(|pod| (pod.name_text(), pod)).collect();
    while let Some(attempt) = scheduler.schedule_one(now) {
        for effect in &attempt.effects {
            if let Effect::Bind { pod, node } = effect {
                let before = waiting.remove(&pod.name).expect("a pod is bound once");
                let mut after = before.clone();
                podyard_api::kinds::pod::set_node_name(&mut after, node);
                scheduler.observe(now, "pods", Some(before), Some(&after));
            }
        }
    }
    assert!(waiting.is_empty(), "{} pods have no node", waiting.len());
    scheduler
}

fn scheduling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("place");
    group.sample_size(10);
    let runs = [
        ("plain", Workload::Plain, 5000, 1000),
        ("plain", Workload::Plain, 5000, 10_000),
        ("plain", Workload::Plain, 20, 1000),
        ("replicated", Workload::Replicated, 5000, 1000),
        ("replicated", Workload::Replicated, 20, 1000),
        ("spread", Workload::Spread, 5000, 1000),
        ("anti-affinity", Workload::AntiAffinity, 5000, 1000),
    ];
    for (name, workload, nodes, pods) in runs {
        let scheduler = cluster(nodes);
        let objects: Vec<Value> = (0..pods).map(|number| pod(number, workload)).collect();
        group.throughput(Throughput::Elements(pods as u64));
        group.bench_function(BenchmarkId::new(name, format!("{nodes}-nodes-{pods}-pods")), |bencher| {
            let setup = || scheduler.clone();
            bencher.iter_batched(setup, |scheduler| black_box(place(scheduler, &objects)), BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, scheduling);
criterion_main!(benches);
