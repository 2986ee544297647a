//! A pooler in front of the server that lends its connection for one transaction at a time.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};
use tollgate_persistence::{DatabaseUrl, OpenError, migrate, open};

use super::{proxy::authority, support};

/// Reads a message of the protocol: its kind, its length, and the rest.
async fn message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let kind = stream.read_u8().await?;
    let length = stream.read_u32().await?;
    let mut rest = vec![0; usize::try_from(length).unwrap() - 4];
    stream.read_exact(&mut rest).await?;
    Ok([[kind].as_slice(), &length.to_be_bytes(), rest.as_slice()].concat())
}

/// Reads what the server says until it is ready for more.
async fn answer(server: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    loop {
        let next = message(server).await?;
        answer.extend_from_slice(&next);
        if next[0] == b'Z' {
            return Ok(answer);
        }
    }
}

/// The only connection to the server, and what the server said when it began.
struct Lent {
    server: Mutex<TcpStream>,
    greeting: Vec<u8>,
}

async fn serve(mut client: TcpStream, lent: Arc<Lent>) -> io::Result<()> {
    let length = client.read_u32().await?;
    client.read_exact(&mut vec![0; usize::try_from(length).unwrap() - 4]).await?;
    client.write_all(&lent.greeting).await?;
    let mut asked = Vec::new();
    loop {
        let next = message(&mut client).await?;
        asked.extend_from_slice(&next);
        // `Sync` or `Query`: after the answer, another client has its turn.
        if matches!(next[0], b'S' | b'Q') {
            let mut server = lent.server.lock().await;
            server.write_all(&asked).await?;
            client.write_all(&answer(&mut server).await?).await?;
            asked.clear();
        }
    }
}

/// Starts the pooler, and returns the address with it in the place of the server.
async fn lending(url: &str) -> String {
    let config: tokio_postgres::Config = url.parse().unwrap();
    let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
    let mut server = TcpStream::connect(authority(url)).await.unwrap();
    // Version 3.0 of the protocol.
    let start = format!("\0\u{3}\0\0user\0{user}\0database\0{name}\0\0");
    server.write_u32(u32::try_from(start.len()).unwrap() + 4).await.unwrap();
    server.write_all(start.as_bytes()).await.unwrap();
    let greeting = answer(&mut server).await.unwrap();
    let lent = Arc::new(Lent { server: Mutex::new(server), greeting });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, lent.clone()));
        }
    });
    url.replace(&authority(url), &format!("127.0.0.1:{port}"))
}

#[tokio::test]
async fn pooler_that_lends_its_connections_is_refused() {
    let url = support::postgres_url().await;
    let behind: DatabaseUrl = lending(&url).await.parse().unwrap();
    let direct: DatabaseUrl = url.parse().unwrap();
    let migrated = migrate(&behind).await.map(drop);
    migrate(&direct).await.unwrap();
    for refused in [migrated, open(&behind).await.map(drop)] {
        assert!(matches!(refused, Err(OpenError::Pooler(_))), "{refused:?}");
    }
    assert!(open(&direct).await.is_ok());
}
