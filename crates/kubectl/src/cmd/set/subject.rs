//! `kubectl set subject`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/set/set_subject.go

use podyard_api::{Value, value};

use super::ALL;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::templates::{self, Sender};

pub(crate) static COMMAND: Command = Command {
    name: "subject",
    usage: "subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Update the user, group, or service account in a role binding or cluster role binding",
    long: "Update the user, group, or service account in a role binding or cluster role binding.",
    example: "# Update a cluster role binding for serviceaccount1
kubectl set subject clusterrolebinding admin --serviceaccount=namespace:serviceaccount1

# Update a role binding for user1, user2, and group1
kubectl set subject rolebinding admin --user=user1 --user=user2 --group=group1

# Print the result (in YAML format) of updating rolebinding subjects from a local, without hitting the server
kubectl create rolebinding admin --role=admin --user=admin -o yaml --dry-run=client | kubectl set subject --local -f - --user=foo -o yaml",
    flags: &[
        FLAGS,
        filename_flags!("the resource to update the subjects"),
        field_manager_flag!("kubectl-set"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(set),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    ALL,
    Flag::texts("group", "Groups to bind to the role"),
    Flag::bool("local", "If true, set subject will NOT contact api-server but run locally."),
    Flag::texts("serviceaccount", "Service accounts to bind to the role"),
    Flag::texts("user", "Usernames to bind to the role"),
];

const GROUP: &str = "rbac.authorization.k8s.io";

async fn set(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "subjects updated", dry_run).await?;
    let infos = templates::infos(&ctx, ctx.args()).await?;
    let flags = &ctx.flags;
    let (users, groups, accounts) = (flags.list("user"), flags.list("group"), flags.list("serviceaccount"));
    if users.is_empty() && groups.is_empty() && accounts.is_empty() {
        return Err("you must specify at least one value of user, group or serviceaccount".into());
    }
    let mut added: Vec<Value> = Vec::new();
    added.extend(users.iter().map(|name| value!({"apiGroup": GROUP, "kind": "User", "name": name})));
    added.extend(groups.iter().map(|name| value!({"apiGroup": GROUP, "kind": "Group", "name": name})));
    for account in &accounts {
        match account.split_once(':') {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains(':') => {
                added.push(value!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
            }
            _ => return Err("serviceaccount must be <namespace>:<name>".into()),
        }
    }
    let sender = Sender { ctx: &ctx, printer: &printer, dry_run, refusal: "failed to patch subjects to rolebinding:" };
    let mut failures = Vec::new();
    for info in &infos {
        if !matches!(info.object.kind(), "RoleBinding" | "ClusterRoleBinding") {
            failures.push("setting subjects is only supported for RoleBinding/ClusterRoleBinding".into());
            continue;
        }
        let mut after = info.object.clone();
        let subjects = after.field_mut("subjects");
        for subject in &added {
            if !subjects.items().contains(subject) {
                subjects.push(subject);
            }
        }
        failures.extend(sender.send(info, after).await.err());
    }
    Failure::collect(failures)
}
