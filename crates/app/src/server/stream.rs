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

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
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
        // The HTTP library limits the time of the first request itself, and answers 408.
        let is_waiting = requests > 0 && !this.phase.0.is_handling.get();
        if is_waiting && buffer.filled().len() > before {
            this.head.start(this.limits.headers);
        }
        if this.head.has_ended(context) {
            return Poll::Ready(Err(too_slow()));
        }
        if read.is_pending() && this.is_in_the_way(context) {
            // Between two requests the connection ends as if its client had closed it.
            let is_between = requests > 0 && !this.head.runs();
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
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_mins(1);

    fn limits(headers: Duration, unread_answer: Duration) -> Limits {
        Limits {
            headers,
            unread_answer,
            busy_unread: LONG,
            busy_headers: LONG,
            busy_above: usize::MAX,
            idle: LONG,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn answer_that_nobody_reads_ends() {
        let (server, _client) = duplex(16);
        let mut server = Guarded::new(server, limits(LONG, SHORT));
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn answer_that_nobody_reads_makes_room_when_many_connections_are_open() {
        for (busy_above, is_closed) in [(0, true), (usize::MAX, false)] {
            let (server, mut client) = duplex(16);
            let limits = Limits { busy_unread: SHORT, busy_above, ..limits(LONG, LONG) };
            let mut server = Guarded::new(server, limits);
            let mut pace = tokio::time::interval(SHORT / 2);
            let read_slowly = async {
                for _ in 0..8 {
                    pace.tick().await;
                    client.read_exact(&mut [0; 16]).await.unwrap();
                }
            };
            let (written, ()) = tokio::join!(server.write_all(&[0; 8 * 16]), read_slowly);
            assert!(written.is_ok(), "{busy_above}: somebody reads slowly: {written:?}");
            let unread = tokio::time::timeout(SHORT * 5, server.write_all(&[0; 17])).await;
            assert_eq!(unread.is_ok_and(|end| end.is_err()), is_closed, "{busy_above}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn headers_after_the_first_request_have_a_limit() {
        let (server, mut client) = duplex(64);
        let mut server = Guarded::new(server, limits(SHORT, LONG));
        drop(server.phase().begin(Some(0)));
        client.write_all(b"GET /").await.unwrap();
        let mut start = [0; 5];
        server.read_exact(&mut start).await.unwrap();
        let error = server.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_sent_ahead_is_read_when_the_request_is_answered() {
        const SENT: usize = 64 * 1024;
        let (server, mut client) = duplex(SENT);
        let mut server = Guarded::new(server, limits(LONG, LONG));
        client.write_all(&vec![b'x'; SENT]).await.unwrap();
        let mut read = vec![0; SENT];
        for body in [0, 10_000] {
            let handling = server.phase().begin(Some(body));
            let most = usize::try_from(body + READ_AHEAD).unwrap();
            server.read_exact(&mut read[..most]).await.unwrap();
            let more = tokio::time::timeout(SHORT, server.read_u8()).await;
            assert!(more.is_err(), "{body}: {more:?}");
            drop(handling);
        }
        // A body of unknown length is read until it ends.
        let handling = server.phase().begin(None);
        server.read_exact(&mut read[..20_000]).await.unwrap();
        server.phase().body_ended();
        let ahead = usize::try_from(READ_AHEAD).unwrap();
        server.read_exact(&mut read[..ahead]).await.unwrap();
        assert!(tokio::time::timeout(SHORT, server.read_u8()).await.is_err());
        drop(handling);
        let rest = SENT - 10_000 - 20_000 - 3 * ahead;
        server.read_exact(&mut read[..rest]).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_read_ahead_while_nobody_reads_the_answers() {
        let (server, mut client) = duplex(16 * 1024);
        let mut server = Guarded::new(server, limits(LONG, LONG));
        client.write_all(&vec![b'x'; 16 * 1024]).await.unwrap();
        let written = tokio::time::timeout(SHORT, server.write_all(&vec![0; 20_000])).await;
        assert!(written.is_err());
        let mut ahead = vec![0; usize::try_from(READ_AHEAD).unwrap()];
        server.read_exact(&mut ahead).await.unwrap();
        assert!(tokio::time::timeout(SHORT, server.read_u8()).await.is_err());
        let mut answers = vec![0; 16 * 1024];
        client.read_exact(&mut answers).await.unwrap();
        server.write_all(&[0; 10]).await.unwrap();
        server.read_exact(&mut ahead).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn connection_without_the_headers_of_a_request_makes_room_when_many_are_open() {
        for (busy_above, requests, is_closed) in
            [(0, 0, true), (usize::MAX, 0, false), (0, 1, true), (usize::MAX, 1, false)]
        {
            let (server, mut client) = duplex(64);
            let limits = Limits { busy_headers: SHORT, busy_above, ..limits(LONG, LONG) };
            let mut server = Guarded::new(server, limits);
            for _ in 0..requests {
                drop(server.phase().begin(Some(0)));
            }
            client.write_all(b"GET /").await.unwrap();
            let mut start = [0; 5];
            server.read_exact(&mut start).await.unwrap();
            let read = tokio::time::timeout(SHORT * 5, server.read_u8()).await;
            assert_eq!(read.is_ok_and(|byte| byte.is_err()), is_closed, "{busy_above} {requests}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn connection_between_two_requests_ends_and_sooner_when_many_are_open() {
        for (busy_above, idle, is_closed) in
            [(0, LONG, true), (usize::MAX, LONG, false), (usize::MAX, SHORT * 2, true)]
        {
            let (server, _client) = duplex(64);
            let limits = Limits { busy_headers: SHORT, busy_above, idle, ..limits(LONG, LONG) };
            let mut server = Guarded::new(server, limits);
            drop(server.phase().begin(Some(0)).answer());
            let read = tokio::time::timeout(SHORT * 10, server.read(&mut [0])).await;
            assert_eq!(
                read.map(Result::unwrap).ok(),
                is_closed.then_some(0),
                "{busy_above} {idle:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn request_that_has_begun_is_not_cut_off_between_two_requests() {
        let (server, mut client) = duplex(64);
        let limits = Limits { busy_headers: SHORT, idle: SHORT * 2, ..limits(LONG, LONG) };
        let mut server = Guarded::new(server, limits);
        drop(server.phase().begin(Some(0)).answer());
        client.write_all(b"G").await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'G');
        let closed = tokio::time::timeout(SHORT * 10, server.read_u8()).await;
        assert!(closed.is_err(), "{closed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn connection_with_a_request_or_an_answer_under_way_stays_when_many_are_open() {
        let (server, mut client) = duplex(64);
        let limits = Limits { busy_headers: SHORT, busy_above: 0, ..limits(LONG, LONG) };
        let mut server = Guarded::new(server, limits);
        let handling = server.phase().begin(Some(0));
        let closed = tokio::time::timeout(SHORT * 10, server.read_u8()).await;
        assert!(closed.is_err(), "while it is handled: {closed:?}");
        let answering = handling.answer();
        let closed = tokio::time::timeout(SHORT * 10, server.read_u8()).await;
        assert!(closed.is_err(), "while it is answered: {closed:?}");
        drop(answering);
        let unread = tokio::time::timeout(SHORT, server.write_all(&[0; 65])).await;
        assert!(unread.is_err(), "{unread:?}");
        let closed = tokio::time::timeout(SHORT * 10, server.read_u8()).await;
        assert!(closed.is_err(), "while the answer is not read: {closed:?}");
        client.read_exact(&mut [0; 64]).await.unwrap();
        server.write_all(&[0]).await.unwrap();
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn body_of_a_request_that_is_handled_has_none_here() {
        let (server, mut client) = duplex(64);
        let mut server = Guarded::new(server, limits(SHORT, LONG));
        drop(server.phase().begin(Some(0)));
        client.write_all(b"POST").await.unwrap();
        let mut start = [0; 4];
        server.read_exact(&mut start).await.unwrap();
        let handling = server.phase().begin(Some(0));
        let late = tokio::time::timeout(SHORT * 3, server.read_u8()).await;
        assert!(late.is_err(), "{late:?}");
        drop(handling);
    }
}
