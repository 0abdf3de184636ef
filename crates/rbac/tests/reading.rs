//! The engine against a reading of the API documentation that looks at everything, on random policies.

use podyard_api::{User, Value, value};
use podyard_rbac::{Attributes, Kind, Policy};
use proptest::prelude::*;

const VERBS: &[&str] = &["get", "list", "create", "*"];
const GROUPS: &[&str] = &["", "apps", "*"];
const RESOURCES: &[&str] = &["pods", "pods/log", "deployments", "deployments/scale", "*/scale", "*"];
const NAMES: &[&str] = &["web", "db"];
const URLS: &[&str] = &["/healthz", "/healthz/*", "/logs/*", "*"];
const SPACES: &[&str] = &["dev", "prod"];
const USERS: &[&str] = &["jane", "bob", "system:serviceaccount:dev:app"];
const TEAMS: &[&str] = &["devs", "ops"];

fn some(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(words.to_vec(), 0..=2.min(words.len()))
}

fn rule() -> impl Strategy<Value = Value> {
    (some(VERBS), some(GROUPS), some(RESOURCES), some(NAMES), some(URLS), any::<bool>()).prop_map(
        |(verbs, groups, resources, names, urls, paths)| match paths {
            true => value!({"verbs": verbs, "nonResourceURLs": urls}),
            false => value!({"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names}),
        },
    )
}

fn role() -> impl Strategy<Value = Value> {
    (0..2usize, 0..3usize, prop::collection::vec(rule(), 0..3)).prop_map(|(name, space, rules)| {
        let mut metadata = value!({"name": (["a", "b"][name])});
        if space > 0 {
            metadata.set("namespace", SPACES[space - 1]);
        }
        value!({"kind": (if space > 0 { "Role" } else { "ClusterRole" }), "metadata": metadata, "rules": rules})
    })
}

fn subject() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(USERS).prop_map(|name| value!({"kind": "User", "name": name})),
        prop::sample::select(TEAMS).prop_map(|name| value!({"kind": "Group", "name": name})),
        prop::sample::select(SPACES)
            .prop_map(|space| value!({"kind": "ServiceAccount", "name": "app", "namespace": space})),
    ]
}

fn binding() -> impl Strategy<Value = Value> {
    let subjects = prop::collection::vec(subject(), 0..3);
    (0..3usize, 0..3usize, any::<bool>(), 0..2usize, subjects).prop_map(|(name, space, cluster, role, subjects)| {
        let mut metadata = value!({"name": (["x", "y", "z"][name])});
        if space > 0 {
            metadata.set("namespace", SPACES[space - 1]);
        }
        let kind = if cluster || space == 0 { "ClusterRole" } else { "Role" };
        value!({
            "kind": (if space > 0 { "RoleBinding" } else { "ClusterRoleBinding" }),
            "metadata": metadata,
            "roleRef": {"kind": kind, "name": (["a", "b"][role])},
            "subjects": subjects,
        })
    })
}

#[derive(Clone, Debug)]
struct Question {
    user: User,
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    namespace: &'static str,
    name: &'static str,
    path: &'static str,
}

fn question() -> impl Strategy<Value = Question> {
    let select = prop::sample::select::<&'static str>;
    let place = (select(vec!["", "dev", "prod"]), select(vec!["", "web", "other"]));
    let path = select(vec!["", "", "/healthz", "/healthz/etcd", "/logs/x"]);
    let what = (select(vec!["get", "list", "delete"]), select(vec!["", "apps"]));
    let resource = select(vec!["pods", "pods/log", "deployments/scale"]);
    (select(USERS.to_vec()), select(TEAMS.to_vec()), what, resource, place, path).prop_map(
        |(user, team, (verb, group), resource, (namespace, name), path)| Question {
            user: User::new(user, &[team]),
            verb,
            group,
            resource,
            namespace,
            name,
            path,
        },
    )
}

