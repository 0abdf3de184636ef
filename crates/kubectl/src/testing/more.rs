//! The commands that need files, programs or schemas.

use podyard_api::{Value, value};

use super::{World, check};

#[test]
fn fields_are_explained() {
    check(
        &[],
        "explain pod.spec.nope",
        "KIND:       Pod\nVERSION:    v1\n\nerror: field \"nope\" does not exist\n[1]\n",
    );
    check(
        &[],
        "explain deployments.spec.strategy --recursive",
        "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: strategy <DeploymentStrategy>\n\n\nDESCRIPTION:\n    The deployment strategy to use to replace existing pods with new ones.\n    DeploymentStrategy describes how to replace existing pods with new ones.\n    \nFIELDS:\n  rollingUpdate\t<RollingUpdateDeployment>\n    maxSurge\t<IntOrString>\n    maxUnavailable\t<IntOrString>\n  type\t<string>\n  enum: Recreate, RollingUpdate\n\n",
    );
    check(
        &[],
        "explain pod.spec.restartPolicy --output=plaintext-openapiv2",
        "KIND:     Pod\nVERSION:  v1\n\nFIELD:    restartPolicy <string>\n\nDESCRIPTION:\n     Restart policy for all containers within the pod. One of Always, OnFailure,\n     Never. In some contexts, only a subset of those values may be permitted.\n     Default to Always. More info:\n     https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy\n\n     Possible enum values:\n     - `\"Always\"`\n     - `\"Never\"`\n     - `\"OnFailure\"`\n",
    );
    check(&[], "explain unicorn", "the server doesn't have a resource type \"unicorn\"\n[1]\n");
}

#[test]
fn a_kustomization_is_built() {
    let mut world = World::default();
    let mut file = |name: &str, text: &str| world.files.insert(format!("/k/{name}").into(), text.to_owned());
    file(
        "kustomization.yaml",
        "resources: [cm.yaml]\nnamePrefix: a-\nconfigMapGenerator:\n- {name: g, literals: [a=1]}\nimages:\n- {name: nginx, newTag: '1'}\npatches:\n- target: {kind: Pod}\n  patch: |-\n    - {op: add, path: /spec/nodeName, value: node1}\n",
    );
    file(
        "cm.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: c, image: nginx, envFrom: [{configMapRef: {name: g}}]}\n",
    );
    world.check(
        "kustomize /k",
        "apiVersion: v1\ndata:\n  a: \"1\"\nkind: ConfigMap\nmetadata:\n  name: a-g-h29d89cmmt\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a-p\nspec:\n  containers:\n  - envFrom:\n    - configMapRef:\n        name: a-g-h29d89cmmt\n    image: nginx:1\n    name: c\n  nodeName: node1\n",
    );
    world.check(
        "kustomize /nodir",
        "error: must build at directory: not a valid directory: evalsymlink failure on '/nodir' : lstat /nodir: no such file or directory\n[1]\n",
    );
}

#[test]
fn wrong_uses() {
    check(&[], "cp a b", "error: one of src or dest must be a remote file specification\n[1]\n");
    check(&[], "cp a:b c:d", "error: one of src or dest must be a local file specification\n[1]\n");
    check(&[], "attach", "error: at least 1 argument is required for attach\n[1]\n");
    check(
        &[],
        "port-forward pod/x",
        "error: TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and examples\n[1]\n",
    );
    check(&[], "plugin list", "error: unable to find any kubectl plugins in your PATH\n[1]\n");
    check(&[], "events --types=Odd", "error: valid --types are Normal or Warning\n[1]\n");
    check(&[], "diff -f x.yaml", "error: the path \"x.yaml\" does not exist\n[2]\n");
    check(&[], "debug web", "error: you must specify --image when not using --copy-to.\n[1]\n");
    check(&[], "debug web --image=x --profile=odd", "error: unknown profile: odd\n[1]\n");
}

#[test]
fn an_editor_that_is_not_there() {
    let pod: Value = value!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"}});
    check(&[pod], "edit pod p", "error: unable to launch the editor \"vi\"\n[1]\n");
}
