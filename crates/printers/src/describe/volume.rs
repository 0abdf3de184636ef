//! Volumes of a pod, and the sources that persistent volumes share with them.

use podyard_api::kinds::{ObjectMeta, PersistentVolumeClaim, Volume, VolumeProjection};
use podyard_api::{Key, Quantity, Value};
use podyard_expr::go;

use super::out::Out;
use super::{lists, persistent_volume_claim};

/// `space` is what a pod template's lines are indented by.
pub(super) fn volumes<'a>(volumes: impl ExactSizeIterator<Item = Volume<'a>>, space: &str, out: &mut Out) {
    if volumes.len() == 0 {
        out.line(0, format_args!("{space}Volumes:\t<none>"));
        return;
    }
    out.line(0, format_args!("{space}Volumes:"));
    let indent = if space.is_empty() { "" } else { " " };
    for volume in volumes {
        out.line(1, format_args!("{indent}{}:", volume.name()));
        match volume.source() {
            Some((kind, source)) => source_of(kind, source, out),
            None => out.line(1, "<unknown>"),
        }
    }
}

/// One source by the name of its field.
pub(super) fn source_of(kind: &str, source: &Value, out: &mut Out) {
    match kind {
        "projected" => projected(source, out),
        "downwardAPI" => downward_api(source, out),
        "ephemeral" => ephemeral(source, out),
        "emptyDir" => {
            let limit = source.get("sizeLimit");
            let limit = if Quantity::of(limit).sign() > 0 { Quantity::of(limit).to_string() } else { "<unset>".into() };
            kind_of(out, "EmptyDir (a temporary directory that shares a pod's lifetime)");
            out.field(2, "Medium", source.get("medium").str());
            out.field(2, "SizeLimit", limit);
        }
        "csi" => {
            plain(kind, source, out);
            attributes(source.get("volumeAttributes").fields(), out);
        }
        _ => plain(kind, source, out),
    }
}

fn kind_of(out: &mut Out, text: &str) {
    out.field(2, "Type", text);
}

/// The description of a kind of source, and its fields: the label and the name each has.
type Form = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Sources that are shown field by field. `name:text` tells how an absent field reads, `name?` that it has no line.
static FORMS: &[Form] = &[
    ("configMap", "ConfigMap (a volume populated by a ConfigMap)", &[("Name", "name"), ("Optional", "optional:false")]),
    (
        "csi",
        "CSI (a Container Storage Interface (CSI) volume source)",
        &[
            ("Driver", "driver"),
            ("FSType", "fsType"),
            ("VolumeHandle", "volumeHandle?"),
            ("ReadOnly", "readOnly:false"),
        ],
    ),
    (
        "fc",
        "FC (a Fibre Channel disk)",
        &[("TargetWWNs", "targetWWNs"), ("LUN", "lun:<none>"), ("FSType", "fsType"), ("ReadOnly", "readOnly:false")],
    ),
    (
        "gitRepo",
        "GitRepo (a volume that is pulled from git when the pod is created)",
        &[("Repository", "repository"), ("Revision", "revision")],
    ),
    ("hostPath", "HostPath (bare host directory volume)", &[("Path", "path"), ("HostPathType", "type:<none>")]),
    ("image", "Image (a container image or OCI artifact)", &[("Reference", "reference"), ("PullPolicy", "pullPolicy")]),
    (
        "iscsi",
        "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
        &[
            ("TargetPortal", "targetPortal"),
            ("IQN", "iqn"),
            ("Lun", "lun:0"),
            ("ISCSIInterface", "iscsiInterface"),
            ("FSType", "fsType"),
            ("ReadOnly", "readOnly:false"),
            ("Portals", "portals:[]"),
            ("DiscoveryCHAPAuth", "chapAuthDiscovery:false"),
            ("SessionCHAPAuth", "chapAuthSession:false"),
            ("SecretRef", "secretRef:nil"),
            ("InitiatorName", "initiatorName:<none>"),
        ],
    ),
    ("local", "LocalVolume (a persistent volume backed by local storage on a node)", &[("Path", "path")]),
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly:false")],
    ),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName"), ("ReadOnly", "readOnly:false")],
    ),
    (
        "secret",
        "Secret (a volume populated by a Secret)",
        &[("SecretName", "secretName"), ("Optional", "optional:false")],
    ),
];

