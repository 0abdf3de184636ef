//! What keeps a pod's containers from running, in plain words.

use podyard_api::kinds::{ContainerStateTerminated, ContainerStatus, Pod};
use podyard_api::{About, Explanation, Value};

/// Adds to `why` what its containers wait for or have died of; `false` if there is nothing to say.
pub fn explain_containers(object: &Value, why: &mut Explanation) -> bool {
    let pod = Pod(object);
    let before = why.lines.len();
    let status = pod.status();
    if status.phase() == "Failed" && !status.reason().is_empty() {
        why.say(0, format!("the kubelet gave it up: {}: {}", status.reason(), status.message()));
    }
    for container in status.init_container_statuses().chain(status.container_statuses()) {
        let state = container.state();
        if let Some(waiting) = state.waiting() {
            wait(why, object, container, waiting.reason(), waiting.message());
        } else if let Some(ended) = state.terminated().filter(|ended| ended.exit_code() != 0) {
            why.say(0, format!("container {} has ended: {}", container.name(), death(ended)));
        } else if state.running().is_some() && !container.ready() && !pod.is_terminating() {
            why.say(
                0,
                format!("container {} runs and is not ready: its readinessProbe has not succeeded", container.name()),
            );
            why.change(format!("See what the probe meets: kubectl describe {}", here(object)));
        }
    }
    why.lines.len() > before
}

fn wait(why: &mut Explanation, object: &Value, container: ContainerStatus<'_>, reason: &str, message: &str) {
    let name = container.name();
    let (says, change) = match reason {
        "CrashLoopBackOff" => {
            let last = container.last_state().terminated().map(death).unwrap_or_default();
            let times = container.restart_count();
            (
                format!(
                    "has ended again and again and is started anew after a pause; restarts: {times}; last end: {last}"
                ),
                format!(
                    "See its last words and mend what makes it end: kubectl logs {} -c {name} --previous",
                    here(object)
                ),
            )
        }
        "ErrImagePull" | "ImagePullBackOff" => (
            format!("waits for its image {}, which cannot be pulled", container.image()),
            format!("Name an image that there is: kubectl set image {} {name}=…", here(object)),
        ),
        "InvalidImageName" => (
            format!("names no image: {:?} is not the form of one", container.image()),
            format!("Name an image that there is: kubectl set image {} {name}=…", here(object)),
        ),
        "ErrImageNeverPull" => (
            "has imagePullPolicy Never, and its image is not on the node".into(),
            "Set imagePullPolicy of the container to IfNotPresent".into(),
        ),
        "CreateContainerConfigError" => (
            "cannot be made: something that it refers to is missing".into(),
            "Make what is missing, in the same namespace; the kubelet tries again by itself".into(),
        ),
        "RunContainerError" | "CreateContainerError" => {
            ("cannot be started".into(), "Mend command, args or workingDir of the container".into())
        }
        "PodInitializing" => ("waits for the init containers before it".into(), String::new()),
        "ContainerCreating" => ("is being made: its image is pulled, or its volumes are mounted".into(), String::new()),
        other => (format!("waits: {other}"), String::new()),
    };
    why.say(0, format!("container {name} {says} ({reason})"));
    if !message.is_empty() {
        why.say(1, message.trim());
    }
    if !change.is_empty() {
        why.change(change);
    }
}

/// `exit status 1 (Error)`, and what is known of such ends.
fn death(ended: ContainerStateTerminated<'_>) -> String {
    let known = match (ended.exit_code(), ended.reason()) {
        (_, "OOMKilled") => ": it used more memory than resources.limits.memory allows",
        (126, _) => ": the command cannot be run",
        (127, _) => ": the command is not in the image",
        (137, _) => ": it was killed",
        (139, _) => ": it touched memory that is not its own",
        (143, _) => ": it was asked to end",
        _ => "",
    };
    let message = if ended.message().is_empty() { String::new() } else { format!("; {}", ended.message().trim()) };
    format!("exit status {} ({}){known}{message}", ended.exit_code(), ended.reason())
}

/// `pod/web -n dev`
fn here(object: &Value) -> String {
    let pod = About::object("Pod", object);
    format!("{pod}{}", pod.flag())
}

#[cfg(test)]
mod tests {
    use podyard_api::yaml;

    use super::*;

    fn check(statuses: &str, expect: &str) {
        let text = format!("{{metadata: {{name: web, namespace: dev}}, status: {{containerStatuses: [{statuses}]}}}}");
        let mut why = Explanation::new(false, "");
        explain_containers(&yaml::parse(&text).unwrap(), &mut why);
        assert_eq!(why.to_string().trim(), expect.trim());
    }

    #[test]
    fn a_crash_loop_names_its_last_end() {
        check(
            "{name: c, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}},
              lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}",
            "
container c has ended again and again and is started anew after a pause; restarts: 4; last end: exit status 137 (OOMKilled): it used more memory than resources.limits.memory allows (CrashLoopBackOff)
To change this:
  - See its last words and mend what makes it end: kubectl logs pod/web -n dev -c c --previous",
        );
    }

    #[test]
    fn an_image_that_cannot_be_pulled() {
        check(
            "{name: c, image: 'nginx:typo', state: {waiting: {reason: ImagePullBackOff, message: no such tag}}}",
            "
container c waits for its image nginx:typo, which cannot be pulled (ImagePullBackOff)
    no such tag
To change this:
  - Name an image that there is: kubectl set image pod/web -n dev c=…",
        );
    }

    #[test]
    fn what_runs_well_is_not_spoken_of() {
        check("{name: c, ready: true, state: {running: {}}}", "");
    }
}
