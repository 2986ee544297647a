//! Sends requests at a steady rate over many connections, for `scripts/overload`.
//!
//! `load ADDRESS HOST CONNECTIONS RATE SECONDS METHOD PATH [BODY]` prints one line of numbers: the answers a second that
//! were not refusals, and their p50 and p99 in microseconds; the refusals (429 and 503) a second, and their p99; the
//! number of other errors. RATE is the requests a second of all connections together; 0 sends the next one as soon as
//! the last one is answered. In BODY each `{}` stands for a number of its own.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
    task::JoinSet,
    time::sleep_until,
};

#[derive(Clone)]
struct Request {
    address: String,
    host: String,
    method: String,
    path: String,
    body: String,
}

/// What a connection measured.
#[derive(Default)]
struct Measured {
    answered: Vec<Duration>,
    refused: Vec<Duration>,
    failed: usize,
}

impl Request {
    fn text(&self, number: &str) -> String {
        let Self { host, method, path, .. } = self;
        let body = self.body.replace("{}", number);
        let length = body.len();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    }
}

struct Answer {
    status: u16,
    /// Whether the server closes the connection, as it does when it refuses a body.
    closes: bool,
}

async fn connect(address: &str) -> anyhow::Result<BufStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(BufStream::new(stream))
}

/// Sends a request, and waits until all of the answer has arrived.
async fn ask(stream: &mut BufStream<TcpStream>, text: &str) -> anyhow::Result<Answer> {
    stream.write_all(text.as_bytes()).await?;
    stream.flush().await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).context("the server closed the connection")?.parse()?;
    let (mut length, mut closes) = (None, false);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? <= 2 {
            break;
        }
        line.make_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = Some(value.trim().parse()?);
        }
        closes |= line.starts_with("connection: close");
    }
    let Some(length) = length else { bail!("an answer of unknown length") };
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Answer { status, closes })
}

/// Sends requests over one connection until `end`, and is late rather than sending two at once.
async fn connection(
    request: Request,
    id: u32,
    first: Instant,
    pause: Duration,
    end: Instant,
) -> anyhow::Result<Measured> {
    let mut stream = connect(&request.address).await?;
    let mut measured = Measured::default();
    let run = std::process::id();
    let (mut due, mut count) = (first, 0_u32);
    while due < end {
        sleep_until(due.into()).await;
        count += 1;
        let text = request.text(&format!("{run}-{id}-{count}"));
        let begun = Instant::now();
        let Answer { status, closes } = ask(&mut stream, &text).await?;
        let took = begun.elapsed();
        if closes {
            stream = connect(&request.address).await?;
        }
        match status {
            429 | 503 => measured.refused.push(took),
            400.. => measured.failed += 1,
            _ => measured.answered.push(took),
        }
        due = (due + pause).max(Instant::now());
    }
    Ok(measured)
}

/// Returns the value below which `percent` of the sorted ones are, in microseconds.
fn percentile(sorted: &[Duration], percent: usize) -> u128 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0, Duration::as_micros)
}

async fn run() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name| arguments.next().with_context(|| format!("{name} is missing"));
    let (address, host) = (next("ADDRESS")?, next("HOST")?);
    let connections: u32 = next("CONNECTIONS")?.parse()?;
    let rate: u32 = next("RATE")?.parse()?;
    let length = Duration::from_secs(next("SECONDS")?.parse()?);
    let (method, path) = (next("METHOD")?, next("PATH")?);
    let body = next("BODY").unwrap_or_default();
    let request = Request { address, host, method, path, body };
    let pause = Duration::from_secs(u64::from(rate.min(1))) * connections / rate.max(1);
    let start = Instant::now();
    let end = start + length;
    let mut tasks = JoinSet::new();
    for id in 0..connections {
        // Their first requests are spread over a pause.
        let first = start + pause * id / connections;
        tasks.spawn(connection(request.clone(), id, first, pause, end));
    }
    let mut all = Measured::default();
    while let Some(measured) = tasks.join_next().await {
        let Measured { answered, refused, failed } = measured??;
        all.answered.extend(answered);
        all.refused.extend(refused);
        all.failed += failed;
    }
    let Measured { mut answered, mut refused, failed } = all;
    let a_second =
        |count: usize| u128::try_from(count).unwrap_or_default() * 1_000 / length.as_millis();
    answered.sort_unstable();
    refused.sort_unstable();
    println!(
        "{} {} {} {} {} {failed}",
        a_second(answered.len()),
        percentile(&answered, 50),
        percentile(&answered, 99),
        a_second(refused.len()),
        percentile(&refused, 99),
    );
    Ok(())
}

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}
