//! Reads a `KubeSchedulerConfiguration`: profiles, plugins by point, weights and arguments.
// Models pkg/scheduler/apis/config/v1/{defaults,default_plugins}.go and pkg/scheduler/framework/runtime/framework.go

use ecow::EcoString;
use podyard_api::Value;

use crate::config::{Args, DEFAULT, Points, Profile};
use crate::plugins::node_resources_fit::{Scoring, ScoringStrategy};
use crate::plugins::{Plugin, Spec};
use crate::resources::ResourceName;

/// The profiles of a configuration object; the default profile where it names none.
///
/// # Errors
/// What is wrong, in the words of kube-scheduler where they are known.
pub fn profiles(configuration: &Value) -> Result<Vec<Profile>, String> {
    let (kind, version) = (configuration.kind(), configuration.api_version());
    if kind != "KubeSchedulerConfiguration" || version != "kubescheduler.config.k8s.io/v1" {
        return Err(format!(
            "no kind {kind:?} is registered for version {version:?} in scheme \"pkg/scheduler/apis/config/scheme/scheme.go:31\""
        ));
    }
    let percentage = configuration.get("percentageOfNodesToScore");
    let listed = configuration.get("profiles").items();
    let default = [Value::object()];
    let listed = if listed.is_empty() { &default } else { listed };
    let mut profiles: Vec<Profile> = Vec::new();
    for object in listed {
        let profile = profile(object, percentage)?;
        if profiles.iter().any(|other| other.scheduler_name == profile.scheduler_name) {
            return Err(format!("duplicate profile with scheduler name {:?}", profile.scheduler_name.as_str()));
        }
        profiles.push(profile);
    }
    Ok(profiles)
}

fn profile(object: &Value, percentage: &Value) -> Result<Profile, String> {
    let own = object.get("percentageOfNodesToScore").as_i64();
    let percentage = own.or(percentage.as_i64()).unwrap_or_default();
    if !(0..=100).contains(&percentage) {
        return Err(format!("percentageOfNodesToScore: Invalid value: {percentage}: not in valid range [0-100]"));
    }
    let name = object.get("schedulerName").as_str().unwrap_or("default-scheduler");
    let mut args = Args::default();
    for config in object.get("pluginConfig").items() {
        let plugin = plugin(config.get("name").str())?;
        set_args(&mut args, plugin, config.get("args"))?;
    }
    let profile = Profile {
        scheduler_name: name.into(),
        percentage_of_nodes_to_score: percentage,
        points: points(object.get("plugins"))?,
        args,
    };
    match (profile.points.queue_sort.len(), profile.points.bind.is_empty()) {
        (1, false) => Ok(profile),
        (1, true) => Err("at least one bind plugin is needed".into()),
        (0, _) => Err(format!("no queue sort plugin required for profile with scheduler name: {name:?}")),
        (_, _) => Err(format!("only one queue sort plugin required for profile with scheduler name: {name:?}")),
    }
}

fn plugin(name: &str) -> Result<Plugin, String> {
    Plugin::of(name).ok_or_else(|| format!("plugin {name:?} is not registered"))
}

/// Plugins with weights, as `enabled` lists them.
fn enabled(set: &Value) -> Result<Vec<(Plugin, i64)>, String> {
    let entry =
        |entry: &Value| Ok((plugin(entry.get("name").str())?, entry.get("weight").as_i64().unwrap_or_default()));
    set.get("enabled").items().iter().map(entry).collect()
}

fn disables(set: &Value, name: &str) -> bool {
    set.get("disabled").items().iter().any(|entry| entry.get("name") == name)
}

fn points(plugins: &Value) -> Result<Points, String> {
    let everywhere = multi_point(plugins.get("multiPoint"))?;
    let mut error = None;
    let points = Points::build(|name, takes_part| {
        at_point(plugins.get(name), &everywhere, takes_part).unwrap_or_else(|found| {
            error.get_or_insert(found);
            Vec::new()
        })
    });
    error.map_or(Ok(points), Err)
}

