//! The node itself: starting and stopping its kubelet, heartbeats, pods that it finds running, mirror pods.
// Models pkg/kubelet/kubelet_node_status.go and pkg/kubelet/pod/mirror_client.go

use std::time::Duration;

use ecow::EcoString;
use podyard_api::kinds::{Node, Pod};
use podyard_api::{Target, Value, Verb};
use podyard_apiserver::ResourceKey;
use podyard_kernel::Program;
use podyard_sim::Time;

use super::{Context, Event, Kubelet};
use crate::images;

/// How often the lease is renewed.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Every so many renewals the node's status is written too: each five minutes.
const STATUS_EVERY: u32 = 30;

impl Kubelet {
    /// Starts the kubelet on a node that the store knows: pods that are said to run are found running.
    pub fn boot<P: Program>(&mut self, context: &mut Context<'_, P>) {
        self.read_node(context);
        self.host(context);
        for pod in self.bound(context) {
            self.adopt(context, &pod);
        }
        self.boots += 1;
        context.after(HEARTBEAT, Event::Heartbeat { count: 1, boot: self.boots });
    }

    /// The kubelet's process ends: containers go on, but nobody looks after them, and heartbeats cease.
    pub fn stop_kubelet(&mut self) {
        self.is_stopped = true;
    }

    /// Whether the kubelet's process is there.
    pub fn is_running(&self) -> bool {
        !self.is_stopped
    }

    /// The kubelet's process starts again and takes in what it has missed.
    pub fn start_kubelet<P: Program>(&mut self, context: &mut Context<'_, P>) {
        if !std::mem::replace(&mut self.is_stopped, false) {
            return;
        }
        self.boots += 1;
        context.after(super::REACTION, Event::Heartbeat { count: 0, boot: self.boots });
        let bound = self.bound(context);
        let gone: Vec<EcoString> =
            self.pods.keys().filter(|uid| bound.iter().all(|pod| pod.uid() != uid.as_str())).cloned().collect();
        for uid in gone {
            self.forget(context, &uid);
        }
        for pod in bound {
            let uid = EcoString::from(pod.uid());
            self.names.insert((pod.namespace().into(), pod.name().into()), uid.clone());
            let state = self.pod_mut(&uid);
            (state.object, state.busy, state.relist_due) = (pod, false, false);
            let names: Vec<EcoString> =
                state.containers.iter().filter(|(_, c)| c.is_running()).map(|(name, _)| name.clone()).collect();
            for name in names {
                self.begin_probes(context, &uid, &name);
            }
            self.relist_soon(context, &uid);
            context.after(super::REACTION, Event::Sync { uid });
        }
    }

    /// The pods bound to this node.
    fn bound<P: Program>(&self, context: &Context<'_, P>) -> Vec<Value> {
        let all = context.api.list(ResourceKey::PODS, None);
        all.filter(|pod| Pod(pod).spec().node_name() == self.name).cloned().collect()
    }

    /// Reads what the store says of this node.
    fn read_node<P: Program>(&mut self, context: &Context<'_, P>) {
        let Some(node) = context.api.get(ResourceKey::NODES, "", &self.name) else { return };
        let cidr = Node(node).spec().pod_cidr();
        self.subnet = cidr.rsplit_once('.').map_or("10.244.0", |(subnet, _)| subnet).into();
        for image in Node(node).status().images() {
            self.images.extend(image.names().map(EcoString::from));
        }
    }

    /// One heartbeat, and the next.
    pub(super) fn beat<P: Program>(&mut self, context: &mut Context<'_, P>, count: u32, boot: u32) {
        if boot == self.boots {
            self.heartbeat(context, count.is_multiple_of(STATUS_EVERY));
            context.after(HEARTBEAT, Event::Heartbeat { count: count.wrapping_add(1), boot });
        }
    }

    /// Finds a pod running that the store says is running: what a kubelet does when it starts.
    fn adopt<P: Program>(&mut self, context: &mut Context<'_, P>, object: &Value) {
        let uid: EcoString = object.uid().into();
        let pod = Pod(object);
        self.names.insert((object.namespace().into(), object.name().into()), uid.clone());
        let started = pod.status().start_time().and_then(Time::parse_rfc3339);
        let state = self.pod_mut(&uid);
        state.object = object.clone();
        state.started = started;
        let net = if pod.spec().host_network() { self.host(context).net } else { context.kernel.add_net() };
        let volumes = self.make_volumes(context, object);
        let address = EcoString::from(pod.status().pod_ip());
        self.networks.insert(address.clone(), net);
        self.pod_mut(&uid).sandbox = Some(super::pod::Sandbox { address, net, volumes });
        for spec in pod.spec().containers() {
            if let Some(reference) = images::parse(spec.image()) {
                self.images.insert(reference.full());
            }
            self.revive(context, &uid, object, spec);
            let Some(status) = pod.status().container_statuses().find(|status| status.name() == spec.name()) else {
                continue;
            };
            let container = self.pod_mut(&uid).container_mut(spec.name());
            container.restarts = u32::try_from(status.restart_count()).unwrap_or(0);
            let Some(current) = &mut container.current else { continue };
            current.id = status.container_id().trim_start_matches("containerd://").into();
            let at = status.state().running().and_then(|running| Time::parse_rfc3339(running.started_at()));
            current.started = at.unwrap_or(current.started);
        }
    }

    /// A static pod's copy in the API is gone: another takes its place, and the containers never notice.
    pub(super) fn mirror_again<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) -> bool {
        let Some(state) = self.pods.get(uid).cloned() else { return false };
        let mut object = state.object.clone();
        object.remove("status");
        for field in ["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "generation", "managedFields"]
        {
            object.meta_mut().remove(field);
        }
        object.meta_mut().remove("deletionGracePeriodSeconds");
        let target = Target::resource("", "v1", "pods", object.namespace(), "");
        let response = self.request(context, Verb::Create, target, object);
        if !response.is_success() {
            return false;
        }
        let new = EcoString::from(response.body.uid());
        self.pods.remove(uid);
        let mut state = state;
        let known = std::sync::Arc::make_mut(&mut state);
        (known.object, known.relist_due) = (response.body.clone(), false);
        known.phase = Default::default();
        self.names.insert((response.body.namespace().into(), response.body.name().into()), new.clone());
        for container in known.containers.values().filter_map(|container| container.current.as_ref()) {
            if let Some((owner, _)) = self.processes.get_mut(&container.process) {
                *owner = new.clone();
            }
        }
        self.pods.insert(new.clone(), state);
        self.relist_soon(context, &new);
        true
    }
}
