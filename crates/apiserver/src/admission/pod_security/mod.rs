//! The Pod Security Standards that a namespace's labels ask for: enforced on pods, warned of on what makes pods.
// Models staging/src/k8s.io/pod-security-admission/admission/admission.go

mod baseline;
mod restricted;
mod violation;

use ecow::EcoString;
use podyard_api::{Status, Value, Verb};

use super::Attributes;
use crate::validation::{Errors, Path};
use crate::{ApiServer, ResourceKey};
use violation::Violation;

/// How much is forbidden, from nothing on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Privileged,
    Baseline,
    Restricted,
}

/// A level in the version whose rules are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Policy {
    level: Level,
    version: EcoString,
}

const LABEL: &str = "pod-security.kubernetes.io/";
/// Up to so many pods of a namespace are looked at when its labels change.
const MAX_PODS: usize = 3000;

/// Refuses pods that the namespace does not allow, and warns of what would be.
pub(super) fn validate(server: &ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    if attributes.key == ResourceKey::NAMESPACES {
        return namespace(server, attributes);
    }
    let Some(template) = template_path(attributes.key).filter(|_| attributes.sub.is_empty()) else { return Ok(()) };
    let is_pod = attributes.key == ResourceKey::PODS;
    let Some(object) = attributes.object.as_ref().filter(|_| attributes.verb != Verb::Delete) else { return Ok(()) };
    if is_pod && !significant(object, attributes.old.as_ref()) {
        return Ok(());
    }
    let labels = match server.get(ResourceKey::NAMESPACES, "", &attributes.namespace) {
        Some(namespace) => namespace.get("metadata").get("labels").clone(),
        None => return Ok(()),
    };
    let (enforce, warn) = policies(&labels);
    let spec = object.at(template).get("spec");
    if is_pod {
        let found = violations(spec, enforce.level);
        if !found.is_empty() {
            return Err(attributes.forbidden(&format!(
                "violates PodSecurity {}: {}",
                enforce.shown(),
                detailed(&found)
            )));
        }
    }
    let found = violations(spec, warn.level);
    if !found.is_empty() {
        let warning = format!("would violate PodSecurity {}: {}", warn.shown(), detailed(&found));
        attributes.warnings.push(warning.into());
    }
    Ok(())
}

/// Where a kind has the spec of its pods.
fn template_path(key: ResourceKey) -> Option<&'static [&'static str]> {
    Some(match key {
        ResourceKey::PODS => &[],
        ResourceKey::POD_TEMPLATES => &["template"],
        ResourceKey::CRON_JOBS => &["spec", "jobTemplate", "spec", "template"],
        ResourceKey::DAEMON_SETS
        | ResourceKey::DEPLOYMENTS
        | ResourceKey::JOBS
        | ResourceKey::REPLICA_SETS
        | ResourceKey::REPLICATION_CONTROLLERS
        | ResourceKey::STATEFUL_SETS => &["spec", "template"],
        _ => return None,
    })
}

/// Changes of a pod matter if they may change the verdict.
fn significant(pod: &Value, old: Option<&Value>) -> bool {
    old.is_none_or(|old| {
        let images = |pod: &Value| -> Vec<Value> {
            let lists = ["containers", "initContainers"].into_iter();
            lists.flat_map(|list| pod.get("spec").get(list).items()).map(|c| c.get("image").clone()).collect()
        };
        images(pod) != images(old)
    })
}

impl Policy {
    fn shown(&self) -> String {
        podyard_api::gostr::quote(&format!("{}:{}", self.level.name(), self.version))
    }
}

