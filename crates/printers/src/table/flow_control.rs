//! FlowSchemas and PriorityLevelConfigurations.

use podyard_api::Value;
use podyard_api::kinds::Condition;

use super::{AGE, NAME, Printer, cells, object_age, text};
use crate::values::or;

pub(super) const FLOW_SCHEMA: Printer = Printer {
    columns: &[
        NAME,
        text("PriorityLevel"),
        text("MatchingPrecedence"),
        text("DistinguisherMethod"),
        AGE,
        text("MissingPL"),
    ],
    row: |object, now| {
        let spec = object.get("spec");
        let mut conditions = object.at(&["status", "conditions"]).items().iter().map(Condition);
        let dangling = conditions.find(|condition| condition.kind() == "Dangling");
        cells![
            object.name(),
            spec.at(&["priorityLevelConfiguration", "name"]).str(),
            spec.get("matchingPrecedence").as_i64().unwrap_or_default(),
            or(spec.at(&["distinguisherMethod", "type"]).str(), "<none>"),
            object_age(object, now),
            dangling.map_or("?", |condition| condition.status()),
        ]
    },
};

/// FlowSchemas are listed as they are matched.
pub(super) fn precedence(object: &Value) -> (i64, &str) {
    (object.at(&["spec", "matchingPrecedence"]).as_i64().unwrap_or_default(), object.name())
}

pub(super) const PRIORITY_LEVEL: Printer = Printer {
    columns: &[
        NAME,
        text("Type"),
        text("NominalConcurrencyShares"),
        text("Queues"),
        text("HandSize"),
        text("QueueLengthLimit"),
        AGE,
    ],
    row: |object, now| {
        let spec = object.get("spec");
        let limited = spec.get("limited");
        let queuing = limited.at(&["limitResponse", "queuing"]);
        let number = |within: &Value, name: &str| match within.is_null() {
            true => Value::from("<none>"),
            false => Value::from(within.get(name).as_i64().unwrap_or_default()),
        };
        cells![
            object.name(),
            spec.get("type").str(),
            number(limited, "nominalConcurrencyShares"),
            number(queuing, "queues"),
            number(queuing, "handSize"),
            number(queuing, "queueLengthLimit"),
            object_age(object, now),
        ]
    },
};

#[cfg(test)]
mod tests {
    use podyard_api::value;

    use crate::table::{Include, Options, table};

    #[test]
    fn flow_schemas_are_in_the_order_of_their_precedence() {
        let schema = |name: &str, precedence: i64| value!({"metadata": {"name": name}, "spec": {"matchingPrecedence": precedence}});
        let objects = [schema("c", 200), schema("b", 200), schema("z", 1)];
        let options = Options { now: 0, include: Include::None };
        let made = table("flowcontrol.apiserver.k8s.io", "flowschemas", &objects, &options);
        let names: Vec<_> = made.get("rows").items().iter().map(|row| row.get("cells").items()[0].str()).collect();
        assert_eq!(names, ["z", "b", "c"]);
    }
}
