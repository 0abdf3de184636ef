//! Properties of a whole cluster: copies, saves and rewinds change nothing.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

use std::time::Duration;

use podyard_cluster::{Cluster, State, Timeline, presets};
use proptest::prelude::*;

const LIMIT: Duration = Duration::from_secs(60);

fn cluster() -> Cluster {
    Cluster::new(presets::find("two-workers").unwrap(), 7)
}

/// Types a line into console 0 and lets some time pass; answers what the screen shows.
fn type_line(cluster: &mut Cluster, line: &str) -> String {
    cluster.type_text(0, &format!("{line}\r"));
    cluster.advance(Duration::from_secs(3));
    cluster.take_output(0)
}

#[test]
fn a_pod_comes_to_run_and_every_step_of_it_is_seen() {
    let mut cluster = cluster();
    cluster.open_console(0, 80, 24);
    cluster.advance(Duration::from_secs(1));
    cluster.type_text(0, "kubectl run web --image=nginx\r");
    let mut seen: Vec<String> = Vec::new();
    let end = cluster.now() + Duration::from_secs(10);
    while cluster.next_time().is_some_and(|next| next < end) {
        cluster.step();
        let status = cluster.pod_summaries().into_iter().find(|pod| pod.name == "web").map(|pod| pod.status);
        if status.is_some() && status.as_ref() != seen.last() {
            seen.extend(status);
        }
    }
    assert_eq!(seen, ["Pending", "ContainerCreating", "Running"]);
    assert!(cluster.screen(0).contains("pod/web created"), "{}", cluster.screen(0));
}

#[test]
fn a_copy_goes_the_way_of_the_original() {
    let mut original = cluster();
    original.open_console(0, 80, 24);
    type_line(&mut original, "kubectl run web --image=nginx; kubectl get pods -w");
    let mut copy = original.clone();
    for cluster in [&mut original, &mut copy] {
        type_line(cluster, "\x03kubectl delete pod web --now");
    }
    assert_eq!(original.screen(0), copy.screen(0));
    assert_eq!(original.digest(), copy.digest());
}

#[test]
fn a_saved_cluster_is_the_same_and_goes_on_the_same() {
    let mut original = cluster();
    original.open_console(0, 80, 24);
    type_line(&mut original, "kubectl run web --image=nginx; kubectl get pods -w");
    let mut loaded = Cluster::load(&original.save()).unwrap();
    assert_eq!(original.digest(), loaded.digest());
    for cluster in [&mut original, &mut loaded] {
        type_line(cluster, "\x03echo $((6*7)); kubectl exec web -- hostname");
    }
    assert_eq!(original.screen(0), loaded.screen(0));
    assert_eq!(original.digest(), loaded.digest());
    assert!(original.screen(0).contains("42\r\nweb"), "{}", original.screen(0));
}

#[test]
fn going_back_and_doing_the_same_comes_to_the_same() {
    let mut cluster = cluster();
    cluster.open_console(0, 80, 24);
    type_line(&mut cluster, "true");
    let mut timeline = Timeline::default();
    timeline.mark(&cluster, "before");
    let began = cluster.now();
    type_line(&mut cluster, "kubectl run a --image=nginx");
    let first = cluster.digest();
    let mut again = timeline.rewind(began).unwrap();
    assert!(again.pod_summaries().iter().all(|pod| pod.name != "a"));
    type_line(&mut again, "kubectl run a --image=nginx");
    assert_eq!(first, again.digest());
    again.run_to(again.now());
}

#[test]
fn seeds_decide_names_and_nothing_else_does() {
    let run = |seed: u64| {
        let mut cluster = Cluster::new(presets::find("two-workers").unwrap(), seed);
        cluster
            .run_line("kubectl run web --image=nginx; kubectl get pod web -o jsonpath='{.metadata.uid}'", LIMIT)
            .stdout
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn damaged_saves_are_refused() {
    let saved = cluster().save();
    assert!(Cluster::load(b"").is_err() && Cluster::load(b"podyard1").is_err());
    let mut flipped = saved.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    assert!(Cluster::load(&flipped).is_err());
    assert!(Cluster::load(&saved[..saved.len() - 1]).is_err());
}

#[test]
fn an_endless_loop_stops_nobody_else() {
    let mut cluster = cluster();
    cluster.open_console(0, 80, 24);
    cluster.open_console(1, 80, 24);
    cluster.advance(Duration::from_secs(1));
    type_line(&mut cluster, "while true; do :; done");
    cluster.type_text(1, "echo still here\r");
    cluster.advance(Duration::from_secs(1));
    let other = cluster.take_output(1);
    assert!(other.contains("\rstill here\r\n"), "{other:?}");
    assert!(type_line(&mut cluster, "\x03echo free").contains("\rfree\r\n"));
}

/// What a learner may type, in any order.
const LINES: &[&str] = &[
    "kubectl run a --image=nginx",
    "kubectl run b --image=nosuch:1",
    "kubectl create deployment web --image=nginx --replicas=3",
    "kubectl scale deployment web --replicas=1",
    "kubectl set image deployment web nginx=httpd",
    "kubectl delete pod a --now",
    "kubectl delete deployment web",
    "kubectl expose deployment web --port=80",
    "kubectl drain node01 --ignore-daemonsets --force",
    "kubectl uncordon node01",
    "kubectl get pods -o wide > pods; wc -l pods",
    "kubectl exec a -- sh -c 'while true; do date; sleep 1; done' &",
    "jobs; kill %1",
    "for i in 1 2 3; do echo $RANDOM; done",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// A copy, a loaded save and a rewound timeline all go on as the original does.
    #[test]
    fn nothing_is_kept_outside_of_the_state(
        before in proptest::collection::vec(proptest::sample::select(LINES), 0..4),
        after in proptest::collection::vec(proptest::sample::select(LINES), 1..4),
        seed in 0_u64..1000,
    ) {
        let mut original = Cluster::new(presets::find("two-workers").unwrap(), seed);
        original.open_console(0, 80, 24);
        for line in &before {
            type_line(&mut original, line);
        }
        let mut timeline = Timeline::default();
        timeline.mark(&original, "before");
        let copy = original.clone();
        let loaded = Cluster::load(&original.save()).unwrap();
        let rewound = timeline.rewind(original.now()).unwrap();
        let mut states = [original, copy, loaded, rewound];
        let ends = states.each_mut().map(|cluster| {
            for line in &after {
                type_line(cluster, line);
            }
            (cluster.screen(0), cluster.digest())
        });
        for end in &ends[1..] {
            prop_assert_eq!(end, &ends[0]);
        }
    }
}