/// The default plugins as changed by the configuration: replaced in place, left out, added at the end.
fn multi_point(set: &Value) -> Result<Vec<(Plugin, i64)>, String> {
    let custom = enabled(set)?;
    let kept = DEFAULT.iter().filter(|(plugin, _)| !disables(set, "*") && !disables(set, plugin.name()));
    let mut plugins: Vec<(Plugin, i64)> = kept.copied().collect();
    for (plugin, weight) in custom {
        match plugins.iter_mut().find(|(other, _)| *other == plugin) {
            Some(entry) => entry.1 = weight,
            None => plugins.push((plugin, weight)),
        }
    }
    Ok(plugins)
}

/// One point: those named both here and everywhere, the rest of those everywhere, the rest of those here.
fn at_point(
    set: &Value,
    everywhere: &[(Plugin, i64)],
    takes_part: fn(&Spec) -> bool,
) -> Result<Vec<(Plugin, i64)>, String> {
    let here = enabled(set)?;
    if let Some((plugin, _)) = here.iter().find(|(plugin, _)| !takes_part(plugin.spec())) {
        return Err(format!("plugin {:?} does not extend this point", plugin.name()));
    }
    let is_here = |plugin: &Plugin| here.iter().any(|(other, _)| other == plugin);
    let general: Vec<_> = everywhere
        .iter()
        .filter(|(plugin, _)| takes_part(plugin.spec()) && !disables(set, "*") && !disables(set, plugin.name()))
        .copied()
        .collect();
    let is_general = |plugin: &Plugin| general.iter().any(|(other, _)| other == plugin);
    let both = here.iter().filter(|(plugin, _)| is_general(plugin));
    let only_here = here.iter().filter(|(plugin, _)| !is_general(plugin));
    let only_general = general.iter().filter(|(plugin, _)| !is_here(plugin));
    Ok(both.chain(only_general).chain(only_here).copied().collect())
}

fn set_args(args: &mut Args, plugin: Plugin, given: &Value) -> Result<(), String> {
    let number = |field: &str, default: i64| given.get(field).as_i64().unwrap_or(default);
    match plugin {
        Plugin::NodeResourcesFit => args.fit = strategy(given)?,
        Plugin::NodeResourcesBalancedAllocation => {
            if let Some(resources) = resources(given) {
                args.balanced_resources = resources;
            }
        }
        Plugin::InterPodAffinity => {
            let weight = number("hardPodAffinityWeight", args.hard_pod_affinity_weight);
            if !(0..=100).contains(&weight) {
                return Err(format!("hardPodAffinityWeight: Invalid value: {weight}: not in valid range [0-100]"));
            }
            args.hard_pod_affinity_weight = weight;
            let ignore = given.get("ignorePreferredTermsOfExistingPods").as_bool();
            args.ignore_preferred_terms_of_existing_pods = ignore.unwrap_or_default();
        }
        Plugin::DefaultPreemption => {
            args.min_candidate_nodes_percentage =
                number("minCandidateNodesPercentage", args.min_candidate_nodes_percentage);
            args.min_candidate_nodes_absolute = number("minCandidateNodesAbsolute", args.min_candidate_nodes_absolute);
        }
        Plugin::PodTopologySpread if given.get("defaultingType") == "List" => {
            args.default_constraints = Some(given.get("defaultConstraints").clone());
        }
        Plugin::NodeAffinity => args.added_affinity = given.get("addedAffinity").clone(),
        _ => {}
    }
    Ok(())
}

/// `resources` with their weights, if any are given.
fn resources(given: &Value) -> Option<Vec<(ResourceName, i64)>> {
    let items = given.get("resources").items();
    let entry = |item: &Value| (ResourceName::from(item.get("name").str()), item.get("weight").as_i64().unwrap_or(1));
    (!items.is_empty()).then(|| items.iter().map(entry).collect())
}

