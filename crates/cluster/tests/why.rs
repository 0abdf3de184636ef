//! The console's `why`: whole answers, exit statuses, and the same after a copy.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

use std::time::Duration;

use podyard_cluster::{Cluster, presets};

const LIMIT: Duration = Duration::from_secs(60);

/// A cluster after some lines, and a while.
fn after(lines: &str) -> Cluster {
    let mut cluster = Cluster::new(presets::find("two-workers").unwrap(), 7);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let output = cluster.run_line(line, LIMIT);
        assert_eq!(output.exit, 0, "{line}: {}{}", output.stdout, output.stderr);
    }
    cluster.advance(Duration::from_secs(60));
    cluster
}

/// Asks; compares exit status and text. Lines of only `…` stand for any lines.
fn check(cluster: &mut Cluster, line: &str, exit: u8, expect: &str) {
    let output = cluster.run_line(line, LIMIT);
    let text = output.stdout + &output.stderr;
    assert_eq!(output.exit, exit, "{line}: {text}");
    let mut rest = text.as_str();
    for part in expect.split('…').map(str::trim).filter(|part| !part.is_empty()) {
        let found = rest.find(part);
        assert!(found.is_some(), "{line}: {part:?} is not in\n{text}");
        rest = &rest[found.unwrap() + part.len()..];
    }
}

#[test]
fn of_pods() {
    let mut cluster = after(
        "kubectl run web --image=nginx
         kubectl run typo --image=nginx:1.99-typo
         kubectl run crash --image=busybox -- sh -c 'exit 3'
         kubectl run big --image=nginx --overrides='{\"spec\":{\"containers\":[{\"name\":\"big\",\"image\":\"nginx\",\"resources\":{\"requests\":{\"cpu\":\"900\"}}}]}}'",
    );
    check(&mut cluster, "why pod/web", 0, "pod/web is on node/node0…won with…points:…times weight");
    check(
        &mut cluster,
        "why pod/big",
        1,
        "pod/big is Pending: none of 3 nodes would do.
         …TaintToleration rejects it…NodeResourcesFit rejects it: Insufficient cpu…ask for 900 cpu
         …To change this:…Ask for at most…cpu in resources.requests of the container big",
    );
    check(&mut cluster, "why pod typo", 1, "waits for its image nginx:1.99-typo…kubectl set image pod/typo");
    check(&mut cluster, "why pod/crash", 1, "exit status 3…kubectl logs pod/crash");
    check(&mut cluster, "why pod/nobody", 2, "why: there is no pod \"nobody\" in the namespace \"default\"");
    check(&mut cluster, "why", 2, "why: what is to be explained?");
    check(&mut cluster, "why --help", 0, "Usage:");
}

#[test]
fn of_rights() {
    let mut cluster = after(
        "kubectl create namespace dev
         kubectl create role reader --verb=get,list --resource=pods -n dev
         kubectl create rolebinding jane --role=reader --user=jane -n dev
         kubectl config set-context --current --namespace=dev",
    );
    check(&mut cluster, "why can-i list po --as jane", 0, "yes: User jane can list pods in the namespace dev.");
    check(&mut cluster, "why can-i list secrets --as jane -n default", 1, "kubectl create role jane-secrets");
    check(&mut cluster, "why can-i delete pods", 0, "the group system:masters");
    let mut copy = Cluster::load(&cluster.save()).unwrap();
    let said = copy.run_line("why can-i delete pods --as jane", LIMIT);
    assert_eq!(said, cluster.run_line("why can-i delete pods --as jane", LIMIT));
    let change = said.stdout.split_once("kubectl create").map(|(_, rest)| format!("kubectl create{}", rest.trim_end()));
    assert!(change.is_none(), "the role that is there is widened: {}", said.stdout);
    assert!(said.stdout.contains("kubectl edit role/reader -n dev"), "{}", said.stdout);
}

#[test]
fn the_change_for_rights_is_one_that_works() {
    let mut cluster = after("kubectl create namespace dev");
    let said = cluster.run_line("why can-i get deployments/web --as bob -n dev --subresource scale", LIMIT);
    let command = said.stdout.split_once("a role and a binding: ").unwrap().1.trim().to_owned();
    assert_eq!(cluster.run_line(&command, LIMIT).exit, 0, "{command}");
    check(&mut cluster, "why can-i get deployments/web --as bob -n dev --subresource scale", 0, "yes:");
}

#[test]
fn of_connections() {
    let mut cluster = after(
        "kubectl run front --image=busybox -- sleep 3600
         kubectl run web --image=nginx --labels=app=web --expose --port=80
         kubectl create service clusterip empty --tcp=80:80
         kubectl expose pod web --name=wrong --port=80 --target-port=81",
    );
    check(&mut cluster, "why reach pod/front svc/web", 0, "yes: pod/front reaches svc/web…a process listens there");
    check(&mut cluster, "why reach pod/front web:80", 0, "the name web resolves to");
    check(&mut cluster, "why reach pod/front svc/kube-system/kube-dns:53 --udp", 0, "yes: pod/front reaches");
    check(&mut cluster, "why reach pod/front nosuch:80", 1, "the cluster's DNS knows no nosuch");
    check(&mut cluster, "why reach pod/front svc/empty:80", 1, "no ready pod stands behind service/empty");
    check(
        &mut cluster,
        "why reach pod/front svc/wrong",
        1,
        "svc/wrong at port 81 of pod/web in default, and is refused.…nothing listens on port 81 of pod/web…Set targetPort",
    );
    check(&mut cluster, "why reach workstation svc/web:80", 1, "only the nodes' addresses are reached from outside");
    check(&mut cluster, "why reach pod/front 203.0.113.9:443", 0, "which is outside of the cluster: it is let out");
    check(&mut cluster, "why reach pod/front svc/none:80", 2, "there is no service \"none\"");
    cluster.write_file(
        "/root/deny.yaml",
        b"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}}\n",
    );
    cluster.run_line("kubectl apply -f deny.yaml", LIMIT);
    check(
        &mut cluster,
        "why reach pod/front svc/web",
        1,
        "no: pod/front does not reach svc/web, network policies drop it…networkpolicy/deny in default selects it",
    );
}

#[test]
fn pods_are_not_answered() {
    let mut cluster = after("kubectl run web --image=nginx");
    let output = cluster.run_line("kubectl exec web -- why pod/web", LIMIT);
    assert_ne!(output.exit, 0, "{}", output.stdout);
}
