//! Prefers nodes that have the pod's images, the more so the larger and the more widespread they are.
// Models pkg/scheduler/framework/plugins/imagelocality/image_locality.go

use super::{Context, MAX_SCORE, Spec};
use crate::node_info::NodeInfo;

pub const SPEC: Spec = Spec { pre_score: Some(pre_score), score: Some(score), ..Spec::named("ImageLocality") };

const MIN_THRESHOLD: i64 = 23 * 1024 * 1024;
const MAX_CONTAINER_THRESHOLD: i64 = 1000 * 1024 * 1024;

/// The pod's images that some node has: what a node that has one gains.
#[derive(Clone, Default)]
pub struct State {
    images: Vec<(String, i64)>,
    containers: i64,
}

fn pre_score(cx: &Context<'_>, state: &mut super::State, _: &[&NodeInfo]) -> bool {
    let spec = cx.pod.pod().spec();
    let total = cx.cache.node_count() as f64;
    let state = &mut state.image_locality;
    for container in spec.init_containers().chain(spec.containers()) {
        state.containers += 1;
        let name = with_tag(container.image());
        if let Some(image) = cx.cache.image(&name) {
            let spread = f64::from(image.nodes) / total;
            state.images.push((name, (image.size as f64 * spread) as i64));
        }
    }
    true
}

fn score(_: &Context<'_>, state: &super::State, _: usize, node: &NodeInfo) -> i64 {
    let state = &state.image_locality;
    let has = |name: &str| node.images.iter().any(|(image, _)| image == name);
    let sum: i64 = state.images.iter().filter(|(name, _)| has(name)).map(|(_, gain)| gain).sum();
    let max = MAX_CONTAINER_THRESHOLD * state.containers.max(1);
    MAX_SCORE * (sum.clamp(MIN_THRESHOLD, max) - MIN_THRESHOLD) / (max - MIN_THRESHOLD)
}

/// A name without a tag or digest means `:latest`.
fn with_tag(image: &str) -> String {
    if image.rfind(':') <= image.rfind('/') { format!("{image}:latest") } else { image.to_owned() }
}
