//! APIServices.

use podyard_api::kinds::Condition;

use super::{AGE, NAME, Printer, cells, object_age, text};

// Models staging/src/k8s.io/kube-aggregator/pkg/registry/apiservice/etcd/etcd.go
pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Service"), text("Available"), AGE],
    row: |object, now| {
        let service = object.at(&["spec", "service"]);
        let backend = match service.is_null() {
            true => "Local".to_owned(),
            false => format!("{}/{}", service.get("namespace").str(), service.get("name").str()),
        };
        let mut conditions = object.at(&["status", "conditions"]).items().iter().map(Condition);
        let available = match conditions.find(|condition| condition.kind() == "Available") {
            Some(condition) if condition.is_true() => "True".to_owned(),
            Some(condition) => format!("{} ({})", condition.status(), condition.reason()),
            None => "Unknown".to_owned(),
        };
        cells![object.name(), backend, available, object_age(object, now)]
    },
};
