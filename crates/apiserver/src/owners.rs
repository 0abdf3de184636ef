//! Who depends on whom: an index of owner references, kept with every write.

use ecow::EcoString;
use imbl::{OrdMap, OrdSet};
use podyard_api::Value;
use serde::{Deserialize, Serialize};

use crate::keys::ResourceKey;

/// Resource, namespace and name of an object.
pub(crate) type Reference = (ResourceKey, EcoString, EcoString);

/// Dependents by the uid of their owner. A clone is O(1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Owners {
    dependents: OrdMap<EcoString, OrdSet<Reference>>,
    /// What no controller owns, of the resources that controllers adopt.
    orphans: OrdSet<Reference>,
}

/// What controllers adopt.
const ADOPTED: [ResourceKey; 3] = [ResourceKey::PODS, ResourceKey::REPLICA_SETS, ResourceKey::CONTROLLER_REVISIONS];

impl Owners {
    /// Notes what a write has changed.
    pub(crate) fn changed(
        &mut self,
        resource: ResourceKey,
        (namespace, name): (&str, &str),
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        let owners = |object: Option<&'_ Value>| {
            object.map(|object| object.get("metadata").get("ownerReferences").clone()).unwrap_or_default()
        };
        let (before, after) = (owners(old), owners(new));
        let same = before.same(&after) || before == after;
        if old.is_some() && new.is_some() && same {
            return;
        }
        let adopted = ADOPTED.contains(&resource);
        if before.items().is_empty() && after.items().is_empty() && !adopted {
            return;
        }
        let reference: Reference = (resource, namespace.into(), name.into());
        for owner in before.items() {
            self.forget(owner.get("uid").str(), &reference);
        }
        for owner in after.items() {
            self.dependents.entry(owner.get("uid").text()).or_default().insert(reference.clone());
        }
        if adopted {
            if new.is_some_and(|object| object.meta().controller().is_none()) {
                self.orphans.insert(reference);
            } else {
                self.orphans.remove(&reference);
            }
        }
    }

    fn forget(&mut self, owner: &str, reference: &Reference) {
        if let Some(dependents) = self.dependents.get_mut(owner) {
            dependents.remove(reference);
            if dependents.is_empty() {
                self.dependents.remove(owner);
            }
        }
    }

    pub(crate) fn dependents(&self, owner: &str) -> impl Iterator<Item = &Reference> {
        self.dependents.get(owner).into_iter().flatten()
    }

    pub(crate) fn orphans(&self, resource: ResourceKey, namespace: &str) -> impl Iterator<Item = &Reference> {
        let start: Reference = (resource, namespace.into(), EcoString::new());
        let namespace = EcoString::from(namespace);
        self.orphans.range(start..).take_while(move |reference| reference.0 == resource && reference.1 == namespace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    fn pod(owner: &str) -> Value {
        match owner {
            "" => value!({"metadata": {"name": "a"}}),
            uid => value!({"metadata": {"name": "a", "ownerReferences": [{"uid": uid, "controller": true}]}}),
        }
    }

    fn check(writes: &[(&str, &str)], expect: &str) {
        let mut owners = Owners::default();
        for (old, new) in writes {
            let object = |owner: &str| (owner != "-").then(|| pod(owner));
            owners.changed(ResourceKey::PODS, ("ns", "a"), object(old).as_ref(), object(new).as_ref());
        }
        let found = |uid: &str| owners.dependents(uid).count();
        let free = owners.orphans(ResourceKey::PODS, "ns").count();
        assert_eq!(format!("x={} y={} free={free}", found("x"), found("y")), expect);
    }

    #[test]
    fn the_index_follows_the_references() {
        check(&[("-", "x")], "x=1 y=0 free=0");
        check(&[("-", ""), ("", "x"), ("x", "y")], "x=0 y=1 free=0");
        check(&[("-", "x"), ("x", "")], "x=0 y=0 free=1");
        check(&[("-", ""), ("", "-")], "x=0 y=0 free=0");
    }
}
