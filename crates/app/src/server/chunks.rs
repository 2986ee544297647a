//! Bodies in chunks that were not read to their end when their requests are answered.
//!
//! The HTTP library closes the connection soon after the answer if something still holds such a body. If nothing does, it
//! waits for the end of the body instead, however long that takes.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage,
    body::{BodySize, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures_util::{Stream, StreamExt};

use super::phase::{Answering, Phase};

/// A body in chunks. Clones are of the same body.
#[derive(Clone)]
pub(super) struct Chunks {
    payload: Rc<RefCell<Payload>>,
    /// Is told when the body ends.
    phase: Option<Phase>,
}

impl Chunks {
    /// Returns the body of a request if it comes in chunks. The handler can read it as usual.
    pub(super) fn of(req: &mut ServiceRequest, phase: Option<Phase>) -> Option<Self> {
        if !req.chunked().unwrap_or(false) {
            return None;
        }
        let payload = req.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let chunks = Self { payload: Rc::new(RefCell::new(payload)), phase };
        req.set_payload(Payload::Stream { payload: Box::pin(chunks.clone()) });
        Some(chunks)
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.payload.borrow_mut().poll_next_unpin(context);
        if let (Poll::Ready(None), Some(phase)) = (&next, &self.phase) {
            phase.body_ended();
        }
        next
    }
}

/// The body of an answer, which holds that of its request until it is sent, and keeps its connection from being idle.
pub(super) struct AnswerBody<B> {
    body: B,
    _request: Option<Chunks>,
    _answering: Option<Answering>,
}

impl<B> AnswerBody<B> {
    pub(super) fn new(body: B, request: Option<Chunks>, answering: Option<Answering>) -> Self {
        Self { body, _request: request, _answering: answering }
    }
}

impl<B: MessageBody + Unpin> MessageBody for AnswerBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}