fn asked(question: &Question) -> Attributes<'_> {
    let (resource, subresource) = question.resource.split_once('/').unwrap_or((question.resource, ""));
    if !question.path.is_empty() {
        return Attributes::of_path(&question.user, question.verb, question.path);
    }
    Attributes {
        user: &question.user,
        verb: question.verb,
        group: question.group,
        resource,
        subresource,
        namespace: question.namespace,
        name: question.name,
        path: "",
    }
}

/// By the documentation: is there a binding that names the user, in force here, to a role with a rule that covers?
fn read(objects: &[Value], question: &Question) -> bool {
    let has = |list: &Value, wanted: &dyn Fn(&str) -> bool| list.items().iter().any(|word| wanted(word.str()));
    let covers = |rule: &Value| {
        let verb = has(rule.get("verbs"), &|own| own == "*" || own == question.verb);
        if !question.path.is_empty() {
            let path = |own: &str| match own.strip_suffix('*') {
                Some(start) => question.path.starts_with(start),
                None => own == question.path,
            };
            return verb && has(rule.get("nonResourceURLs"), &path);
        }
        let resource = |own: &str| {
            let sub = question.resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
            own == "*" || own == question.resource || sub.as_deref() == Some(own)
        };
        let names = rule.get("resourceNames");
        verb && has(rule.get("apiGroups"), &|own| own == "*" || own == question.group)
            && has(rule.get("resources"), &resource)
            && (names.items().is_empty() || has(names, &|own| own == question.name))
    };
    let is_user = |subject: &Value| match subject.get("kind").str() {
        "User" => subject.get("name").str() == question.user.name,
        "Group" => question.user.groups.contains(&subject.get("name").text()),
        _ => {
            let (space, name) = (subject.get("namespace").str(), subject.get("name").str());
            question.user.name == format!("system:serviceaccount:{space}:{name}")
        }
    };
    objects.iter().filter(|object| object.kind().ends_with("Binding")).any(|binding| {
        let everywhere = binding.namespace().is_empty();
        let here = question.path.is_empty() && binding.namespace() == question.namespace;
        let role = binding.get("roleRef");
        (everywhere || here)
            && binding.get("subjects").items().iter().any(is_user)
            && objects.iter().any(|object| {
                object.kind() == role.get("kind").str()
                    && object.name() == role.get("name").str()
                    && (object.kind() == "ClusterRole" || object.namespace() == binding.namespace())
                    && object.get("rules").items().iter().any(covers)
            })
    })
}

/// The last of several objects of one kind and name is the one that there is.
fn distinct(objects: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for object in objects {
        let same = |other: &Value| {
            (other.kind(), other.namespace(), other.name()) == (object.kind(), object.namespace(), object.name())
        };
        kept.retain(|other| !same(other));
        kept.push(object);
    }
    kept
}

proptest! {
    #[test]
    fn decides_as_the_documentation_reads(
        roles in prop::collection::vec(role(), 0..5),
        bindings in prop::collection::vec(binding(), 0..6),
        questions in prop::collection::vec(question(), 1..8),
    ) {
        let objects = distinct(roles.into_iter().chain(bindings).collect());
        let policy = Policy::of(&objects);
        let backwards = Policy::of(objects.iter().rev());
        prop_assert_eq!(&policy, &backwards);
        for question in &questions {
            let asked = asked(question);
            let decision = policy.decide(&asked);
            prop_assert_eq!(decision.allowed, read(&objects, question), "{:?} {:?}", question, objects);
            prop_assert_eq!(policy.allows(&asked), decision.allowed);
            prop_assert_eq!(backwards.decide(&asked), decision);
        }
    }

    #[test]
    fn what_is_taken_out_leaves_nothing(
        roles in prop::collection::vec(role(), 0..5),
        bindings in prop::collection::vec(binding(), 0..6),
    ) {
        let objects = distinct(roles.into_iter().chain(bindings).collect());
        let mut policy = Policy::of(&objects);
        for object in &objects {
            let plural = format!("{}s", object.kind().to_lowercase());
            policy.remove(Kind::of(&plural).unwrap(), object.namespace(), object.name());
        }
        prop_assert_eq!(policy, Policy::default());
    }
}
