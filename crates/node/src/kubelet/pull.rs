//! Images: whether they are there, pulling them, and what happens when they cannot be had.
// Models pkg/kubelet/images/image_manager.go

use std::time::Duration;

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{Container as ContainerSpec, Pod};
use podyard_kernel::Program;
use podyard_sim::Time;

use super::pod::Step;
use super::{Context, Event, Kubelet};
use crate::Profile;
use crate::images::{self, Reference};

/// The back-off between attempts to pull: its first and last value.
const FIRST_BACKOFF: Duration = Duration::from_secs(10);
const LAST_BACKOFF: Duration = Duration::from_secs(300);
/// How long after a failed pull the kubelet says that it waits.
const SAY_AFTER: Duration = Duration::from_secs(1);

impl Kubelet {
    /// Pulls a container's image if its policy says so, or starts the container.
    pub(super) fn pull_or_start<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
    ) {
        let name = EcoString::from(spec.name());
        self.pod_mut(uid).container_mut(&name).image = spec.image().into();
        let Some(reference) = images::parse(spec.image()) else {
            let message = format!(
                "Failed to apply default image tag {:?}: couldn't parse image name {:?}: invalid reference format",
                spec.image(),
                spec.image()
            );
            self.event(context, object, Some(&name), ("Warning", "InspectFailed"), &message);
            self.event(context, object, Some(&name), ("Warning", "Failed"), "Error: InvalidImageName");
            return self.try_again(context, uid, &name, "InvalidImageName", &message);
        };
        let is_here = self.images.contains(&reference.full());
        match spec.image_pull_policy() {
            "Never" if !is_here => {
                let message = format!("Container image {:?} is not present with pull policy of Never", spec.image());
                self.event(context, object, Some(&name), ("Warning", "ErrImageNeverPull"), &message);
                self.event(context, object, Some(&name), ("Warning", "Failed"), "Error: ErrImageNeverPull");
                self.try_again(context, uid, &name, "ErrImageNeverPull", &message);
            }
            "Always" => self.pull(context, uid, object, spec, &reference),
            _ if !is_here => self.pull(context, uid, object, spec, &reference),
            _ => {
                let message = format!(
                    "Container image {:?} already present on machine and can be accessed by the pod",
                    spec.image()
                );
                self.event(context, object, Some(&name), ("Normal", "Pulled"), &message);
                self.create(context, uid, object, spec);
            }
        }
    }

    fn pull<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
        reference: &Reference,
    ) {
        let name = EcoString::from(spec.name());
        self.event(context, object, Some(&name), ("Normal", "Pulling"), &format!("Pulling image {:?}", spec.image()));
        let is_here = self.images.contains(&reference.full());
        let size = context.profile.image(&reference.repository).map_or(0, |image| image.size);
        let time = if is_here { context.profile.pull(0) } else { context.profile.pull(size) };
        let state = self.pod_mut(uid);
        state.busy = true;
        let container = state.container_mut(&name);
        // What is known of a container stays to be seen while its image is pulled again.
        if container.step == Step::Creating {
            container.step = Step::Pulling;
        }
        // Images are pulled one after the other.
        let started = if context.profile.serial_pulls { self.pulling_until.max(context.now) } else { context.now };
        self.pulling_until = started + time;
        let event = Event::Pulled { uid: uid.clone(), container: name, asked: context.now, started };
        context.later.push((started + time, event));
    }

    /// A pull has come to its end.
    pub(super) fn pulled<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        asked: Time,
        started: Time,
    ) {
        let Some(state) = self.pods.get(uid).filter(|state| state.busy) else { return };
        let object = state.object.clone();
        self.pod_mut(uid).busy = false;
        if Pod(&object).is_terminating() {
            return self.terminate(context, uid);
        }
        let Some(spec) = Pod(&object).spec().container(name) else { return };
        let Some(reference) = images::parse(spec.image()) else { return };
        match delivered(context.profile, &reference) {
            Ok(size) => {
                self.images.insert(reference.full());
                let shown = |since: Time| {
                    podyard_api::duration::go(i64::try_from(context.now.since(since).as_millis()).unwrap_or(0) * 1000)
                };
                let (took, all) = (shown(started), shown(asked));
                let message = format!(
                    "Successfully pulled image {:?} in {took} ({all} including waiting). Image size: {size} bytes.",
                    spec.image()
                );
                self.pod_mut(uid).container_mut(name).pull_failures = 0;
                self.event(context, &object, Some(name), ("Normal", "Pulled"), &message);
                self.create(context, uid, &object, spec);
            }
            Err(why) => self.pull_failed(context, uid, &object, spec, &why),
        }
        if self.pods.get(uid).is_some_and(|state| !state.busy) {
            self.sync(context, uid);
        }
    }

    fn pull_failed<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
        why: &str,
    ) {
        let name = EcoString::from(spec.name());
        let failed = format!("Failed to pull image {:?}: {why}", spec.image());
        self.event(context, object, Some(&name), ("Warning", "Failed"), &failed);
        self.event(context, object, Some(&name), ("Warning", "Failed"), "Error: ErrImagePull");
        let container = self.pod_mut(uid).container_mut(&name);
        container.step = Step::Waiting { reason: "ErrImagePull".into(), message: why.into() };
        let wait = FIRST_BACKOFF.saturating_mul(1 << container.pull_failures.min(6)).min(LAST_BACKOFF);
        container.pull_failures += 1;
        let failures = container.pull_failures;
        // The worker's queue adds up to half of it; this is the mean.
        let until = context.now + wait * 5 / 4;
        container.backoff_until = Some(until);
        context.after(SAY_AFTER, Event::PullBackoff { uid: uid.clone(), container: name, failures });
        context.later.push((until, Event::Sync { uid: uid.clone() }));
    }

    /// Says that a container waits for its image to be pulled again.
    pub(super) fn pull_waits<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        failures: u32,
    ) {
        let Some(state) = self.pods.get(uid) else { return };
        let object = state.object.clone();
        let Some(container) = state.container(name).filter(|c| c.pull_failures == failures) else { return };
        let Step::Waiting { message: why, .. } = container.step.clone() else { return };
        if Pod(&object).is_terminating() || !container.waits(context.now) {
            return;
        }
        let message = format!("Back-off pulling image {:?}", container.image);
        self.event(context, &object, Some(name), ("Normal", "BackOff"), &message);
        self.event(context, &object, Some(name), ("Warning", "Failed"), "Error: ImagePullBackOff");
        self.pod_mut(uid).container_mut(name).step = Step::Waiting {
            reason: "ImagePullBackOff".into(),
            message: ecow::eco_format!("{message}: ErrImagePull: {why}"),
        };
        self.write_status(context, uid);
    }

    /// A container cannot be started for a reason that is looked at again and again.
    pub(super) fn try_again<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        reason: &str,
        message: &str,
    ) {
        let again = context.now + FIRST_BACKOFF * 5 / 4;
        let container = self.pod_mut(uid).container_mut(name);
        container.step = Step::Waiting { reason: reason.into(), message: message.into() };
        container.backoff_until = Some(again);
        context.later.push((again, Event::Sync { uid: uid.clone() }));
    }
}

/// The size of an image that registries deliver.
///
/// # Errors
/// What containerd says of one that they do not.
fn delivered(profile: &Profile, reference: &Reference) -> Result<u64, String> {
    let full = reference.full();
    let failed = format!("failed to pull and unpack image {full:?}: failed to resolve reference {full:?}");
    match profile.image(&reference.repository) {
        None => Err(format!(
            "{failed}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
        )),
        Some(_) if !images::has_tag(&reference.tag) && reference.digest.is_empty() => {
            Err(format!("rpc error: code = NotFound desc = {failed}: {full}: not found"))
        }
        Some(image) => Ok(image.size),
    }
}
