//! Pods that live: start, init containers, probes, hooks, volumes, the end.

use podyard_api::{Target, Verb, value};

use crate::harness::World;

/// Creates pods, lets time pass, and holds what is seen of the pod `p` against what is expected.
fn check(text: &str, steps: &[(f64, &str)]) -> World {
    let mut world = World::new();
    world.create(text);
    for (seconds, expect) in steps {
        world.run(*seconds);
        assert_eq!(world.seen("p"), *expect, "after {seconds}: {:#?}", world.events("p"));
    }
    world
}

fn delete(world: &mut World, grace: i64) {
    let target = Target::resource("", "v1", "pods", "default", "p");
    world.request(Verb::Delete, target, value!({"gracePeriodSeconds": grace}));
    world.route();
}

#[test]
fn a_pod_starts_with_four_events_and_leaves_when_deleted() {
    let mut world = check(
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: 'nginx:1.25'}]}}",
        &[(0.1, "Pending c:ContainerCreating/unready/0"), (2.0, "Running c:running/ready/0")],
    );
    assert_eq!(
        world.events("p"),
        [
            "Pulling: Pulling image \"nginx:1.25\"",
            "Pulled: Successfully pulled image \"nginx:1.25\" in 250ms (250ms including waiting). Image size: 72080558 bytes.",
            "Created: Container created",
            "Started: Container started",
        ]
    );
    let log = world.log("p", "c", false).unwrap();
    assert!(log.starts_with("/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty"), "{log}");
    delete(&mut world, 30);
    world.run(1.0);
    assert!(world.pod("p").is_null(), "{}", world.seen("p"));
    assert_eq!(world.events("p").last().unwrap(), "Killing: Stopping container c");
}

#[test]
fn a_process_that_does_not_listen_has_its_grace_period() {
    let mut world = check(
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: busybox, command: [sleep, '3600']}]}}",
        &[(2.0, "Running c:running/ready/0")],
    );
    delete(&mut world, 5);
    world.run(4.5);
    assert_eq!(world.seen("p"), "Running c:running/ready/0");
    world.run(1.0);
    assert!(world.pod("p").is_null());
}

#[test]
fn init_containers_run_one_after_the_other() {
    let world = check(
        "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  initContainers:
  - {name: one, image: busybox, command: [sh, -c, 'echo one > /work/a'], volumeMounts: [{name: w, mountPath: /work}]}
  - {name: side, image: busybox, restartPolicy: Always, command: [sleep, '3600']}
  - {name: two, image: busybox, command: [sh, -c, 'echo two >> /work/a'], volumeMounts: [{name: w, mountPath: /work}]}
  containers:
  - {name: c, image: busybox, command: [sh, -c, 'cat /work/a; sleep 3600'], volumeMounts: [{name: w, mountPath: /work}]}
  volumes: [{name: w, emptyDir: {}}]
",
        &[
            (
                0.2,
                "Pending one:PodInitializing/unready/0 side:PodInitializing/unready/0 two:PodInitializing/unready/0 c:PodInitializing/unready/0",
            ),
            (5.0, "Running one:Completed/ready/0 side:running/ready/0 two:Completed/ready/0 c:running/ready/0"),
        ],
    );
    assert_eq!(world.log("p", "c", false).unwrap(), "one\ntwo\n");
}

#[test]
fn sidecars_end_with_the_last_container() {
    check(
        "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  restartPolicy: Never
  initContainers:
  - {name: side, image: nginx, restartPolicy: Always}
  containers:
  - {name: c, image: busybox, command: [sleep, '3']}
",
        &[
            (2.5, "Running side:running/ready/0 c:running/ready/0"),
            (5.0, "Succeeded side:Completed/unready/0 c:Completed/unready/0"),
        ],
    );
}

#[test]
fn readiness_follows_the_probe() {
    let mut world = check(
        "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: c, image: nginx, readinessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 2}}
",
        &[(4.0, "Running c:running/unready/0")],
    );
    let last = world.events("p").pop().unwrap();
    assert_eq!(last, "Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404 x2");
    let machine = world.kubelet.running("default", "p", "c").unwrap();
    let root = machine.root;
    let now = world.now;
    world.kernel.fs_mut(root).unwrap().put_file("/usr/share/nginx/html/healthz", "ok", now);
    world.run(3.0);
    assert_eq!(world.seen("p"), "Running c:running/ready/0");
}

