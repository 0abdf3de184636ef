//! The roles and bindings, indexed by whom they concern.

use ecow::{EcoString, EcoVec, eco_format};
use imbl::{OrdMap, OrdSet};
use podyard_api::kinds::{ClusterRole, RoleBinding};
use podyard_api::{User, Value, value};
use serde::{Deserialize, Serialize};

use crate::{Attributes, GROUP, Rule};

/// All roles and bindings. A clone is O(1); a request costs what its user's bindings hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// By namespace (empty: cluster roles) and name.
    roles: OrdMap<(EcoString, EcoString), EcoVec<Rule>>,
    bindings: OrdMap<BindingId, Binding>,
    /// The bindings of users and groups, by namespace.
    index: OrdMap<Who, OrdMap<EcoString, OrdSet<EcoString>>>,
}

/// Namespace (empty: a ClusterRoleBinding) and name. These come in the order in which bindings are looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BindingId {
    pub namespace: EcoString,
    pub name: EcoString,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ClusterRole,
    ClusterRoleBinding,
    Role,
    RoleBinding,
}

/// Whom a binding names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: EcoString,
    pub name: EcoString,
    /// Of a service account; empty takes the binding's.
    pub namespace: EcoString,
}

/// What a binding grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRef {
    /// `Role` or `ClusterRole`.
    pub kind: EcoString,
    pub name: EcoString,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    pub(crate) subjects: EcoVec<Subject>,
    pub(crate) role: RoleRef,
}

/// Who may be bound; a service account is the user it acts as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Who {
    Group(EcoString),
    User(EcoString),
}

/// The rules that hold for a user, in order, and what is wrong with the bindings.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub rules: Vec<Rule>,
    /// One sentence for each role that does not exist.
    pub errors: Vec<String>,
}

impl Kind {
    /// By the plural of the group `rbac.authorization.k8s.io`.
    pub fn of(plural: &str) -> Option<Self> {
        Some(match plural {
            "clusterroles" => Self::ClusterRole,
            "clusterrolebindings" => Self::ClusterRoleBinding,
            "roles" => Self::Role,
            "rolebindings" => Self::RoleBinding,
            _ => return None,
        })
    }
}

