//! Who a request comes from.

use podyard_api::User;

/// A controller of the kube-controller-manager: its service account in `kube-system`, or the manager itself.
pub(crate) fn controller(account: &str) -> User {
    if account.is_empty() {
        return User::system("system:kube-controller-manager");
    }
    User::service_account("kube-system", account)
}

/// The scheduler.
pub(crate) fn scheduler() -> User {
    User::system("system:kube-scheduler")
}

/// Whose requests a machine's processes make, by its owner text: `admin`, `node:<name>` or
/// `serviceaccount:<namespace>:<name>`.
pub(crate) fn of_machine(owner: &str) -> User {
    let mut parts = owner.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("admin"), _, _) => User::admin(),
        (Some("node"), Some(name), _) => User::node(name),
        (Some("serviceaccount"), Some(namespace), Some(name)) => User::service_account(namespace, name),
        _ => User::new("system:anonymous", &["system:unauthenticated"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_speak_for_their_owner() {
        let name = |owner: &str| of_machine(owner).name;
        assert_eq!(name("admin"), "kubernetes-admin");
        assert_eq!(name("node:node01"), "system:node:node01");
        assert_eq!(name("serviceaccount:dev:app"), "system:serviceaccount:dev:app");
        assert_eq!(name(""), "system:anonymous");
    }
}