impl Level {
    fn parse(text: &str) -> Option<Self> {
        [Self::Privileged, Self::Baseline, Self::Restricted].into_iter().find(|level| level.name() == text)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

/// What is enforced and what is warned of. Who asks for no warning is warned of what is enforced.
fn policies(labels: &Value) -> (Policy, Policy) {
    let read = |mode: &str| {
        let level = labels.get(&format!("{LABEL}{mode}")).as_str().and_then(Level::parse);
        let version = labels.get(&format!("{LABEL}{mode}-version")).as_str().unwrap_or("latest");
        (level, Policy { level: level.unwrap_or(Level::Privileged), version: version.into() })
    };
    let ((_, enforce), (given, warn)) = (read("enforce"), read("warn"));
    let warn = if given.is_none() && enforce.level > warn.level { enforce.clone() } else { warn };
    (enforce, warn)
}

fn violations(spec: &Value, level: Level) -> Vec<Violation> {
    match level {
        Level::Privileged => Vec::new(),
        Level::Baseline => baseline::check(spec, false),
        Level::Restricted => {
            let mut all = baseline::check(spec, true);
            all.extend(restricted::check(spec));
            all
        }
    }
}

fn detailed(violations: &[Violation]) -> String {
    let parts: Vec<String> = violations
        .iter()
        .map(|found| match found.detail.as_str() {
            "" => found.reason.to_owned(),
            detail => format!("{} ({detail})", found.reason),
        })
        .collect();
    parts.join(", ")
}

/// A namespace's labels must be levels; stricter ones are told which pods would not be allowed.
fn namespace(server: &ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    let Some(object) = attributes.object.as_ref().filter(|_| attributes.verb != Verb::Delete) else { return Ok(()) };
    let labels = object.get("metadata").get("labels");
    let mut errors = Errors::default();
    for mode in ["enforce", "audit", "warn"] {
        let label = format!("{LABEL}{mode}");
        if let Some(text) = labels.get(&label).as_str().filter(|text| Level::parse(text).is_none()) {
            let place = Path::root("metadata");
            let place = place.child("labels");
            errors.invalid(&place.key(&label), text, "must be one of privileged, baseline, restricted");
        }
    }
    if !errors.is_empty() {
        return Err(Status::invalid("", "Namespace", object.name(), errors.into_causes()));
    }
    let Some(old) = attributes.old.as_ref().filter(|_| attributes.sub.is_empty()) else { return Ok(()) };
    let ((now, _), (before, _)) = (policies(labels), policies(old.get("metadata").get("labels")));
    if now == before || now.level <= before.level && now.version == before.version {
        return Ok(());
    }
    let lines = existing(server, object.name(), now.level);
    if !lines.is_empty() {
        let name = podyard_api::gostr::quote(object.name());
        let head =
            format!("existing pods in namespace {name} violate the new PodSecurity enforce level {}", now.shown());
        attributes.warnings.push(head.into());
        attributes.warnings.extend(lines);
    }
    Ok(())
}

/// The pods that a level does not allow, together by what is wrong with them.
fn existing(server: &ApiServer, namespace: &str, level: Level) -> Vec<EcoString> {
    let mut groups: Vec<(String, &str, usize)> = Vec::new();
    for pod in server.list(ResourceKey::PODS, Some(namespace)).take(MAX_PODS) {
        let found = violations(pod.get("spec"), level);
        if found.is_empty() {
            continue;
        }
        let reasons: Vec<&str> = found.iter().map(|violation| violation.reason).collect();
        let reasons = reasons.join(", ");
        match groups.iter_mut().find(|(known, ..)| *known == reasons) {
            Some(group) => group.2 += 1,
            None => groups.push((reasons, pod.name(), 0)),
        }
    }
    groups.sort_by_key(|(_, name, _)| *name);
    let line = |(reasons, name, more): (String, &str, usize)| match more {
        0 => format!("{name}: {reasons}").into(),
        1 => format!("{name} (and 1 other pod): {reasons}").into(),
        more => format!("{name} (and {more} other pods): {reasons}").into(),
    };
    groups.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use podyard_api::value;

    use super::*;

    fn check(spec: Value, level: Level, expect: &str) {
        assert_eq!(detailed(&violations(&spec, level)), expect);
    }

    #[test]
    fn what_levels_forbid() {
        let plain = value!({"containers": [{"name": "web"}]});
        check(plain.clone(), Level::Privileged, "");
        check(plain.clone(), Level::Baseline, "");
        check(
            plain,
            Level::Restricted,
            "allowPrivilegeEscalation != false (container \"web\" must set \
             securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"web\" must set \
             securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"web\" must set \
             securityContext.runAsNonRoot=true), seccompProfile (pod or container \"web\" must set \
             securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")",
        );
        check(
            value!({
                "hostNetwork": true,
                "containers": [{"name": "c", "securityContext": {"privileged": true}}],
                "volumes": [{"name": "h", "hostPath": {"path": "/etc"}}],
            }),
            Level::Baseline,
            "host namespaces (hostNetwork=true), hostPath volumes (volume \"h\"), privileged (container \"c\" must not \
             set securityContext.privileged=true)",
        );
    }

    #[test]
    fn who_asks_for_no_warning_is_warned_of_what_is_enforced() {
        let check = |labels: Value, expect| {
            let (enforce, warn) = policies(&labels);
            assert_eq!((enforce.level.name(), warn.level.name()), expect);
        };
        check(value!({}), ("privileged", "privileged"));
        check(value!({"pod-security.kubernetes.io/enforce": "baseline"}), ("baseline", "baseline"));
        check(
            value!({
                "pod-security.kubernetes.io/enforce": "baseline",
                "pod-security.kubernetes.io/warn": "privileged",
            }),
            ("baseline", "privileged"),
        );
    }
}
