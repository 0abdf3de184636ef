//! Waiting for an object to become as wanted.

// Models staging/src/k8s.io/client-go/tools/watch/until.go

use std::time::Duration;

use ecow::{EcoString, eco_format};
use podyard_api::{Value, Verb};
use podyard_kernel::{Answer, Fd, Syscall};

use crate::ctx::Ctx;
use crate::discovery::Resource;
use crate::failure::{Failure, Outcome};

/// The moment, in microseconds since 1970, at which to give up.
pub(crate) type Deadline = Option<u64>;

/// So many nanoseconds from now.
pub(crate) async fn deadline(ctx: &Ctx, nanoseconds: i64) -> u64 {
    let micros = u64::try_from(nanoseconds / 1000).unwrap_or_default();
    ctx.sys.now().await.as_micros().saturating_add(micros)
}

/// Which object is watched.
pub(crate) struct Watched<'a> {
    pub resource: &'a Resource,
    pub namespace: &'a str,
    pub name: &'a str,
}

/// What is seen of it next.
pub(crate) enum Seen {
    /// As it was first, or has become.
    Present(Value),
    /// It is not there, or no longer.
    Absent,
    TimedOut,
}

/// A watch that is under way.
pub(crate) struct Watching<'a> {
    watched: &'a Watched<'a>,
    deadline: Deadline,
    fd: Option<Fd>,
}

impl Watched<'_> {
    /// Begins to look at the object, until the deadline.
    pub(crate) fn begin(&self, deadline: Deadline) -> Watching<'_> {
        Watching { watched: self, deadline, fd: None }
    }

    /// Looks at the object, and again at each change, until `check` gives something. It is given `None` where the
    /// object is not, or no longer, there. `Ok(None)` means that the time was up.
    ///
    /// # Errors
    /// Those of the server and of `check`.
    pub(crate) async fn until<T>(
        &self,
        ctx: &Ctx,
        deadline: Deadline,
        mut check: impl FnMut(Option<&Value>) -> Outcome<Option<T>>,
    ) -> Outcome<Option<T>> {
        let mut watching = self.begin(deadline);
        let result = loop {
            let found = match watching.next(ctx).await? {
                Seen::Present(object) => check(Some(&object)),
                Seen::Absent => check(None),
                Seen::TimedOut => break Ok(None),
            };
            match found {
                Ok(None) => {}
                other => break other,
            }
        };
        watching.end(ctx).await;
        result
    }

    fn selector(&self) -> EcoString {
        eco_format!("metadata.name={}", self.name)
    }
}

impl Watching<'_> {
    /// The object as it is, the first time; then each change. A watch that has ended is begun anew.
    pub(crate) async fn next(&mut self, ctx: &Ctx) -> Outcome<Seen> {
        loop {
            let Some(fd) = self.fd else {
                return self.look(ctx).await;
            };
            if !wait_readable(ctx, fd, self.deadline).await {
                return Ok(Seen::TimedOut);
            }
            let event = ctx.next_event(fd).await;
            match event {
                Some(event) if event.kind == "BOOKMARK" => {}
                Some(event) if event.kind == "DELETED" => return Ok(Seen::Absent),
                Some(event) if event.kind != "ERROR" => return Ok(Seen::Present(event.object)),
                _ => self.end(ctx).await,
            }
        }
    }

    /// Lists the object and begins to watch from there.
    async fn look(&mut self, ctx: &Ctx) -> Outcome<Seen> {
        let target = self.watched.resource.target(self.watched.namespace, "");
        let mut request = ctx.request(Verb::List, target.clone());
        request.options.field_selector = self.watched.selector();
        let list = ctx.send(request).await?;
        let mut request = ctx.request(Verb::Watch, target);
        request.options.field_selector = self.watched.selector();
        request.options.resource_version = list.get("metadata").get("resourceVersion").text();
        self.fd = Some(ctx.watch(request).await?);
        Ok(match list.get("items").items().first() {
            Some(object) => Seen::Present(self.typed(object)),
            None => Seen::Absent,
        })
    }

    /// A list's item with its kind.
    fn typed(&self, item: &Value) -> Value {
        let mut object = item.clone();
        object.set("apiVersion", self.watched.resource.api_version());
        object.set("kind", &self.watched.resource.kind);
        object
    }

    pub(crate) async fn end(&mut self, ctx: &Ctx) {
        if let Some(fd) = self.fd.take() {
            ctx.sys.close(fd).await;
        }
    }
}

/// Whether something can be read before the deadline.
pub(crate) async fn wait_readable(ctx: &Ctx, fd: Fd, deadline: Deadline) -> bool {
    let Some(deadline) = deadline else {
        return true;
    };
    let now = ctx.sys.now().await;
    let left = Duration::from_micros(deadline.saturating_sub(now.as_micros()));
    let call = Syscall::Poll { fds: vec![fd], until: Some(now + left) };
    matches!(ctx.sys.call(call).await, Answer::Ready(_))
}

/// `timed out waiting for the condition on pods/web`
pub(crate) fn timed_out(resource: &Resource, name: &str) -> Failure {
    Failure::Text(format!("timed out waiting for the condition on {}/{name}", resource.name))
}
