//! `kubectl create rolebinding` and `kubectl create clusterrolebinding`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_rolebinding.go and create_clusterrolebinding.go

use podyard_api::{Value, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static NAMESPACED: Command = Command {
    name: "rolebinding",
    usage: "rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a role binding for a particular role or cluster role",
    long: "Create a role binding for a particular role or cluster role.",
    example: "# Create a role binding for user1, user2, and group1 using the admin cluster role
kubectl create rolebinding admin --clusterrole=admin --user=user1 --user=user2 --group=group1

# Create a role binding for service account monitoring:sa-dev using the admin role
kubectl create rolebinding admin-binding --role=admin --serviceaccount=monitoring:sa-dev",
    flags: &[ROLE, SUBJECTS, shared::GENERATE],
    run: run!(namespaced),
    ..EMPTY
};

pub(crate) static CLUSTER: Command = Command {
    name: "clusterrolebinding",
    usage: "clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a cluster role binding for a particular cluster role",
    long: "Create a cluster role binding for a particular cluster role.",
    example: "# Create a cluster role binding for user1, user2, and group1 using the cluster-admin cluster role
kubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1 --user=user2 --group=group1",
    flags: &[CLUSTER_ROLE, SUBJECTS, shared::GENERATE],
    run: run!(cluster),
    ..EMPTY
};

static ROLE: &[Flag] = &[
    Flag::text("clusterrole", "", "ClusterRole this RoleBinding should reference"),
    Flag::text("role", "", "Role this RoleBinding should reference"),
];

static CLUSTER_ROLE: &[Flag] =
    &[Flag::text("clusterrole", "", "ClusterRole this ClusterRoleBinding should reference").required()];

static SUBJECTS: &[Flag] = &[
    Flag::texts("group", "Groups to bind to the role. The flag can be repeated to add multiple groups."),
    Flag::texts(
        "serviceaccount",
        "Service accounts to bind to the role, in the format <namespace>:<name>. The flag can be repeated to add multiple service accounts.",
    ),
    Flag::texts("user", "Usernames to bind to the role. The flag can be repeated to add multiple users."),
];

const GROUP: &str = "rbac.authorization.k8s.io";

async fn namespaced(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let (role, cluster_role) = (ctx.flags.text("role"), ctx.flags.text("clusterrole"));
    if role.is_empty() == cluster_role.is_empty() {
        return Err("exactly one of clusterrole or role must be specified".into());
    }
    let (kind, role) = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    make(&ctx, &maker, "RoleBinding", &name, kind, &role, "rolebinding:").await
}

async fn cluster(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let role = ctx.flags.text("clusterrole");
    make(&ctx, &maker, "ClusterRoleBinding", &name, "ClusterRole", &role, "clusterrolebinding:").await
}

async fn make(ctx: &Ctx, maker: &Maker, kind: &str, name: &str, role_kind: &str, role: &str, what: &str) -> Outcome {
    let mut binding = value!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "roleRef": {"apiGroup": GROUP, "kind": role_kind, "name": role},
    });
    let subjects = subjects(ctx)?;
    if !subjects.is_empty() {
        binding.set("subjects", subjects);
    }
    maker.make(ctx, binding, what).await
}

fn subjects(ctx: &Ctx) -> Outcome<Value> {
    let flags = &ctx.flags;
    let mut subjects = Value::array();
    for user in flags.list("user") {
        subjects.push(value!({"apiGroup": GROUP, "kind": "User", "name": user}));
    }
    for group in flags.list("group") {
        subjects.push(value!({"apiGroup": GROUP, "kind": "Group", "name": group}));
    }
    for account in flags.list("serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        let [namespace, name] = parts[..] else {
            return Err("serviceaccount must be <namespace>:<name>".into());
        };
        if namespace.is_empty() || name.is_empty() {
            return Err(Failure::Text("serviceaccount must be <namespace>:<name>".to_owned()));
        }
        subjects.push(value!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
    }
    Ok(subjects)
}