fn plain(kind: &str, source: &Value, out: &mut Out) {
    let Some((_, text, fields)) = FORMS.iter().find(|(name, _, _)| *name == kind) else {
        out.line(1, "<unknown>");
        return;
    };
    kind_of(out, text);
    for (label, name) in *fields {
        let (name, default) = name.split_once(':').unwrap_or((name, ""));
        let optional = name.strip_suffix('?');
        let value = source.get(optional.unwrap_or(name));
        match value {
            Value::Null if optional.is_some() => {}
            Value::Null => out.field(2, label, default),
            value => out.field(2, label, go::print(value)),
        }
    }
}

fn projected(source: &Value, out: &mut Out) {
    kind_of(out, "Projected (a volume that contains injected data from multiple sources)");
    for item in source.get("sources").items() {
        let item = VolumeProjection(item);
        if let Some(secret) = item.secret() {
            out.field(2, "SecretName", secret.name());
            out.field(2, "Optional", secret.optional());
        } else if item.downward_api().is_some() {
            out.field(2, "DownwardAPI", true);
        } else if let Some(map) = item.config_map() {
            out.field(2, "ConfigMapName", map.name());
            out.field(2, "Optional", map.optional());
        } else if let Some(token) = item.service_account_token() {
            out.field(2, "TokenExpirationSeconds", token.expiration_seconds());
        }
    }
}

fn downward_api(source: &Value, out: &mut Out) {
    kind_of(out, "DownwardAPI (a volume populated by information about the pod)");
    out.line(2, "Items:");
    for item in source.get("items").items() {
        let path = item.get("path").str();
        for field in [item.at(&["fieldRef", "fieldPath"]), item.at(&["resourceFieldRef", "resource"])] {
            if let Some(field) = field.as_str() {
                out.line(3, format_args!("{field} -> {path}"));
            }
        }
    }
}

fn ephemeral(source: &Value, out: &mut Out) {
    kind_of(out, "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)");
    let template = source.get("volumeClaimTemplate");
    if !template.is_null() {
        out.nest(2, |out| persistent_volume_claim::body(PersistentVolumeClaim(template), None, out));
    }
}

fn attributes(attributes: &[(Key, Value)], out: &mut Out) {
    out.write(2, "VolumeAttributes:\t");
    if attributes.is_empty() {
        out.line(0, "<none>");
    }
    for (index, (key, value)) in attributes.iter().enumerate() {
        if index > 0 {
            out.write(2, "");
            out.write(2, "\t");
        }
        out.line(2, lists::shortened(&format!("{key}={}", value.str()), 140));
    }
}

/// Claim templates of a stateful set.
pub(super) fn claim_templates<'a>(templates: impl ExactSizeIterator<Item = PersistentVolumeClaim<'a>>, out: &mut Out) {
    if templates.len() == 0 {
        out.line(0, "Volume Claims:\t<none>");
        return;
    }
    out.line(0, "Volume Claims:");
    for claim in templates {
        let (meta, spec): (ObjectMeta<'_>, _) = (claim.metadata(), claim.spec());
        out.field(1, "Name", claim.name());
        out.field(1, "StorageClass", crate::values::storage_class(meta, spec.storage_class_name().unwrap_or_default()));
        lists::labels_indented(out, "  ", "Labels", meta.labels());
        lists::labels_indented(out, "  ", "Annotations", meta.annotations());
        let capacity = spec.resources().value().get("requests").get("storage");
        let capacity = if capacity.is_null() { "<default>".into() } else { crate::values::quantity(capacity) };
        out.field(1, "Capacity", capacity);
        out.field(1, "Access Modes", format_args!("[{}]", spec.access_modes().collect::<Vec<_>>().join(" ")));
    }
}
