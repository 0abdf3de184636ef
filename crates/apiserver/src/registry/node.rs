//! Nodes.
// Models pkg/registry/core/node/strategy.go

use super::{GENERIC, Strategy, common};
use crate::{defaults, validation};

pub(super) const STRATEGY: Strategy = Strategy {
    defaults: defaults::node,
    // A kubelet registers its node with its status.
    prepare_update: common::keep_status,
    prepare_status: common::only_status,
    validates_meta: true,
    validate_create: validation::node::create,
    validate_update: validation::node::update,
    ..GENERIC
};
