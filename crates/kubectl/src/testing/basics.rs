//! Command lines whose answers do not need a cluster.

use super::*;

#[test]
fn wrong_lines() {
    check(
        &[],
        "gett pods",
        "error: unknown command \"gett\" for \"kubectl\"\n\nDid you mean this?\n\tset\n\tget\n[1]\n",
    );
    check(&[], "get pod --foo", "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n[1]\n");
    check(&[], "run x", "error: required flag(s) \"image\" not set\n[1]\n");
    check(&[], "get podz", "error: the server doesn't have a resource type \"podz\"\n[1]\n");
    check(&[], "delete pods", "error: resource(s) were provided, but no name was specified\n[1]\n");
    check(&[], "get pods/x/y", "error: arguments in resource/name form may not have more than one slash\n[1]\n");
    check(
        &[],
        "--context=nope get pods",
        "Error in configuration: context was not found for specified context: nope\n[1]\n",
    );
    check(&[], "--kubeconfig=/nope get pods", "error: stat /nope: no such file or directory\n[1]\n");
    check(
        &[],
        "logs",
        "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples\n[1]\n",
    );
}

#[test]
fn get_prints_tables_and_says_when_there_is_nothing() {
    check(&[], "get pods", "No resources found in default namespace.\n");
    check(&[], "get pods -A", "No resources found\n");
    check(&[], "get nodes", "No resources found\n");
    check(&[pod("a"), pod("b")], "get po", "NAME\na\nb\n");
    check(&[pod("a")], "get pods,svc", "NAME\npod/a\n");
    check(&[pod("a")], "-n default get pod a --no-headers", "a\n");
    check(&[pod("a")], "get pod a nope", "NAME\na\nError from server (NotFound): pods \"nope\" not found\n[1]\n");
    check(&[pod("a")], "get pod nope --ignore-not-found", "");
}

#[test]
fn run_creates_a_pod() {
    let mut world = World::default();
    world.check("run web --image=nginx -l a=b --port 80", "pod/web created\n");
    assert_eq!(
        json::to_string(&world.objects[0]),
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"a":"b"},"name":"web","namespace":"default"},"spec":{"containers":[{"image":"nginx","name":"web","ports":[{"containerPort":80}],"resources":{}}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always"},"status":{}}"#
    );
    world.check("run web --image=nginx", "Error from server (AlreadyExists): pods \"web\" already exists\n[1]\n");
    world.check("run x --image=nginx --dry-run=server", "pod/x created (server dry run)\n");
    world.check("run x --image=nginx --dry-run=client", "pod/x created (dry run)\n");
    world.check("run x --image=NGINX", "error: Invalid image name \"NGINX\": invalid reference format\n[1]\n");
    world.check(
        "run x --image=a --rm",
        "error: --rm should only be used for attached containers\nSee 'kubectl run -h' for help and examples\n[1]\n",
    );
}

#[test]
fn delete_says_what_is_gone() {
    let mut world = World { objects: vec![pod("a"), pod("b"), pod("c")], ..World::default() };
    world.check(
        "delete pod a nope",
        "pod \"a\" deleted from default namespace\nError from server (NotFound): pods \"nope\" not found\n[1]\n",
    );
    world.check("delete po/b --force", "pod \"b\" force deleted from default namespace\nWarning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n");
    world.check("delete pods --all -o name", "pod/c\n");
    world.check("delete pods --all", "No resources found\n");
}

#[test]
fn label_and_annotate() {
    let mut world = World { objects: vec![pod("a"), pod("b")], ..World::default() };
    world.check("label pod a tier=front", "pod/a labeled\n");
    world.check("label pod a tier=back", "error: 'tier' already has a value (front), and --overwrite is false\n[1]\n");
    world.check("label pod a tier=front", "pod/a not labeled\n");
    world.check("label pod a tier-", "pod/a unlabeled\n");
    world.check("label pod a tier-", "label \"tier\" not found.\npod/a not labeled\n");
    world.check("label pods --all x=y", "pod/a labeled\npod/b labeled\n");
    world.check("label pod a --list", "app=a\nx=y\n");
    world.check("label pod a", "error: at least one label update is required\n[1]\n");
    world.check("annotate pod a note='hello world'", "pod/a annotated\n");
    world.check("annotate pod a note=again", "error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (hello world)\n[1]\n");
}

#[test]
fn get_watch_goes_on_with_changes() {
    let event = |kind: &str, name: &str| WatchEvent { kind: kind.into(), object: table(&[pod(name)]) };
    let mut world = World { objects: vec![pod("a")], ..World::default() };
    world.then = vec![event("MODIFIED", "a"), event("ADDED", "longer-name")];
    world.check("get pods -w", "NAME\na\na\nlonger-name\n");
}

