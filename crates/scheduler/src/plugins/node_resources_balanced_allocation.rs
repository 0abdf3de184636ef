//! Prefers nodes whose resources the pod would bring into balance.
// Models pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go

use super::{Context, MAX_SCORE, Spec};
use crate::node_info::NodeInfo;
use crate::resources::ResourceName;

pub const SPEC: Spec =
    Spec { pre_score: Some(pre_score), score: Some(score), ..Spec::named("NodeResourcesBalancedAllocation") };

pub type State = ();

/// A pod that asks for nothing changes no balance.
fn pre_score(cx: &Context<'_>, _: &mut super::State, _: &[&NodeInfo]) -> bool {
    let requests = &cx.pod.requests.requests;
    cx.profile.args.balanced_resources.iter().any(|(name, _)| requests.amount(name) != 0)
}

fn score(cx: &Context<'_>, _: &super::State, _: usize, node: &NodeInfo) -> i64 {
    let requests = &cx.pod.requests.requests;
    let resources = &cx.profile.args.balanced_resources;
    let mut with = Balance::default();
    let mut without = Balance::default();
    for (name, _) in resources {
        let (allocatable, requested, more) =
            (node.allocatable.amount(name), node.requested.amount(name), requests.amount(name));
        let is_scalar = matches!(name, ResourceName::Scalar(_));
        if allocatable == 0 || (is_scalar && more == 0) {
            continue;
        }
        with.add(requested + more, allocatable);
        without.add(requested, allocatable);
    }
    MAX_SCORE / 2 + (MAX_SCORE / 2 + with.score() - without.score()) / 2
}

/// Fractions in use, of up to eight resources.
#[derive(Default)]
struct Balance {
    fractions: [f64; 8],
    count: usize,
}

impl Balance {
    fn add(&mut self, requested: i64, allocatable: i64) {
        if let Some(fraction) = self.fractions.get_mut(self.count) {
            *fraction = (requested as f64 / allocatable as f64).min(1.0);
            self.count += 1;
        }
    }

    /// 100 less the standard deviation.
    fn score(&self) -> i64 {
        let fractions = &self.fractions[..self.count];
        let deviation = match fractions {
            [] | [_] => 0.0,
            [a, b] => ((a - b) / 2.0).abs(),
            _ => {
                let mean = fractions.iter().sum::<f64>() / fractions.len() as f64;
                let sum: f64 = fractions.iter().map(|fraction| (fraction - mean) * (fraction - mean)).sum();
                (sum / fractions.len() as f64).sqrt()
            }
        };
        ((1.0 - deviation) * MAX_SCORE as f64) as i64
    }
}
