//! RoleBindings and ClusterRoleBindings.

use podyard_api::kinds::RoleBinding;

use super::common::subjects;
use super::{AGE, NAME, Printer, cells, object_age, text, wide};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Role"), AGE, wide("Users"), wide("Groups"), wide("ServiceAccounts")],
    row: |object, now| {
        let binding = RoleBinding(object);
        let role = format!("{}/{}", binding.role_ref().kind(), binding.role_ref().name());
        let [users, groups, accounts] = subjects(binding);
        cells![object.name(), role, object_age(object, now), users, groups, accounts]
    },
};
