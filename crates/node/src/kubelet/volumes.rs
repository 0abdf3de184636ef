//! A pod's volumes as file systems.
// Models pkg/volume/{configmap,secret,projected,downwardapi,hostpath,emptydir}

use std::collections::BTreeMap;
use std::time::Duration;

use ecow::EcoString;
use podyard_api::kinds::{Pod, ServiceAccountTokenProjection};
use podyard_api::{Target, Value, Verb, value};
use podyard_apiserver::ResourceKey;
use podyard_kernel::fs::{Inode, Node};
use podyard_kernel::{Bytes, Program, Vfs};

use super::pod::Mounted;
use super::{Context, Event, Kubelet};

/// How often volumes are brought up to date: the kubelet's resync of a pod.
pub(super) const REFRESH: Duration = Duration::from_secs(60);
/// The waits between attempts to mount: the first and the last.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LAST_WAIT: Duration = Duration::from_secs(122);

/// Files by path, with their modes.
type Files = Vec<(EcoString, Bytes, u16)>;

/// The volume that could not be set up, and why; nothing is said where there is no message.
pub(super) struct MountFailure {
    volume: EcoString,
    message: Option<String>,
}

/// Whether a pod shows what may change while it runs; the token of its account does not count.
pub(super) fn needs_refresh(object: &Value) -> bool {
    Pod(object).spec().volumes().any(|volume| {
        let shows = matches!(volume.source(), Some(("configMap" | "secret" | "downwardAPI" | "projected", _)));
        shows && !volume.name().starts_with("kube-api-access-")
    })
}

