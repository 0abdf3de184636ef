//! The names that are kept once for the whole program: field names of the schemas, and labels and keys met everywhere.

use std::sync::LazyLock;

use crate::schema;

/// The static text equal to `text`, if it is a known name.
pub(super) fn known(text: &str) -> Option<&'static str> {
    TABLE.find(text)
}

/// Names that are no fields: resources, labels, annotations, keys of common ConfigMaps and Secrets, verbs of patches.
const MORE: &[&str] = &[
    "app",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/os",
    "ca.crt",
    "controller-revision-hash",
    "cpu",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deployment.kubernetes.io/revision",
    "endpoints.kubernetes.io/last-change-trigger-time",
    "ephemeral-storage",
    "hugepages-1Gi",
    "hugepages-2Mi",
    "k8s-app",
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/metadata.name",
    "kubernetes.io/os",
    "kubernetes.io/service-name",
    "memory",
    "node-role.kubernetes.io/control-plane",
    "node.alpha.kubernetes.io/ttl",
    "node.kubernetes.io/exclude-from-external-load-balancers",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "pod-template-hash",
    "pods",
    "run",
    "statefulset.kubernetes.io/pod-name",
    "tier",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "volumes.kubernetes.io/controller-managed-attach-detach",
];

static TABLE: LazyLock<Table> = LazyLock::new(Table::build);

/// An open hash table; a slot holds an index into the names, plus one.
struct Table {
    names: Vec<&'static str>,
    slots: Vec<u16>,
}

const SLOTS: usize = 4096;

impl Table {
    fn build() -> Self {
        let mut table = Self { names: Vec::new(), slots: vec![0; SLOTS] };
        for info in schema::types() {
            info.fields.iter().for_each(|field| table.add(field.name));
        }
        MORE.iter().for_each(|name| table.add(name));
        table
    }

    fn add(&mut self, name: &'static str) {
        // Half of the slots stay free, so that a search ends soon.
        if self.find(name).is_some() || self.names.len() >= SLOTS / 2 {
            return;
        }
        let mut slot = hash(name);
        while self.slots[slot % SLOTS] != 0 {
            slot += 1;
        }
        self.names.push(name);
        self.slots[slot % SLOTS] = self.names.len() as u16;
    }

    fn find(&self, text: &str) -> Option<&'static str> {
        let mut slot = hash(text);
        loop {
            let index = self.slots[slot % SLOTS];
            let name = self.names.get(usize::from(index).checked_sub(1)?)?;
            if *name == text {
                return Some(name);
            }
            slot += 1;
        }
    }
}

/// FNV-1a over length, head and tail: field names differ there.
fn hash(text: &str) -> usize {
    let bytes = text.as_bytes();
    let tail = bytes.len().saturating_sub(8).max(8.min(bytes.len()));
    let mut hash = 0x811c_9dc5_u32 ^ bytes.len() as u32;
    for byte in bytes.iter().take(8).chain(&bytes[tail..]) {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    (hash ^ (hash >> 15)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn field_names_are_static_and_others_are_not() {
        for name in ["containers", "terminationGracePeriodSeconds", "cpu", "app"] {
            assert!(matches!(Key::from(name), Key::Static(text) if text == name), "{name}");
        }
        for name in ["", "containerz", "x".repeat(100).as_str()] {
            assert!(matches!(Key::from(name), Key::Owned(_)), "{name}");
        }
    }

    #[test]
    fn all_names_fit_and_are_found_soon() {
        assert!(TABLE.names.len() > 800 && TABLE.names.len() < SLOTS / 2);
        let probes = |name: &&str| {
            let from = hash(name);
            (0..SLOTS).find(|step| TABLE.names.get(usize::from(TABLE.slots[(from + step) % SLOTS]) - 1) == Some(name))
        };
        assert!(TABLE.names.iter().filter_map(probes).all(|steps| steps < 32));
    }
}
