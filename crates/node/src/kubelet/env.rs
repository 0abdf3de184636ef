//! What a container's processes find in their environment.

use ecow::EcoString;
use podyard_api::kinds::{
    Container as ContainerSpec, EnvFromSource, EnvVarSource, KeySelector, Pod, ResourceFieldSelector, Service,
};
use podyard_api::{Quantity, Value};
use podyard_apiserver::ResourceKey;
use podyard_kernel::{FsId, Program};

use super::{Context, Kubelet};
use crate::images::Image;

impl Kubelet {
    /// The environment of a container: the image's, the services', then its own.
    ///
    /// # Errors
    /// What it refers to is not there.
    pub(super) fn environment<P: Program>(
        &self,
        context: &Context<'_, P>,
        object: &Value,
        spec: ContainerSpec<'_>,
        image: Option<&Image>,
        hostname: &str,
        address: &str,
    ) -> Result<Vec<(EcoString, EcoString)>, String> {
        let mut env: Vec<(EcoString, EcoString)> = Vec::new();
        let set = |env: &mut Vec<(EcoString, EcoString)>, name: &str, value: EcoString| match env
            .iter_mut()
            .find(|(known, _)| known == name)
        {
            Some((_, known)) => *known = value,
            None => env.push((name.into(), value)),
        };
        for (name, value) in image.map(|image| image.env.as_slice()).unwrap_or_default() {
            set(&mut env, name, value.clone());
        }
        set(&mut env, "HOSTNAME", hostname.into());
        set(&mut env, "HOME", "/root".into());
        for (name, value) in service_variables(context, object) {
            set(&mut env, &name, value);
        }
        for source in spec.env_from() {
            for (name, value) in all_of(context, object, source)? {
                set(&mut env, &name, value);
            }
        }
        for variable in spec.env() {
            let value = match variable.value_from() {
                Some(from) => self.value_from(context, object, spec, from, address)?,
                None => Some(expand(variable.val(), &env)),
            };
            if let Some(value) = value {
                set(&mut env, variable.name(), value);
            }
        }
        Ok(env)
    }

    /// What a `valueFrom` means; nothing where an optional source is missing.
    ///
    /// # Errors
    /// What it refers to is not there.
    fn value_from<P: Program>(
        &self,
        context: &Context<'_, P>,
        object: &Value,
        spec: ContainerSpec<'_>,
        from: EnvVarSource<'_>,
        address: &str,
    ) -> Result<Option<EcoString>, String> {
        if let Some(reference) = from.config_map_key_ref() {
            return key_of(context, object, ResourceKey::CONFIG_MAPS, reference);
        }
        if let Some(reference) = from.secret_key_ref() {
            return key_of(context, object, ResourceKey::SECRETS, reference);
        }
        if let Some(reference) = from.resource_field_ref() {
            let named = Pod(object).spec().container(reference.container_name());
            let amount = self.resource_field(context, named.unwrap_or(spec), reference);
            return Ok(Some(amount));
        }
        let path = from.field_ref().map_or("", |field| field.field_path());
        Ok(Some(match path {
            "status.podIP" | "status.podIPs" => address.into(),
            _ => self.field(object, path),
        }))
    }

    /// What a downward `fieldPath` means for a pod of this node.
    pub(super) fn field(&self, object: &Value, path: &str) -> EcoString {
        match path {
            "status.hostIP" | "status.hostIPs" => self.address.clone(),
            "spec.nodeName" => self.name.clone(),
            "spec.serviceAccountName" => Pod(object).spec().service_account_name().into(),
            _ => podyard_api::kinds::pod::field(object, path),
        }
    }

    /// A request or limit of a container in units of the divisor, rounded up; the node's own where there is no limit.
    // Models pkg/api/v1/resource/helpers.go (ExtractResourceValueByContainerName)
    pub(super) fn resource_field<P: Program>(
        &self,
        context: &Context<'_, P>,
        spec: ContainerSpec<'_>,
        reference: ResourceFieldSelector<'_>,
    ) -> EcoString {
        let (part, resource) = reference.resource().split_once('.').unwrap_or(("limits", "cpu"));
        let mut amount = match part {
            "requests" => spec.resources().request(resource).clone(),
            _ => spec.resources().limit(resource).clone(),
        };
        if amount.is_null() && part == "limits" {
            let node = context.api.get(ResourceKey::NODES, "", &self.name);
            let allocatable = node.map(|node| podyard_api::kinds::Node(node).status().value().get("allocatable"));
            amount = allocatable.map(|all| all.get(resource).clone()).unwrap_or_default();
        }
        if amount.is_null() {
            return "0".into();
        }
        let divisor = Quantity::of(reference.divisor());
        let (amount, divisor) = if resource == "cpu" {
            (Quantity::of(&amount).milli_value(), if divisor.is_zero() { 1000 } else { divisor.milli_value() })
        } else {
            (Quantity::of(&amount).value(), if divisor.is_zero() { 1 } else { divisor.value() })
        };
        let divisor = divisor.max(1);
        ecow::eco_format!("{}", amount / divisor + i64::from(amount % divisor != 0))
    }

    /// The files under `/etc` that the kubelet writes for a container.
    pub(super) fn write_etc<P: Program>(
        &self,
        context: &mut Context<'_, P>,
        root: FsId,
        object: &Value,
        hostname: &str,
        address: &str,
    ) {
        let now = context.now;
        let Some(vfs) = context.kernel.fs_mut(root) else { return };
        vfs.put_file("/etc/hostname", format!("{hostname}\n"), now);
        let mut hosts = format!("{HOSTS}{address}\t{hostname}\n");
        let aliases: Vec<_> = Pod(object).spec().host_aliases().collect();
        if !aliases.is_empty() {
            hosts.push_str("\n# Entries added by HostAliases.\n");
        }
        for alias in aliases {
            let names: Vec<&str> = alias.hostnames().collect();
            hosts.push_str(&format!("{}\t{}\n", alias.ip(), names.join("\t")));
        }
        vfs.put_file("/etc/hosts", hosts, now);
        let resolver = format!(
            "search {}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
            object.namespace()
        );
        vfs.put_file("/etc/resolv.conf", resolver, now);
    }
}