#[test]
fn a_container_that_fails_its_liveness_probe_is_restarted() {
    let world = check(
        "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: c
    image: busybox
    command: [sh, -c, 'touch /tmp/ok; sleep 4; rm /tmp/ok; sleep 600']
    livenessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 2, failureThreshold: 1}
",
        &[(4.0, "Running c:running/ready/0"), (6.0, "Running c:running/ready/1")],
    );
    let events = world.events("p");
    let sick = "Unhealthy: Liveness probe failed: cat: can't open '/tmp/ok': No such file or directory\n";
    assert!(events.iter().any(|event| event.starts_with(sick)), "{events:#?}");
    assert!(events.contains(&"Killing: Container c failed liveness probe, will be restarted".to_string()));
    assert_eq!(
        world
            .pod("p")
            .at(&["status", "containerStatuses"])
            .item(0)
            .at(&["lastState", "terminated", "exitCode"])
            .as_i64(),
        Some(137)
    );
}

#[test]
fn a_slow_starter_is_not_ready_before_its_startup_probe() {
    check(
        "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: c
    image: busybox
    command: [sh, -c, 'sleep 3; touch /tmp/up; sleep 600']
    startupProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 1, failureThreshold: 10}
    livenessProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 1, failureThreshold: 1}
",
        &[(2.5, "Running c:running/unready/0"), (3.0, "Running c:running/ready/0"), (9.0, "Running c:running/ready/0")],
    );
}

#[test]
fn hooks_run_after_the_start_and_before_the_stop() {
    let mut world = check(
        "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: c
    image: nginx
    lifecycle:
      postStart: {exec: {command: [sh, -c, 'echo started > /tmp/started']}}
      preStop: {exec: {command: [sleep, '3']}}
",
        &[(2.0, "Running c:running/ready/0")],
    );
    let root = world.kubelet.running("default", "p", "c").unwrap().root;
    assert_eq!(world.kernel.fs(root).unwrap().read("/tmp/started").unwrap().as_slice(), b"started\n");
    delete(&mut world, 30);
    world.run(2.5);
    assert!(!world.pod("p").is_null());
    world.run(1.0);
    assert!(world.pod("p").is_null());
}

#[test]
fn configuration_reaches_containers_and_is_kept_up_to_date() {
    let text = "
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {color: blue}
---
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: x}}
spec:
  containers:
  - name: c
    image: busybox
    command: [sh, -c, 'echo $COLOR $NODE $CPU $(A); cat /conf/color /info/labels; sleep 90; cat /conf/color /alone; sleep 600']
    resources: {limits: {cpu: 1500m}}
    env:
    - {name: COLOR, valueFrom: {configMapKeyRef: {name: conf, key: color}}}
    - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: A, value: $(COLOR)-ish}
    volumeMounts: [{name: conf, mountPath: /conf}, {name: info, mountPath: /info}, {name: conf, mountPath: /alone, subPath: color}]
  volumes:
  - {name: conf, configMap: {name: conf}}
  - {name: info, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
";
    let mut world = check(text, &[(2.0, "Running c:running/ready/0")]);
    let target = Target::resource("", "v1", "configmaps", "default", "conf");
    let object =
        value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"color": "red"}});
    assert!(world.request(Verb::Update, target, object).is_success());
    world.run(120.0);
    assert_eq!(world.log("p", "c", false).unwrap(), "blue node01 2 blue-ish\nblueapp=\"x\"redblue");
}

#[test]
fn a_stopped_kubelet_takes_in_what_it_missed() {
    let mut world = check(
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sleep, '5']}]}}",
        &[(2.0, "Running c:running/ready/0")],
    );
    world.kubelet.stop_kubelet();
    world.run(20.0);
    assert_eq!(world.seen("p"), "Running c:running/ready/0");
    world.with(|kubelet, context| kubelet.start_kubelet(context));
    world.run(1.0);
    assert_eq!(world.seen("p"), "Succeeded c:Completed/unready/0");
}

#[test]
fn a_copy_goes_the_way_of_the_original() {
    let text = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: busybox, command: [sh, -c, 'exit 1']}]}}";
    let mut world = World::new();
    world.create(text);
    for step in 1..20 {
        world.run(f64::from(step) * 0.7);
        let mut copy = world.clone();
        copy.run(40.0);
        let mut original = world.clone();
        original.run(40.0);
        assert_eq!((copy.seen("p"), copy.events("p")), (original.seen("p"), original.events("p")));
    }
}
