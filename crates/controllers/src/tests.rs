//! What controllers make of manifests and changes.

use crate::testing::check;

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
";

const NEW_IMAGE: &str =
    r#"patch deployments.apps/web {"spec":{"template":{"spec":{"containers":[{"name":"web","image":"httpd"}]}}}}"#;

#[test]
fn a_deployment_rolls_out_and_is_scaled() {
    check(WEB, &[], "deployments.apps status.readyReplicas status.observedGeneration", &["web 3 1"]);
    check(WEB, &["scale deployments.apps/web 5"], "replicasets.apps status.replicas", &["web-# 5"]);
    check(WEB, &[NEW_IMAGE], "deployments.apps status.updatedReplicas status.replicas", &["web 3 3"]);
    check(
        WEB,
        &["scale deployments.apps/web 1"],
        "events",
        &[
            "ScalingReplicaSet: Scaled up replica set web-# from 0 to 3",
            "SuccessfulCreate: Created pod: web-#-*",
            "SuccessfulCreate: Created pod: web-#-*",
            "SuccessfulCreate: Created pod: web-#-*",
            "ScalingReplicaSet: Scaled down replica set web-# from 3 to 1",
            "SuccessfulDelete: Deleted pod: web-#-*",
            "SuccessfulDelete: Deleted pod: web-#-*",
        ],
    );
}

#[test]
fn dependents_go_with_their_owner_or_stay() {
    check(WEB, &["delete deployments.apps/web"], "pods", &[]);
    check(WEB, &["delete deployments.apps/web Foreground"], "replicasets.apps", &[]);
    check(WEB, &["delete deployments.apps/web Foreground"], "deployments.apps", &[]);
    check(
        WEB,
        &["delete deployments.apps/web Orphan"],
        "replicasets.apps spec.replicas metadata.ownerReferences",
        &["web-# 3 null"],
    );
}

const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
";

#[test]
fn endpoints_follow_pods() {
    let both = format!("{WEB}---{SERVICE}");
    check(&both, &[], "endpointslices.discovery.k8s.io ports", &[r#"web-* [{"name":"","port":80,"protocol":"TCP"}]"#]);
    check(&both, &["scale deployments.apps/web 0"], "endpoints subsets", &["web null"]);
}

const SET: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: redis}]}
";

#[test]
fn a_stateful_set_keeps_its_order() {
    check(
        SET,
        &[],
        "events",
        &[
            "SuccessfulCreate: Create Pod db-0 in StatefulSet db successful",
            "SuccessfulCreate: Create Pod db-1 in StatefulSet db successful",
        ],
    );
    check(SET, &["scale statefulsets.apps/db 0"], "statefulsets.apps status.replicas", &["db 0"]);
}

const DAEMON: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: busybox}]}
";

#[test]
fn a_daemon_set_has_a_pod_on_each_node() {
    check(DAEMON, &[], "daemonsets.apps status.desiredNumberScheduled status.numberReady", &["agent 2 2"]);
    let taint = r#"patch nodes/node02 {"spec":{"taints":[{"key":"a","effect":"NoExecute"}]}}"#;
    check(DAEMON, &[taint], "daemonsets.apps status.desiredNumberScheduled status.numberReady", &["agent 1 1"]);
}

const JOB: &str = "
apiVersion: batch/v1
kind: Job
metadata: {name: pi}
spec:
  completions: 2
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers: [{name: pi, image: perl}]
";

#[test]
fn a_job_runs_to_its_end() {
    check(JOB, &[], "jobs.batch status.succeeded status.active status.uncountedTerminatedPods", &["pi 2 null {}"]);
    check(JOB, &[], "pods metadata.finalizers status.phase", &["pi-* null \"Succeeded\"", "pi-* null \"Succeeded\""]);
    let failing = JOB.replace("perl", "bad");
    check(
        &failing,
        &["wait 30"],
        "events",
        &[
            "SuccessfulCreate: Created pod: pi-*",
            "SuccessfulCreate: Created pod: pi-*",
            "BackoffLimitExceeded: Job has reached the specified backoff limit",
        ],
    );
}

const CRON: &str = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: '* * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: t, image: busybox}]
";

#[test]
fn a_cron_job_starts_jobs_on_time_and_keeps_three() {
    check(
        CRON,
        &["wait 330"],
        "jobs.batch status.succeeded",
        &["tick-29922723 1", "tick-29922724 1", "tick-29922725 1"],
    );
}

const BUDGET: &str = "
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 2
  selector: {matchLabels: {app: web}}
";

#[test]
fn a_budget_counts_healthy_pods() {
    let both = format!("{WEB}---{BUDGET}");
    let counts = "poddisruptionbudgets.policy status.currentHealthy status.desiredHealthy status.disruptionsAllowed";
    check(&both, &[], counts, &["web 3 2 1"]);
    check(&both, &["scale deployments.apps/web 2"], counts, &["web 2 2 0"]);
}

const VOLUME: &str = "
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv1}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: manual
  hostPath: {path: /mnt}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  storageClassName: manual
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 500Mi}}
";

#[test]
fn a_claim_is_bound_to_a_volume_that_fits() {
    let claims = "persistentvolumeclaims spec.volumeName status.phase status.capacity.storage";
    check(VOLUME, &[], claims, &["data \"pv1\" \"Bound\" \"1Gi\""]);
    check(VOLUME, &["delete persistentvolumeclaims/data"], claims, &[]);
    let too_big = VOLUME.replace("500Mi", "5Gi");
    check(&too_big, &[], "events", &["ProvisioningFailed: storageclass.storage.k8s.io \"manual\" not found"]);
}

#[test]
fn pods_leave_a_node_that_they_do_not_tolerate() {
    let pod = "
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeName: node01, containers: [{name: a, image: nginx}]}
";
    let taint = r#"patch nodes/node01 {"spec":{"taints":[{"key":"a","effect":"NoExecute"}]}}"#;
    check(pod, &[taint], "events", &["TaintManagerEviction: Marking for deletion Pod default/a"]);
    check(pod, &[taint], "pods", &[]);
}
