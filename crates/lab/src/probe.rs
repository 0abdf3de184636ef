//! A simulated cluster behind the scenarios' [`Probe`].

use std::time::Duration;

use podyard_cluster::{Access, Cluster, Preset, Value};
use podyard_scenario::{CanICheck, Connection, Output, Permission, Probe, ReachCheck, Reached, Unsupported};

/// A cluster that checks may look at, copy and change.
#[derive(Clone)]
pub struct ClusterProbe {
    cluster: Cluster,
}

/// How long one console line may take, in virtual time.
const LINE: Duration = Duration::from_secs(120);
/// When a cluster counts as having come to rest, and how long that is waited for.
const QUIET: Duration = Duration::from_millis(1600);
const REST: Duration = Duration::from_secs(20);

impl ClusterProbe {
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster }
    }
}

/// A preset's cluster after the console lines of `setup`.
pub fn start(preset: &Preset, seed: u64, setup: &str) -> Cluster {
    let mut cluster = Cluster::new(preset, seed);
    run(&mut cluster, setup);
    cluster
}

/// Runs a script of console lines; after it the cluster comes to rest.
fn run(cluster: &mut Cluster, lines: &str) -> podyard_cluster::Output {
    if lines.trim().is_empty() {
        return podyard_cluster::Output::default();
    }
    let output = cluster.run_line(lines, LINE);
    cluster.quiesce(QUIET, REST);
    output
}

impl Probe for ClusterProbe {
    fn object(&self, kind: &str, namespace: &str, name: &str) -> Result<Option<Value>, Unsupported> {
        self.cluster.find_object(kind, namespace, name).map_err(Unsupported)
    }

    fn objects(&self, kind: &str, namespace: &str) -> Result<Vec<Value>, Unsupported> {
        self.cluster.find_objects(kind, namespace).map_err(Unsupported)
    }

    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Unsupported> {
        // As a command in the console finds it: from the home directory.
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/root/{path}") };
        Ok(self.cluster.read_file(&path))
    }

    fn can_i(&self, request: &CanICheck) -> Result<Permission, Unsupported> {
        let found = self.cluster.may(&Access {
            user: &request.user,
            groups: &request.groups,
            verb: &request.verb,
            resource: &request.resource,
            subresource: &request.subresource,
            name: &request.name,
            namespace: request.namespace.as_deref().unwrap_or("default"),
        });
        Ok(Permission { allowed: found.allowed, because: found.because })
    }

    fn reach(&self, check: &ReachCheck) -> Result<Vec<Connection>, Unsupported> {
        let namespace = check.namespace.as_deref().unwrap_or("default");
        let from_namespace = check.from_namespace.as_deref().unwrap_or(namespace);
        let found = self.cluster.reach((from_namespace, &check.from), (namespace, &check.to)).map_err(Unsupported)?;
        let connections = found.into_iter().map(|found| Connection {
            from: found.from,
            to: found.to,
            reached: match found.reached {
                podyard_cluster::Reached::Allowed => Some(Reached::Allowed),
                podyard_cluster::Reached::Refused => Some(Reached::Refused),
                podyard_cluster::Reached::TimedOut => Some(Reached::Timeout),
                podyard_cluster::Reached::Unresolved => Some(Reached::Unresolved),
                podyard_cluster::Reached::NotTried => None,
            },
            because: found.because,
        });
        Ok(connections.collect())
    }

    fn run(&mut self, lines: &str) -> Result<Output, Unsupported> {
        let output = run(&mut self.cluster, lines);
        Ok(Output { stdout: output.stdout, stderr: output.stderr, exit: output.exit })
    }

    fn wait(&mut self, duration: Duration) -> Result<(), Unsupported> {
        self.cluster.advance(duration);
        Ok(())
    }

    fn fork(&self) -> Result<Box<dyn Probe>, Unsupported> {
        Ok(Box::new(self.clone()))
    }
}