impl Policy {
    /// The policy of these objects, whose kinds say what they are; any others are ignored.
    pub fn of<'v>(objects: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut policy = Self::default();
        for object in objects {
            let kind = match object.kind() {
                "ClusterRole" => Kind::ClusterRole,
                "ClusterRoleBinding" => Kind::ClusterRoleBinding,
                "Role" => Kind::Role,
                "RoleBinding" => Kind::RoleBinding,
                _ => continue,
            };
            policy.put(kind, object);
        }
        policy
    }

    /// Takes over a new or changed object.
    pub fn put(&mut self, kind: Kind, object: &Value) {
        let (namespace, name) = (object.namespace_text(), object.name_text());
        match kind {
            Kind::ClusterRole | Kind::Role => {
                self.roles.insert((namespace, name), ClusterRole(object).rules().map(Rule::of).collect());
            }
            Kind::ClusterRoleBinding | Kind::RoleBinding => {
                self.unbind(&BindingId { namespace: namespace.clone(), name: name.clone() });
                self.bind(BindingId { namespace, name }, Binding::of(RoleBinding(object)));
            }
        }
    }

    /// Forgets a deleted object; cluster roles and their bindings have no namespace.
    pub fn remove(&mut self, kind: Kind, namespace: &str, name: &str) {
        match kind {
            Kind::ClusterRole | Kind::Role => {
                self.roles.remove(&(namespace.into(), name.into()));
            }
            Kind::ClusterRoleBinding | Kind::RoleBinding => {
                self.unbind(&BindingId { namespace: namespace.into(), name: name.into() });
            }
        }
    }

    fn bind(&mut self, id: BindingId, binding: Binding) {
        for who in binding.whom(&id.namespace) {
            let spaces = self.index.entry(who).or_default();
            spaces.entry(id.namespace.clone()).or_default().insert(id.name.clone());
        }
        self.bindings.insert(id, binding);
    }

    fn unbind(&mut self, id: &BindingId) {
        let Some(binding) = self.bindings.remove(id) else { return };
        for who in binding.whom(&id.namespace) {
            let Some(spaces) = self.index.get_mut(&who) else { continue };
            if let Some(names) = spaces.get_mut(&id.namespace) {
                names.remove(&id.name);
                if names.is_empty() {
                    spaces.remove(&id.namespace);
                }
            }
            if spaces.is_empty() {
                self.index.remove(&who);
            }
        }
    }

    /// Whether any binding allows the request; the order does not matter, and no reasons are collected.
    pub fn allows(&self, asked: &Attributes) -> bool {
        self.concerning(asked.user).any(|spaces| {
            let local = if asked.namespace.is_empty() { None } else { spaces.get(asked.namespace) };
            let wide = spaces.get("").into_iter().flatten().map(|name| ("", name));
            let local = local.into_iter().flatten().map(|name| (asked.namespace, name));
            wide.chain(local).any(|(namespace, name)| {
                let id = BindingId { namespace: namespace.into(), name: name.clone() };
                let binding = self.bindings.get(&id);
                let rules = binding.and_then(|binding| self.role(&binding.role, namespace));
                rules.is_some_and(|rules| rules.iter().any(|rule| rule.allows(asked)))
            })
        })
    }

    /// The bindings that name the user or one of its groups: those of the cluster by name, then the namespace's.
    pub(crate) fn bindings_of(&self, user: &User, namespace: &str) -> Vec<BindingId> {
        self.ids(user, |space| space.is_empty() || space == namespace)
    }

    /// The bindings that name the user or one of its groups in other namespaces.
    pub(crate) fn bindings_elsewhere(&self, user: &User, namespace: &str) -> Vec<BindingId> {
        self.ids(user, |space| !space.is_empty() && space != namespace)
    }

    fn ids(&self, user: &User, wanted: impl Fn(&str) -> bool) -> Vec<BindingId> {
        let mut ids: Vec<BindingId> = Vec::new();
        for spaces in self.concerning(user) {
            for (namespace, names) in spaces.iter().filter(|(namespace, _)| wanted(namespace)) {
                let id = |name: &EcoString| BindingId { namespace: namespace.clone(), name: name.clone() };
                ids.extend(names.iter().map(id));
            }
        }
        ids.sort();
        ids.dedup();
        ids
    }

    fn concerning(&self, user: &User) -> impl Iterator<Item = &OrdMap<EcoString, OrdSet<EcoString>>> {
        let groups = user.groups.iter().map(|group| Who::Group(group.clone()));
        groups.chain([Who::User(user.name.clone())]).filter_map(|who| self.index.get(&who))
    }

    pub(crate) fn binding(&self, id: &BindingId) -> Option<&Binding> {
        self.bindings.get(id)
    }

    /// The rules of a role as a binding in `namespace` sees it.
    pub(crate) fn role(&self, role: &RoleRef, namespace: &str) -> Option<&EcoVec<Rule>> {
        match role.kind.as_str() {
            "ClusterRole" => self.roles.get(&(EcoString::new(), role.name.clone())),
            // What is kept without a namespace is a ClusterRole.
            "Role" if !namespace.is_empty() => self.roles.get(&(namespace.into(), role.name.clone())),
            _ => None,
        }
    }

    /// The rules of the role that a binding in `namespace` refers to.
    ///
    /// # Errors
    /// What the server says of a role that is not there.
    // Models pkg/registry/rbac/validation/rule.go
    pub fn rules_of(&self, role: &RoleRef, namespace: &str) -> Result<&[Rule], String> {
        if let Some(rules) = self.role(role, namespace) {
            return Ok(rules);
        }
        let name = podyard_api::gostr::quote(&role.name);
        Err(match role.kind.as_str() {
            "ClusterRole" => format!("clusterrole.{GROUP} {name} not found"),
            "Role" => format!("role.{GROUP} {name} not found"),
            other => format!("unsupported role reference kind: {}", podyard_api::gostr::quote(other)),
        })
    }

    /// Whom bindings of a namespace and of the cluster name, service accounts with their namespace; each but once.
    pub fn subjects(&self, namespace: &str) -> Vec<Subject> {
        let mut all: Vec<Subject> = Vec::new();
        for (id, binding) in self.bindings.iter().filter(|(id, _)| id.namespace.is_empty() || id.namespace == namespace)
        {
            for subject in &binding.subjects {
                let mut subject = subject.clone();
                if subject.kind == "ServiceAccount" && subject.namespace.is_empty() {
                    subject.namespace = id.namespace.clone();
                }
                if !all.contains(&subject) {
                    all.push(subject);
                }
            }
        }
        all
    }

    /// All rules that hold for a user in a namespace, or at the cluster's scope.
    pub fn rules_for(&self, user: &User, namespace: &str) -> Rules {
        let mut all = Rules::default();
        for id in self.bindings_of(user, namespace) {
            let Some(binding) = self.binding(&id) else { continue };
            match self.rules_of(&binding.role, &id.namespace) {
                Ok(rules) => all.rules.extend(rules.iter().cloned()),
                Err(error) => all.errors.push(error),
            }
        }
        all
    }
}

