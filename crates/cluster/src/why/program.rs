//! The workstation's program `why`.

use podyard_api::{Request, Target, Value, Verb, value, yaml};
use podyard_kernel::{Args, Main, Sys};

use super::question::{HELP, Question, parse};
use crate::identity;

/// Where the question is sent. Only the workstation is answered there; others find no such path.
pub(super) const PATH: &str = "/apis/podyard.dev/v1/why";

/// The program `why`: it reads its words, asks the cluster, and prints what it is told.
pub struct Why;

impl Main for Why {
    async fn run(sys: Sys, args: Args) -> u8 {
        let namespace = namespace(&sys, &args).await;
        let words: Vec<&str> = args.argv.iter().skip(1).map(|word| word.as_str()).collect();
        match parse(&words, &namespace) {
            Ok(Question::Help) => {
                sys.print(HELP).await;
                return 0;
            }
            Ok(_) => {}
            Err(error) => {
                sys.eprint(format!("why: {error}\nSee 'why --help'.\n")).await;
                return 2;
            }
        }
        let words: Value = words.into_iter().collect();
        let body = value!({"words": words, "namespace": namespace});
        // The server says who this is: the workstation.
        let request = Request::new(identity::of_machine(""), Verb::Create, Target::Path(PATH.into())).with_body(body);
        let response = sys.api(request).await;
        let text = response.body.get("text").str();
        if response.is_success() {
            sys.print(text).await;
            return if response.body.get("holds").as_bool() == Some(true) { 0 } else { 1 };
        }
        let error = if text.is_empty() { response.body.get("message").str() } else { text };
        sys.eprint(format!("why: {error}\n")).await;
        2
    }
}

/// The namespace of the kubeconfig's current context.
async fn namespace(sys: &Sys, args: &Args) -> String {
    let home = args.var("HOME").unwrap_or("/root");
    let listed = args.var("KUBECONFIG").and_then(|list| list.split(':').find(|path| !path.is_empty()));
    let path = listed.map_or_else(|| format!("{home}/.kube/config"), str::to_owned);
    let bytes = sys.read_file(&path).await.unwrap_or_default();
    let config = yaml::parse(&String::from_utf8_lossy(&bytes)).unwrap_or_default();
    let current = config.get("current-context");
    let context = config.get("contexts").items().iter().find(|context| context.get("name") == current);
    let namespace = context.map(|context| context.get("context").get("namespace").str()).unwrap_or_default();
    if namespace.is_empty() { "default".into() } else { namespace.into() }
}