/// What every pod's hosts file begins with.
const HOSTS: &str = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";

/// Every key of the ConfigMap or Secret that an `envFrom` entry names.
fn all_of<P: Program>(
    context: &Context<'_, P>,
    object: &Value,
    source: EnvFromSource<'_>,
) -> Result<Vec<(EcoString, EcoString)>, String> {
    let (resource, reference) = match source.config_map_ref() {
        Some(reference) => (ResourceKey::CONFIG_MAPS, Some(reference)),
        None => (ResourceKey::SECRETS, source.secret_ref()),
    };
    let Some(reference) = reference else { return Ok(Vec::new()) };
    let Some(found) = context.api.get(resource, object.namespace(), reference.name()) else {
        if reference.optional() {
            return Ok(Vec::new());
        }
        return Err(format!("{} {:?} not found", noun(resource), reference.name()));
    };
    let prefix = source.prefix();
    let data = found.get("data").fields().iter();
    Ok(data.map(|(key, value)| (ecow::eco_format!("{prefix}{key}"), plain(resource, value))).collect())
}

/// One key of a ConfigMap or Secret.
fn key_of<P: Program>(
    context: &Context<'_, P>,
    object: &Value,
    resource: ResourceKey,
    reference: KeySelector<'_>,
) -> Result<Option<EcoString>, String> {
    let (name, key) = (reference.name(), reference.key());
    let Some(found) = context.api.get(resource, object.namespace(), name) else {
        return if reference.optional() { Ok(None) } else { Err(format!("{} {name:?} not found", noun(resource))) };
    };
    let value = found.get("data").get(key);
    if !value.is_null() {
        return Ok(Some(plain(resource, value)));
    }
    if reference.optional() {
        return Ok(None);
    }
    let kind = if resource == ResourceKey::SECRETS { "Secret" } else { "ConfigMap" };
    Err(format!("couldn't find key {key} in {kind} {}/{name}", object.namespace()))
}

/// As messages of the API server call the object.
pub(super) fn noun(resource: ResourceKey) -> &'static str {
    if resource == ResourceKey::SECRETS { "secret" } else { "configmap" }
}

/// The text of a ConfigMap's or Secret's entry.
fn plain(resource: ResourceKey, value: &Value) -> EcoString {
    if resource == ResourceKey::SECRETS {
        let bytes = podyard_api::base64::decode(value.str()).unwrap_or_default();
        return String::from_utf8_lossy(&bytes).into();
    }
    value.text()
}

/// The variables that tell of the services of the pod's namespace, and of `kubernetes`.
// Models pkg/kubelet/envvars/envvars.go
fn service_variables<P: Program>(context: &Context<'_, P>, object: &Value) -> Vec<(EcoString, EcoString)> {
    let mut variables = Vec::new();
    let own = Pod(object).spec().enable_service_links();
    let services = context.api.list(ResourceKey::SERVICES, Some(object.namespace())).filter(|_| own);
    let master = context.api.get(ResourceKey::SERVICES, "default", "kubernetes");
    let master = master.filter(|_| !own || object.namespace() != "default");
    for service in services.chain(master) {
        let (name, spec) = (service.name(), Service(service).spec());
        let address = spec.cluster_ip();
        if address.is_empty() || address == "None" {
            continue;
        }
        let prefix = name.to_uppercase().replace('-', "_");
        let mut add =
            |suffix: String, value: String| variables.push((format!("{prefix}_{suffix}").into(), value.into()));
        for (index, port) in spec.ports().enumerate() {
            let (number, protocol) = (port.port(), port.protocol());
            let upper = protocol.to_uppercase();
            let url = format!("{}://{address}:{number}", protocol.to_lowercase());
            if index == 0 {
                add("SERVICE_HOST".into(), address.into());
                add("SERVICE_PORT".into(), number.to_string());
                add("PORT".into(), url.clone());
            }
            if !port.name().is_empty() {
                add(format!("SERVICE_PORT_{}", port.name().to_uppercase().replace('-', "_")), number.to_string());
            }
            let key = format!("PORT_{number}_{upper}");
            add(key.clone(), url);
            add(format!("{key}_PROTO"), protocol.to_lowercase());
            add(format!("{key}_PORT"), number.to_string());
            add(format!("{key}_ADDR"), address.into());
        }
    }
    variables
}

/// A text with `$(NAME)` replaced by the variable's value; `$$` is a dollar sign.
// Models third_party/forked/golang/expansion/expand.go
pub(super) fn expand(text: &str, env: &[(EcoString, EcoString)]) -> EcoString {
    let mut expanded = EcoString::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, next)) = after.strip_prefix('(').and_then(|after| after.split_once(')')) {
            match env.iter().find(|(known, _)| known == name) {
                Some((_, value)) => expanded.push_str(value),
                None => expanded.push_str(&format!("$({name})")),
            }
            rest = next;
        } else {
            expanded.push('$');
            rest = after;
        }
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded_as_in_commands() {
        let env = [("A".into(), "1".into())];
        for (text, expect) in [("$(A)$(B)", "1$(B)"), ("$$(A)", "$(A)"), ("$A $(", "$A $("), ("x", "x")] {
            assert_eq!(expand(text, &env), expect);
        }
    }
}
