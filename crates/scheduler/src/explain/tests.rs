//! What is said of small clusters.

use podyard_api::{Value, yaml};
use podyard_sim::Time;

use crate::Scheduler;

const NODES: &str = "
- {metadata: {name: cp}, spec: {taints: [{key: role, value: cp, effect: NoSchedule}]}}
- {metadata: {name: n1, labels: {disk: hdd}}, spec: {}}
- {metadata: {name: n2}, spec: {unschedulable: true}}
";

fn scheduler() -> Scheduler {
    let mut scheduler = Scheduler::new(1);
    for node in yaml::parse(NODES).unwrap().items() {
        let mut node = node.clone();
        node.set("status", yaml::parse("{allocatable: {cpu: '2', memory: 1Gi, pods: '10'}}").unwrap());
        scheduler.observe(Time::default(), "nodes", None, Some(&node));
    }
    scheduler
}

fn pod(spec: &str) -> Value {
    yaml::parse(&format!("{{metadata: {{name: web, namespace: dev, uid: u}}, spec: {spec}}}")).unwrap()
}

fn check(scheduler: &Scheduler, pod: &Value, expect: &str) {
    assert_eq!(scheduler.why(pod).to_string().trim(), expect.trim());
}

#[test]
fn requests_that_are_too_high_are_lowered_to_what_is_free() {
    check(
        &scheduler(),
        &pod("{containers: [{name: c, resources: {requests: {cpu: '3'}}}]}"),
        "
pod/web is Pending: none of 3 nodes would do.
  node/cp: TaintToleration rejects it: node(s) had untolerated taint(s)
    spec.taints of the node has role=cp:NoSchedule, and spec.tolerations of the pod nothing for it
  node/n1: NodeResourcesFit rejects it: Insufficient cpu
    the pod's resources.requests ask for 3 cpu; 2 of 2 are free
  node/n2: NodeUnschedulable rejects it: node(s) were unschedulable
    spec.unschedulable of the node is set: it is cordoned
  to remove pods of a lower priority would not help
To change this:
  - Ask for at most 2 cpu in resources.requests of the container c, or make room",
    );
}

#[test]
fn each_change_is_one_that_would_do() {
    check(
        &scheduler(),
        &pod("{nodeSelector: {disk: ssd}, containers: [{name: c}]}"),
        "
pod/web is Pending: none of 3 nodes would do.
  node/cp: TaintToleration rejects it: node(s) had untolerated taint(s)
    spec.taints of the node has role=cp:NoSchedule, and spec.tolerations of the pod nothing for it
  node/n1: NodeAffinity rejects it: node(s) didn't match Pod's node affinity/selector
    spec.nodeSelector wants disk=ssd, the node has disk=hdd
  node/n2: NodeUnschedulable rejects it: node(s) were unschedulable
    spec.unschedulable of the node is set: it is cordoned
  to remove pods of a lower priority would not help
To change this:
  - Label a node as spec.nodeSelector wants it: kubectl label node n1 disk=ssd",
    );
}

#[test]
fn gates_and_other_schedulers() {
    check(
        &scheduler(),
        &pod("{schedulingGates: [{name: later}], containers: [{name: c}]}"),
        "
pod/web is kept out of the scheduler's queue.
  SchedulingGates says: waiting for scheduling gates: [later]
To change this:
  - Remove the entries of spec.schedulingGates, one by one or all",
    );
    check(
        &scheduler(),
        &pod("{schedulerName: mine, containers: [{name: c}]}"),
        "
pod/web waits for a scheduler that does not run here.
  spec.schedulerName is \"mine\"
To change this:
  - Make the pod anew without spec.schedulerName, so that default-scheduler places it",
    );
}

#[test]
fn a_winner_shows_its_points() {
    let mut scheduler = scheduler();
    let web = pod("{containers: [{name: c}], tolerations: [{operator: Exists, effect: NoSchedule, key: role}]}");
    scheduler.observe(Time::default(), "pods", None, Some(&web));
    let chosen = scheduler.schedule_one(Time::default()).unwrap().trace.chosen.clone().unwrap();
    let mut bound = web.clone();
    bound.field_mut("spec").set("nodeName", chosen.clone());
    scheduler.observe(Time::default(), "pods", Some(&web), Some(&bound));
    let text = scheduler.why(&bound).to_string();
    let total = |line: &str| line.rsplit(": ").next().and_then(|total| total.parse::<i64>().ok());
    let sum: i64 = text.lines().filter(|line| line.contains("times weight")).filter_map(total).sum();
    assert!(text.contains(&format!("node/{chosen} won with {sum} points:")), "{text}");
    assert!(text.starts_with(&format!("pod/web is on node/{chosen}: 2 of 3 nodes would do.")), "{text}");
    assert!(text.contains("2 nodes had the best score, and one of them was drawn"), "{text}");
}
