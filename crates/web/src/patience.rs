//! A body that must not stop arriving.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    BoxError,
    body::{Bytes, HttpBody},
};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// A body of which the next part must come in this time. The clock starts when a part was asked for twice, so a body that
/// came with its head costs no timer: the server hands a part on only after it was asked for.
pub(crate) struct Patient<B> {
    body: B,
    patience: Duration,
    waiting: Waiting,
}

enum Waiting {
    No,
    /// It was asked for once, and will be asked for again at once.
    Asked,
    For(Pin<Box<Sleep>>),
}

impl<B> Patient<B> {
    pub(crate) fn new(body: B, patience: Duration) -> Self {
        Self { body, patience, waiting: Waiting::No }
    }
}

impl<B> HttpBody for Patient<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.waiting = Waiting::No;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let mut deadline = match std::mem::replace(&mut this.waiting, Waiting::Asked) {
            Waiting::No => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Waiting::Asked => Box::pin(sleep(this.patience)),
            Waiting::For(deadline) => deadline,
        };
        let over = deadline.as_mut().poll(cx);
        this.waiting = Waiting::For(deadline);
        over.map(|()| Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt as _;

    use super::*;

    /// One part, and then nothing more and no end.
    struct Stalled(Option<&'static str>);

    impl HttpBody for Stalled {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            match self.0.take() {
                Some(part) => Poll::Ready(Some(Ok(Frame::data(part.into())))),
                None => Poll::Pending,
            }
        }
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_is_given_up() {
        let mut body = Patient::new(Stalled(Some("part")), Duration::from_millis(1));
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "part");
        let error = body.frame().await.unwrap().unwrap_err();
        assert_eq!(error.downcast::<io::Error>().unwrap().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_body_that_is_there_is_handed_on() {
        let body = Patient::new(Body::from("whole"), Duration::ZERO);
        assert_eq!(body.collect().await.unwrap().to_bytes(), "whole");
    }
}
