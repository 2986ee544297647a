//! Tests of slow, silent and broken clients.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{interval, timeout},
};

use crate::support::{Backend, Place, Server, Upload, until_so};

on_each_database!(
    slow_bodies_leave_room_for_other_requests,
    everything_written_is_for_its_own_user_alone,
);

async fn connected(server: &Server) -> TcpStream {
    TcpStream::connect(("127.0.0.1", server.port())).await.unwrap()
}

/// Sends a start and then a byte now and again, until the server closes the connection.
async fn drip(mut stream: TcpStream, start: String) {
    if stream.write_all(start.as_bytes()).await.is_err() {
        return;
    }
    let (mut reader, mut writer) = stream.split();
    let mut pace = interval(Duration::from_millis(500));
    let dripping = async {
        loop {
            pace.tick().await;
            if writer.write_all(b"x").await.is_err() {
                return;
            }
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        () = dripping => {}
        _ = reader.read_to_end(&mut answer) => {}
    }
}

async fn slow_bodies_leave_room_for_other_requests(backend: Backend) {
    let server = Place::new(backend).await.with_descriptors(160).serve().await;
    let head = |length: &str| {
        format!(
            "POST /v2/visitor/auth/magic-link HTTP/1.1\r\nHost: {}\r\n\
             Content-Type: application/json\r\n{length}\r\n\r\n",
            server.place.domain()
        )
    };
    let starts = [head("Content-Length: 60000"), head("Transfer-Encoding: chunked") + "ea60\r\n"];
    let mut slow = tokio::task::JoinSet::new();
    for start in starts.iter().cycle().take(200) {
        slow.spawn(drip(connected(&server).await, start.clone()));
    }
    for _ in 0..5 {
        let answer = timeout(Duration::from_secs(5), server.get("/healthz").send()).await;
        assert_eq!(answer.expect("an answer in time").status, 200);
    }
    // A form of somebody else is taken in the meantime.
    server.ask_link("bob@example.com").await;
    server.place.link_letter("bob@example.com", 1).await;
    // All end by themselves, and nothing is left of them.
    timeout(Duration::from_secs(40), slow.join_all()).await.expect("slow bodies end");
    until_so("their connections are closed", async || {
        let metrics = server.get("/metrics").send().await.body;
        let open = metrics.lines().find_map(|line| line.strip_prefix("tollgate_connections "));
        open.unwrap().parse::<u32>().unwrap() <= 2
    })
    .await;
    assert!(!server.logged().contains("Too many open files"));
}

/// Sends a start and then nothing, until the server closes the connection.
async fn fall_silent(mut stream: TcpStream, start: String) {
    if stream.write_all(start.as_bytes()).await.is_ok() {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
    }
}

#[tokio::test]
async fn chunked_bodies_that_fall_silent_leave_room_for_other_requests() {
    let server = Place::new(Backend::Sqlite).await.with_descriptors(160).serve().await;
    let mut silent = tokio::task::JoinSet::new();
    let lines = [
        "GET /healthz",
        "POST /nothing",
        "POST /v2/visitor/auth/logout",
        "POST /v2/visitor/auth/magic-link",
        "POST /v2/webhooks/stripe",
    ];
    for (number, line) in lines.iter().cycle().take(100).enumerate() {
        let start = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n{}",
            server.place.domain(),
            if number < 50 { "" } else { "1\r\n{\r\n" }
        );
        silent.spawn(fall_silent(connected(&server).await, start));
    }
    let answer = timeout(Duration::from_secs(5), server.get("/healthz").send()).await;
    assert_eq!(answer.expect("an answer in time").status, 200);
    timeout(Duration::from_secs(40), silent.join_all()).await.expect("silent bodies end");
}

#[tokio::test]
async fn slow_headers_leave_room_for_other_requests() {
    let server = Place::new(Backend::Sqlite).await.with_descriptors(160).serve().await;
    let mut slow = tokio::task::JoinSet::new();
    for start in ["", "GET /healthz HTTP/1.1\r\nX: "].iter().cycle().take(160) {
        slow.spawn(drip(connected(&server).await, (*start).to_owned()));
    }
    let answer = timeout(Duration::from_secs(4), server.get("/healthz").send()).await;
    assert_eq!(answer.expect("an answer in time").status, 200);
    timeout(Duration::from_secs(20), slow.join_all()).await.expect("slow headers end");
}

/// Reads a part of a file of zeros, and returns how many there were. The head of the answer has none.
async fn read_zeros(download: &mut TcpStream) -> usize {
    let mut buffer = vec![1; 1 << 16];
    let read = download.read(&mut buffer).await.unwrap();
    assert!(read > 0, "the download ends");
    buffer.retain(|byte| *byte == 0);
    buffer.len()
}

#[tokio::test]
async fn answers_that_nobody_reads_leave_room_for_other_requests() {
    let server = Place::new(Backend::Sqlite).await.with_descriptors(160).serve().await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("film", &vec![0; 12 << 20])).await;
    let domain = server.place.domain();
    let get = format!("GET /v2/public/files/ada/film HTTP/1.1\r\nHost: {domain}\r\n\r\n");
    let mut unread = Vec::new();
    for _ in 0..100 {
        let mut stream = connected(&server).await;
        stream.write_all(get.as_bytes()).await.unwrap();
        unread.push(stream);
    }
    // Without it, an answer that nobody reads takes a minute to end.
    let answer = timeout(Duration::from_secs(20), server.get("/healthz").send()).await;
    assert_eq!(answer.expect("an answer in time").status, 200);
    drop(unread);
    assert!(!server.logged().contains("Too many open files"));
}

