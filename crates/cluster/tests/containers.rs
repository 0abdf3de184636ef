//! What one finds inside of containers: the shell of their image, its words and its prompt.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

use std::time::Duration;

use podyard_cluster::{Cluster, presets};

/// A cluster with one pod of an image, and a console.
fn with_pod(image: &str, command: &str) -> Cluster {
    let mut cluster = Cluster::new(presets::find("two-workers").unwrap(), 7);
    cluster.open_console(0, 80, 24);
    cluster.run_line(&format!("kubectl run web --image={image} {command}"), Duration::from_secs(60));
    cluster.advance(Duration::from_secs(20));
    cluster.take_output(0);
    cluster
}

fn type_line(cluster: &mut Cluster, line: &str) -> String {
    cluster.type_text(0, &format!("{line}\r"));
    cluster.advance(Duration::from_secs(3));
    // Without the marks that tell a terminal of pastes.
    cluster.take_output(0).replace("\x1b[?2004h", "").replace("\x1b[?2004l", "")
}

/// Opens a shell in a container; holds its prompt and the answer to a command that it lacks against what is expected.
fn check(image: &str, command: &str, shell: &str, prompt: &str, missing: &str) {
    let mut cluster = with_pod(image, command);
    let shown = type_line(&mut cluster, &format!("kubectl exec -it web -- {shell}"));
    assert!(shown.ends_with(&format!("\r{prompt}")), "{image}: {shown:?}");
    let shown = type_line(&mut cluster, "nosuch");
    assert!(shown.contains(missing), "{image}: {shown:?}");
    let shown = type_line(&mut cluster, "exit");
    assert!(shown.contains("root@workstation"), "{image}: {shown:?}");
}

#[test]
fn a_debian_image_has_dash_and_bash() {
    check("nginx", "", "sh", "# ", "sh: 1: nosuch: not found\r\n");
    check("nginx", "", "bash", "root@web:/# ", "bash: nosuch: command not found\r\n");
}

#[test]
fn busybox_and_alpine_have_ash() {
    check("busybox", "--command -- sleep 3600", "sh", "/ # ", "sh: nosuch: not found\r\n");
    check("alpine", "--command -- sleep 3600", "sh", "/ # ", "sh: nosuch: not found\r\n");
}
