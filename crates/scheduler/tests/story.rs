//! Stories: what happens to a cluster, line by line, and what the scheduler does about it.

mod support;

use podyard_sim::Time;
use support::Story;

fn check(story: &str, expect: &str) {
    let told = Story::new().tell(story);
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(told.lines().collect::<Vec<_>>(), expect, "{story}");
}

#[test]
fn pods_go_to_the_emptier_node_and_are_counted_at_once() {
    check(
        "node n1 cpu=4
         node n2 cpu=8
         pod a cpu=2
         pod b cpu=4
         pod c cpu=4
         run",
        "0s a: Scheduled: Successfully assigned default/a to n2
         0s b: Scheduled: Successfully assigned default/b to n2
         0s c: Scheduled: Successfully assigned default/c to n1",
    );
}

#[test]
fn without_nodes_a_pod_backs_off_and_tries_again() {
    check(
        "pod a
         run
         wait 1
         run
         wait 1
         run
         wait 1
         node n1
         run",
        "0s a: FailedScheduling: no nodes available to schedule pods
         1s a: FailedScheduling: no nodes available to schedule pods
         3s a: Scheduled: Successfully assigned default/a to n1",
    );
}

#[test]
fn a_rejected_pod_waits_for_a_change_that_may_help_it() {
    check(
        "node n1 cpu=2
         pod big cpu=4
         run
         wait 60
         node n1 cpu=2 disk=ssd
         run
         node n1 cpu=3
         run
         node n1 cpu=8
         run",
        "0s big: FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, \
         preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.
         60s big: Scheduled: Successfully assigned default/big to n1",
    );
    check(
        "node n1 taint=key:NoSchedule
         node n2 cordoned
         pod a select=disk:ssd
         run
         wait 20
         node n2
         run
         node n2 disk=ssd
         run",
        "0s a: FailedScheduling: 0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were \
         unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not \
         helpful for scheduling.
         20s a: FailedScheduling: 0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 \
         node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available: 2 \
         Preemption is not helpful for scheduling.
         20s a: Scheduled: Successfully assigned default/a to n2",
    );
}

#[test]
fn a_rejected_pod_is_tried_again_after_five_minutes() {
    let mut story = Story::new();
    let first = story.tell("node n1 cpu=1\n pod a cpu=2\n run");
    assert_eq!(first.lines().count(), 1, "{first}");
    assert_eq!(story.scheduler.next_wake(), Some(Time::from_secs(1300)));
    assert_eq!(story.tell("wait 299\n run"), "");
    assert_eq!(story.tell("wait 1\n run").lines().count(), 1);
}

#[test]
fn room_that_other_pods_leave_is_used() {
    check(
        "node n1 cpu=2
         pod a cpu=2
         run
         pod b cpu=1
         pod c port=80
         pod d port=80
         run
         wait 5
         finish a
         run
         delete pods c
         run",
        "0s a: Scheduled: Successfully assigned default/a to n1
         0s b: FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, \
         preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.
         0s c: Scheduled: Successfully assigned default/c to n1
         0s d: FailedScheduling: 0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod \
         ports. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for \
         incoming pod.
         5s b: Scheduled: Successfully assigned default/b to n1
         5s d: Scheduled: Successfully assigned default/d to n1",
    );
}

#[test]
fn gated_pods_wait_and_other_schedulers_pods_are_left_alone() {
    check(
        "node n1
         pod a gated
         pod b scheduler=mine
         run
         wait 2
         ungate a
         run",
        "2s a: Scheduled: Successfully assigned default/a to n1",
    );
}

#[test]
fn a_more_important_pod_evicts_the_least_important() {
    check(
        "node n1 cpu=2
         node n2 cpu=2
         pod low cpu=2 priority=1
         pod middle cpu=2 priority=2
         run
         pod high cpu=1 priority=3
         run
         pod other cpu=1 priority=2
         run
         delete pods low
         run",
        "0s middle: Scheduled: Successfully assigned default/middle to n2
         0s low: Scheduled: Successfully assigned default/low to n1
         0s low: evicted
         0s low: Preempted: Preempted by pod uid-high on node n1
         0s high: FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu.
         0s other: FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu.
         0s high: Scheduled: Successfully assigned default/high to n1
         0s other: Scheduled: Successfully assigned default/other to n1",
    );
}

#[test]
fn a_binding_that_fails_is_tried_again_after_a_back_off() {
    check(
        "node n1 cpu=1
         pod a cpu=1
         fail-binding
         run
         wait 1
         run",
        "0s a: binding fails
         1s a: Scheduled: Successfully assigned default/a to n1",
    );
}

#[test]
fn pods_that_shun_each_other_wait_for_one_to_leave() {
    check(
        "node n1
         pod a app=web away-from=web
         run
         pod b app=web away-from=web
         run
         wait 30
         pod c
         run
         delete pods a
         run",
        "0s a: Scheduled: Successfully assigned default/a to n1
         0s b: FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. no new \
         claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.
         30s c: Scheduled: Successfully assigned default/c to n1
         30s b: Scheduled: Successfully assigned default/b to n1",
    );
}

#[test]
fn a_pod_is_bound_when_its_volumes_are_ready() {
    check(
        "node n1
         class wffc WaitForFirstConsumer
         class standard Immediate
         pod a claim=one
         run
         claim one wffc
         run
         pod b claim=two
         claim two standard
         run
         wait 7
         provision one
         run
         provision two
         run",
        "0s a: FailedScheduling: 0/1 nodes are available: persistentvolumeclaim \"one\" not found. not found
         0s one: to be provisioned for n1
         0s b: FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found
         7s a: Scheduled: Successfully assigned default/a to n1
         7s b: FailedScheduling: 0/1 nodes are available: persistentvolume \"pv-two\" not found. not found",
    );
}