#[tokio::test]
async fn idle_connections_make_room_and_slow_downloads_go_on() {
    const LENGTH: usize = 12 << 20;
    let server = Place::new(Backend::Sqlite).await.with_descriptors(160).serve().await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("film", &vec![0; LENGTH])).await;
    let get =
        |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.place.domain());
    // It is more than what the system holds for a client that does not read.
    let mut download = connected(&server).await;
    download.write_all(get("/v2/public/files/ada/film").as_bytes()).await.unwrap();
    let mut start = [0; 12];
    download.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    let mut idle = tokio::task::JoinSet::new();
    for _ in 0..90 {
        idle.spawn(fall_silent(connected(&server).await, get("/healthz")));
    }
    let mut bytes = 0;
    let slowly = async {
        let mut pace = interval(Duration::from_millis(100));
        while bytes < LENGTH {
            pace.tick().await;
            bytes += read_zeros(&mut download).await;
        }
    };
    let answer = tokio::select! {
        () = slowly => None,
        answer = timeout(Duration::from_secs(4), server.get("/healthz").send()) => answer.ok(),
    };
    assert_eq!(answer.expect("an answer in time").status, 200);
    while bytes < LENGTH {
        bytes += read_zeros(&mut download).await;
    }
    timeout(Duration::from_secs(20), idle.join_all()).await.expect("idle connections end");
}

#[tokio::test]
async fn headers_of_a_later_request_have_a_limit() {
    let server = Place::new(Backend::Sqlite).await.serve().await;
    let mut stream = connected(&server).await;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.place.domain());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let slow = drip(stream, "GET /healthz HTTP/1.1\r\nX: ".to_owned());
    timeout(Duration::from_secs(10), slow).await.expect("the connection ends");
}

#[tokio::test]
async fn malformed_requests_are_counted_and_not_logged() {
    let server = Place::new(Backend::Sqlite).await.serve().await;
    for _ in 0..30 {
        let mut stream = connected(&server).await;
        stream.write_all(b"\x16\x03\x01 hello\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let metrics = server.get("/metrics").send().await.body;
    assert!(metrics.contains("tollgate_malformed_requests_total 30\n"), "{metrics}");
    assert!(!server.logged().contains("\"ERROR\""), "{}", server.logged());
}

#[tokio::test]
async fn webhooks_without_exactly_one_plausible_signature_are_counted() {
    let server = Place::new(Backend::Sqlite).await.serve().await;
    let event = || server.post("/v2/webhooks/stripe").body("application/json", "{}");
    let two = event().with("stripe-signature", "t=1").with("stripe-signature", "t=1");
    for call in [event(), event().with("stripe-signature", "t=1"), two] {
        assert_eq!(call.send().await.refusal(), "400 invalid_signature");
    }
    let metrics = server.get("/metrics").send().await.body;
    let counted = "tollgate_webhooks_total{outcome=\"refused\"} 3\n";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn log_that_nobody_reads_delays_no_answer() {
    let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_LOG", "debug").unread();
    let mut server = place.serve().await;
    // Each request logs a line, and a pipe holds 64 KiB.
    for _ in 0..1_000 {
        let answer = timeout(Duration::from_secs(5), server.get("/healthz").send()).await;
        assert_eq!(answer.expect("an answer in time").status, 200);
    }
    let (status, took) = server.terminate().await;
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn parts_of_a_file_do_not_wait_for_acknowledgements() {
    let server = Server::fresh(Backend::Sqlite).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("notes", &[b'x'; 10_000])).await;
    let mut stream = connected(&server).await;
    let request = format!(
        "GET /v2/public/files/ada/notes HTTP/1.1\r\nHost: {}\r\nRange: bytes=0-999\r\n\r\n",
        server.place.domain()
    );
    let begun = Instant::now();
    for _ in 0..100 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(&[b'x'; 1_000]) {
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&buffer[..read]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 206"), "{}", String::from_utf8_lossy(&answer));
    }
    // A client that acknowledges late adds 40 ms to each.
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

async fn everything_written_is_for_its_own_user_alone(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let made = server.try_upload(&ada, &Upload::public("notes", b"some notes")).await;
    assert_eq!(made.status, 201, "{made:?}");
    server.sign_in("bob@example.com").await;
    let seen = look(&server.place.path("var"));
    assert!(seen >= 8, "{seen}");
}

/// Checks the permissions of everything in a directory, and returns how much there is.
fn look(folder: &Path) -> usize {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // A file may be temporary.
        let Ok(metadata) = path.symlink_metadata() else { continue };
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{}", path.display());
        seen += 1;
        if metadata.is_dir() {
            seen += look(&path);
        }
    }
    seen
}

#[tokio::test]
async fn limit_of_descriptors_that_is_too_low_is_warned_of() {
    for (limit, is_low) in [(160, true), (256, false)] {
        let server = Place::new(Backend::Sqlite).await.with_descriptors(limit).serve().await;
        until_so("the start is logged", async || server.logged().contains("\"ready\"")).await;
        let logged = server.logged();
        assert_eq!(logged.contains("few file descriptors"), is_low, "{limit}: {logged}");
    }
}
