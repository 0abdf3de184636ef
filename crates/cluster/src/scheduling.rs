//! What the scheduler decides, made into requests.

use podyard_api::kinds::pod;
use podyard_api::{PatchKind, Request, Status, Target, Value, Verb, value};
use podyard_apiserver::events::Report;
use podyard_apiserver::{Outcome, ResourceKey};
use podyard_scheduler::{BeforeBind, Effect, PodRef};

use crate::cluster::Cluster;
use crate::identity;

impl Cluster {
    /// One scheduling cycle.
    pub(crate) fn schedule(&mut self) {
        self.scheduler_due = None;
        let Some(attempt) = self.scheduler.schedule_one(self.now) else { return };
        for effect in attempt.effects {
            if let Err(pod) = self.carry_out(effect) {
                self.scheduler.binding_failed(self.now, &pod);
                return;
            }
        }
    }

    /// Makes one request of the scheduler's; a failed binding is told by its pod.
    fn carry_out(&mut self, effect: Effect) -> Result<(), PodRef> {
        match effect {
            Effect::Bind { pod, node } => {
                let binding = value!({
                    "apiVersion": "v1",
                    "kind": "Binding",
                    "metadata": {"name": &pod.name, "namespace": &pod.namespace, "uid": &pod.uid},
                    "target": {"kind": "Node", "name": node},
                });
                let target = pod_target(&pod).sub("binding");
                self.as_scheduler(Verb::Create, target, Some(binding)).map(|_| ()).map_err(|_| pod)
            }
            Effect::BeforeBind(change) => {
                self.before_bind(change);
                Ok(())
            }
            Effect::Event { pod, kind, reason, action, message, .. } => {
                if let Some(object) = self.pod(&pod) {
                    let warning = kind == "Warning";
                    let (reason, action, message) = (&reason, &action, &message);
                    let report = Report { object: &object, field_path: "", action, warning, reason, message };
                    self.scheduler_events.record(&mut self.api, self.now, report);
                }
                Ok(())
            }
            Effect::Unscheduled { pod, reason, message, nominated_node } => {
                let now = self.now.rfc3339();
                self.change_status(&pod, |object| {
                    pod::set_condition(object, "PodScheduled", "False", &reason, &message, &now);
                    if let Some(node) = nominated_node {
                        pod::set_nominated_node(object, &node);
                    }
                });
                Ok(())
            }
            Effect::ClearNomination { pod } => {
                self.change_status(&pod, |object| pod::set_nominated_node(object, ""));
                Ok(())
            }
            Effect::Evict { pod, message } => {
                let now = self.now.rfc3339();
                self.change_status(&pod, |object| {
                    pod::set_condition(object, "DisruptionTarget", "True", "PreemptionByScheduler", &message, &now);
                });
                let _: Result<Value, Status> = self.as_scheduler(Verb::Delete, pod_target(&pod), None);
                Ok(())
            }
        }
    }

    /// What must be asked for before a pod can be bound: the scheduler waits for it by itself.
    fn before_bind(&mut self, change: BeforeBind) {
        let (target, patch) = match change {
            BeforeBind::SelectNode { namespace, claim, node } => (
                Target::resource("", "v1", "persistentvolumeclaims", &namespace, &claim),
                value!({"metadata": {"annotations": {"volume.kubernetes.io/selected-node": node}}}),
            ),
            BeforeBind::ClaimVolume { volume, namespace, claim, uid } => (
                Target::resource("", "v1", "persistentvolumes", "", &volume),
                value!({"spec": {"claimRef": {
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                    "namespace": namespace, "name": claim, "uid": uid,
                }}}),
            ),
        };
        let request = Request::new(identity::scheduler(), Verb::Patch, target).with_patch(PatchKind::Merge, patch);
        let _: Outcome = self.api.handle(self.now, &request);
    }

    fn pod(&self, pod: &PodRef) -> Option<Value> {
        let object = self.api.get(ResourceKey::PODS, &pod.namespace, &pod.name)?;
        (object.uid() == pod.uid).then(|| object.clone())
    }

    /// Changes a pod's status, if the pod is still there.
    fn change_status(&mut self, pod: &PodRef, change: impl FnOnce(&mut Value)) {
        let Some(mut object) = self.pod(pod) else { return };
        change(&mut object);
        // A pod that has gone meanwhile needs no status.
        let _: Result<Value, Status> = self.as_scheduler(Verb::Update, pod_target(pod).sub("status"), Some(object));
    }

    fn as_scheduler(&mut self, verb: Verb, target: Target, body: Option<Value>) -> Result<Value, Status> {
        let mut request = Request::new(identity::scheduler(), verb, target);
        request.field_manager = "kube-scheduler".into();
        if let Some(body) = body {
            request = request.with_body(body);
        }
        match self.api.handle(self.now, &request) {
            Outcome::Done(response) => response.into_result(),
            _ => Err(Status::internal("the scheduler asked for a stream")),
        }
    }
}

fn pod_target(pod: &PodRef) -> Target {
    Target::resource("", "v1", "pods", &pod.namespace, &pod.name)
}
