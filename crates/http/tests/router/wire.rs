//! What only shows on a real connection.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use actix_web::{App, HttpServer, rt};
use tollgate_http::configure;

use crate::support::TestApp;

async fn say(address: SocketAddr, words: Vec<u8>) -> String {
    let talk = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&words).unwrap();
        let mut answer = Vec::new();
        // A server that refuses a body may cut the connection before it has all of it.
        let _cut = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    rt::task::spawn_blocking(talk).await.unwrap()
}

#[actix_web::test]
async fn http_is_kept_to_on_the_wire() {
    let app = TestApp::new();
    app.shop().await;
    let http = app.http();
    let server = HttpServer::new(move || App::new().configure(|app| configure(app, &http)));
    let server = server.workers(1).bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.disable_signals().run();
    let handle = server.handle();
    rt::spawn(server);

    let host = "Host: ada.tollgate.localhost:8080\r\nConnection: close\r\n";
    let head = say(address, format!("HEAD /guide HTTP/1.1\r\n{host}\r\n").into()).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.to_lowercase().contains("content-length: "));
    let head = say(address, format!("HEAD /v2/visitor/me HTTP/1.1\r\n{host}\r\n").into()).await;
    assert!(head.starts_with("HTTP/1.1 401") && head.ends_with("\r\n\r\n"), "{head}");

    let escaped = say(address, format!("GET /%67uide HTTP/1.1\r\n{host}\r\n").into()).await;
    assert!(escaped.starts_with("HTTP/1.1 404"), "{escaped}");
    let two = format!("GET /guide HTTP/1.1\r\nHost: evil.example\r\n{host}\r\n");
    let two = say(address, two.into()).await;
    assert!(two.starts_with("HTTP/1.1 404") || two.starts_with("HTTP/1.1 400"), "{two}");
    // The host of the target counts: RFC 9112, section 3.2.2.
    let absolute = |target: &str, host: &str| {
        let head = format!("Host: {host}\r\nConnection: close\r\n\r\n");
        say(address, format!("GET {target} HTTP/1.1\r\n{head}").into())
    };
    let (ada, evil) = ("ada.tollgate.localhost:8080", "evil.example");
    let elsewhere = absolute("http://evil.example/guide", ada).await;
    assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
    assert!(!elsewhere.contains(evil), "{elsewhere}");
    let ours = absolute("http://ada.tollgate.localhost:8080/guide", evil).await;
    assert!(ours.starts_with("HTTP/1.1 200"), "{ours}");
    let led = absolute("http://www.ada.tollgate.localhost/guide?a=b", evil).await.to_lowercase();
    assert!(led.starts_with("http/1.1 308"), "{led}");
    assert!(led.contains("location: http://ada.tollgate.localhost:8080/guide?a=b\r\n"), "{led}");
    let user = absolute("http://evil@ada.tollgate.localhost:8080/guide", ada).await;
    assert!(user.starts_with("HTTP/1.1 40"), "{user}");

    let whole = say(address, format!("OPTIONS * HTTP/1.1\r\n{host}\r\n").into()).await;
    assert!(whole.starts_with("HTTP/1.1 204"), "{whole}");
    assert!(whole.to_lowercase().contains("allow: get, head, post"), "{whole}");

    for other in ["h2c", "websocket"] {
        let ask = format!(
            "GET /v2/visitor/me HTTP/1.1\r\nHost: ada.tollgate.localhost:8080\r\n\
             Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {other}\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
        );
        let plain = say(address, ask.into()).await.to_lowercase();
        assert!(plain.starts_with("http/1.1 401") && !plain.contains("upgrade"), "{plain}");
        assert!(plain.contains("connection: close"), "{plain}");
    }

    let large = format!(
        "POST /v2/visitor/auth/magic-link HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: 99999\r\n\r\n"
    );
    let large = say(address, large.into()).await;
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    let mut body = format!(
        "POST /v2/visitor/auth/magic-link HTTP/1.1\r\n{host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(b"11000\r\n");
    body.extend(vec![b' '; 0x11000]);
    body.extend_from_slice(b"\r\n0\r\n\r\n");
    let large = say(address, body).await;
    assert!(large.is_empty() || large.starts_with("HTTP/1.1 413"), "{large}");
    handle.stop(false).await;
}
