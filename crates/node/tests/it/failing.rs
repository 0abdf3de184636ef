//! Pods that fail, and how they say so.

use crate::harness::World;

/// Creates pods, lets time pass, and holds what is seen of the pod `p` and an event of it against what is expected.
fn check(spec: &str, steps: &[(f64, &str)], event: &str) -> World {
    let mut world = World::new();
    world.create(&format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {spec}}}"));
    for (seconds, expect) in steps {
        world.run(*seconds);
        assert_eq!(world.seen("p"), *expect, "after {seconds}: {:#?}", world.events("p"));
    }
    let events = world.events("p");
    assert!(events.iter().any(|found| found.starts_with(event)), "{event}: {events:#?}");
    world
}

#[test]
fn a_crashing_container_backs_off() {
    let world = check(
        "{containers: [{name: c, image: busybox, command: [sh, -c, 'echo boom; exit 7']}]}",
        &[
            (1.0, "Running c:Error/unready/0"),
            (1.0, "Running c:Error/unready/1"),
            (1.0, "Running c:CrashLoopBackOff/unready/1"),
            (13.0, "Running c:CrashLoopBackOff/unready/2"),
            (26.0, "Running c:CrashLoopBackOff/unready/3"),
        ],
        "BackOff: Back-off restarting failed container c in pod p_default(",
    );
    assert_eq!(world.log("p", "c", false).unwrap(), "boom\n");
    assert_eq!(world.log("p", "c", true).unwrap(), "boom\n");
}

#[test]
fn pods_that_are_not_restarted_end() {
    let never = |code: &str| {
        format!("{{restartPolicy: Never, containers: [{{name: c, image: busybox, command: [sh, -c, 'exit {code}']}}]}}")
    };
    check(&never("0"), &[(3.0, "Succeeded c:Completed/unready/0")], "Started: Container started");
    check(&never("3"), &[(3.0, "Failed c:Error/unready/0")], "Started: Container started");
    check(
        "{restartPolicy: Never, initContainers: [{name: i, image: busybox, command: ['false']}], containers: [{name: c, image: nginx}]}",
        &[(3.0, "Failed i:Error/unready/0 c:PodInitializing/unready/0")],
        "Started: Container started",
    );
    check(
        "{restartPolicy: Never, containers: [{name: c, image: busybox, command: [nosuch]}]}",
        &[(3.0, "Failed c:StartError/unready/0")],
        "Failed: Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: \"nosuch\": executable file not found in $PATH",
    );
}

#[test]
fn images_that_cannot_be_had() {
    let world = check(
        "{containers: [{name: c, image: ngnix}]}",
        &[(1.0, "Pending c:ErrImagePull/unready/0"), (3.0, "Pending c:ImagePullBackOff/unready/0")],
        "Failed: Failed to pull image \"ngnix\": failed to pull and unpack image \"docker.io/library/ngnix:latest\": failed to resolve reference \"docker.io/library/ngnix:latest\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    );
    assert_eq!(
        world.log("p", "c", false).unwrap_err(),
        "container \"c\" in pod \"p\" is waiting to start: trying and failing to pull image"
    );
    check(
        "{containers: [{name: c, image: nginx, imagePullPolicy: Never}]}",
        &[(3.0, "Pending c:ErrImageNeverPull/unready/0")],
        "ErrImageNeverPull: Container image \"nginx\" is not present with pull policy of Never",
    );
    check(
        "{containers: [{name: c, image: Nginx}]}",
        &[(3.0, "Pending c:InvalidImageName/unready/0")],
        "InspectFailed: Failed to apply default image tag \"Nginx\"",
    );
}

#[test]
fn what_is_referred_to_must_be_there() {
    let mut world = check(
        "{containers: [{name: c, image: nginx, env: [{name: A, valueFrom: {configMapKeyRef: {name: conf, key: a}}}]}]}",
        &[(3.0, "Pending c:CreateContainerConfigError/unready/0")],
        "Failed: Error: configmap \"conf\" not found",
    );
    world.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: conf}, data: {b: x}}");
    world.run(15.0);
    let events = world.events("p");
    assert!(
        events.contains(&"Failed: Error: couldn't find key a in ConfigMap default/conf".to_string()),
        "{events:#?}"
    );
    let mut world = check(
        "{containers: [{name: c, image: nginx}], volumes: [{name: v, secret: {secretName: s}}]}",
        &[(3.0, "Pending c:ContainerCreating/unready/0")],
        "FailedMount: MountVolume.SetUp failed for volume \"v\" : secret \"s\" not found x3",
    );
    world.create("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {b: x}}");
    world.run(10.0);
    assert_eq!(world.seen("p"), "Running c:running/ready/0");
}

#[test]
fn root_may_be_forbidden() {
    let world = check(
        "{securityContext: {runAsNonRoot: true}, containers: [{name: c, image: nginx}]}",
        &[(3.0, "Pending c:CreateContainerConfigError/unready/0")],
        "Failed: Error: container has runAsNonRoot and image will run as root (pod: \"p_default(",
    );
    drop(world);
    check(
        "{securityContext: {runAsNonRoot: true, runAsUser: 1000}, containers: [{name: c, image: busybox, command: [sleep, '60']}]}",
        &[(3.0, "Running c:running/ready/0")],
        "Started: Container started",
    );
}

#[test]
fn memory_has_a_limit() {
    check(
        "{restartPolicy: Never, containers: [{name: c, image: polinux/stress, command: [stress, --vm, '1', --vm-bytes, 250M], resources: {limits: {memory: 100Mi}}}]}",
        &[(3.0, "Failed c:OOMKilled/unready/0")],
        "Started: Container started",
    );
    check(
        "{containers: [{name: c, image: polinux/stress, command: [stress, --vm, '1', --vm-bytes, 50M], resources: {limits: {memory: 100Mi}}}]}",
        &[(3.0, "Running c:running/ready/0")],
        "Started: Container started",
    );
}

#[test]
fn a_pod_may_be_too_big_or_too_old() {
    check(
        "{containers: [{name: c, image: nginx, resources: {requests: {cpu: '4'}}}]}",
        &[(1.0, "Failed")],
        "OutOfcpu: Node didn't have enough resource: cpu, requested: 4000, used: 0, capacity: 2000",
    );
    check(
        "{activeDeadlineSeconds: 5, restartPolicy: Never, containers: [{name: c, image: nginx}]}",
        &[(3.0, "Running c:running/ready/0"), (4.0, "Failed c:Completed/unready/0")],
        "DeadlineExceeded: Pod was active on the node longer than the specified deadline",
    );
}

#[test]
fn a_hook_may_fail() {
    check(
        "{containers: [{name: c, image: nginx, lifecycle: {postStart: {exec: {command: ['false']}}}}]}",
        &[(0.6, "Running c:Completed/unready/0"), (0.9, "Running c:Completed/unready/1")],
        "FailedPostStartHook: PostStartHook failed",
    );
}

#[test]
fn a_database_wants_its_password() {
    let world = check(
        "{restartPolicy: Never, containers: [{name: c, image: 'mysql:8.4'}]}",
        &[(12.0, "Failed c:Error/unready/0")],
        "Started: Container started",
    );
    assert!(world.log("p", "c", false).unwrap().contains("MYSQL_ROOT_PASSWORD"));
    check(
        "{containers: [{name: c, image: 'postgres:17', env: [{name: POSTGRES_PASSWORD, value: x}]}]}",
        &[(12.0, "Running c:running/ready/0")],
        "Started: Container started",
    );
}
