//! The bytes of an upload as they arrive.

use std::{
    cell::{Cell, OnceCell, RefCell},
    future::poll_fn,
    rc::Rc,
};

use actix_multipart::MultipartError;
use actix_web::{dev::Payload, error::PayloadError, web::Bytes};
use futures_util::StreamExt;

use crate::{
    problem::{Code, Problem},
    state::{Pace, Receiving},
};

/// The bytes of the body. Bytes that the parser does not read are drained.
pub(super) struct Source {
    payload: RefCell<Payload>,
    /// How many more bytes may be read.
    pub(super) left: Cell<u64>,
    /// Whether any part of the body has arrived.
    pub(super) has_begun: Cell<bool>,
    receiving: Receiving,
    /// Runs from the first part that is read.
    pace: OnceCell<Pace>,
    /// The reason why the body ended early, which the parser's errors do not contain.
    fault: RefCell<Option<Problem>>,
}

impl Source {
    pub(super) fn new(payload: Payload, receiving: Receiving) -> Rc<Self> {
        Rc::new(Self {
            payload: RefCell::new(payload),
            left: Cell::new(0),
            has_begun: Cell::new(false),
            receiving,
            pace: OnceCell::new(),
            fault: RefCell::new(None),
        })
    }

    pub(super) async fn next(&self) -> Option<Result<Bytes, PayloadError>> {
        let next = poll_fn(|context| self.payload.borrow_mut().poll_next_unpin(context));
        let pace = self.pace.get_or_init(|| self.receiving.begin());
        let next = match pace.next(next).await {
            Ok(next) => next,
            Err(problem) => return Some(Err(self.end(problem))),
        };
        let part = match next? {
            Ok(part) => part,
            Err(error) => return Some(Err(error)),
        };
        self.has_begun.set(true);
        pace.received(part.len());
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        let left = self.left.get().checked_sub(length);
        Some(match left {
            Some(left) => {
                self.left.set(left);
                Ok(part)
            }
            None => Err(self.end(Problem::new(Code::PayloadTooLarge))),
        })
    }

    /// Notes that this many of the bytes that have arrived stay in memory until the body is dropped, so that all bodies together take
    /// no more of it than they may.
    pub(super) fn keeps(&self, bytes: usize) {
        if let Some(pace) = self.pace.get() {
            pace.keeps(bytes);
        }
    }

    fn end(&self, problem: Problem) -> PayloadError {
        *self.fault.borrow_mut() = Some(problem);
        PayloadError::Incomplete(None)
    }

    /// Returns the problem behind an error of the parser.
    pub(super) fn problem(&self, error: &MultipartError) -> Problem {
        let told = self.fault.borrow_mut().take();
        told.unwrap_or_else(|| match error {
            MultipartError::Payload(_) | MultipartError::Incomplete => {
                Problem::because(Code::BadRequest, "The body is incomplete.")
            }
            _ => Problem::because(
                Code::BadRequest,
                "The body is not well-formed multipart/form-data.",
            ),
        })
    }
}