/// Steps of recorded sessions that need no cluster: `kubectl` with `--dry-run=client`, errors of usage.
#[test]
fn recorded_generators() {
    let session = podyard_api::yaml::parse(include_str!("../../../../tests/conformance/generators.yaml"));
    let session = session.expect("the recorded session is YAML");
    for step in session.get("steps").items() {
        let line = step.get("run").str();
        if !line.contains("--dry-run=client") || line.contains('|') {
            continue;
        }
        let run = World::default().run(&line.replace('"', "'").replacen("kubectl ", "", 1));
        assert_eq!(run.stdout, step.get("stdout").str(), "{line}\n{}", run.stderr);
        assert_eq!(run.stderr, step.get("stderr").str(), "{line}");
    }
}

#[test]
fn apply_creates_changes_and_leaves_alone() {
    let mut world = World::default();
    let map =
        |color: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: app}}\ndata: {{color: {color}}}\n");
    world.files.insert("cm.yaml".into(), map("blue"));
    world.check("apply -f cm.yaml --dry-run=client", "configmap/app created (dry run)\n");
    world.check("apply -f cm.yaml", "configmap/app created\n");
    assert_eq!(
        world.objects[0].meta().annotation("kubectl.kubernetes.io/last-applied-configuration"),
        Some(
            "{\"apiVersion\":\"v1\",\"data\":{\"color\":\"blue\"},\"kind\":\"ConfigMap\",\"metadata\":{\"annotations\":{},\"name\":\"app\",\"namespace\":\"default\"}}\n"
        )
    );
    world.check("apply -f cm.yaml", "configmap/app unchanged\n");
    world.files.insert("cm.yaml".into(), map("red"));
    world.check("apply -f cm.yaml", "configmap/app configured\n");
    assert_eq!(world.objects[0].at(&["data", "color"]), "red");
    world.check("apply", "error: must specify one of -f and -k\n[1]\n");
    world.check("apply -f nope.yaml", "error: the path \"nope.yaml\" does not exist\n[1]\n");
    world.check("delete -f cm.yaml", "configmap \"app\" deleted from default namespace\n");
}

#[test]
fn manifests_that_are_wrong() {
    let mut world = World::default();
    world.files.insert("nokind.yaml".into(), "apiVersion: v1\nmetadata: {name: x}\n".into());
    world.check("create -f nokind.yaml", "error: error validating \"nokind.yaml\": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false\n[1]\n");
    world.files.insert("kind.yaml".into(), "apiVersion: v1\nkind: Deployment\nmetadata: {name: d}\n".into());
    world.check("apply -f kind.yaml", "error: resource mapping not found for name: \"d\" namespace: \"\" from \"kind.yaml\": no matches for kind \"Deployment\" in version \"v1\"\nensure CRDs are installed first\n[1]\n");
    world.files.insert("bad.yaml".into(), "a: b\n  c: d\n".into());
    world.check("apply -f bad.yaml", "error: error parsing bad.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context\n[1]\n");
    world.stdin = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: job-}\n".into();
    world.check("apply -f -", "error: from job-: cannot use generate name with apply\n[1]\n");
}

const RECORDED_KUBECONFIG: &str = "apiVersion: v1
clusters:
- cluster: {certificate-authority-data: YQ==, server: 'https://127.0.0.1:6443'}
  name: kubernetes
contexts:
- context: {cluster: kubernetes, user: kubernetes-admin}
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
users:
- name: kubernetes-admin
  user: {client-certificate-data: YQ==, client-key-data: YQ==}
";

/// The steps of the recorded session about kubeconfig files that only read and write them.
#[test]
fn recorded_kubeconfig() {
    let session = podyard_api::yaml::parse(include_str!("../../../../tests/conformance/kubeconfig.yaml"));
    let session = session.expect("the recorded session is YAML");
    let mut world = World::default();
    world.files.insert("/root/.kube/config".into(), RECORDED_KUBECONFIG.into());
    for step in session.get("steps").items() {
        let line = step.get("run").str();
        if !line.starts_with("kubectl config") || line.contains('|') {
            continue;
        }
        let run = world.run(&line.replacen("kubectl ", "", 1));
        assert_eq!(run.stdout, step.get("stdout").str(), "{line}\n{}", run.stderr);
        assert_eq!(run.stderr, step.get("stderr").str(), "{line}");
    }
}

#[test]
fn nodes_are_cordoned_and_tainted() {
    let node = podyard_api::value!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node01"}, "spec": {}});
    let mut world = World { objects: vec![node], ..World::default() };
    world.check("cordon node01", "node/node01 cordoned\n");
    world.check("cordon node01", "node/node01 already cordoned\n");
    world.check("uncordon node01", "node/node01 uncordoned\n");
    world.check("uncordon node01", "node/node01 already uncordoned\n");
    world.check("drain", "error: USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples\n[1]\n");
    world.check("drain node01", "node/node01 cordoned\nnode/node01 drained\n");
    world.check("taint nodes node01 key1=value1:NoSchedule", "node/node01 tainted\n");
    world.check("taint node node01 maint-", "error: taint \"maint\" not found\n[1]\n");
    world.check("taint nodes node01 key1:NoSchedule-", "node/node01 untainted\n");
}
