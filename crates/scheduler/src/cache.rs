//! What the scheduler knows of the cluster, kept up to date change by change.

use std::sync::Arc;

use ecow::EcoString;
use imbl::{OrdMap, OrdSet};
use podyard_api::Value;
use serde::{Deserialize, Serialize};

use crate::node_info::NodeInfo;
use crate::plugins::pod_topology_spread;
use crate::pod_info::{AffinityTerms, PodClass, PodInfo};
use crate::topology::Places;

/// Nodes with their pods, and the other objects that decide where pods may go. A clone is O(1), and shares.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cache {
    /// A slot for each node; slots of nodes that are gone are used again. Searched at every cycle, hence flat; the
    /// first change after a clone copies the pointers.
    nodes: Arc<Vec<Arc<NodeInfo>>>,
    slots: OrdMap<EcoString, u32>,
    free: imbl::Vector<u32>,
    /// Slots of the nodes that exist, zone by zone in turn.
    order: Arc<Vec<u32>>,
    order_is_stale: bool,
    /// The places that label keys make, as far as they were needed; made anew when nodes or their labels change.
    #[serde(skip)]
    places: OrdMap<EcoString, Arc<Places>>,
    /// The slot of each bound or assumed pod.
    pods: OrdMap<EcoString, u32>,
    /// Pods that were given a node here and are not yet seen bound.
    assumed: OrdSet<EcoString>,
    classes: Classes,
    /// Slots of nodes with pods that have affinity to other pods, and those whose pods keep others away.
    with_affinity: OrdMap<u32, u32>,
    with_required_anti: OrdMap<u32, u32>,
    /// On how many nodes an image is.
    images: OrdMap<EcoString, ImageSpread>,
    /// How many pods use a claim, by `namespace/name`.
    claim_users: OrdMap<EcoString, u32>,
    /// Pods that wait for room on a node, by node and key.
    nominated: OrdMap<EcoString, OrdMap<EcoString, Arc<PodInfo>>>,
    /// Everything else, by resource and `namespace/name`.
    objects: OrdMap<EcoString, OrdMap<EcoString, Value>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImageSpread {
    pub nodes: u32,
    /// Bytes, as the first node said that had it.
    pub size: i64,
}

/// The classes of the pods known, by number.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Classes {
    numbers: OrdMap<EcoString, u32>,
    table: imbl::Vector<(EcoString, u32, Arc<PodClass>)>,
    free: imbl::Vector<u32>,
    /// The topology keys of all terms, and how many classes have them.
    term_keys: OrdMap<EcoString, u32>,
}

