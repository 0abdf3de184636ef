//! What holds of every cluster.

mod support;

use podyard_scheduler::{Scheduler, Trace};
use podyard_sim::Time;
use proptest::prelude::*;
use support::{Story, new_pod};

/// One thing that happens.
fn line() -> impl Strategy<Value = String> {
    let node = (0..6_u8, 1..5_u8, prop::sample::select(vec!["", "zone=a", "zone=b", "taint=k:NoSchedule", "cordoned"]))
        .prop_map(|(name, cpu, word)| format!("node n{name} cpu={cpu} {word}"));
    let pod = (0..30_u8, pod_words()).prop_map(|(name, words)| format!("pod p{name} {words}"));
    prop_oneof![
        3 => node,
        6 => pod,
        2 => (0..30_u8).prop_map(|name| format!("delete pods p{name}")),
        1 => (0..6_u8).prop_map(|name| format!("delete nodes n{name}")),
        1 => (0..30_u8).prop_map(|name| format!("finish p{name}")),
        1 => (1..20_u8).prop_map(|seconds| format!("wait {seconds}")),
        4 => Just("run".to_owned()),
    ]
}

fn pod_words() -> impl Strategy<Value = String> {
    let extra = vec!["", "port=80", "select=zone:a", "away-from=web", "away-from=db", "gated"];
    (1..30_u8, 0..3_u8, prop::sample::select(vec!["web", "db"]), prop::sample::select(extra)).prop_map(
        |(cpu, priority, app, extra)| format!("cpu={}m priority={priority} app={app} {extra}", u32::from(cpu) * 100),
    )
}

/// Leaves out what cannot happen: a change of what is not there, a second pod of a name.
fn tell(story: &mut Story, lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let has = |resource: &str, name: &str| story.objects.contains_key(&(resource.to_owned(), name.to_owned()));
        let happens = match words.as_slice() {
            ["pod", name, ..] => !has("pods", name),
            ["delete", resource, name] => has(resource, name),
            ["finish", name] => has("pods", name),
            _ => true,
        };
        if happens {
            out += &story.tell(line);
        }
    }
    out
}

/// A scheduler that sees the objects of a story now, in some order.
fn fresh(story: &Story, seed: u64) -> Scheduler {
    let mut scheduler = Scheduler::new(7);
    let mut objects: Vec<_> = story.objects.iter().collect();
    let mut rng = podyard_sim::Rng::new(seed, "order");
    objects.sort_by_cached_key(|_| rng.next_u64());
    for ((resource, _), object) in objects {
        scheduler.observe(Time::from_secs(1), resource, None, Some(object));
    }
    scheduler
}

/// What does not depend on the drawing of lots, nor on the order in which preemption tries nodes.
fn verdict(mut trace: Trace) -> Trace {
    trace.chosen = None;
    trace.top.sort();
    if let Some(post_filter) = &mut trace.post_filter {
        post_filter.candidates.sort_by(|a, b| a.node.cmp(&b.node));
    }
    let mut order: Vec<usize> = (0..trace.nodes.len()).collect();
    order.sort_by_key(|index| (trace.nodes[*index].rejected.is_some(), trace.nodes[*index].node.clone()));
    for scores in &mut trace.scores {
        let sorted = |column: &[i64]| order.iter().filter_map(|index| column.get(*index).copied()).collect::<Vec<_>>();
        (scores.raw, scores.normalized) = (sorted(&scores.raw), sorted(&scores.normalized));
    }
    trace.nodes = order.iter().map(|index| trace.nodes[*index].clone()).collect();
    trace
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_up_to_date_is_what_would_be_read_anew(
        lines in prop::collection::vec(line(), 1..60),
        words in pod_words(),
        seed: u64,
    ) {
        let mut story = Story::new();
        tell(&mut story, &lines);
        let words: Vec<&str> = words.split_whitespace().filter(|word| *word != "gated").collect();
        let probe = new_pod("probe", &words);
        let (kept, anew) = (story.scheduler.explain(&probe), fresh(&story, seed).explain(&probe));
        prop_assert_eq!(verdict(kept), verdict(anew));
    }

    #[test]
    fn a_clone_and_a_saved_scheduler_go_on_alike(
        before in prop::collection::vec(line(), 1..40),
        after in prop::collection::vec(line(), 1..40),
    ) {
        let mut story = Story::new();
        tell(&mut story, &before);
        let bytes = postcard::to_stdvec(&story.scheduler).unwrap();
        let mut saved = story.clone();
        saved.scheduler = postcard::from_bytes(&bytes).unwrap();
        let mut cloned = story.clone();
        let told = tell(&mut story, &after);
        prop_assert_eq!(&told, &tell(&mut cloned, &after));
        prop_assert_eq!(&told, &tell(&mut saved, &after));
    }
}
