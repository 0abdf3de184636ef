//! What a pod costs: bytes, and the time to make, change, read and write one.
#![expect(unsafe_code, reason = "an allocator that counts")]
#![expect(clippy::print_stdout, reason = "a benchmark reports")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{Criterion, criterion_group, criterion_main};
use podyard_api::kinds::{Pod, pod};
use podyard_api::{Key, Value, json, schema, value, yaml};

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The `spec` that pods of one workload share.
fn template() -> Value {
    let account = "/var/run/secrets/kubernetes.io/serviceaccount";
    let token = value!({"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
    ]}});
    value!({
        "containers": [{
            "name": "nginx", "image": "nginx:1.27", "imagePullPolicy": "IfNotPresent",
            "ports": [{"containerPort": 80, "protocol": "TCP"}],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            "volumeMounts": [{"mountPath": account, "name": "kube-api-access-x7k2p", "readOnly": true}],
        }],
        "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0, "restartPolicy": "Always", "schedulerName": "default-scheduler", "securityContext": {},
        "serviceAccount": "default", "serviceAccountName": "default", "terminationGracePeriodSeconds": 30,
        "volumes": [token],
    })
}

fn make(spec: &Value, labels: &Value, number: usize) -> Value {
    let name = format!("web-6d4cf56db6-{number:05}");
    value!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": &name, "generateName": "web-6d4cf56db6-", "namespace": "default", "labels": labels,
            "uid": format!("00000000-0000-4000-8000-{number:012}"), "resourceVersion": number.to_string(),
            "creationTimestamp": "2026-11-22T17:00:00Z",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-6d4cf56db6",
                "uid": "11111111-0000-4000-8000-000000000000", "controller": true, "blockOwnerDeletion": true}],
        },
        "spec": spec,
        "status": {"phase": "Pending", "qosClass": "Burstable"},
    })
}

fn run(pod: &mut Value, node: &str, address: &str) {
    let now = "2026-11-22T17:00:03Z";
    pod::set_node_name(pod, node);
    for condition in ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"] {
        pod::set_condition(pod, condition, "True", "", "", now);
    }
    pod::set_phase(pod, "Running");
    pod::set_ips(pod, &[address]);
    let status = pod.field_mut(Key::Static("status"));
    status.set(Key::Static("startTime"), now);
    status.set(
        Key::Static("containerStatuses"),
        value!([{
            "name": "nginx", "image": "docker.io/library/nginx:1.27", "imageID": "sha256:0123456789abcdef",
            "containerID": format!("containerd://{address}"), "ready": true, "started": true, "restartCount": 0,
            "lastState": {}, "state": {"running": {"startedAt": now}},
        }]),
    );
}

fn pods(count: usize) -> Vec<Value> {
    let (spec, labels) = (template(), value!({"app": "web", "pod-template-hash": "6d4cf56db6"}));
    let mut all: Vec<Value> = (0..count).map(|number| make(&spec, &labels, number)).collect();
    for (number, pod) in all.iter_mut().enumerate() {
        run(pod, &format!("node-{:04}", number / 30), &format!("10.244.{}.{}", number / 250, number % 250));
    }
    all
}

fn memory() {
    schema::types().count();
    black_box(pods(1));
    let before = LIVE.load(Ordering::Relaxed);
    let all = pods(10_000);
    let each = (LIVE.load(Ordering::Relaxed) - before) / all.len();
    println!("a running pod of a workload takes {each} bytes");
    let text = json::to_string(&all[0]);
    let before = LIVE.load(Ordering::Relaxed);
    let read: Vec<_> = (0..1000).filter_map(|_| json::parse(&text).ok()).collect();
    let each = (LIVE.load(Ordering::Relaxed) - before) / read.len();
    println!("one read from {} bytes of JSON, which shares nothing, takes {each} bytes", text.len());
}

fn measure(criterion: &mut Criterion) {
    memory();
    let (spec, labels) = (template(), value!({"app": "web"}));
    let running = pods(1).remove(0);
    let (json_text, yaml_text) = (json::to_string(&running), yaml::to_string(&running));
    criterion.bench_function("pod/make", |b| b.iter(|| make(&spec, &labels, black_box(7))));
    criterion.bench_function("pod/set a condition", |b| {
        b.iter(|| {
            let mut pod = running.clone();
            pod::set_condition(&mut pod, "Ready", "False", "ContainersNotReady", "", "2026-11-22T17:01:00Z");
            pod
        });
    });
    criterion.bench_function("pod/read through views", |b| {
        b.iter(|| {
            let pod = Pod(black_box(&running));
            (pod.node_name().len(), pod.is_ready(), pod.spec().containers().map(|c| c.image().len()).sum::<usize>())
        });
    });
    criterion.bench_function("pod/from JSON", |b| b.iter(|| json::parse(black_box(&json_text))));
    criterion.bench_function("pod/to JSON", |b| b.iter(|| json::to_string(black_box(&running))));
    criterion.bench_function("pod/from YAML", |b| b.iter(|| yaml::parse(black_box(&yaml_text))));
    criterion.bench_function("pod/to YAML", |b| b.iter(|| yaml::to_string(black_box(&running))));
    let info = schema::of("", "v1", "Pod").expect("pods have a schema");
    criterion.bench_function("pod/check its form", |b| b.iter(|| podyard_api::decode::check(&running, info)));
}

criterion_group!(benches, measure);
criterion_main!(benches);
