//! What `why` can be asked, and how it is written.

/// A question, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Help,
    Pod { name: String, namespace: String },
    CanI(CanI),
    Reach { from: String, to: String, protocol: String, namespace: String },
}

/// A request that somebody would make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CanI {
    pub verb: String,
    /// A resource by any of its names, with its group if need be, or a path.
    pub what: String,
    pub name: String,
    pub subresource: String,
    /// Empty: whoever asks.
    pub user: String,
    pub groups: Vec<String>,
    pub namespace: String,
}

pub(super) const HELP: &str = "\
Tells why something is as it is in this cluster, and the smallest change that would turn it.

Usage:
  why pod/NAME [-n NAMESPACE]
      Why a pod is where it is, or waits: scheduler, image, crashes.
  why can-i VERB RESOURCE[/NAME] [--as USER] [--as-group GROUP]... [-n NAMESPACE | -A] [--subresource SUB]
      Which binding, role and rule allow a request, or why none does. VERB may be several: get,list,watch. A path such as /healthz will do for RESOURCE.
  why reach SOURCE TARGET[:PORT] [-n NAMESPACE] [--udp]
      A connection, hop by hop, with each network policy that has a say.
      SOURCE: pod/NAME or workstation. TARGET: svc/NAME, pod/NAME, node/NAME, an address or a DNS name.
      Of another namespace: pod/NAMESPACE/NAME, svc/NAMESPACE/NAME.

Examples:
  why pod/web-5
  why can-i list secrets --as system:serviceaccount:dev:app -n dev
  why reach pod/front svc/db:3306

Exit status: 0 if it is placed and well, allowed or reached; 1 if not; 2 if the question cannot be answered.

`why` belongs to Podyard: real clusters do not have it.
";

/// Reads the words after `why`; `namespace` is the one that holds without `-n`.
pub(super) fn parse(words: &[&str], namespace: &str) -> Result<Question, String> {
    let flags = Flags::read(words, namespace)?;
    if flags.help {
        return Ok(Question::Help);
    }
    let rest: Vec<&str> = flags.rest.iter().map(String::as_str).collect();
    match *rest.as_slice() {
        [] => Err("what is to be explained? Try pod/NAME, can-i or reach".into()),
        ["can-i", verb, what] => can_i(verb, what, &flags),
        ["can-i", verb, what, name] => can_i(verb, &format!("{what}/{name}"), &flags),
        ["can-i", ..] => Err("can-i needs a verb and a resource, as in: why can-i list pods".into()),
        ["reach", from, to] => {
            let protocol = if flags.udp { "UDP" } else { "TCP" };
            let (from, to, protocol) = (from.into(), to.into(), protocol.into());
            Ok(Question::Reach { from, to, protocol, namespace: flags.namespace })
        }
        ["reach", ..] => Err("reach needs a source and a target, as in: why reach pod/front svc/db:3306".into()),
        ["pod" | "pods" | "po", name] => Ok(Question::Pod { name: name.into(), namespace: flags.namespace }),
        [object] => match object.split_once('/') {
            Some(("pod" | "pods" | "po", name)) if !name.is_empty() => {
                Ok(Question::Pod { name: name.into(), namespace: flags.namespace })
            }
            Some((kind, _)) => Err(format!("{kind:?} is not explained, only pods are: why pod/NAME")),
            None => Err(format!("unknown question {object:?}: try pod/NAME, can-i or reach")),
        },
        _ => Err(format!("too many words after {:?}", rest.first().copied().unwrap_or_default())),
    }
}

fn can_i(verb: &str, what: &str, flags: &Flags) -> Result<Question, String> {
    let (what, name) = if what.starts_with('/') { (what, "") } else { what.split_once('/').unwrap_or((what, "")) };
    if what.is_empty() {
        return Err("can-i needs a resource, as in: why can-i list pods".into());
    }
    Ok(Question::CanI(CanI {
        verb: verb.into(),
        what: what.into(),
        name: name.into(),
        subresource: flags.subresource.clone(),
        user: flags.user.clone(),
        groups: flags.groups.clone(),
        namespace: flags.namespace.clone(),
    }))
}

#[derive(Default)]
struct Flags {
    rest: Vec<String>,
    help: bool,
    udp: bool,
    namespace: String,
    user: String,
    groups: Vec<String>,
    subresource: String,
}

impl Flags {
    fn read(words: &[&str], namespace: &str) -> Result<Self, String> {
        let mut flags = Self { namespace: namespace.into(), ..Self::default() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (flag, glued) = match word.split_once('=').filter(|_| word.starts_with("--")) {
                Some((flag, value)) => (flag, Some(value.to_owned())),
                None => (*word, None),
            };
            let mut value = || {
                let next = glued.clone().or_else(|| words.next().map(ToString::to_string));
                next.ok_or_else(|| format!("{flag} needs a value"))
            };
            match flag {
                "-h" | "--help" | "help" => flags.help = true,
                "-n" | "--namespace" => flags.namespace = value()?,
                "-A" | "--all-namespaces" => flags.namespace.clear(),
                "--as" => flags.user = value()?,
                "--as-group" => flags.groups.push(value()?),
                "--subresource" => flags.subresource = value()?,
                "--udp" => flags.udp = true,
                _ if flag.starts_with('-') => return Err(format!("unknown flag {flag}")),
                _ => flags.rest.push((*word).into()),
            }
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Result<Question, &str>) {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        assert_eq!(parse(&words, "default"), expect.map_err(str::to_owned), "{line}");
    }

    #[test]
    fn questions_are_read() {
        let pod = |name: &str, namespace: &str| Ok(Question::Pod { name: name.into(), namespace: namespace.into() });
        check("pod/web", pod("web", "default"));
        check("po web --namespace=dev", pod("web", "dev"));
        check("pod/web --help", Ok(Question::Help));
        let asked = CanI {
            verb: "get".into(),
            what: "secrets".into(),
            name: "db".into(),
            user: "jane".into(),
            groups: vec!["a".into(), "b".into()],
            namespace: "dev".into(),
            ..CanI::default()
        };
        check("can-i get secrets/db --as jane --as-group a --as-group=b -n dev", Ok(Question::CanI(asked)));
        let (from, to) = ("workstation".into(), "svc/db:53".into());
        let reach = Question::Reach { from, to, protocol: "UDP".into(), namespace: "default".into() };
        check("reach workstation svc/db:53 --udp", Ok(reach));
    }

    #[test]
    fn and_what_cannot_be_read_is_said() {
        check("", Err("what is to be explained? Try pod/NAME, can-i or reach"));
        check("deploy/web", Err("\"deploy\" is not explained, only pods are: why pod/NAME"));
        check("can-i list", Err("can-i needs a verb and a resource, as in: why can-i list pods"));
        check("reach pod/a", Err("reach needs a source and a target, as in: why reach pod/front svc/db:3306"));
        check("pod/web -n", Err("-n needs a value"));
        check("pod/web --loud", Err("unknown flag --loud"));
    }
}
