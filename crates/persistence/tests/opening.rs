//! What is said of an address that cannot be opened, and of a PostgreSQL server that does not let a program in.

#![expect(clippy::unwrap_used, reason = "tests")]

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tollgate_persistence::{DatabaseUrl, OpenError, migrate};

/// Answers the start of a connection with an error.
async fn refuse(mut client: TcpStream, code: &str, message: &str) {
    let mut length = [0; 4];
    client.read_exact(&mut length).await.unwrap();
    let rest = u32::from_be_bytes(length) - 4;
    client.read_exact(&mut vec![0; usize::try_from(rest).unwrap()]).await.unwrap();
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
    let answer = [b"E".as_slice(), length.as_slice(), fields.as_bytes()].concat();
    client.write_all(&answer).await.unwrap();
}

async fn opened(port: u16) -> OpenError {
    let url = format!("postgres://tollgate@127.0.0.1:{port}/none?sslmode=disable");
    let url: DatabaseUrl = url.parse().unwrap();
    migrate(&url).await.unwrap_err()
}

/// By its code: it starts, the password is wrong, there is no such database, and it is full.
#[tokio::test]
async fn only_a_server_that_is_starting_is_to_be_waited_for() {
    for (code, is_starting) in
        [("57P03", true), ("28P01", false), ("3D000", false), ("53300", false)]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = async {
            let (client, _) = listener.accept().await.unwrap();
            refuse(client, code, &format!("refused by {code}")).await;
        };
        let ((), error) = tokio::join!(server, opened(port));
        assert!(error.to_string().contains(code), "{error}");
        assert_eq!(matches!(error, OpenError::Starting(_)), is_starting, "{code}: {error}");
    }
}

#[tokio::test]
async fn server_that_nothing_listens_for_may_be_starting() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let error = opened(closed).await;
    assert!(matches!(error, OpenError::Starting(_)), "{error}");
}

#[tokio::test]
async fn pooler_that_takes_no_options_is_told_from_a_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let pooler = async {
        let (client, _) = listener.accept().await.unwrap();
        refuse(client, "08P01", "unsupported startup parameter: options").await;
    };
    let ((), error) = tokio::join!(pooler, opened(port));
    assert!(matches!(error, OpenError::Pooler(_)), "{error}");
    assert!(error.to_string().contains("ignore_startup_parameters = options"), "{error}");
}

#[test]
fn parameter_with_a_value_that_is_not_taken_is_named_without_the_value() {
    for (parameter, told) in [
        ("target_session_attrs=primary", "target_session_attrs must be read-write or any"),
        ("target_session_attrs=standby", "target_session_attrs must be read-write or any"),
        ("target_session_attrs=read-only", "target_session_attrs must be read-write or any"),
        ("sslmode=hush", "sslmode must be disable, allow, prefer, "),
        ("connect_timeout=hush", "connect_timeout must be a whole number"),
        ("keepalives_idle=hush", "keepalives_idle must be a whole number"),
        ("channel_binding=hush", "channel_binding must be disable, prefer or require"),
        ("port=hush", "port must be the number of a port"),
    ] {
        let url = format!("postgres://ada:secret@db.example/shop?application_name=x&{parameter}");
        let error = url.parse::<DatabaseUrl>().unwrap_err();
        assert!(error.starts_with(told), "{parameter}: {error}");
        assert!(!error.contains("hush") && !error.contains("secret"), "{error}");
    }
    for taken in ["read-write", "any"] {
        let url = format!("postgres://ada@db.example/shop?target_session_attrs={taken}");
        assert!(url.parse::<DatabaseUrl>().is_ok(), "{taken}");
    }
}
