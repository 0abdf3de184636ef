//! Tools that end soon, as straight-line programs; one file each or each family.

/// Reads the options, or ends the tool with the status that goes with what was said.
macro_rules! opts {
    ($env:expr, $spec:expr) => {
        match $env.opts(&$spec).await {
            Ok(opts) => opts,
            Err(status) => return status,
        }
    };
}

mod curl;
mod date;
mod diff;
mod files;
mod find;
mod ls;
mod machine;
mod measure;
mod names;
mod nc;
mod net;
mod ping;
mod run;
mod sed;
mod watch;
mod wget;
mod xargs;

use podyard_api::Value;
use podyard_kernel::{Args, Main, Sys};

use super::Flavour;
use super::opts::{Opts, Spec, Usage};

/// What every tool is given.
pub(super) struct Env {
    sys: Sys,
    args: Args,
    flavour: Flavour,
    /// As its messages call it.
    name: String,
}

/// The entry of all of them: the id in the arguments' state says which.
pub struct Short;

const NAMES: [&str; 41] = [
    "basename", "chmod", "clear", "cp", "curl", "date", "diff", "dig", "dirname", "du", "env", "find", "getent",
    "hostname", "id", "ln", "ls", "mkdir", "mktemp", "mv", "nc", "nslookup", "ping", "printenv", "ps", "readlink",
    "realpath", "rm", "rmdir", "sed", "sleep", "stat", "sync", "timeout", "touch", "uname", "watch", "wget", "which",
    "whoami", "xargs",
];

pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

impl Main for Short {
    async fn run(sys: Sys, args: Args) -> u8 {
        let id = match &args.state {
            Value::String(id) => id.to_string(),
            _ => String::new(),
        };
        let (flavour, name) = match id.strip_prefix("busybox:") {
            Some(name) => (Flavour::Busybox, name.to_string()),
            None => (Flavour::Gnu, id.clone()),
        };
        let env = Env { sys, args, flavour, name };
        match env.name.as_str() {
            "basename" => files::basename(&env).await,
            "chmod" => files::chmod(&env).await,
            "clear" => run::clear(&env).await,
            "cp" => files::cp(&env).await,
            "curl" => curl::curl(&env).await,
            "date" => date::date(&env).await,
            "diff" => diff::diff(&env).await,
            "dig" => names::dig(&env).await,
            "dirname" => files::dirname(&env).await,
            "du" => measure::du(&env).await,
            "env" => run::env(&env).await,
            "find" => find::find(&env).await,
            "getent" => names::getent(&env).await,
            "hostname" => machine::hostname(&env).await,
            "id" => machine::id(&env).await,
            "ln" => files::ln(&env).await,
            "ls" => ls::ls(&env).await,
            "mkdir" => files::mkdir(&env).await,
            "mktemp" => files::mktemp(&env).await,
            "mv" => files::mv(&env).await,
            "nc" => nc::nc(&env).await,
            "nslookup" => names::nslookup(&env).await,
            "ping" => ping::ping(&env).await,
            "printenv" => run::printenv(&env).await,
            "ps" => machine::ps(&env).await,
            "readlink" => files::readlink(&env).await,
            "realpath" => files::realpath(&env).await,
            "rm" => files::rm(&env).await,
            "rmdir" => files::rmdir(&env).await,
            "sed" => sed::in_place(&env).await,
            "sleep" => run::sleep(&env).await,
            "stat" => measure::stat(&env).await,
            "sync" => 0,
            "timeout" => watch::timeout(&env).await,
            "touch" => files::touch(&env).await,
            "uname" => machine::uname(&env).await,
            "watch" => watch::watch(&env).await,
            "wget" => wget::wget(&env).await,
            "which" => run::which(&env).await,
            "whoami" => machine::whoami(&env).await,
            "xargs" => xargs::xargs(&env).await,
            _ => 127,
        }
    }
}

impl Env {
    /// Reads the options; where they are wrong, says so and answers the status to end with.
    async fn opts(&self, spec: &Spec) -> Result<Opts, u8> {
        self.opts_until(spec, false).await
    }

    async fn opts_until(&self, spec: &Spec, strict: bool) -> Result<Opts, u8> {
        match spec.parse_until(&self.args, self.flavour, strict) {
            Ok(opts) => Ok(opts),
            Err(usage) => Err(self.usage(usage).await),
        }
    }

    async fn usage(&self, usage: Usage) -> u8 {
        if usage.status == 0 {
            self.sys.print(usage.text).await
        } else {
            self.sys.eprint(usage.text).await
        }
        usage.status
    }

    /// Says an error with the tool's name before it.
    async fn complain(&self, text: impl std::fmt::Display) {
        self.sys.eprint(super::complaint(&self.name, text)).await;
    }
}
