//! The kinds of servers that images run: what they log, where they listen, what they answer.

/// How a kind of server behaves.
pub(super) struct Kind {
    pub name: &'static str,
    /// Logged at start.
    pub greeting: &'static [&'static str],
    /// Whether it logs to standard error.
    pub logs_to_error: bool,
    pub port: Option<u16>,
    /// Flags that name another port.
    pub port_flags: &'static [&'static str],
    /// The file answered to a request for `/`; others are looked for beside it.
    pub root: &'static str,
    /// What it answers to any request, in place of files.
    pub text: Option<&'static str>,
    /// As in the `Server` header.
    pub banner: &'static str,
    /// Variables of which one must be there, and what it says otherwise.
    pub needs: &'static [&'static str],
    pub complaint: &'static [&'static str],
    /// The status it ends with on SIGTERM.
    pub end: u8,
}

/// A server that says nothing and listens nowhere.
const QUIET: Kind = Kind {
    name: "",
    greeting: &[],
    logs_to_error: false,
    port: None,
    port_flags: &[],
    root: "",
    text: None,
    banner: "",
    needs: &[],
    complaint: &[],
    end: 0,
};

const MYSQL_COMPLAINT: &[&str] = &[
    "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
    "    You need to specify one of the following as an environment variable:",
    "    - MYSQL_ROOT_PASSWORD",
    "    - MYSQL_ALLOW_EMPTY_PASSWORD",
    "    - MYSQL_RANDOM_ROOT_PASSWORD",
];

/// All kinds, alphabetically.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "agnhost",
        greeting: &["Started HTTP server on port 8080", "Started UDP server on port 8081"],
        logs_to_error: true,
        port: Some(8080),
        port_flags: &["--http-port", "--port"],
        text: Some("NOW: ready"),
        ..QUIET
    },
    Kind {
        name: "bootcamp",
        greeting: &["Kubernetes Bootcamp App Started"],
        port: Some(8080),
        text: Some("Hello Kubernetes bootcamp! | Running"),
        ..QUIET
    },
    Kind {
        name: "coredns",
        greeting: &[
            ".:53",
            "[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908",
            "CoreDNS-1.13.1",
        ],
        ..QUIET
    },
    Kind { name: "echoserver", port: Some(8080), text: Some("Hostname: echoserver"), ..QUIET },
    Kind { name: "etcd", ..QUIET },
    Kind { name: "hello-app", port: Some(8080), text: Some("Hello, world!\nVersion: 1.0.0"), ..QUIET },
    Kind {
        name: "http-echo",
        port: Some(5678),
        port_flags: &["-listen", "--listen"],
        text: Some("hello-world"),
        ..QUIET
    },
    Kind {
        name: "httpd",
        greeting: &[
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name. Set the 'ServerName' directive globally to suppress this message",
            "[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations",
            "[core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'",
        ],
        logs_to_error: true,
        port: Some(80),
        root: "/usr/local/apache2/htdocs",
        banner: "Apache/2.4.65 (Unix)",
        ..QUIET
    },
    Kind { name: "kube-apiserver", ..QUIET },
    Kind { name: "kube-controller-manager", ..QUIET },
    Kind { name: "kube-proxy", ..QUIET },
    Kind { name: "kube-scheduler", ..QUIET },
    Kind { name: "memcached", port: Some(11211), ..QUIET },
    Kind {
        name: "mongod",
        greeting: &[
            "{\"s\":\"I\",\"c\":\"NETWORK\",\"id\":23016,\"ctx\":\"listener\",\"msg\":\"Waiting for connections\"}",
        ],
        port: Some(27017),
        ..QUIET
    },
    Kind {
        name: "mysqld",
        greeting: &[
            "[Note] [Entrypoint]: Entrypoint script for MySQL Server started.",
            "[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
        ],
        logs_to_error: true,
        port: Some(3306),
        needs: &[
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD_FILE",
        ],
        complaint: MYSQL_COMPLAINT,
        ..QUIET
    },
    Kind {
        name: "nginx",
        greeting: &[
            "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
            "/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/",
            "/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh",
            "10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf",
            "10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf",
            "/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh",
            "/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh",
            "/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh",
            "/docker-entrypoint.sh: Configuration complete; ready for start up",
            "[notice] 1#1: using the \"epoll\" event method",
            "[notice] 1#1: nginx/1.29.1",
            "[notice] 1#1: built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ",
            "[notice] 1#1: OS: Linux 6.8.0-79-generic",
            "[notice] 1#1: getrlimit(RLIMIT_NOFILE): 1048576:1048576",
            "[notice] 1#1: start worker processes",
            "[notice] 1#1: start worker process 29",
            "[notice] 1#1: start worker process 30",
        ],
        port: Some(80),
        root: "/usr/share/nginx/html",
        banner: "nginx/1.29.1",
        ..QUIET
    },
    Kind { name: "node-app", port: Some(8080), text: Some("Hello World!"), ..QUIET },
    Kind { name: "pause", ..QUIET },
    Kind {
        name: "postgres",
        greeting: &[
            "PostgreSQL init process complete; ready for start up.",
            "LOG:  listening on IPv4 address \"0.0.0.0\", port 5432",
            "LOG:  database system is ready to accept connections",
        ],
        logs_to_error: true,
        port: Some(5432),
        needs: &["POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD", "POSTGRES_PASSWORD_FILE"],
        complaint: &[
            "Error: Database is uninitialized and superuser password is not specified.",
            "       You must specify POSTGRES_PASSWORD to a non-empty value for the",
            "       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".",
            "",
            "       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all",
            "       connections without a password. This is *not* recommended.",
        ],
        ..QUIET
    },
    Kind { name: "rabbitmq", greeting: &["Starting broker... completed with 4 plugins."], port: Some(5672), ..QUIET },
    Kind {
        name: "redis",
        greeting: &[
            "* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
            "* Running mode=standalone, port=6379.",
            "* Server initialized",
            "* Ready to accept connections tcp",
        ],
        port: Some(6379),
        port_flags: &["--port"],
        ..QUIET
    },
    Kind {
        name: "tomcat",
        greeting: &["org.apache.catalina.startup.Catalina.start Server startup in [420] milliseconds"],
        logs_to_error: true,
        port: Some(8080),
        root: "/usr/local/tomcat/webapps/ROOT",
        banner: "Apache-Coyote/1.1",
        ..QUIET
    },
    Kind { name: "whoami", port: Some(80), text: Some("Hostname: whoami"), ..QUIET },
];
