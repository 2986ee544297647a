//! A connection that ends when its client takes too long.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take};

use super::{
    capacity::{Open, open},
    limits::Limits,
    phase::Phase,
    timer::Timer,
};

/// How many bytes are read of what a client sends after a request, until it is answered and the answer is read. Requests
/// that wait in a row take many times as much memory as their bytes. The HTTP library closes a connection on which a request
/// was answered while a longer body of the next one is on its way; clients do not send bodies ahead.
const READ_AHEAD: u64 = 4096;

/// The answer to a head that takes too long.
const TIMEOUT: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A stream that fails when the headers of a request take too long, or nobody reads an answer, and does not read far
/// ahead of what is answered.
pub(super) struct Guarded<S = actix_web::rt::net::TcpStream> {
    _open: Open,
    /// Its limit is how many bytes may be read before what was read is handled.
    stream: Take<S>,
    /// The number of requests when that limit was set, and the length of the last one's body.
    limited: (u64, u64),
    phase: Phase,
    /// Runs from the first byte after a request until the next request begins.
    head: Timer,
    /// Runs until the next look at how many connections are open.
    look: Timer,
    /// The number of requests at the last look, if a further one was waited for, and for how long at least.
    waited: Option<(u64, Duration)>,
    limits: Limits,
    /// The number of requests when `head` was started.
    begun: u64,
    /// Runs while nothing can be written.
    stalled: Timer,
    /// Runs at the same time, until the next look at how many connections are open.
    stalled_look: Timer,
}

impl<S: AsyncRead> Guarded<S> {
    pub(super) fn new(stream: S, limits: Limits) -> Self {
        Self {
            _open: Open::begin(),
            stream: stream.take(READ_AHEAD),
            limited: (0, 0),
            phase: Phase::default(),
            head: Timer::default(),
            look: Timer::default(),
            waited: None,
            limits,
            begun: 0,
            stalled: Timer::default(),
            stalled_look: Timer::default(),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.clone()
    }

    /// Returns whether the connection has read enough until it is woken: what was read has to be parsed, a request to be
    /// answered, or an answer to be read.
    fn has_read_enough(&mut self, context: &mut Context<'_>) -> bool {
        let progress = &self.phase.0;
        let now = (progress.requests.get(), progress.body.get());
        if self.limited != now {
            self.limited = now;
            self.stream.set_limit(now.1.saturating_add(READ_AHEAD));
        }
        if self.stream.limit() > 0 {
            return false;
        }
        if progress.is_handling.get() || self.stalled.runs() {
            progress.waits.replace(Some(context.waker().clone()));
        } else {
            self.stream.set_limit(READ_AHEAD);
            context.waker().wake_by_ref();
        }
        true
    }

    /// Returns whether nothing is under way: no request is handled, and no answer is being sent.
    fn is_idle(&self) -> bool {
        let progress = &self.phase.0;
        !progress.is_handling.get() && !progress.is_answering.get() && !self.stalled.runs()
    }

    /// Returns whether the connection has waited long enough for the headers of a request: for less time when many are open.
    /// Somebody who reads a long answer slowly is not idle.
    ///
    /// Nothing tells the stream when an answer ends, so it looks now and again whether anything happened since. The HTTP
    /// library's own limit starts anew whenever the task of the connection is woken, as these looks do.
    fn is_in_the_way(&mut self, context: &mut Context<'_>) -> bool {
        let Limits { busy_headers, busy_above, idle, .. } = self.limits;
        let (requests, next_look) = (self.phase.0.requests.get(), busy_headers / 2);
        self.look.start(next_look);
        while self.look.has_ended(context) {
            let before = self.waited.filter(|(then, _)| *then == requests);
            let time = before.map_or(Duration::ZERO, |(_, time)| time + next_look);
            self.waited = self.is_idle().then_some((requests, time));
            // A request that has begun has a limit of its own.
            let is_long = requests > 0 && !self.head.runs() && time >= idle;
            if self.waited.is_some() && before.is_some() && (is_long || open() > busy_above) {
                return true;
            }
            self.look.stop();
            self.look.start(next_look);
        }
        false
    }

    /// Returns whether nobody has read anything of the answer for long enough: for less time when many connections are open. Those
    /// that end first are the ones that have waited longest, and the others stay when enough have ended.
    fn is_unread(&mut self, context: &mut Context<'_>) -> bool {
        let Limits { unread_answer, busy_unread, busy_above, .. } = self.limits;
        self.stalled.start(unread_answer);
        self.stalled_look.start(busy_unread);
        while self.stalled_look.has_ended(context) {
            if open() > busy_above {
                return true;
            }
            self.stalled_look.stop();
            self.stalled_look.start(busy_unread / 4);
        }
        self.stalled.has_ended(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guarded<S> {
    /// Answers 408 to a head of which a part has arrived, unless that would get into another answer. There is room for it, since
    /// everything before it was taken.
    fn tell_too_slow(&mut self, context: &mut Context<'_>) {
        if self.head.runs() && self.is_idle() {
            let _ = Pin::new(self.stream.get_mut()).poll_write(context, TIMEOUT);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let requests = this.phase.0.requests.get();
        if this.phase.0.is_handling.get() || requests != this.begun {
            this.head.stop();
            this.begun = requests;
        }
        let before = buffer.filled().len();
        let read = if this.has_read_enough(context) {
            Poll::Pending
        } else {
            Pin::new(&mut this.stream).poll_read(context, buffer)
        };
        // The HTTP library limits the time of the first request itself, and answers 408 as is done here.
        let is_waiting = requests > 0 && !this.phase.0.is_handling.get();
        if is_waiting && buffer.filled().len() > before {
            this.head.start(this.limits.headers);
        }
        if this.head.has_ended(context) {
            this.tell_too_slow(context);
            return Poll::Ready(Err(too_slow()));
        }
        if read.is_pending() && this.is_in_the_way(context) {
            // Between two requests the connection ends as if its client had closed it.
            let is_between = requests > 0 && !this.head.runs();
            this.tell_too_slow(context);
            return Poll::Ready(if is_between { Ok(()) } else { Err(too_slow()) });
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        match Pin::new(this.stream.get_mut()).poll_write(context, bytes) {
            Poll::Ready(written) => {
                this.stalled.stop();
                this.stalled_look.stop();
                this.phase.read_on();
                // A request may wait behind a long answer; its time starts anew.
                this.head.stop();
                Poll::Ready(written)
            }
            Poll::Pending => {
                if this.is_unread(context) {
                    return Poll::Ready(Err(too_slow()));
                }
                Poll::Pending
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_shutdown(context)
    }
}

fn too_slow() -> io::Error {
    ErrorKind::TimedOut.into()
}

#[cfg(test)]
mod tests;