impl Kubelet {
    /// Whether the volumes of a pod can be made.
    ///
    /// # Errors
    /// The first that cannot.
    pub(super) fn check_volumes<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        object: &Value,
    ) -> Result<(), MountFailure> {
        for volume in Pod(object).spec().volumes() {
            let Some((kind, source)) = volume.source() else { continue };
            let failure = |message: Option<String>| MountFailure { volume: volume.name().into(), message };
            match kind {
                "hostPath" => self.check_host_path(context, source).map_err(|why| failure(Some(why)))?,
                "persistentVolumeClaim" => {
                    if claim_path(context, object, source.get("claimName").str()).is_none() {
                        return Err(failure(None));
                    }
                }
                "ephemeral" => {
                    let name = format!("{}-{}", object.name(), volume.name());
                    if claim_path(context, object, &name).is_none() {
                        return Err(failure(None));
                    }
                }
                _ => {
                    self.files(context, object, kind, source, false).map_err(|why| failure(Some(why)))?;
                }
            }
        }
        Ok(())
    }

    /// Says that a volume cannot be set up, and tries again later.
    pub(super) fn mount_failed<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        failure: MountFailure,
    ) {
        let MountFailure { volume, message } = failure;
        if let Some(message) = message {
            let message = format!("MountVolume.SetUp failed for volume \"{volume}\" : {message}");
            self.event(context, object, None, ("Warning", "FailedMount"), &message);
        }
        let state = self.pod_mut(uid);
        let wait = FIRST_WAIT.saturating_mul(1 << state.mount_failures.min(8)).min(LAST_WAIT);
        state.mount_failures += 1;
        context.after(wait, Event::Sync { uid: uid.clone() });
    }

    /// Makes the volumes of a pod, by name.
    pub(super) fn make_volumes<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        object: &Value,
    ) -> BTreeMap<EcoString, Mounted> {
        let mut volumes = BTreeMap::new();
        for volume in Pod(object).spec().volumes() {
            let (kind, source) = volume.source().unwrap_or(("emptyDir", &Value::Null));
            let host_path = match kind {
                "hostPath" => Some(EcoString::from(source.get("path").str())),
                "persistentVolumeClaim" => claim_path(context, object, source.get("claimName").str()),
                "ephemeral" => claim_path(context, object, &format!("{}-{}", object.name(), volume.name())),
                _ => None,
            };
            let mounted = match host_path {
                Some(path) => self.on_host(context, &path, source.get("type").str()),
                None => {
                    let mut vfs = Vfs::new();
                    for (path, bytes, mode) in self.files(context, object, kind, source, true).unwrap_or_default() {
                        vfs.put(&path, Inode::new(Node::File(bytes), mode, context.now));
                    }
                    Mounted { fs: context.kernel.add_fs(vfs), root: "/".into() }
                }
            };
            volumes.insert(volume.name().into(), mounted);
        }
        volumes
    }

    /// A directory or file of the node.
    fn on_host<P: Program>(&mut self, context: &mut Context<'_, P>, path: &str, kind: &str) -> Mounted {
        let host = self.host(context);
        let path = podyard_kernel::fs::normalize("/", path);
        if let Some(vfs) = context.kernel.fs_mut(host.fs)
            && vfs.get(&path).is_none()
        {
            match kind {
                "FileOrCreate" => vfs.put_file(&path, "", context.now),
                _ => vfs.put_dir(&path, context.now),
            }
        }
        Mounted { fs: host.fs, root: path.into() }
    }

    // Models pkg/volume/hostpath/host_path.go (checkTypeInternal)
    fn check_host_path<P: Program>(&mut self, context: &mut Context<'_, P>, source: &Value) -> Result<(), String> {
        let path = source.get("path").str();
        let host = self.host(context);
        let normal = podyard_kernel::fs::normalize("/", path);
        let found =
            context.kernel.fs(host.fs).and_then(|vfs| vfs.get(&normal)).map(|inode| inode.node == Node::Directory);
        let fails = |what: &str| Err(format!("hostPath type check failed: {path} is not {what}"));
        match (source.get("type").str(), found) {
            ("Directory", Some(true)) | ("File", Some(false)) => Ok(()),
            ("Directory", _) | ("DirectoryOrCreate", Some(false)) => fails("a directory"),
            ("File", _) | ("FileOrCreate", Some(true)) => fails("a file"),
            ("Socket", _) => fails("a socket file"),
            ("CharDevice", _) => fails("a character device"),
            ("BlockDevice", _) => fails("a block device"),
            _ => Ok(()),
        }
    }

    /// The files that a volume source shows. `with_tokens` asks the API server for tokens.
    ///
    /// # Errors
    /// What it refers to is not there.
    fn files<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        object: &Value,
        kind: &str,
        source: &Value,
        with_tokens: bool,
    ) -> Result<Files, String> {
        let mode = source.get("defaultMode").as_i64().and_then(|mode| u16::try_from(mode).ok()).unwrap_or(0o644);
        let mut files = Files::new();
        match kind {
            "configMap" => {
                keys(context, object, ResourceKey::CONFIG_MAPS, source.get("name").str(), source, mode, &mut files)?
            }
            "secret" => {
                keys(context, object, ResourceKey::SECRETS, source.get("secretName").str(), source, mode, &mut files)?
            }
            "downwardAPI" => self.downward(context, object, source, mode, &mut files),
            "projected" => {
                for (kind, part) in source.get("sources").items().iter().flat_map(|part| part.fields().iter()) {
                    match kind.as_str() {
                        "serviceAccountToken" if with_tokens => {
                            let token = self.token(context, object, part);
                            files.push((path(part.get("path").str()), Bytes::from(token.as_bytes()), mode));
                        }
                        "configMap" => {
                            keys(
                                context,
                                object,
                                ResourceKey::CONFIG_MAPS,
                                part.get("name").str(),
                                part,
                                mode,
                                &mut files,
                            )?;
                        }
                        "secret" => {
                            keys(
                                context,
                                object,
                                ResourceKey::SECRETS,
                                part.get("name").str(),
                                part,
                                mode,
                                &mut files,
                            )?;
                        }
                        "downwardAPI" => self.downward(context, object, part, mode, &mut files),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(files)
    }

    /// What the downward API shows.
    fn downward<P: Program>(
        &self,
        context: &Context<'_, P>,
        object: &Value,
        source: &Value,
        mode: u16,
        files: &mut Files,
    ) {
        for item in podyard_api::kinds::DownwardApiVolumeSource(source).items() {
            let text = match (item.field_ref(), item.resource_field_ref()) {
                (Some(field), _) => self.field(object, field.field_path()),
                (_, Some(resource)) => match Pod(object).spec().container(resource.container_name()) {
                    Some(spec) => self.resource_field(context, spec, resource),
                    None => continue,
                },
                _ => continue,
            };
            let mode = item.mode().and_then(|mode| u16::try_from(mode).ok()).unwrap_or(mode);
            files.push((path(item.path()), Bytes::from(text.as_bytes()), mode));
        }
    }

    /// A token for the pod's account, bound to the pod.
    fn token<P: Program>(&mut self, context: &mut Context<'_, P>, object: &Value, source: &Value) -> EcoString {
        let projection = ServiceAccountTokenProjection(source);
        let account = Pod(object).spec().service_account_name();
        let mut spec = value!({
            "expirationSeconds": (projection.expiration_seconds()),
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": (object.name()), "uid": (object.uid())},
        });
        if !projection.audience().is_empty() {
            spec.set("audiences", value!([(projection.audience())]));
        }
        let body = value!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec});
        let target = Target::resource("", "v1", "serviceaccounts", object.namespace(), account).sub("token");
        let response = self.request(context, Verb::Create, target, body);
        response.body.at(&["status", "token"]).text()
    }

    /// Brings the files of a pod's volumes up to date with what they show, and will again.
    pub(super) fn refresh<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        let (object, sandbox) = (state.object.clone(), state.sandbox.clone());
        if Pod(&object).is_terminal() || Pod(&object).is_terminating() {
            return;
        }
        context.after(REFRESH, Event::Refresh { uid: uid.clone() });
        for volume in Pod(&object).spec().volumes().filter(|volume| !volume.name().starts_with("kube-api-access-")) {
            let Some((kind @ ("configMap" | "secret" | "downwardAPI" | "projected"), source)) = volume.source() else {
                continue;
            };
            let Some(mounted) = sandbox.as_ref().and_then(|sandbox| sandbox.volumes.get(volume.name())) else {
                continue;
            };
            let Ok(files) = self.files(context, &object, kind, source, true) else { continue };
            let Some(vfs) = context.kernel.fs_mut(mounted.fs) else { continue };
            let is_file = |inode: &Inode| matches!(inode.node, Node::File(_));
            let gone: Vec<String> = vfs
                .iter()
                .filter(|(path, inode)| is_file(inode) && files.iter().all(|(known, ..)| known != path))
                .map(|(path, _)| path.to_string())
                .collect();
            for path in gone {
                vfs.remove_all(&path);
            }
            for (path, bytes, mode) in files {
                if vfs.read(&path) != Some(&bytes) {
                    vfs.put(&path, Inode::new(Node::File(bytes), mode, context.now));
                }
            }
        }
    }
}