impl Rules {
    /// The `status` of a SelfSubjectRulesReview.
    // Models pkg/registry/authorization/selfsubjectrulesreview/rest.go
    pub fn review(&self) -> Value {
        let list = |words: &EcoVec<EcoString>| words.iter().collect::<Value>();
        let (mut resources, mut paths) = (Value::array(), Value::array());
        for rule in &self.rules {
            if !rule.resources.is_empty() {
                let mut shown = value!({"verbs": (list(&rule.verbs)), "resources": (list(&rule.resources))});
                for (field, words) in [("apiGroups", &rule.groups), ("resourceNames", &rule.names)] {
                    if !words.is_empty() {
                        shown.set(field, list(words));
                    }
                }
                resources.push(shown);
            }
            if !rule.urls.is_empty() {
                paths.push(value!({"verbs": (list(&rule.verbs)), "nonResourceURLs": (list(&rule.urls))}));
            }
        }
        let mut status = value!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": false});
        if let Some(error) = self.error() {
            status.set("evaluationError", error);
        }
        status
    }

    /// The errors as Go joins them; nothing if there are none.
    // Models staging/src/k8s.io/apimachinery/pkg/util/errors/errors.go
    pub fn error(&self) -> Option<String> {
        joined(&self.errors)
    }
}

/// One error as it is, several in brackets, each but once.
pub(crate) fn joined(errors: &[String]) -> Option<String> {
    let mut distinct: Vec<&str> = Vec::new();
    for error in errors {
        if !distinct.contains(&error.as_str()) {
            distinct.push(error);
        }
    }
    match distinct.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        many => Some(format!("[{}]", many.join(", "))),
    }
}

impl Binding {
    fn of(binding: RoleBinding<'_>) -> Self {
        let role = binding.role_ref();
        let subjects = binding.subjects().map(|subject| Subject {
            kind: subject.kind().into(),
            name: subject.name().into(),
            namespace: subject.namespace().into(),
        });
        Self { subjects: subjects.collect(), role: RoleRef { kind: role.kind().into(), name: role.name().into() } }
    }

    fn whom(&self, namespace: &str) -> Vec<Who> {
        self.subjects.iter().filter_map(|subject| subject.who(namespace)).collect()
    }

    /// The first subject that the user is, or is in.
    pub(crate) fn subject_of(&self, user: &User, namespace: &str) -> Option<&Subject> {
        self.subjects.iter().find(|subject| match subject.who(namespace) {
            Some(Who::User(name)) => name == user.name,
            Some(Who::Group(name)) => user.groups.contains(&name),
            None => false,
        })
    }
}

impl Subject {
    /// Nobody for a service account without namespace and for kinds that are not known.
    // Models pkg/registry/rbac/validation/rule.go
    fn who(&self, binding: &str) -> Option<Who> {
        match self.kind.as_str() {
            "User" => Some(Who::User(self.name.clone())),
            "Group" => Some(Who::Group(self.name.clone())),
            "ServiceAccount" => {
                let namespace = if self.namespace.is_empty() { binding } else { &self.namespace };
                let known = !namespace.is_empty();
                known.then(|| Who::User(eco_format!("system:serviceaccount:{namespace}:{}", self.name)))
            }
            _ => None,
        }
    }
}
