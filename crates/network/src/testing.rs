//! A little cluster, written a line an object.

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::{Value, yaml};
use podyard_netpol::Policies;

use crate::Objects;

/// What the lines describe:
/// `node NAME ADDRESS`, `pod NAME ADDRESS [NAMESPACE]`, `service NAME ADDRESS NAMESPACE PORT->TARGET/PROTOCOL
/// [nodeport=PORT]`, `alias NAME TARGET`, `endpoint|unready|terminating SERVICE ADDRESS NAMESPACE PORT/PROTOCOL
/// [host=NAME]`, `policy NAMESPACE ingress|egress` (denies everything).
pub(crate) struct World {
    nodes: Vec<(EcoString, EcoString)>,
    pods: Vec<Value>,
    services: Vec<Value>,
    slices: BTreeMap<(String, String), Vec<Value>>,
    policies: Vec<Value>,
}

impl World {
    pub(crate) fn new(text: &str) -> Self {
        let mut world = Self {
            nodes: Vec::new(),
            pods: Vec::new(),
            services: Vec::new(),
            slices: BTreeMap::new(),
            policies: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            world.add(&line.split_whitespace().collect::<Vec<_>>());
        }
        world
    }

    pub(crate) fn pod(&self, name: &str) -> &Value {
        self.pods.iter().find(|pod| pod.name() == name).unwrap()
    }

    fn add(&mut self, words: &[&str]) {
        let option = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)).unwrap_or_default();
        let read = |text: String| yaml::parse(&text).unwrap();
        match words {
            ["node", name, address] => self.nodes.push(((*name).into(), (*address).into())),
            ["pod", name, address, rest @ ..] => {
                let namespace = rest.first().unwrap_or(&"default");
                self.pods.push(read(format!(
                    "{{metadata: {{name: {name}, namespace: {namespace}}}, spec: {{nodeName: node01}}, \
                     status: {{podIP: {address}}}}}"
                )));
            }
            ["service", name, address, namespace, port, ..] => {
                let (port, target) = port.split_once("->").unwrap();
                let (target, protocol) = target.split_once('/').unwrap();
                let (kind, node_port) = match option("nodeport=") {
                    "" => ("ClusterIP", "0"),
                    port => ("NodePort", port),
                };
                self.services.push(read(format!(
                    "{{metadata: {{name: {name}, namespace: {namespace}}}, spec: {{clusterIP: {address}, type: {kind}, \
                     ports: [{{port: {port}, targetPort: {target}, protocol: {protocol}, nodePort: {node_port}}}]}}}}"
                )));
            }
            ["alias", name, target] => self.services.push(read(format!(
                "{{metadata: {{name: {name}, namespace: default}}, \
                 spec: {{type: ExternalName, externalName: {target}}}}}"
            ))),
            [state, service, address, namespace, port, ..] => {
                let (port, protocol) = port.split_once('/').unwrap();
                let (ready, terminating) = (*state == "endpoint", *state == "terminating");
                let host = option("host=");
                let slice = read(format!(
                    "{{ports: [{{name: '', port: {port}, protocol: {protocol}}}], endpoints: [{{addresses: [{address}], \
                     hostname: '{host}', nodeName: node01, conditions: \
                     {{ready: {ready}, serving: {terminating}, terminating: {terminating}}}}}]}}"
                ));
                self.slices.entry(((*namespace).into(), (*service).into())).or_default().push(slice);
            }
            ["policy", namespace, direction] => {
                let kind = if *direction == "ingress" { "Ingress" } else { "Egress" };
                self.policies.push(read(format!(
                    "{{metadata: {{name: deny-{direction}, namespace: {namespace}}}, \
                     spec: {{podSelector: {{}}, policyTypes: [{kind}]}}}}"
                )));
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Objects for World {
    fn service(&self, namespace: &str, name: &str) -> Option<&Value> {
        self.services.iter().find(|service| (service.namespace(), service.name()) == (namespace, name))
    }

    fn services(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        Box::new(self.services.iter())
    }

    fn slices(&self, namespace: &str, service: &str) -> Box<dyn Iterator<Item = &Value> + '_> {
        Box::new(self.slices.get(&(namespace.into(), service.into())).into_iter().flatten())
    }

    fn pod_at(&self, address: &str) -> Option<&Value> {
        self.pods.iter().find(|pod| pod.get("status").get("podIP").str() == address)
    }

    fn node_at(&self, address: &str) -> Option<EcoString> {
        self.nodes.iter().find(|(_, own)| own == address).map(|(name, _)| name.clone())
    }

    fn node(&self, name: &str) -> Option<EcoString> {
        self.nodes.iter().find(|(own, _)| own == name).map(|(_, address)| address.clone())
    }

    fn policies(&self) -> Policies {
        Policies::new(&self.policies, std::iter::empty())
    }

    fn has_service_proxy(&self) -> bool {
        true
    }
}
