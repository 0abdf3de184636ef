//! The flags that every command has.

// Models staging/src/k8s.io/cli-runtime/pkg/genericclioptions/config_flags.go

use super::Flag;

/// Those that `kubectl options` lists.
pub(crate) static GLOBALS: &[Flag] = &[
    Flag::text("as", "", "Username to impersonate for the operation. User could be a regular user or a service account in a namespace."),
    Flag::texts("as-group", "Group to impersonate for the operation, this flag can be repeated to specify multiple groups."),
    Flag::text("as-uid", "", "UID to impersonate for the operation."),
    Flag::texts("as-user-extra", "User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key."),
    Flag::text("cache-dir", "/root/.kube/cache", "Default cache directory"),
    Flag::text("certificate-authority", "", "Path to a cert file for the certificate authority"),
    Flag::text("client-certificate", "", "Path to a client certificate file for TLS"),
    Flag::text("client-key", "", "Path to a client key file for TLS"),
    Flag::text("cluster", "", "The name of the kubeconfig cluster to use"),
    Flag::text("context", "", "The name of the kubeconfig context to use"),
    Flag::bool("disable-compression", "If true, opt-out of response compression for all requests to the server"),
    Flag::bool("insecure-skip-tls-verify", "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure"),
    Flag::text("kubeconfig", "", "Path to the kubeconfig file to use for CLI requests."),
    Flag::text("kuberc", "", "Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off."),
    Flag::duration("log-flush-frequency", "5s", "Maximum number of seconds between log flushes"),
    Flag::bool("match-server-version", "Require server version to match client version"),
    Flag::text("namespace", "", "If present, the namespace scope for this CLI request").short("n"),
    Flag::text("password", "", "Password for basic authentication to the API server"),
    Flag::text("profile", "none", "Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)"),
    Flag::text("profile-output", "profile.pprof", "Name of the file to write the profile to"),
    Flag::text("request-timeout", "0", "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests."),
    Flag::text("server", "", "The address and port of the Kubernetes API server").short("s"),
    Flag::duration("storage-driver-buffer-duration", "1m0s", "Writes in the storage driver will be buffered for this duration, and committed to the non memory backends as a single transaction").hidden(),
    Flag::text("tls-server-name", "", "Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used"),
    Flag::text("token", "", "Bearer token for authentication to the API server"),
    Flag::text("user", "", "The name of the kubeconfig user to use"),
    Flag::text("username", "", "Username for basic authentication to the API server"),
    Flag::int32("v", "0", "number for the log level verbosity").short("v"),
    Flag::text("vmodule", "", "comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)"),
    Flag::bool("warnings-as-errors", "Treat warnings received from the server as errors and exit with a non-zero exit code"),
];
