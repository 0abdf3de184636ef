//! One recorded case: a cluster and a pod, to the decision in the form of the recordings.

use podyard_api::{Key, Object, Value, value};
use podyard_sim::Time;

use crate::plugins::Plugin;
use crate::scheduler::Scheduler;
use crate::status::Status;
use crate::trace::{NodeTrace, PostFilterTrace, Trace};

/// Decides a case: `input` holds lists of objects by resource, and `pod`.
pub fn evaluate(input: &Value) -> Value {
    let pod = input.get("pod");
    let scheduler = scheduler_of(input);
    if let Err((plugin, status)) = scheduler.pre_enqueue(pod) {
        let condition = podyard_api::kinds::Pod(pod).status().condition("PodScheduled");
        let condition = condition.map(|condition| {
            value!({"message": condition.message(), "reason": condition.reason(), "status": condition.status()})
        });
        return value!({
            "preEnqueue": {"code": status.code.name(), "plugin": plugin.name(), "reasons": reasons(&status)},
            "podScheduledCondition": condition,
        });
    }
    expected(&scheduler.explain(pod))
}

/// A scheduler that has seen the cluster of a case.
pub fn scheduler_of(input: &Value) -> Scheduler {
    const LISTS: [(&str, &str); 10] = [
        ("namespaces", "namespaces"),
        ("storageClasses", "storageclasses"),
        ("persistentVolumes", "persistentvolumes"),
        ("persistentVolumeClaims", "persistentvolumeclaims"),
        ("csiNodes", "csinodes"),
        ("podDisruptionBudgets", "poddisruptionbudgets"),
        ("services", "services"),
        ("nodes", "nodes"),
        ("pods", "pods"),
        ("pendingPods", "pods"),
    ];
    let mut scheduler = Scheduler::new(0);
    for (field, resource) in LISTS {
        // As an informer lists them first: by name.
        let mut objects: Vec<&Value> = input.get(field).items().iter().collect();
        objects.sort_by_key(|object| (object.namespace(), object.name()));
        for object in objects {
            scheduler.observe(Time::default(), resource, None, Some(object));
        }
    }
    scheduler
}

fn expected(trace: &Trace) -> Value {
    let mut result = value!({
        "result": match (&trace.chosen, &trace.post_filter) {
            (Some(_), _) => "schedulable",
            (None, Some(PostFilterTrace { rejected: None, .. })) => "unschedulable-preempting",
            _ => "unschedulable",
        },
    });
    if trace.node_count > 0 {
        result.set("preFilter", pre_filter(trace));
        if trace.rejected.is_none() {
            result.set("filter", by_node(&trace.nodes, |_, node| Some(status(node.rejected.as_ref()))));
        }
    }
    if trace.chosen.is_some() {
        result.set("scores", by_node(&trace.nodes, |index, node| scores(trace, index, node)));
        let weights = trace.scores.iter().map(|scores| (Key::from(scores.plugin.name()), Value::from(scores.weight)));
        result.set("scorePluginWeights", weights.collect::<Object>());
        result.set("skippedScorePlugins", names(&trace.skipped_scorers));
        let mut top = trace.top.clone();
        top.sort();
        result.set("top", top);
        return result;
    }
    result.set("message", trace.message.as_str());
    if let Some(post_filter) = &trace.post_filter {
        result.set("messageWithoutPreemption", trace.message_before_post_filter.as_str());
        result.set("unschedulablePlugins", names(&trace.unschedulable_by));
        note_post_filter(&mut result, post_filter);
    }
    result
}

fn pre_filter(trace: &Trace) -> Value {
    let mut result = status(trace.rejected.as_ref());
    if let Some(nodes) = trace.only_nodes.as_ref().filter(|_| trace.rejected.is_none()) {
        result.set("nodeNames", nodes.clone());
        result.set("nodesRestrictedBy", names(&trace.restricted_by));
    }
    result
}

fn by_node(nodes: &[NodeTrace], of: impl Fn(usize, &NodeTrace) -> Option<Value>) -> Value {
    let entry = |(index, node): (usize, &NodeTrace)| Some((Key::from(&node.node), of(index, node)?));
    Value::Object(nodes.iter().enumerate().filter_map(entry).collect())
}

fn scores(trace: &Trace, index: usize, node: &NodeTrace) -> Option<Value> {
    if node.rejected.is_some() {
        return None;
    }
    let plugins = trace.scores.iter().map(|scores| {
        (Key::from(scores.plugin.name()), Value::from(vec![scores.raw[index], scores.normalized[index]]))
    });
    Some(value!({"plugins": plugins.collect::<Object>(), "total": node.total}))
}

fn note_post_filter(result: &mut Value, post_filter: &PostFilterTrace) {
    let mut said = status(post_filter.rejected.as_ref());
    let Some(best) = &post_filter.nominated else {
        if post_filter.clears_nomination {
            said.set("nominatedNodeName", "");
        }
        result.set("postFilter", said);
        return;
    };
    said.set("nominatedNodeName", &best.node);
    said.set("victims", best.victims.clone());
    result.set("postFilter", said);
    result.set("nominatedNodeOneOf", vec![best.node.clone()]);
    let mut candidates = post_filter.candidates.clone();
    candidates.sort_by(|a, b| a.node.cmp(&b.node));
    let candidates = candidates.into_iter().map(|candidate| {
        value!({
            "node": candidate.node,
            "numPDBViolations": candidate.violations,
            "victims": candidate.victims,
        })
    });
    result.set("preemptionCandidates", candidates.collect::<Value>());
}

fn status(status: Option<&Status>) -> Value {
    let Some(status) = status else { return value!({"code": "Success"}) };
    let plugin = status.plugin.map(|plugin| plugin.name());
    value!({"code": status.code.name(), "plugin": plugin, "reasons": reasons(status)})
}

fn reasons(status: &Status) -> Value {
    status.reasons.iter().map(|reason| Value::from(reason.as_ref())).collect()
}

fn names(plugins: &[Plugin]) -> Value {
    plugins.iter().map(|plugin| plugin.name()).collect()
}