/// The keys of a ConfigMap or Secret as files.
///
/// # Errors
/// It is not there, or lacks a key that is asked for.
fn keys<P: Program>(
    context: &Context<'_, P>,
    object: &Value,
    resource: ResourceKey,
    name: &str,
    source: &Value,
    mode: u16,
    files: &mut Files,
) -> Result<(), String> {
    let noun = super::env::noun(resource);
    let is_optional = source.get("optional").as_bool() == Some(true);
    let Some(found) = context.api.get(resource, object.namespace(), name) else {
        return if is_optional { Ok(()) } else { Err(format!("{noun} {name:?} not found")) };
    };
    let content = |value: &Value, is_binary: bool| {
        if is_binary || resource == ResourceKey::SECRETS {
            Bytes::from(podyard_api::base64::decode(value.str()).unwrap_or_default().as_slice())
        } else {
            Bytes::from(value.str().as_bytes())
        }
    };
    let data = found.get("data").fields().iter().map(|(key, value)| (key.as_str(), content(value, false)));
    let binary = found.get("binaryData").fields().iter().map(|(key, value)| (key.as_str(), content(value, true)));
    let all: Vec<(&str, Bytes)> = data.chain(binary).collect();
    let items = source.get("items").items();
    if items.is_empty() {
        files.extend(all.into_iter().map(|(key, bytes)| (path(key), bytes, mode)));
        return Ok(());
    }
    for item in items {
        let key = item.get("key").str();
        let Some((_, bytes)) = all.iter().find(|(known, _)| *known == key) else {
            if is_optional {
                continue;
            }
            let kind = if noun == "secret" {
                "references non-existent secret key"
            } else {
                "configmap references non-existent config key"
            };
            return Err(format!("{kind}: {key}"));
        };
        let mode = item.get("mode").as_i64().and_then(|mode| u16::try_from(mode).ok()).unwrap_or(mode);
        files.push((path(item.get("path").str()), bytes.clone(), mode));
    }
    Ok(())
}

/// Where on a node the files of a claim are; nothing until it is bound.
fn claim_path<P: Program>(context: &Context<'_, P>, object: &Value, claim: &str) -> Option<EcoString> {
    let claim = context.api.get(ResourceKey::PERSISTENT_VOLUME_CLAIMS, object.namespace(), claim)?;
    let volume = claim.at(&["spec", "volumeName"]).str();
    if volume.is_empty() || *claim.at(&["status", "phase"]) != "Bound" {
        return None;
    }
    let found = context.api.get(ResourceKey::PERSISTENT_VOLUMES, "", volume)?;
    let spec = found.get("spec");
    let local = [spec.at(&["hostPath", "path"]).str(), spec.at(&["local", "path"]).str()];
    let path = local.into_iter().find(|path| !path.is_empty());
    Some(path.map_or_else(|| ecow::eco_format!("/var/lib/kubelet/plugins/{volume}"), EcoString::from))
}

fn path(relative: &str) -> EcoString {
    podyard_kernel::fs::normalize("/", relative).into()
}