impl Cache {
    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.order.len()
    }

    /// The nodes, zone by zone in turn.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = &NodeInfo> {
        self.order.iter().map(|slot| &*self.nodes[*slot as usize])
    }

    /// The node at a place of the order.
    pub fn node_at(&self, place: usize) -> &NodeInfo {
        &self.nodes[self.order[place] as usize]
    }

    pub fn node(&self, name: &str) -> Option<&NodeInfo> {
        let slot = *self.slots.get(name)?;
        Some(&*self.nodes[slot as usize]).filter(|node| node.exists())
    }

    /// Nodes with pods that have some affinity to other pods.
    pub fn nodes_with_affinity(&self) -> impl Iterator<Item = &NodeInfo> {
        self.with_affinity.keys().map(|slot| &*self.nodes[*slot as usize]).filter(|node| node.exists())
    }

    /// Nodes with pods that must not be near certain others.
    pub fn nodes_with_required_anti_affinity(&self) -> impl Iterator<Item = &NodeInfo> {
        self.with_required_anti.keys().map(|slot| &*self.nodes[*slot as usize]).filter(|node| node.exists())
    }

    /// The places that a label key makes.
    pub fn places(&self, key: &str) -> Arc<Places> {
        self.places.get(key).cloned().unwrap_or_else(|| Arc::new(Places::new(self.nodes(), key)))
    }

    /// Gets ready for a decision about a pod: the order of nodes, and the places that may matter.
    pub fn prepare(&mut self, pod: &PodInfo) {
        self.reorder();
        let constraints = pod.pod().spec().topology_spread_constraints().map(|c| EcoString::from(c.topology_key()));
        let built_in = [pod_topology_spread::HOSTNAME, pod_topology_spread::ZONE].map(EcoString::from);
        let keys: Vec<EcoString> = constraints.chain(built_in).chain(self.classes.term_keys.keys().cloned()).collect();
        for key in keys {
            if !self.places.contains_key(&key) {
                let places = self.places(&key);
                self.places.insert(key, places);
            }
        }
    }

    pub fn class(&self, number: u32) -> &PodClass {
        &self.classes.table[number as usize].2
    }

    /// One more than the highest number of a class.
    pub fn class_bound(&self) -> usize {
        self.classes.table.len()
    }

    pub fn image(&self, name: &str) -> Option<&ImageSpread> {
        self.images.get(name)
    }

    pub fn claim_users(&self, namespace: &str, name: &str) -> u32 {
        self.claim_users.get(&object_key(namespace, name)).copied().unwrap_or_default()
    }

    /// An object of another kind.
    pub fn object(&self, resource: &str, namespace: &str, name: &str) -> Option<&Value> {
        self.objects.get(resource)?.get(&object_key(namespace, name))
    }

    pub fn objects(&self, resource: &str) -> impl Iterator<Item = &Value> {
        self.objects.get(resource).into_iter().flat_map(OrdMap::values)
    }

    /// The objects of one namespace.
    pub fn objects_in(&self, resource: &str, namespace: &str) -> impl Iterator<Item = &Value> {
        let prefix = ecow::eco_format!("{namespace}/");
        let range = prefix.clone()..;
        self.objects
            .get(resource)
            .into_iter()
            .flat_map(move |objects| objects.range(range.clone()))
            .take_while(move |(key, _)| key.starts_with(prefix.as_str()))
            .map(|(_, object)| object)
    }

    /// A namespace's labels; `Null` if it is not known.
    pub fn namespace_labels(&self, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.object("namespaces", "", name).map_or(&NULL, |object| object.get("metadata").get("labels"))
    }

    pub fn set_object(&mut self, resource: &str, object: &Value) {
        let key = object_key(object.namespace(), object.name());
        self.objects.entry(resource.into()).or_default().insert(key, object.clone());
    }

    pub fn remove_object(&mut self, resource: &str, object: &Value) {
        if let Some(objects) = self.objects.get_mut(resource) {
            objects.remove(&object_key(object.namespace(), object.name()));
        }
    }

    pub fn set_node(&mut self, object: &Value) {
        let slot = self.slot(object.name());
        let node = self.node_mut(slot);
        let (existed, zone, labels) = (node.exists(), node.zone(), node.labels.clone());
        let before = std::mem::take(&mut node.images);
        node.set_node(object);
        let moved = !existed || node.zone() != zone;
        if !existed || node.labels != labels {
            self.places.clear();
        }
        let node = self.node_mut(slot);
        let after = (node.images != before).then(|| node.images.clone());
        self.order_is_stale |= moved;
        if let Some(after) = after {
            self.count_images(&before, false);
            self.count_images(&after, true);
        }
    }

    pub fn remove_node(&mut self, name: &str) {
        let Some(slot) = self.slots.get(name).copied() else { return };
        let node = self.node_mut(slot);
        node.object = Value::Null;
        node.labels = Value::Null;
        let images = std::mem::take(&mut node.images);
        self.count_images(&images, false);
        self.places.clear();
        self.forget_if_empty(slot);
        self.order_is_stale = true;
    }

    /// The node a bound or assumed pod is on.
    pub fn node_of(&self, key: &str) -> Option<&NodeInfo> {
        self.pods.get(key).map(|slot| &*self.nodes[*slot as usize])
    }

    pub fn pod(&self, key: &str) -> Option<&Arc<PodInfo>> {
        self.node_of(key)?.pods.iter().find(|pod| pod.key == key)
    }

    pub fn is_assumed(&self, key: &str) -> bool {
        self.assumed.contains(key)
    }

    /// Counts a pod on a node before the API server knows.
    pub fn assume(&mut self, pod: PodInfo, node: &str) {
        self.assumed.insert(pod.key.clone());
        self.add_pod(pod, node);
    }

    /// A pod is seen bound.
    pub fn confirm(&mut self, key: &str) {
        self.assumed.remove(key);
    }

    pub fn add_pod(&mut self, pod: PodInfo, node: &str) {
        let slot = self.slot(node);
        for claim in &pod.claims {
            *self.claim_users.entry(object_key(&pod.namespace, claim)).or_default() += 1;
        }
        self.pods.insert(pod.key.clone(), slot);
        let terms = &self.classes.table[pod.class as usize].2.affinity;
        let (affinity, anti) = (!terms.is_empty(), !terms.required_anti.is_empty());
        self.node_mut(slot).add_pod(Arc::new(pod));
        if affinity {
            *self.with_affinity.entry(slot).or_default() += 1;
        }
        if anti {
            *self.with_required_anti.entry(slot).or_default() += 1;
        }
    }

    pub fn remove_pod(&mut self, key: &str) -> Option<Arc<PodInfo>> {
        let slot = self.pods.remove(key)?;
        self.assumed.remove(key);
        let pod = self.node_mut(slot).remove_pod(key)?;
        for claim in &pod.claims {
            decrement(&mut self.claim_users, object_key(&pod.namespace, claim));
        }
        let terms = &self.class(pod.class).affinity;
        let (affinity, anti) = (!terms.is_empty(), !terms.required_anti.is_empty());
        if affinity {
            decrement(&mut self.with_affinity, slot);
        }
        if anti {
            decrement(&mut self.with_required_anti, slot);
        }
        self.forget_if_empty(slot);
        Some(pod)
    }

    /// Replaces the object of a bound pod of which nothing changed that the sums depend on.
    pub fn refresh_pod(&mut self, key: &str, object: &Value) {
        let Some(slot) = self.pods.get(key).copied() else { return };
        let node = self.node_mut(slot);
        if let Some(pod) = node.pods.iter_mut().find(|pod| pod.key == key) {
            Arc::make_mut(pod).object = object.clone();
        }
    }

    /// Reads a pod and finds its class; to be given back by [`Cache::release`].
    pub fn info(&mut self, object: &Value) -> PodInfo {
        let mut info = PodInfo::new(object);
        info.class = self.classes.acquire(&info);
        info
    }

    /// Takes a pod that there is already once more.
    pub fn retain(&mut self, info: &PodInfo) {
        self.classes.retain(info.class);
    }

    /// Gives back a pod made by [`Cache::info`] or kept by [`Cache::retain`].
    pub fn release(&mut self, info: &PodInfo) {
        self.classes.release(info.class);
    }

    pub fn nominate(&mut self, pod: &Arc<PodInfo>, node: &str) {
        self.remove_nomination(&pod.key);
        self.nominated.entry(node.into()).or_default().insert(pod.key.clone(), pod.clone());
    }

    pub fn remove_nomination(&mut self, key: &str) {
        let Some(node) = self.nominated.iter().find(|(_, pods)| pods.contains_key(key)).map(|(node, _)| node.clone())
        else {
            return;
        };
        if let Some(pods) = self.nominated.get_mut(&node) {
            pods.remove(key);
            if pods.is_empty() {
                self.nominated.remove(&node);
            }
        }
    }

    /// The pods that wait for room on a node.
    pub fn nominated(&self, node: &str) -> impl Iterator<Item = &Arc<PodInfo>> {
        self.nominated.get(node).into_iter().flat_map(OrdMap::values)
    }

    pub fn has_nominations(&self) -> bool {
        !self.nominated.is_empty()
    }

    fn slot(&mut self, name: &str) -> u32 {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let slot = self.free.pop_back().unwrap_or(self.nodes.len() as u32);
        let node = Arc::new(NodeInfo::new(name, slot));
        let nodes = Arc::make_mut(&mut self.nodes);
        match nodes.get_mut(slot as usize) {
            Some(place) => *place = node,
            None => nodes.push(node),
        }
        self.slots.insert(name.into(), slot);
        slot
    }

    fn node_mut(&mut self, slot: u32) -> &mut NodeInfo {
        Arc::make_mut(&mut Arc::make_mut(&mut self.nodes)[slot as usize])
    }

    fn forget_if_empty(&mut self, slot: u32) {
        let node = &self.nodes[slot as usize];
        if !node.exists() && node.pods.is_empty() {
            self.slots.remove(&node.name);
            self.free.push_back(slot);
        }
    }

    fn count_images(&mut self, images: &[(EcoString, i64)], add: bool) {
        for (name, size) in images {
            let spread = self.images.entry(name.clone()).or_insert(ImageSpread { nodes: 0, size: *size });
            spread.nodes = if add { spread.nodes + 1 } else { spread.nodes.saturating_sub(1) };
            if spread.nodes == 0 {
                self.images.remove(name);
            }
        }
    }

    /// Brings the nodes in order, if there were changes: one of each zone in turn, nodes and zones by name.
    // Models pkg/scheduler/backend/cache/node_tree.go
    fn reorder(&mut self) {
        if !std::mem::take(&mut self.order_is_stale) {
            return;
        }
        let mut zones: std::collections::BTreeMap<EcoString, std::collections::VecDeque<u32>> = Default::default();
        for slot in self.slots.values() {
            let node = &self.nodes[*slot as usize];
            if node.exists() {
                zones.entry(node.zone()).or_default().push_back(*slot);
            }
        }
        let mut order = Vec::with_capacity(self.slots.len());
        while !zones.is_empty() {
            zones.retain(|_, slots| {
                order.extend(slots.pop_front());
                !slots.is_empty()
            });
        }
        self.order = Arc::new(order);
    }
}

