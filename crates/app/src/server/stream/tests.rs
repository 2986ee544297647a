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
    for is_answering in [false, true] {
        let (server, mut client) = duplex(256);
        let mut server = Guarded::new(server, limits(SHORT, LONG));
        let answering = server.phase().begin(Some(0)).answer();
        let answering = is_answering.then_some(answering);
        client.write_all(b"GET /").await.unwrap();
        let mut start = [0; 5];
        server.read_exact(&mut start).await.unwrap();
        let error = server.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        drop((answering, server));
        let mut told = Vec::new();
        client.read_to_end(&mut told).await.unwrap();
        // Nothing gets into an answer that is on its way.
        let expected = if is_answering { b"".as_slice() } else { TIMEOUT };
        assert_eq!(told, expected, "{is_answering}");
    }
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
        assert_eq!(read.map(Result::unwrap).ok(), is_closed.then_some(0), "{busy_above} {idle:?}");
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