fn strategy(given: &Value) -> Result<ScoringStrategy, String> {
    let names = |field: &str| given.get(field).items().iter().map(Value::text).collect::<Vec<EcoString>>();
    let strategy = given.get("scoringStrategy");
    let kind = match strategy.get("type").as_str().unwrap_or("LeastAllocated") {
        "LeastAllocated" => Scoring::LeastAllocated,
        "MostAllocated" => Scoring::MostAllocated,
        "RequestedToCapacityRatio" => {
            let shape = strategy.get("requestedToCapacityRatio").get("shape").items();
            let number = |point: &Value, field: &str| point.get(field).as_i64().unwrap_or_default();
            let shape: Vec<_> = shape.iter().map(|p| (number(p, "utilization"), number(p, "score"))).collect();
            if shape.is_empty() {
                return Err("scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified".into());
            }
            if !shape.is_sorted_by(|(a, _), (b, _)| a < b) {
                return Err("scoringStrategy.requestedToCapacityRatio.shape: Invalid value: utilization values must be sorted in increasing order".into());
            }
            Scoring::RequestedToCapacityRatio(shape)
        }
        other => {
            return Err(format!(
                "scoringStrategy.type: Unsupported value: {other:?}: supported values: \"LeastAllocated\", \"MostAllocated\", \"RequestedToCapacityRatio\""
            ));
        }
    };
    Ok(ScoringStrategy {
        kind,
        resources: resources(strategy).unwrap_or_else(|| ScoringStrategy::default().resources),
        ignored_resources: names("ignoredResources"),
        ignored_resource_groups: names("ignoredResourceGroups"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    fn check(profile: Value, expect: &str) {
        let configuration = value!({
            "apiVersion": "kubescheduler.config.k8s.io/v1",
            "kind": "KubeSchedulerConfiguration",
            "profiles": [profile],
        });
        let text = match profiles(&configuration) {
            Err(error) => error,
            Ok(profiles) => {
                let points = &profiles[0].points;
                let names =
                    |plugins: &[Plugin]| plugins.iter().map(|plugin| plugin.name()).collect::<Vec<_>>().join(" ");
                let scores = points.score.iter().map(|(plugin, weight)| format!("{} {weight}", plugin.name()));
                format!(
                    "{}: filter {}; score {}",
                    profiles[0].scheduler_name,
                    names(&points.filter[..points.filter.len().min(3)]),
                    scores.collect::<Vec<_>>().join(", ")
                )
            }
        };
        assert_eq!(text, expect);
    }

    #[test]
    fn plugins_are_enabled_disabled_and_weighed_by_point() {
        check(
            value!({}),
            "default-scheduler: filter NodeUnschedulable NodeName TaintToleration; score TaintToleration 3, \
             NodeAffinity 2, NodeResourcesFit 1, VolumeBinding 1, PodTopologySpread 2, InterPodAffinity 2, \
             DynamicResources 2, NodeResourcesBalancedAllocation 1, ImageLocality 1",
        );
        check(
            value!({"schedulerName": "mine", "plugins": {
                "filter": {"disabled": [{"name": "NodeName"}]},
                "score": {
                    "disabled": [{"name": "*"}],
                    "enabled": [{"name": "ImageLocality", "weight": 5}, {"name": "NodeResourcesFit"}],
                },
            }}),
            "mine: filter NodeUnschedulable TaintToleration NodeAffinity; score ImageLocality 5, NodeResourcesFit 1",
        );
        check(
            value!({"plugins": {
                "multiPoint": {"disabled": [{"name": "TaintToleration"}], "enabled": [{"name": "NodeAffinity", "weight": 9}]},
                "score": {"enabled": [{"name": "ImageLocality", "weight": 7}], "disabled": [{"name": "VolumeBinding"}]},
            }}),
            "default-scheduler: filter NodeUnschedulable NodeName NodeAffinity; score ImageLocality 7, NodeAffinity 9, \
             NodeResourcesFit 1, PodTopologySpread 2, InterPodAffinity 2, DynamicResources 2, \
             NodeResourcesBalancedAllocation 1",
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        check(value!({"plugins": {"score": {"enabled": [{"name": "Nope"}]}}}), "plugin \"Nope\" is not registered");
        check(
            value!({"plugins": {"queueSort": {"disabled": [{"name": "*"}]}}}),
            "no queue sort plugin required for profile with scheduler name: \"default-scheduler\"",
        );
        check(
            value!({"pluginConfig": [{"name": "NodeResourcesFit", "args": {"scoringStrategy": {"type": "Best"}}}]}),
            "scoringStrategy.type: Unsupported value: \"Best\": supported values: \"LeastAllocated\", \
             \"MostAllocated\", \"RequestedToCapacityRatio\"",
        );
    }
}