fn decrement<K: Ord + Clone>(counts: &mut OrdMap<K, u32>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// `namespace/name`, or the name alone of what has no namespace.
fn object_key(namespace: &str, name: &str) -> EcoString {
    if namespace.is_empty() { name.into() } else { ecow::eco_format!("{namespace}/{name}") }
}

impl Classes {
    fn acquire(&mut self, info: &PodInfo) -> u32 {
        let mut key = info.namespace.clone();
        key.push(if info.terminating { '-' } else { '+' });
        write_value(info.labels(), &mut key);
        let affinity = info.object.get("spec").get("affinity");
        write_value(affinity.get("podAffinity"), &mut key);
        write_value(affinity.get("podAntiAffinity"), &mut key);
        if let Some(number) = self.numbers.get(&key) {
            self.table[*number as usize].1 += 1;
            return *number;
        }
        let class = PodClass {
            namespace: info.namespace.clone(),
            labels: info.labels().clone(),
            terminating: info.terminating,
            affinity: AffinityTerms::of(info.pod()),
        };
        for term in class.affinity.terms() {
            *self.term_keys.entry(term.topology_key.clone()).or_default() += 1;
        }
        let entry = (key.clone(), 1, Arc::new(class));
        let number = match self.free.pop_back() {
            Some(number) => {
                self.table[number as usize] = entry;
                number
            }
            None => {
                self.table.push_back(entry);
                self.table.len() as u32 - 1
            }
        };
        self.numbers.insert(key, number);
        number
    }

    fn retain(&mut self, number: u32) {
        if let Some(entry) = self.table.get_mut(number as usize) {
            entry.1 += 1;
        }
    }

    fn release(&mut self, number: u32) {
        let Some(entry) = self.table.get_mut(number as usize) else { return };
        entry.1 = entry.1.saturating_sub(1);
        if entry.1 == 0 {
            let key = std::mem::take(&mut entry.0);
            for term in std::mem::take(&mut entry.2).affinity.terms() {
                decrement(&mut self.term_keys, term.topology_key.clone());
            }
            self.numbers.remove(&key);
            self.free.push_back(number);
        }
    }
}

/// A text that is the same for equal values only.
fn write_value(value: &Value, out: &mut EcoString) {
    match value {
        Value::Null => out.push('~'),
        Value::Bool(flag) => out.push(if *flag { 't' } else { 'f' }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&number.to_string()),
        Value::String(text) => {
            out.push('"');
            out.push_str(text);
            out.push('\0');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (key, value) in object.entries() {
                out.push_str(key);
                out.push('\0');
                write_value(value, out);
            }
            out.push('}');
        }
    }
}
