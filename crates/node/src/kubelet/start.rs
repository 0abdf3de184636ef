//! Creating and starting one container.
// Models pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer)

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{Container as ContainerSpec, Pod};
use podyard_kernel::fs::{Inode, Node};
use podyard_kernel::{Bytes, Errno, Machine, MachineId, Mount, Program, Start, Stdio};

use super::pod::{Container, Ended, Step};
use super::{Context, Kubelet};
use crate::images::{self, Image};

/// What a container is to be like.
struct Plan {
    env: Vec<(EcoString, EcoString)>,
    argv: Vec<EcoString>,
    cwd: EcoString,
    uid: u32,
    gid: u32,
}

impl Kubelet {
    /// Creates and starts a container whose image is there, and says so.
    pub(super) fn create<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
    ) {
        let name = EcoString::from(spec.name());
        let reference = images::parse(spec.image());
        let image = reference.as_ref().and_then(|reference| context.profile.image(&reference.repository));
        let plan = match self.plan(context, uid, object, spec, image) {
            Ok(plan) => plan,
            Err(message) => {
                let said = format!("Error: {message}");
                self.event(context, object, Some(&name), ("Warning", "Failed"), &said);
                return self.try_again(context, uid, &name, "CreateContainerConfigError", &message);
            }
        };
        let container = self.pod_mut(uid).container_mut(&name);
        if container.starts > 0 {
            container.restarts += 1;
        }
        if let Step::Ended(ended) = &container.step {
            container.last = Some(ended.clone());
        }
        self.event(context, object, Some(&name), ("Normal", "Created"), "Container created");
        if self.start_container(context, uid, object, spec, image, plan) {
            self.event(context, object, Some(&name), ("Normal", "Started"), "Container started");
            self.after_start(context, uid, object, spec);
        }
    }

    /// Starts a container that is said to run already, without a word.
    pub(super) fn revive<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
    ) {
        let reference = images::parse(spec.image());
        let image = reference.as_ref().and_then(|reference| context.profile.image(&reference.repository));
        if let Ok(plan) = self.plan(context, uid, object, spec, image)
            && self.start_container(context, uid, object, spec, image, plan)
        {
            self.pod_mut(uid).container_mut(spec.name()).is_started = true;
        }
    }

    /// What the container is to be like.
    ///
    /// # Errors
    /// Why it cannot be created.
    fn plan<P: Program>(
        &self,
        context: &Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
        image: Option<&Image>,
    ) -> Result<Plan, String> {
        let address = self.pods.get(uid).and_then(|s| Some(s.sandbox.as_ref()?.address.clone())).unwrap_or_default();
        let env = self.environment(context, object, spec, image, &self.hostname(object), &address)?;
        let pod_security = Pod(object).spec().security_context();
        let security = spec.security_context();
        let user = security.run_as_user().or(pod_security.run_as_user());
        let must_not_be_root = security.run_as_non_root().or(pod_security.run_as_non_root()) == Some(true);
        let image_user = image.map_or("", |image| image.user.as_str());
        if must_not_be_root {
            let place =
                format!("(pod: \"{}_{}({uid})\", container: {})", object.name(), object.namespace(), spec.name());
            match user {
                Some(0) => {
                    return Err(format!("container's runAsUser breaks non-root policy {place}"));
                }
                Some(_) => {}
                None if !image_user.is_empty() && image_user.parse::<u32>().is_err() => {
                    return Err(format!(
                        "container has runAsNonRoot and image has non-numeric user ({image_user}), cannot verify user is non-root {place}"
                    ));
                }
                None if image.is_none_or(|image| image.uid == 0) => {
                    return Err(format!("container has runAsNonRoot and image will run as root {place}"));
                }
                None => {}
            }
        }
        let gid = security.run_as_group().or(pod_security.run_as_group());
        Ok(Plan {
            argv: command_line(spec, image, &env),
            env,
            cwd: match spec.working_dir() {
                "" => image.map(|image| image.working_dir.clone()).unwrap_or_default(),
                dir => dir.into(),
            },
            uid: user.and_then(|uid| u32::try_from(uid).ok()).unwrap_or(image.map_or(0, |image| image.uid)),
            gid: gid.and_then(|gid| u32::try_from(gid).ok()).unwrap_or(0),
        })
    }

    /// Makes the machine of a container: its files, its volumes, its network.
    fn make_machine<P: Program>(
        &self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
        image: Option<&Image>,
        plan: &Plan,
    ) -> Option<(MachineId, podyard_kernel::FsId)> {
        let sandbox = self.pods.get(uid).and_then(|state| state.sandbox.clone())?;
        let root = context.kernel.add_fs(image.map(|image| image.files.clone()).unwrap_or_default());
        let read_only = spec.security_context().read_only_root_filesystem() == Some(true);
        let mut mounts = vec![Mount { path: "/".into(), fs: root, root: "/".into(), read_only }];
        for mount in spec.volume_mounts() {
            let Some(volume) = sandbox.volumes.get(mount.name()) else { continue };
            let fs = volume.fs;
            let sub = match mount.sub_path_expr() {
                "" => mount.sub_path().into(),
                text => super::env::expand(text, &plan.env),
            };
            let path = podyard_kernel::fs::normalize("/", mount.mount_path());
            let within = podyard_kernel::fs::normalize(&volume.root, &sub);
            if let Some(vfs) = context.kernel.fs_mut(fs).filter(|_| !sub.is_empty()) {
                vfs.put_dir(&within, context.now);
            }
            let is_config = Pod(object)
                .spec()
                .volume(mount.name())
                .and_then(|volume| volume.source())
                .is_some_and(|(kind, _)| matches!(kind, "configMap" | "secret" | "projected" | "downwardAPI"));
            let alone = context.kernel.fs(fs).and_then(|vfs| vfs.get(&within));
            let alone = alone.filter(|inode| is_config && matches!(inode.node, Node::File(_))).cloned();
            // What is mounted alone stays as it is now: later versions of the object do not reach it.
            let (fs, within) = match alone.zip(context.kernel.fs_mut(root)) {
                Some((inode, vfs)) => {
                    vfs.put(&path, inode);
                    (root, path.clone())
                }
                None => (fs, within),
            };
            let read_only = mount.read_only() || is_config;
            mounts.push(Mount { path: path.into(), fs, root: within.into(), read_only });
        }
        let hostname = self.hostname(object);
        self.write_etc(context, root, object, &hostname, &sandbox.address);
        let now = context.now;
        if let Some(vfs) = context.kernel.fs_mut(root) {
            for mount in &mounts {
                vfs.put_dir(&mount.path, now);
            }
            let path = podyard_kernel::fs::normalize("/", spec.termination_message_path());
            vfs.put(&path, Inode::new(Node::File(Bytes::new()), 0o666, now));
            // The working directory is made where the image does not have it.
            if plan.cwd.starts_with('/') {
                vfs.put_dir(&podyard_kernel::fs::normalize("/", &plan.cwd), now);
            }
        }
        let account = format!("serviceaccount:{}:{}", object.namespace(), Pod(object).spec().service_account_name());
        let mut machine = Machine { hostname, mounts, net: sandbox.net, owner: account.into(), ..Machine::default() };
        let limit = spec.resources().limit("memory");
        if !limit.is_null() {
            let bytes = podyard_api::Quantity::of(limit).value();
            machine.facts.insert("memory.max".into(), bytes.to_string().into());
        }
        Some((context.kernel.add_machine(machine), root))
    }

    /// Starts a container's process; `false` if that failed.
    fn start_container<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
        image: Option<&Image>,
        plan: Plan,
    ) -> bool {
        let name = EcoString::from(spec.name());
        let Some((machine, root)) = self.make_machine(context, uid, object, spec, image, &plan) else { return false };
        let sink = context.kernel.add_sink();
        let previous = self.retire_log(context, uid, &name);
        let start = Start {
            machine,
            path: plan.argv.first().cloned().unwrap_or_default(),
            argv: plan.argv.clone(),
            env: plan.env.clone(),
            cwd: plan.cwd.clone(),
            uid: plan.uid,
            gid: plan.gid,
            stdio: Stdio::Log(sink),
        };
        let id = EcoString::from(self.rng.hex(64));
        let started = context.kernel.start(start, context.now);
        let now = context.now;
        let container = self.pod_mut(uid).container_mut(&name);
        container.starts += 1;
        container.image = spec.image().into();
        container.backoff_until = None;
        container.probes = Default::default();
        container.current = Some(Container {
            id: id.clone(),
            machine,
            process: started.unwrap_or_default(),
            sink,
            previous,
            env: plan.env,
            cwd: plan.cwd,
            uid: plan.uid,
            gid: plan.gid,
            started: now,
            root,
        });
        match started {
            Ok(process) => {
                container.step = Step::Running;
                self.processes.insert(process, (uid.clone(), name));
                true
            }
            Err(errno) => {
                context.kernel.remove_machine(machine, now);
                context.kernel.remove_fs(root);
                self.start_failed(context, uid, object, &name, &plan.argv, errno);
                false
            }
        }
    }

    /// Of a container's logs only the last but one is kept beside the new one.
    fn retire_log<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &str,
    ) -> Option<podyard_kernel::SinkId> {
        let last = self.pods.get(uid)?.container(name)?.current.as_ref()?;
        if let Some(older) = last.previous {
            context.kernel.remove_sink(older);
        }
        Some(last.sink)
    }

    /// The runtime could not start the container's process.
    fn start_failed<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        name: &EcoString,
        argv: &[EcoString],
        errno: Errno,
    ) {
        let program = argv.first().map(EcoString::as_str).unwrap_or_default();
        let why = match errno {
            Errno::NoEntry if program.contains('/') => format!("stat {program}: no such file or directory"),
            Errno::NoEntry => "executable file not found in $PATH".to_string(),
            other => other.to_string().to_lowercase(),
        };
        let message = format!(
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: {program:?}: {why}"
        );
        self.event(context, object, Some(name), ("Warning", "Failed"), &format!("Error: {message}"));
        let id = self.pods.get(uid).and_then(|state| Some(state.container(name)?.current.as_ref()?.id.clone()));
        let ended = Ended {
            exit_code: 128,
            reason: "StartError".into(),
            message: message.into(),
            started: None,
            finished: context.now,
            id: id.unwrap_or_default(),
        };
        self.ended(context, uid, name, ended);
    }

    /// The name by which a pod's containers know their machine.
    pub(super) fn hostname(&self, object: &Value) -> EcoString {
        let spec = Pod(object).spec();
        match (spec.host_network(), spec.hostname()) {
            (true, _) => self.name.clone(),
            (false, "") => object.name().chars().take(63).collect(),
            (false, hostname) => hostname.into(),
        }
    }
}

/// The words that the container's process is started with: Kubernetes' `command` and `args` over the image's.
fn command_line(spec: ContainerSpec<'_>, image: Option<&Image>, env: &[(EcoString, EcoString)]) -> Vec<EcoString> {
    let expand = |text: &str| super::env::expand(text, env);
    let command: Vec<_> = spec.command().map(expand).collect();
    let args: Vec<_> = spec.args().map(expand).collect();
    let (entrypoint, default_args) =
        image.map(|image| (image.entrypoint.clone(), image.command.clone())).unwrap_or_default();
    match (command.is_empty(), args.is_empty()) {
        (false, _) => [command, args].concat(),
        (true, false) => [entrypoint, args].concat(),
        (true, true) => [entrypoint, default_args].concat(),
    }
}
