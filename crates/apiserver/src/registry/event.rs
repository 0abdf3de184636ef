//! Events: created and counted up by their reporters.
// Models pkg/registry/core/event/strategy.go

use podyard_api::{Value, names};

use super::{GENERIC, Strategy};
use crate::validation::{self, Errors};

pub(super) const STRATEGY: Strategy = Strategy {
    name_check: names::name_path_segment,
    unconditional_update: true,
    validate_create: create,
    validate_update: |new, _, errors| create(new, errors),
    ..GENERIC
};

fn create(event: &Value, errors: &mut Errors) {
    validation::event::create(event, errors);
}
